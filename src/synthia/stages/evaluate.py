"""Judge the answers of every arm: stopping, loops, garbage, tool calls; and each GGUF's fidelity.

Writes `metrics.json` (per arm), `diagnosis.json` (the first arm that failed, the stage that this names, and
how many of its failing answers the arm before has right) and returns the gates B and F. The base model is
measured but not judged: it shows what the gates are calibrated against.

Not covered: sampling itself (sample_hf, sample_gguf), and the static gates of convert.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import arms, families, records
from synthia.gates import Gate, at_least, at_most, none_found, of_rehearsal
from synthia.recipe import Recipe
from synthia.recipe_sections import Fidelity
from synthia.stages import detectors
from synthia.stages.answers import measure, share
from synthia.stages.diagnosis import statistics

MAX_FOREIGN = 0.001
"""Share of letters in a script that neither prompt nor gold answer has (gate B garbage)."""
MAX_STRUCTURE_FLIPS = 0.01
"""Share of tool-call structure tokens at which a GGUF's first choice may differ (gate F)."""
BAD = ("endless", "loops", "garbage", "premature", "unparsed", "invalid", "hidden", "inexact",
       "uncalled_for")  # fmt: skip
"""Faults of which an answer has none that is good."""
STRUCTURE = ("mark", "name", "structure")
"""The kinds of tokens without which a call is none, or another."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Judge all arms. Reads prepare, sample_hf and sample_gguf."""
    every = records.read_lines(inputs["prepare"] / "probes.jsonl")
    fidelity = records.read_lines(inputs["sample_gguf"] / "fidelity.jsonl")
    tokenizer = records.read(inputs["prepare"] / "tokenizer" / "tokenizer.json")
    tokens = detectors.Tokens.of(tokenizer, recipe.stop.pad_token)
    metrics: dict[str, dict[str, Any]] = {}
    answered: dict[str, dict[str, bool]] = {}
    calls = families.FAMILIES[recipe.family].calls
    as_served = {arms.served(kind): arms.by_ids(kind) for kind in recipe.convert.types}
    for arm in arms.of(recipe.convert.types):
        limits = recipe.evaluate
        most = limits.base_max_probes if arm.name == arms.BASE else limits.max_probes
        asked = arms.asked(every, most)
        if arm.name in as_served:
            asked = arms.asked(asked, limits.served_probes)
        probes = {probe["id"]: probe for probe in asked}
        answers = records.read_lines(inputs[arm.sampled_in] / f"{arm.name}.jsonl")
        metrics[arm.name] = measure(answers, probes, recipe.stop.pad_token, tokens, calls)
        bad = {probe for fault in BAD for probe in metrics[arm.name]["at_fault"][fault]}
        answered[arm.name] = {probe: probe not in bad for probe in probes}
        if arm.name in as_served:
            due = [probe["id"] for probe in asked if probe["gold"]["tool_calls"]]
            greedy = metrics[as_served[arm.name]]["at_fault"]["inexact"]
            seeds = len(limits.served_seeds)
            metrics[arm.name]["lost_calls"] = lost_calls(metrics[arm.name], due, greedy, seeds)
    for kind in recipe.convert.types:
        rows = [row for row in fidelity if row["arm"] == kind.lower()]
        metrics[arms.by_ids(kind)]["fidelity"] = compare(rows)
    gates = [gate for arm in metrics if arm != arms.BASE for gate in judge(recipe, arm, metrics)]
    if recipe.rehearsal:
        gates = of_rehearsal(gates)
    records.write(out / "metrics.json", metrics)
    in_order = arms.of(recipe.convert.types)
    records.write(out / "diagnosis.json", diagnose(gates, in_order, answered))
    return gates


def lost_calls(
    found: Mapping[str, Any], due: Sequence[str], greedy: Sequence[str], seeds: int
) -> float:
    """Share of the calls that a file reproduces greedily and not as served, over all seeds.

    `due` are the probes with a gold call that were asked, `greedy` those that the file gets wrong greedily.
    """
    right = set(due) - set(greedy)
    lost = [probe for probe in found["at_fault"]["inexact"] if probe in right]
    return share(len(lost), len(right) * seeds, empty=0.0)


