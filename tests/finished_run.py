"""The outputs of a finished run with little in them: real manifests and formats, invented numbers.

What stands here are the files that package and publish read. No model was trained: where a test needs one
that answers, it takes the smoke run.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gguf

from synthia import arms, gates, manifest, pipeline, records
from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stage import folder, of

GATE = Gate(
    name="B stop rate", metric="answers that stop", value=1.0, threshold=">= 0.99", passed=True,
    why="it runs on", fix="train longer", arm="merged",
)  # fmt: skip
LOSS = [{"step": 1, "loss": 2.7}, {"step": 24, "loss": 0.3}]
ROWS = {
    "rows": 240,
    "tokens": 58195,
    "trained_tokens": 8015,
    "rows_by_file": {"data/smoke.jsonl": 240},
}
CALLS: list[list[dict[str, Any]]] = [
    [], [{"name": "wc", "arguments": {}}], [{"name": "ls", "arguments": {}}],
]  # fmt: skip
PROBES = [
    {"id": f"probe-{number}", "messages": [{"role": "user", "content": "Count a.py."}], "tools": [],
     "gold": {"tool_calls": calls}, "gold_ids": [1, 2], "prompt_ids": [3]}
    for number, calls in enumerate(CALLS)
]  # fmt: skip
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


def measured(recipe: Recipe) -> dict[str, Any]:
    """evaluate's metrics: the base never calls a tool."""
    found = {}
    for arm in arms.of(recipe.convert.types):
        good = float(arm.name != arms.BASE)
        found[arm.name] = {
            "answers": 72, "attempted_calls": int(60 * good), "stop_rate": good, "exact_calls": good,
            "tool_schema": good, "abstention": 1.0, "at_fault": {"inexact": ["probe-1"]},
        }  # fmt: skip
    for kind in recipe.convert.types:
        found[arms.by_ids(kind)]["fidelity"] = {"mean_kld": 0.0123}
    return found


def write_gguf(path: Path, kind: str) -> None:
    writer: Any = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"Smoke {kind}")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def write_safetensors(path: Path) -> None:
    header = json.dumps({"__metadata__": {"format": "pt"}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)


def _fetch(out: Path, recipe: Recipe) -> None:
    records.write(out / "config.json", {"model_type": "llama", "hidden_size": 576})


def _prepare(out: Path, recipe: Recipe) -> None:
    records.write(out / "statistics.json", ROWS)
    records.write_lines(out / "probes.jsonl", PROBES)


def _train(out: Path, recipe: Recipe) -> None:
    records.write(out / "loss_history.json", LOSS)


def _merge(out: Path, recipe: Recipe) -> None:
    records.write(out / "config.json", {"model_type": "llama", "hidden_size": 576})
    records.write(out / "generation_config.json", {"eos_token_id": 2})
    records.write(out / "merge_audit.json", {})
    for name in TOKENIZER:
        (out / name).write_text("{}\n")
    write_safetensors(out / "model.safetensors")


def _convert(out: Path, recipe: Recipe) -> None:
    for kind in recipe.convert.types:
        write_gguf(out / f"Smoke-{kind}.gguf", kind)
    (out / "imatrix.gguf").write_bytes(b"")
    (out / "Modelfile").write_text("FROM ./Smoke-Q4_K_M.gguf\n")


def _evaluate(out: Path, recipe: Recipe) -> None:
    records.write(out / "metrics.json", measured(recipe))


WRITERS: Mapping[str, Callable[[Path, Recipe], None]] = {
    "fetch": _fetch, "prepare": _prepare, "train": _train, "merge": _merge, "convert": _convert,
    "evaluate": _evaluate,
}  # fmt: skip


def write(project: Path, recipe: Recipe, *, before: str = "package") -> dict[str, Path]:
    """Write the folders of all stages before one, as current ones; return those of `before`'s inputs."""
    made = {"project": project, "cache": project / "cache"}
    for stage in of(recipe):
        if stage.name == before:
            return {name: made[name] for name in (*stage.reads, "project", "cache")}
        out = folder(project, recipe, stage)
        work = manifest.work_folder(out)
        work.mkdir(parents=True)
        if stage.name in WRITERS:
            WRITERS[stage.name](work, recipe)
        gates.write([GATE] if stage.name == "evaluate" else [], work / "gates.json")
        records.write(work / "run.json", {"runtime": "host"})
        manifest.publish(work, out, pipeline.identity(project, recipe, stage))
        made[stage.name] = out
    raise AssertionError(before)
