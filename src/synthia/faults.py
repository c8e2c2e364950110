"""The known faults: which stage catches each, by which gate, in which words, and what to do about it.

`faults.toml` is read by `./invoke faults`, by the troubleshooting guide that is made from it, and by the
tests in `tests/faults`, which put each fault into a healthy run and compare: a line stands there only as
long as a test proves it. Causes and fixes are words that the gate itself prints.

Not covered: catching the faults. That is the gates' work.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

GUIDE = "docs/troubleshooting.md"
FAMILIES = {
    "data": "Data",
    "tokenizer": "Tokenizer and template",
    "training": "Training",
    "conversion": "Merge and conversion",
    "serving": "Serving",
    "environment": "Environment",
}
STAGES = {
    "recipe": "read by every command",
    "preflight": "before the first stage",
    "data": "`./invoke data`, and again prepare",
    "doctor": "`./invoke doctor`",
    "serve": "`./invoke serve` and `chat`",
    "status": "`./invoke status` and every run",
}
"""Where a fault is caught that is caught by no stage, in words."""
REFUSED = "refused"
"""In place of a gate: the command ends with one sentence."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One line of the table."""

    name: str
    family: str
    stage: str
    gate: str
    """The gate that turns red, or REFUSED."""
    cause: str
    """What is said of it, word for word."""
    fix: str
    """What is said to do, word for word."""
    also: tuple[str, ...] = ()
    """Gates that the same fault turns red besides."""


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """What a user sees, and the faults that it comes from."""

    seen: str
    faults: tuple[str, ...]
    say: str


def read() -> tuple[list[Fault], list[Symptom]]:
    """All faults in the table's order, and the symptoms by which a user looks for them."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    found = [
        Fault(**{**row, "family": family, "also": tuple(row.get("also", ()))})
        for family in FAMILIES
        for row in content[family]
    ]
    symptoms = [Symptom(**{**row, "faults": tuple(row["faults"])}) for row in content["symptom"]]
    return found, symptoms


def table(faults: Sequence[Fault]) -> Iterator[str]:
    """The table for a terminal: fault, stage, gate, cause."""
    widths = [max(len(getattr(f, key)) for f in faults) for key in ("name", "stage", "gate")]
    for family, rows in groupby(faults, key=lambda fault: fault.family):
        yield f"{FAMILIES[family]}"
        for fault in rows:
            cells = zip((fault.name, fault.stage, fault.gate), widths, strict=True)
            yield "  " + "  ".join(cell.ljust(width) for cell, width in cells) + "  " + fault.cause
    yield f"{len(faults)} faults; ./invoke faults --run puts each into a healthy run and looks"


def guide(faults: Sequence[Fault], symptoms: Sequence[Symptom]) -> str:
    """The troubleshooting guide as Markdown."""
    by_name = {fault.name: fault for fault in faults}
    lines = [
        "# Troubleshooting",
        "",
        "Made by `./invoke faults --write` from `src/synthia/faults.toml`; do not edit. A test puts each",
        f"of these {len(faults)} faults into a healthy run, and sees the gate named here turn red with",
        "the words named here, and no gate besides those named. What is wrong with a model that was made",
        "elsewhere, `./invoke diagnose PATH` says.",
        "",
        "## What you see",
        "",
        "| you see | it is caught | by |",
        "|---|---|---|",
    ]
    for symptom in symptoms:
        places = dict.fromkeys(_place(by_name[name]) for name in symptom.faults)
        named = ", ".join(symptom.faults)
        lines.append(f"| {symptom.seen} | {symptom.say} | {'; '.join(places)} ({named}) |")
    for family, rows in groupby(faults, key=lambda fault: fault.family):
        lines += [
            "",
            f"## {FAMILIES[family]}",
            "",
            "| fault | where | gate | it says | what to do |",
        ]
        lines.append("|---|---|---|---|---|")
        for fault in rows:
            gates = "; ".join([fault.gate, *(f"also {name}" for name in fault.also)])
            where = STAGES.get(fault.stage, fault.stage)
            cells = (fault.name, where, gates, fault.cause, fault.fix)
            lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _place(fault: Fault) -> str:
    where = STAGES.get(fault.stage, fault.stage)
    return where if fault.gate == REFUSED else f"{where}: {fault.gate}"


def _cell(text: str) -> str:
    """A text in a cell of a table; what looks like a tag is kept from being one."""
    return text.replace("|", "\\|").replace("<", "&lt;")
