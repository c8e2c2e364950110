"""The verdict over several artefacts: the first bad one, the cause, how sure that is, and the fix.

A red gate on the files is a fact. What is wrong with answers alone gets a cause only from a swap of one
part (stop ids, sampler, template, tokenizer, or the weights: those of the artefact before) that makes
failing answers good more often than chance would, or from weights that cannot stop.

Not covered: finding what is judged here, see `synthia.stages.diagnosis`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from synthia.stages.diagnosis import statistics

UNDECIDED = statistics.UNDECIDED
FEWEST_RANKS = 4
CAUSES = (
    "G static: whole", "D rows: stop", "M merge: keys", "M merge: base", "M merge: dtype",
    "M merge: order", "M merge: finite", "G static: constants", "G static: vocabulary",
    "G static: tokenizer", "T trainable", "T trainable: moved", "M merge: unchanged", "M merge: sum",
    "M merge: others", "G static: template", "G static: token types", "G static: token ids",
    "G static: sampling", "T render: llama.cpp",
)  # fmt: skip
"""Gates on files, those first whose fault brings others with it."""

Found = Mapping[str, Any]


def decide(artefacts: Sequence[Found]) -> dict[str, Any]:
    """Judge the artefacts, which come in the order in which each was made from those before it."""
    for number, artefact in enumerate(artefacts):
        red = {gate["name"]: gate for gate in artefact["gates"] if not gate["passed"]}
        if red:
            cause = _cause(artefact, red, artefacts[:number])
            return {"first_bad": artefact["path"], "red": list(red), **cause}
    return {
        "first_bad": "", "red": [], "gate": "", "cause": "nothing is wrong", "evidence": [],
        "confidence": f"{sum(len(a['gates']) for a in artefacts)} gates passed", "fix": "",
    }  # fmt: skip


def open_questions(artefact: Found) -> list[str]:
    """Failing answers that are too few to prove anything."""
    return [
        f"{gate['name']}: {gate['value']} failed, {UNDECIDED} ({gate['metric']})"
        for gate in artefact["gates"]
        if gate["passed"] and gate["name"].startswith("B ") and gate["value"]
    ]


def _cause(artefact: Found, red: Mapping[str, Found], before: Sequence[Found]) -> dict[str, Any]:
    swaps = [said(swap) for swap in artefact["swaps"]]
    named = next((name for name in CAUSES if name in red), "")
    if named:
        gate = red[named]
        return {"gate": named, "cause": gate["why"], "evidence": [*gate["where"], *swaps],
                "confidence": "certain: a fact of the files", "fix": gate["fix"]}  # fmt: skip
    name, gate = next(iter(red.items()))
    paired = [said(_against(other, artefact)) for other in before if other["samples"]]
    evidence = [*gate["where"], *swaps, *paired]
    best = max(artefact["swaps"], key=lambda swap: swap["recovered"], default=None)
    if best and best["p"] < statistics.ALPHA and best["recovered"] > best["failing"] / 2:
        return {"gate": name, "evidence": evidence, **_swapped(best, artefact)}
    ranks = artefact.get("stop_ranks") or []
    low = [rank for rank in ranks if rank > 0]
    if name == "B stop rate" and len(ranks) >= FEWEST_RANKS:
        p = statistics.mcnemar(len(low), len(ranks) - len(low))
        if p < statistics.ALPHA and len(low) > len(ranks) / 2:
            return {
                "gate": name,
                "evidence": [*evidence, f"ranks of the best stop token: {ranks}"],
                "cause": "the weights were not taught to stop: after a whole answer no token that ends "
                "one comes first. The training text lacked it, it carried no loss, or this is a base model",
                "confidence": f"no stop comes first after {len(low)} of {len(ranks)} answers, p = {p:.2g}",
                "fix": "train again on rows that end with the template's end of turn, which carries loss; "
                "--data FILE checks the rows",
            }  # fmt: skip
    for other in reversed(before):
        swap = _against(other, artefact)
        if other["samples"] and swap["p"] < statistics.ALPHA and swap["recovered"]:
            return {"gate": name, "cause": f"the step from {other['path']} to this: that one answers well",
                    "evidence": evidence, "confidence": said(swap), "fix": "repeat that step"}  # fmt: skip
    if name == "F plain text":
        return {"gate": name, "cause": gate["why"], "evidence": evidence, "fix": gate["fix"],
                "confidence": f"{gate['value']:.1f} nats, must be {gate['threshold']}"}  # fmt: skip
    return {"gate": name, "cause": UNDECIDED, "evidence": evidence, "confidence": UNDECIDED,
            "fix": "give --base, --data and the artefacts before it, to compare"}  # fmt: skip


def _swapped(swap: Mapping[str, Any], artefact: Found) -> dict[str, Any]:
    causes = {
        "stop ids": f"its stop ids lack {swap['to'].removesuffix(' as well')}, with which it ends turns",
        "sampler": "the penalties baked into its files",
        "template": f"its chat template: with that of {swap['to']} the answers are good",
        "tokenizer": f"its tokenizer: with that of {swap['to']} the answers are good",
    }
    return {
        "cause": causes[swap["part"]],
        "confidence": said(swap),
        "fix": f"./invoke diagnose {artefact['path']} --fix writes a copy with this part mended",
        "mend": {"part": swap["part"], "to": swap["to"]},
    }


def said(swap: Mapping[str, Any]) -> str:
    """A swap in words."""
    return f"{swap['part']}: {swap['to']}: {statistics.said(swap)}"


def _against(good: Found, bad: Found) -> dict[str, Any]:
    """The artefact before as a swap of the weights: paired by probe."""
    theirs, ours = ({s["id"]: not s["faults"] for s in each["samples"]} for each in (good, bad))
    return {"part": "weights", "to": good["path"], **statistics.paired(ours, theirs)}
