"""The arms: each artefact that answers the probes, in the order in which each adds one change.

The first arm that fails a gate therefore names the stage at fault. The list follows from the types
that a recipe converts to; sampling, judging and the report all take it from here.

Not covered: the answers (`synthia.stages.answers`) and the verdicts (`synthia.stages.evaluate`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Probe = TypeVar("Probe")
BASE, ADAPTER, MERGED, F16, SERVER = "base", "adapter", "merged", "f16_ids", "f16_server"


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One artefact, asked in one way."""

    name: str
    """Also the file of its answers, `<name>.jsonl`."""
    sampled_in: str
    """The stage that lets it answer."""
    stage: str = ""
    """The stage at fault when this is the first arm that fails; "" where it is not judged."""
    cause: str = ""
    """What that points to, for the user."""
    before: str = ""
    """The arm that it differs from in one part: weights, file, template and parser, or sampler."""


def of(types: Sequence[str]) -> tuple[Arm, ...]:
    """All arms of a recipe whose `convert.types` are these, in their order."""
    return (
        Arm(name=BASE, sampled_in="sample_hf"),
        Arm(name=ADAPTER, sampled_in="sample_hf", stage="train", before=BASE,
            cause="the adapter itself answers badly: look at loss, stop-token probe, data"),
        Arm(name=MERGED, sampled_in="sample_hf", stage="merge", before=ADAPTER,
            cause="the adapter is good and the merged weights are not: look at merge_audit"),
        Arm(name=F16, sampled_in="sample_gguf", stage="convert", before=MERGED,
            cause="the merged model is good and its F16 GGUF is not: look at gates G, F"),
        Arm(name=SERVER, sampled_in="sample_gguf", stage="convert", before=F16,
            cause="by ids it is good, through the embedded template or parser it is not"),
        *(
            Arm(name=by_ids(kind), sampled_in="sample_gguf", stage="convert", before=F16,
                cause="F16 is good and the quantised file is not: quantisation costs too much")
            for kind in types if kind != "F16"
        ),
        *(
            Arm(name=served(kind), sampled_in="sample_gguf", stage="convert", before=by_ids(kind),
                cause="greedily it is good, on the parameters that it ships it is not: look at [serve]")
            for kind in types
        ),
    )  # fmt: skip


def by_ids(kind: str) -> str:
    """The arm of a GGUF of this type that reads prompt ids."""
    return F16 if kind == "F16" else kind.lower()


def served(kind: str) -> str:
    """The arm of a GGUF of this type behind llama-server, asked without request options."""
    return f"{kind.lower()}_served"


def asked(probes: Sequence[Probe], most: int | None) -> list[Probe]:
    """The probes that an arm is asked: all, or at most so many of them, evenly spaced."""
    if most is None or most >= len(probes):
        return list(probes)
    return [probes[number * len(probes) // most] for number in range(most)]
