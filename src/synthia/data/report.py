"""`data.html`: what a recipe's data files hold, on one self-contained page, and its terminal summary.

Not covered: judging anything; the verdicts come from `synthia.data.gates`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from synthia import records
from synthia.data import chat_format, check as data_check
from synthia.data.accepted import Place
from synthia.data.check import HISTOGRAM, WORDS, Found, Rules
from synthia.data.conversations import Row, printable
from synthia.gates import Gate
from synthia.recipe import Recipe

KINDS = (
    ("multi-turn", "two or more assistant turns"),
    ("recovering", "a failed call without loss, then a changed one"),
    ("abstaining", "tools are offered, none is called"),
    ("ending with a call", "the last turn is a call"),
    ("calling in parallel", "several calls in one turn"),
    ("with a system prompt", "the first turn is the system's"),
    (
        "with a record of execution",
        "every result can be produced again: ./invoke data --re-execute",
    ),
)


def write(
    outputs: Path,
    recipe: Recipe,
    found: Found,
    rules: Rules,
    judged: Sequence[Gate],
    stale: Sequence[Place] = (),
) -> Path:
    """Write the page, complete or not at all, and return its path."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("synthia", "."), autoescape=True)
    counts = found.counts
    html = environment.get_template("data/report.html.jinja").render(
        recipe=recipe,
        gates=judged,
        failed=[gate for gate in judged if not gate.passed],
        files=sorted(found.files.items()),
        rows=counts["rows"],
        counts=counts,
        kinds=[(name, counts[name], meaning) for name, meaning in KINDS],
        recovery_share=share(counts["recovering"], counts["multi-turn"]),
        tools=found.tools.most_common(),
        bars=bars(found),
        measured=bool(rules.tokenizer),
        longest=found.longest,
        max_length=recipe.data.max_length,
        near=found.near,
        problems=found.problems,
        accepted=[(*place, rules.accepted.reasons[place]) for place in sorted(found.accepted)],
        stale=stale,
        samples=[
            (dialect, _samples(rows, rules, recipe))
            for dialect, rows in sorted(found.samples.items())
        ],
        variety=data_check.variety(found.words),
        words=min(len(found.words), WORDS),
    )
    outputs.mkdir(parents=True, exist_ok=True)
    return records.write_text(outputs / "data.html", printable(html))


def summary(found: Found, rules: Rules, benchmark: Path | None) -> list[str]:
    """The figures of the page in a few lines of text."""
    counts = found.counts
    rows = counts["rows"]
    lines = [f"{label}: {number:,}" for label, number in sorted(found.files.items())]
    lines.append(", ".join(f"{name} {counts[name]:,}" for name, _ in KINDS))
    lines.append(
        f"recovery: {share(counts['recovering'], counts['multi-turn']):.1%} of the multi-turn rows; "
        f"near duplicates: {counts['near duplicates']} ({share(counts['near duplicates'], rows):.2%})"
    )
    if unseen := counts["naming what was not seen"]:
        lines.append(
            f"{unseen:,} rows name a folder, a patch's line, a name or a key that nothing before showed: "
            "a model learns from them to make such things up"
        )
    if rules.tokenizer and counts["rows measured"]:
        mean = counts["tokens"] / counts["rows measured"]
        lines.append(
            f"tokens: mean {mean:.0f}, longest {found.longest}, of at most {rules.max_length}"
        )
    else:
        lines.append("tokens: not counted before ./invoke fetch gives the model's tokenizer")
    variety = f"user words: type-token ratio {data_check.variety(found.words):.3f}"
    if benchmark:
        theirs = data_check.benchmark_words(benchmark)[: len(found.words)]
        variety += f" (BFCL: {data_check.variety(theirs):.3f}) at {len(theirs):,} words"
    return [*lines, variety]


def share(part: int, whole: int) -> float:
    """A share, 0 of nothing."""
    return part / whole if whole else 0.0


def bars(found: Found) -> list[tuple[str, int, float]]:
    """The histogram of lengths: a label, the rows, the height between 0 and 1."""
    most = max(found.lengths.values(), default=1)
    steps = range(0, max(found.lengths, default=0) + 1, HISTOGRAM) if found.lengths else range(0)
    return [
        (f"{start} to {start + HISTOGRAM - 1}", found.lengths[start], found.lengths[start] / most)
        for start in steps
    ]


def _samples(rows: Sequence[Row], rules: Rules, recipe: Recipe) -> list[tuple[str, list[Any]]]:
    """Rows as (id, pieces of text with the class that the mask report gives them)."""
    shown = []
    for row in rows:
        rendered = chat_format.render_with_spans(
            rules.chat_template, row.messages, row.tools,
            terminator=recipe.stop.terminator, label=row.id, special_tokens=rules.special_tokens,
        )  # fmt: skip
        text = rendered.text + recipe.stop.row_end
        pieces = []
        position = 0
        for span in chat_format.with_row_end(rendered, recipe.stop.row_end):
            pieces.append(("quiet", text[position : span.start]))
            kind = "trained" if span.trained else "quiet"
            pieces.append((kind, text[span.start : span.text_end]))
            pieces.append(("stop" if span.trained else "quiet", text[span.text_end : span.end]))
            position = span.end
        pieces.append(("quiet", text[position:]))
        shown.append((row.id, pieces))
    return shown
