"""Judge the answers of every arm: stopping, loops, garbage, tool calls; and each GGUF's fidelity.

Writes `metrics.json` (per arm), `diagnosis.json` (the first arm that failed and the stage that this
names) and returns the gates B and F. The base model's arm is measured but not judged: it shows what
the gates are calibrated against.

Not covered: sampling itself (sample_hf, sample_gguf), and the static gates of convert.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia.answers import measure, share
from synthia.gates import Gate, at_least, at_most, none_found
from synthia.recipe import Recipe

SERVER = "f16_server"
MAX_FOREIGN = 0.001
"""Share of letters in a script that neither prompt nor gold answer has (gate B garbage)."""
MAX_STRUCTURE_FLIPS = 0.01
"""Share of tool-call structure tokens at which a GGUF's first choice may differ (gate F)."""
CAUSES = {
    "adapter": ("train", "the adapter itself answers badly: look at loss, stop-token probe, data"),
    "merged": ("merge", "the adapter is good and the merged weights are not: look at merge_audit"),
    "f16_ids": ("convert", "the merged model is good and its F16 GGUF is not: look at gates G, F"),
    SERVER: ("convert", "by ids it is good, through the embedded template or parser it is not"),
    "q5_k_m": ("convert", "F16 is good and the quantised file is not: quantisation costs too much"),
    "q4_k_m": ("convert", "F16 is good and the quantised file is not: quantisation costs too much"),
}
"""The arms in the order in which each adds one change to the one before, and what that names."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Judge all arms. Reads prepare, sample_hf and sample_gguf."""
    probes = {probe["id"]: probe for probe in read_jsonl(inputs["prepare"] / "probes.jsonl")}
    paths = [inputs["sample_hf"] / f"{arm}.jsonl" for arm in ("base", "adapter", "merged")]
    gguf_arms = ["f16_ids", SERVER, *(kind.lower() for kind in recipe.convert.types[1:])]
    paths += [inputs["sample_gguf"] / f"{arm}.jsonl" for arm in gguf_arms]
    fidelity = read_jsonl(inputs["sample_gguf"] / "fidelity.jsonl")
    metrics: dict[str, dict[str, Any]] = {}
    for path in paths:
        metrics[path.stem] = measure(read_jsonl(path), probes, recipe.stop.pad_token)
    for arm in sorted({row["arm"] for row in fidelity}):
        key = "f16_ids" if arm == "f16" else arm
        metrics[key]["fidelity"] = compare([row for row in fidelity if row["arm"] == arm])
    gates = [gate for arm in metrics if arm != "base" for gate in judge(recipe, arm, metrics)]
    write_json(out / "metrics.json", metrics)
    write_json(out / "diagnosis.json", diagnose(gates))
    return gates