def compare(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum up one GGUF's logits against the merged model's, over all positions and by kind of token.

    A quantised file's are also summed up against those of the F16 file that it was made from.

    NMSE is sum((a - b)^2) / sum(a^2), as in llama.cpp's test-backend-ops; KLD is in nats. Sums are
    math.fsum's, rounded once: those of `sum` differ between Python 3.11 and 3.12.
    """
    kinds = {row["kind"]: [other for other in rows if other["kind"] == row["kind"]] for row in rows}
    structure = [row for kind in STRUCTURE for row in kinds.get(kind, [])]
    found = {
        "positions": len(rows),
        "mean_kld": math.fsum(row["kld"] for row in rows) / len(rows),
        "top1": sum(row["top1_equal"] for row in rows) / len(rows),
        "nmse": math.fsum(row["sq_err"] for row in rows) / math.fsum(row["sq_ref"] for row in rows),
        "stop_flips": sum(not row["top1_equal"] for row in kinds.get("stop", [])),
        "structure_flips": share(
            sum(not row["top1_equal"] for row in structure), len(structure), empty=0.0
        ),
        "by_kind": {kind: by_kind(each, "") for kind, each in kinds.items()},
    }
    if "kld_f16" in rows[0]:
        found["against_f16"] = {kind: by_kind(each, "_f16") for kind, each in kinds.items()}
    return found


def by_kind(rows: Sequence[Mapping[str, Any]], of: str) -> dict[str, float]:
    """Positions of one kind, mean KL divergence in nats, and how many first choices differ."""
    return {
        "positions": len(rows),
        "mean_kld": math.fsum(row[f"kld{of}"] for row in rows) / len(rows),
        "flips": sum(not row[f"top1_equal{of}"] for row in rows),
    }


def judge(recipe: Recipe, arm: str, metrics: Mapping[str, Mapping[str, Any]]) -> list[Gate]:
    """Judge one arm by the gates B, and by F where it is a GGUF read by ids."""
    found, base, limits = metrics[arm], metrics[arms.BASE], recipe.evaluate
    fault = found["at_fault"]
    floor = max(limits.min_stop_rate, base["stop_rate"] - limits.max_stop_rate_loss)
    gain = min(1.0, round(base["exact_calls"] + limits.min_exact_calls_gain, 9))
    gates = [
        at_least("B stop rate", found["stop_rate"], floor, arm=arm, where=fault["endless"],
                 metric=f"answers that stop within {limits.max_new_tokens_factor:g}x the gold length",
                 why="an answer that does not stop runs into the context limit in every client",
                 fix="look at the stop-token probe of train and at gate T trainable"),
        at_most("B stop rate: whole", share(len(fault["premature"]), found["answers"], empty=0.0),
                round(1.0 - limits.min_stop_rate, 9), arm=arm, where=fault["premature"],
                metric="answers that stop with a call or fenced block open, or with nothing said",
                why="clients get half an answer, or none",
                fix="look at the ends of the rows in prepare/mask.html"),
        none_found("B loops", fault["loops"], arm=arm,
                   metric="answers that end in a loop, be it with a counter",
                   why="the model says the same again and again",
                   fix="train longer or with a lower learning rate; look at the transcripts"),
        none_found("B garbage", fault["garbage"], arm=arm,
                   metric="answers with broken characters, padding or leaked control tokens",
                   why="users see control tokens or broken characters",
                   fix="compare the tokenizer and template of this arm with the arm before"),
        at_most("B garbage: scripts", found["foreign_letters"], MAX_FOREIGN, arm=arm,
                metric="letters in a script that neither prompt nor gold answer has",
                why="the model falls into another language",
                fix="look at the transcripts; a quantised arm alone: take a larger type"),
        at_least("B tools: parse", found["tool_parse"], limits.min_tool_parse, arm=arm,
                 where=fault["unparsed"], metric="call attempts that parse strictly",
                 why="clients show a call that does not parse as text and run nothing",
                 fix="look at the transcripts of these probes; more rows with calls"),
        at_least("B tools: schema", found["tool_schema"], limits.min_tool_schema, arm=arm,
                 where=fault["invalid"], metric="call attempts that fit a declared tool's schema",
                 why="the tool refuses the call",
                 fix="look at the transcripts of these probes; more rows with these tools"),
        at_most("B as served: calls", found["lost_calls"], limits.max_served_loss,
                arm=arm, where=fault["inexact"],
                metric="calls reproduced greedily and lost on the shipped parameters",
                why="clients that set nothing get worse answers than every other gate measures",
                fix="lower serve.temperature; 0 is greedy")
        if "lost_calls" in found else
        at_least("B tools: exact", found["exact_calls"], max(limits.min_exact_calls, gain),
                 arm=arm, where=fault["inexact"],
                 metric=f"gold calls reproduced (base: {base['exact_calls']:.0%})",
                 why="the model calls the wrong tool, with wrong arguments, or none",
                 fix="train longer, or look at which probes fail"),
        at_least("B tools: abstention", found["abstention"], limits.min_abstention, arm=arm,
                 where=fault["uncalled_for"], metric="no call where none is due",
                 why="the model calls tools when the user wanted an answer",
                 fix="more rows that declare tools and call none"),
    ]  # fmt: skip
    if arm == arms.SERVER or "lost_calls" in found:
        gates.append(
            none_found("B tools: server", fault["hidden"], arm=arm,
                       metric="calls that llama-server's parser leaves in the text",
                       why="LM Studio and Ollama rely on this kind of parser to find calls",
                       fix="the template must be of a format that llama.cpp recognises")
        )  # fmt: skip
    for kind in recipe.convert.types:
        if arm == arms.by_ids(kind):
            gates += judge_fidelity(arm, recipe.evaluate.fidelity[kind], found["fidelity"])
    return gates


def judge_fidelity(arm: str, limits: Fidelity, found: Mapping[str, float]) -> list[Gate]:
    """Judge a GGUF's logits against the merged model's, teacher-forced on the gold answers."""
    why = "the file does not compute what was trained"
    fix = "use a larger quantisation type, or an importance matrix"
    if arm == arms.F16:
        fix = "convert went wrong: compare config.json, rope and tokenizer of 16bit/ and gguf/"
    gates = []
    if limits.max_kld is not None:
        gates.append(
            at_most("F fidelity: KLD", found["mean_kld"], limits.max_kld, arm=arm,
                    metric="mean KL divergence in nats", why=why, fix=fix)
        )  # fmt: skip
    gates.append(
        at_least("F fidelity: top-1", found["top1"], limits.min_top1, arm=arm,
                 metric="positions with the same first choice", why=why, fix=fix)
    )  # fmt: skip
    if limits.max_nmse is not None:
        gates.append(
            at_most("F fidelity: NMSE", found["nmse"], limits.max_nmse, arm=arm,
                    metric="normalised mean squared error of the logits", why=why, fix=fix)
        )  # fmt: skip
    return [
        *gates,
        at_most("F fidelity: stop flips", found["stop_flips"], 0, arm=arm,
                metric="stop tokens that are no longer the first choice", why=why, fix=fix),
        at_most("F fidelity: structure flips", found["structure_flips"], MAX_STRUCTURE_FLIPS,
                arm=arm, metric="tool-call structure tokens with another first choice",
                why="a flipped brace or quote breaks the call", fix=fix),
    ]  # fmt: skip


def diagnose(
    gates: Iterable[Gate], in_order: Sequence[arms.Arm], answered: Mapping[str, Mapping[str, bool]]
) -> dict[str, str]:
    """Name the first arm that failed and the stage that it points to; "" where no gate failed.

    `answered` says by arm and probe whether the answer is good. The evidence is what becomes of the failing
    ones in the arm before, from which this one differs in one part. A red gate of an arm that is not among
    them is never called a success: it is named as it is.
    """
    failed: dict[str, str] = {}
    for gate in gates:
        if not gate.passed:
            failed.setdefault(gate.arm, gate.name)
    for arm in in_order:
        if arm.name in failed:
            pairs = statistics.paired(answered[arm.name], answered[arm.before])
            evidence = f"as {arm.before}, {statistics.said(pairs)}"
            return {"arm": arm.name, "stage": arm.stage, "gate": failed[arm.name], "cause": arm.cause,
                    "evidence": evidence}  # fmt: skip
    for name, gate_name in failed.items():
        cause = f"a gate of {name or 'no arm'} is red, which names no stage: look at that gate"
        return {"arm": name, "stage": "", "gate": gate_name, "cause": cause, "evidence": ""}
    return {"arm": "", "stage": "", "gate": "", "cause": "every arm passed", "evidence": ""}
