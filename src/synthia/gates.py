"""Gates: a named check with a metric, a threshold, and words for the person who meets a red one.

A stage returns the gates it judged; the runner writes them to `gates.json` and stops the pipeline
when one failed. The names are those of the table in the README ("D schema", "B stop rate", ...).

Not covered: computing the metrics. That is the stage's work; here they are only judged and shown.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NotRequired, TypedDict, Unpack

from synthia import records
from synthia.errors import PipelineError

SHOWN_PLACES = 20
"""How many offending places a gate keeps: enough to see a pattern, few enough to read."""
NOT_JUDGED = "not judged"
"""The threshold of a gate that was only measured."""
LEARNED = ("T loss", "T probe", "M merge: KL", "B ")
"""Gates on what a model has learned, by the beginning of their names. Random weights magnify what NF4
rounds, so that they say nothing of a merge."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The verdict of one check."""

    name: str
    metric: str
    """What was measured, with its unit, in a few words."""
    value: float | int | str
    threshold: str
    passed: bool
    why: str
    """Why a red one matters to the user of the model."""
    fix: str
    """What to do about a red one."""
    where: tuple[str, ...] = ()
    """The rows, files or tensors at fault."""
    arm: str = ""
    """The artefact judged, where one check is made on several (base, merged, q4_k_m, ...)."""


class GateFailed(PipelineError):
    """A check with a threshold was not met: the run stops before anything builds on it."""

    exit_code = 1

    def __init__(self, message: str, gates: Sequence[Gate] = ()) -> None:
        super().__init__(message)
        self.gates = tuple(gates)


class Words(TypedDict):
    """What a gate says to the person who meets a red one; `Gate` says what each is."""

    metric: str
    why: str
    fix: str
    arm: NotRequired[str]


def at_least(
    name: str, value: float, threshold: float, *, where: Sequence[str] = (), **words: Unpack[Words]
) -> Gate:
    """Pass when value >= threshold. A NaN fails."""
    return _judge(name, value, f">= {threshold:g}", value >= threshold, where, words)


def at_most(
    name: str, value: float, threshold: float, *, where: Sequence[str] = (), **words: Unpack[Words]
) -> Gate:
    """Pass when value <= threshold. A NaN fails."""
    return _judge(name, value, f"<= {threshold:g}", value <= threshold, where, words)


def none_found(name: str, offenders: Sequence[str], **words: Unpack[Words]) -> Gate:
    """Pass when the list of offenders is empty. Its length is the value."""
    return _judge(name, len(offenders), "0", not offenders, offenders, words)


def _judge(
    name: str, value: float, threshold: str, passed: bool, where: Sequence[str], words: Words
) -> Gate:
    return Gate(
        name=name,
        value=value if math.isfinite(value) else str(value),  # JSON has no NaN
        threshold=threshold,
        passed=bool(passed),
        where=tuple(where[:SHOWN_PLACES]),
        **words,
    )


def of_rehearsal(judged: Iterable[Gate]) -> list[Gate]:
    """Take the verdict from the gates on what was learned: in a few steps nothing is."""
    return [
        replace(gate, threshold=NOT_JUDGED, passed=True) if gate.name.startswith(LEARNED) else gate
        for gate in judged
    ]


def require(gates: Iterable[Gate]) -> None:
    """Raise `GateFailed`, naming every failed gate, unless all passed."""
    judged = tuple(gates)
    failed = [gate for gate in judged if not gate.passed]
    if failed:
        raise GateFailed("\n".join(describe(gate) for gate in failed), judged)


def describe(gate: Gate) -> str:
    """Say in a few lines what a failed gate found, where, why it matters and what to do."""
    arm = f" [{gate.arm}]" if gate.arm else ""
    found = f"{gate.metric} is {show(gate.value)}, must be {gate.threshold}"
    lines = [f"gate {gate.name}{arm}: {found}"]
    lines += [f"    at {place}" for place in gate.where]
    lines += [f"    why: {gate.why}", f"    fix: {gate.fix}"]
    return "\n".join(lines)


def show(value: float | int | str) -> str:
    """Format a metric's value with at most four significant digits after the point."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(gates: Sequence[Gate]) -> str:
    """Lay gates out as lines of text: mark, name, arm, value, threshold."""
    rows = [(_mark(gate), gate.name, gate.arm, show(gate.value), gate.threshold) for gate in gates]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _mark(gate: Gate) -> str:
    if gate.threshold == NOT_JUDGED:
        return "--"
    return "ok" if gate.passed else "FAIL"


def write(gates: Sequence[Gate], path: Path) -> None:
    """Write gates as JSON, in their order."""
    records.write(path, [asdict(gate) for gate in gates], sort_keys=False)


def read(path: Path) -> list[Gate]:
    """Read what `write` wrote."""
    return [Gate(**{**each, "where": tuple(each["where"])}) for each in records.read(path)]