def compare(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Sum up one GGUF's logits against the merged model's, over all positions.

    NMSE is sum((a - b)^2) / sum(a^2), as in llama.cpp's test-backend-ops; KLD is in nats. Sums are
    math.fsum's, rounded once: those of `sum` differ between Python 3.11 and 3.12.
    """
    flips = {
        kind: [not row["top1_equal"] for row in rows if row["kind"] == kind]
        for kind in ("stop", "structure")
    }
    return {
        "positions": len(rows),
        "mean_kld": math.fsum(row["kld"] for row in rows) / len(rows),
        "top1": sum(row["top1_equal"] for row in rows) / len(rows),
        "nmse": math.fsum(row["sq_err"] for row in rows) / math.fsum(row["sq_ref"] for row in rows),
        "stop_flips": sum(flips["stop"]),
        "structure_flips": share(sum(flips["structure"]), len(flips["structure"]), empty=0.0),
    }


def judge(recipe: Recipe, arm: str, metrics: Mapping[str, Mapping[str, Any]]) -> list[Gate]:
    """Judge one arm by the gates B, and by F where it is a GGUF read by ids."""
    found, limits = metrics[arm], recipe.evaluate
    fault = found["at_fault"]
    floor = max(limits.min_stop_rate, metrics["base"]["stop_rate"] - limits.max_stop_rate_loss)
    gates = [
        at_least("B stop rate", found["stop_rate"], floor, arm=arm, where=fault["endless"],
                 metric=f"answers that stop within {limits.max_new_tokens_factor:g}x the gold length",
                 why="an answer that does not stop runs into the context limit in every client",
                 fix="look at the stop-token probe of train and at gate T trainable"),
        none_found("B loops", fault["loops"], arm=arm, metric="answers with a repeated tail",
                   why="the model says the same again and again",
                   fix="train longer or with a lower learning rate; look at the transcripts"),
        none_found("B garbage", fault["garbage"], arm=arm,
                   metric="answers with U+FFFD, padding or leaked control tokens",
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
        at_least("B tools: exact", found["exact_calls"], limits.min_exact_calls, arm=arm,
                 where=fault["inexact"],
                 metric=f"gold calls reproduced (base: {metrics['base']['exact_calls']:.0%})",
                 why="the model calls the wrong tool, with wrong arguments, or none",
                 fix="train longer, or look at which probes fail"),
        at_least("B tools: abstention", found["abstention"], limits.min_abstention, arm=arm,
                 where=fault["uncalled_for"], metric="no call where none is due",
                 why="the model calls tools when the user wanted an answer",
                 fix="more rows that declare tools and call none"),
    ]  # fmt: skip
    if arm == SERVER:
        gates.append(
            none_found("B tools: server", fault["hidden"], arm=arm,
                       metric="calls that llama-server's parser leaves in the text",
                       why="LM Studio and Ollama rely on this kind of parser to find calls",
                       fix="the template must be of a format that llama.cpp recognises")
        )  # fmt: skip
    if "fidelity" in found:
        gates += judge_fidelity(recipe, arm, found["fidelity"])
    return gates


def judge_fidelity(recipe: Recipe, arm: str, found: Mapping[str, float]) -> list[Gate]:
    """Judge a GGUF's logits against the merged model's, teacher-forced on the gold answers."""
    limits = recipe.evaluate
    why = "the file does not compute what was trained"
    if arm == "f16_ids":
        fix = "convert went wrong: compare config.json, rope and tokenizer of 16bit/ and gguf/"
        gates = [
            at_least("F fidelity: top-1", found["top1"], limits.f16_min_top1, arm=arm,
                     metric="positions with the same first choice", why=why, fix=fix),
            at_most("F fidelity: NMSE", found["nmse"], limits.f16_max_nmse, arm=arm,
                    metric="normalised mean squared error of the logits", why=why, fix=fix),
        ]  # fmt: skip
    else:
        fix = "use a larger quantisation type, or an importance matrix"
        values = limits.model_dump()
        gates = [
            at_most("F fidelity: KLD", found["mean_kld"], values[f"{arm}_max_kld"], arm=arm,
                    metric="mean KL divergence in nats", why=why, fix=fix),
            at_least("F fidelity: top-1", found["top1"], values[f"{arm}_min_top1"], arm=arm,
                     metric="positions with the same first choice", why=why, fix=fix),
        ]  # fmt: skip
    return [
        *gates,
        at_most("F fidelity: stop flips", found["stop_flips"], 0, arm=arm,
                metric="stop tokens that are no longer the first choice", why=why, fix=fix),
        at_most("F fidelity: structure flips", found["structure_flips"], MAX_STRUCTURE_FLIPS,
                arm=arm, metric="tool-call structure tokens with another first choice",
                why="a flipped brace or quote breaks the call", fix=fix),
    ]  # fmt: skip


def diagnose(gates: Iterable[Gate]) -> dict[str, str]:
    """Name the first arm that failed and the stage that it points to; "" where none failed."""
    failed = {gate.arm: gate.name for gate in reversed([g for g in gates if not g.passed])}
    for arm, (stage, cause) in CAUSES.items():
        if arm in failed:
            return {"arm": arm, "stage": stage, "gate": failed[arm], "cause": cause}
    return {"arm": "", "stage": "", "gate": "", "cause": "every arm passed"}


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Read a file of one JSON object per line."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_json(path: Path, content: Any) -> None:
    """Write JSON, one way, for equal bytes from equal values."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
