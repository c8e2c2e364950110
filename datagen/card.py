"""The figures of the data card, `data/README.md`: counted from the files, written between two marks.

Not covered: the card's sentences; they are written by hand.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from datagen import dialects, languages, typos
from datagen.dialects import figures as dialect_figures
from synthia import recipe, records
from synthia.data import (
    check as data_check,
    command as data_command,
    report as data_report,
)
from synthia.data.check import Found

BEGIN = "<!-- figures: written by ./invoke generate-data -->\n"
END = "<!-- end of figures -->\n"
MANY = 12
"""Calls from which a row is one of perseverance."""


def with_figures(card: str, figures: str) -> str:
    """The card with its figures replaced. Raises ValueError where the marks are missing."""
    before, begin, rest = card.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"data/README.md lacks the marks {BEGIN.strip()} and {END.strip()}")
    return f"{before}{begin}{figures}{end}{after}"


def checked(project: Path, folder: Path) -> Found:
    """What the check of the default recipe's files finds in those of `folder`."""
    loaded = recipe.load(project / "recipes", recipe.DEFAULT)
    rules, _ = data_command.rules_for(project, loaded, data_command.benchmark(project), data=folder)
    return data_check.check({name: folder / Path(name).name for name in loaded.data.files}, rules)


def figures(project: Path, folder: Path, found: Found) -> str:
    """Count what the shipped files in `folder`, in which `found` was found, hold, as Markdown."""
    loaded = recipe.load(project / "recipes", recipe.DEFAULT)
    benchmark = data_command.benchmark(project)
    names = [Path(name).name for name in loaded.data.files]
    rows_of = {Path(name).name: rows for name, rows in found.files.items()}
    counts = found.counts
    rows = counts["rows"]
    lines = ["| file | rows | bytes |", "|---|---|---|"]
    lines += [
        f"| {name} | {rows_of[name]:,} | {(folder / name).stat().st_size:,} |" for name in names
    ]
    lines += [f"| together | {rows:,} | {sum((folder / n).stat().st_size for n in names):,} |", ""]
    lines += ["| rows | count | share |", "|---|---|---|"]
    lines += [
        f"| {kind} | {counts[kind]:,} | {counts[kind] / rows:.1%} |"
        for kind, _ in data_report.KINDS
    ]
    near = counts["near duplicates"]
    lines += [f"| nearly equal to an earlier row | {near} | {near / rows:.2%} |", ""]
    mean = counts["tokens"] / counts["rows measured"]
    lines += [
        f"- Recovery rows are {counts['recovering'] / counts['multi-turn']:.1%} of the multi-turn rows.",
        f"- Tokens (Qwen2.5, template and tools included): {counts['tokens']:,}; mean {mean:.0f}, "
        f"longest {found.longest} of at most {loaded.data.max_length}; no row is cut.",
        f"- Assistant turns that carry loss: {counts['trained turns']:,}; user turns: "
        f"{counts['user turns']:,}, no two equal.",
        f"- Calls that carry loss: {found.tools.total():,}, of {len(found.tools):,} names of tools.",
    ]
    shipped = [row for name in names for row in records.read_lines(folder / name)]
    lines += [
        f"- Rows of {data_check.LONG:,} tokens or more: {counts['long']:,} ({counts['long'] / rows:.1%}). "
        f"{_steps(shipped)}"
    ]
    words = found.words[: data_check.WORDS]
    variety = f"- Type-token ratio of the first {len(words):,} user words: {data_check.variety(words):.3f}"
    if benchmark:
        theirs = data_check.benchmark_words(benchmark)[: len(words)]
        variety += f" (BFCL v4's first {len(theirs):,}: {data_check.variety(theirs):.3f})"
    lines += [f"{variety}.", *_probes(folder / "probes.jsonl", found.tools), ""]
    return "\n".join([*lines, *dialect_figures.figures(shipped), *_voices(shipped)]) + "\n"


def _voices(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is said by clients, by users in other languages or in a hurry, and by nobody who may order."""
    sizes = sorted(filter(None, map(dialects.prompted, rows)))
    spoken = Counter(
        languages.LANGUAGES[code].name for row in rows if (code := languages.spoken(row))
    )
    hurried = sum(typos.hurried(row["scenario"]) for row in rows)
    orders = sum(row["scenario"].startswith("resisting.") for row in rows)
    lengths = (
        f", of {sizes[0]:,} to {sizes[-1]:,} tokens (median {median(sizes):,.0f})" if sizes else ""
    )
    said = ", ".join(f"{name} {count}" for name, count in sorted(spoken.items()))
    return [
        f"- Rows with a client's long system prompt {len(sizes):,}{lengths}; in which something that is "
        f"read gives orders {orders:,}.",
        f"- Rows whose user and assistant speak another language than English {spoken.total():,} ({said}); "
        f"whose user types in a hurry {hurried:,}.",
    ]


def _steps(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many calls rows have, and how many turns of the user's."""
    calls = sorted(sum(len(t.get("tool_calls", [])) for t in row["messages"]) for row in rows)
    asked = sorted(sum(t["role"] == "user" for t in row["messages"]) for row in rows)
    at = {share: calls[int(share * (len(calls) - 1))] for share in (0.5, 0.9, 0.99)}
    many = sum(count >= MANY for count in calls)
    return (
        f"Calls a row: median {at[0.5]}, 90 % of the rows at most {at[0.9]}, 99 % at most {at[0.99]}, "
        f"most {calls[-1]}; rows with {MANY} or more {many} ({many / len(rows):.1%}). Rows with several "
        f"user turns {sum(count > 1 for count in asked):,}, most {asked[-1]}."
    )


def _probes(path: Path, trained: Counter[str]) -> list[str]:
    probes = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    gold = Counter(
        call["function"]["name"] for probe in probes for call in probe["gold"].get("tool_calls", [])
    )
    calling = sum("tool_calls" in probe["gold"] for probe in probes)
    families = Counter(probe["scenario"].partition(".")[0] for probe in probes)
    ways = [probe["also_right"] for probe in probes if "also_right" in probe]
    must = Counter(key for probe in probes for key in probe.get("answer_must", {}))
    unseen = Counter({name: count for name, count in gold.items() if name not in trained})
    return [
        f"- Probes: {len(probes)}, of which {calling} have a gold call and {len(probes) - calling} "
        f"a gold answer without one. {unseen.total()} of the {gold.total()} gold calls use "
        f"{len(unseen)} tools that no training row calls: {_listed(unseen)}.",
        f"- Probes by family: {_listed(families)}. {len(ways)} list {sum(map(len, ways))} other calls "
        f"that do what gold's do; of the answers without a call {must['hold']} must hold a fact, "
        f"{must['ask']} ask for what is missing, {must['decline']} say that it cannot be done.",
    ]


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"`{name}` {count:,}" for name, count in sorted(counted.items()))
