"""The pipeline on one page: its stages, what each reads and writes, and what makes it stale.

A stage is current when its folder's manifest says exactly what a run now would say, and its files
are those the manifest lists. So a changed data file makes prepare and all after it stale, a changed
threshold only evaluate, and a deleted GGUF file convert and what reads it.

Not covered: what happens inside a stage (`synthia.stages`, one module each), how one is started in
its environment (`synthia.launch`), and how an environment is made (`synthia.environments`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import code, environments, launch, llama_flags, manifest, preflight, report
from synthia.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the pipeline."""

    name: str
    """The module in `synthia.stages` and the Invoke task."""
    environment: str
    folder: str
    """Under `outputs/<recipe>/`."""
    reads: tuple[str, ...] = ()
    """The stages whose folders it reads."""
    sections: tuple[str, ...]
    """The parts of the recipe that decide its output."""
    data: tuple[str, ...] = ()
    """Keys of the recipe's data section whose files it reads."""
    llama_cpp: bool = False
    """It runs llama.cpp's programs."""
    network: bool = False
    gpu: bool = False
    """It computes on the GPU when the recipe has one."""
    resumes: bool = False
    """A killed run is continued in the same work folder, not begun anew."""


# fmt: off
STAGES = (
    # base model snapshot, every file's SHA-256 checked
    Stage(name="fetch", environment="train", folder="fetch", network=True,
          sections=("model", "stop", "lora.trainable_token_indices")),
    # input_ids and labels per row, rendered probes, the tokenizer by the stop contract, mask.html
    Stage(name="prepare", environment="train", folder="prepare", reads=("fetch",),
          sections=("data", "stop"), data=("files", "probes", "chat_template")),
    # LoRA adapter, loss history, stop-token probe curve
    Stage(name="train", environment="train", folder="train", reads=("fetch", "prepare"),
          sections=("model", "stop", "lora", "training"), gpu=True, resumes=True),
    # 16-bit safetensors, tokenizer files, generation_config; merge audit
    Stage(name="merge", environment="train", folder="16bit", reads=("fetch", "prepare", "train"),
          sections=("model", "stop")),
    # model-f16.gguf and its quantised siblings; static gates
    Stage(name="convert", environment="convert", folder="gguf", reads=("prepare", "merge"),
          sections=("model", "stop", "convert"), llama_cpp=True),
    # answers of base, adapter and merged model to the probes; the merged model's logits
    Stage(name="sample_hf", environment="train", folder="sample_hf",
          reads=("fetch", "prepare", "train", "merge"), gpu=True,
          sections=("model", "stop", "evaluate.max_new_tokens_factor",
                    "evaluate.fidelity_positions")),
    # answers of each GGUF, by ids and through the server's template; its logits compared
    Stage(name="sample_gguf", environment="convert", folder="sample_gguf",
          reads=("prepare", "convert", "sample_hf"), llama_cpp=True, gpu=True,
          sections=("convert.types", "evaluate.max_new_tokens_factor")),
    # verdict per gate and arm
    Stage(name="evaluate", environment="convert", folder="evaluate",
          reads=("prepare", "sample_hf", "sample_gguf"),
          sections=("stop", "convert.types", "evaluate")),
)
# fmt: on
BY_NAME = {stage.name: stage for stage in STAGES}


def folder(project: Path, recipe: Recipe, stage: Stage) -> Path:
    """Where a stage's output lies."""
    return project / "outputs" / recipe.name / stage.folder


def data_files(recipe: Recipe, stage: Stage) -> list[str]:
    """Project-relative paths of the data files that a stage reads."""
    values = [getattr(recipe.data, key) for key in stage.data]
    return [path for value in values for path in ([value] if isinstance(value, str) else value)]


def identity(project: Path, recipe: Recipe, stage: Stage) -> dict[str, Any]:
    """The manifest that a run now would write, without its outputs."""
    environment: dict[str, Any] = environments.identity(project, stage.environment)
    if stage.llama_cpp:
        environment["llama.cpp"] = llama_flags.identity(project / "requirements")
    values = recipe.model_dump(mode="json")
    return {
        "stage": stage.name,
        "recipe": {key: _pick(values, key) for key in stage.sections},
        "environment": environment,
        "inputs": {
            name: manifest.digest(folder(project, recipe, BY_NAME[name])) for name in stage.reads
        },
        "data": {path: manifest.sha256(project / path) for path in data_files(recipe, stage)},
        "code": code.digests(project / "src", f"synthia.stages.{stage.name}"),
    }


def _pick(values: Any, dotted: str) -> Any:
    for key in dotted.split("."):
        values = values[key]
    return values


def stale(project: Path, recipe: Recipe, stage: Stage) -> list[str]:
    """Why a stage must run; empty when its output is current. Its inputs must be current."""
    out = folder(project, recipe, stage)
    found = manifest.read(out)
    if found is None:
        return ["it has not run yet"]
    wanted = json.loads(manifest.encode(identity(project, recipe, stage)))
    return list(_changes("", found, wanted)) + manifest.damage(out, found)


def _changes(prefix: str, found: Any, wanted: Any) -> Iterator[str]:
    """Name what differs between a manifest and the one wanted now, outputs left aside."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in sorted((found.keys() | wanted.keys()) - {"outputs"}):
            name = f"{prefix} {key}".strip()
            yield from _changes(name, found.get(key), wanted.get(key))
    elif found != wanted:
        yield f"{prefix} changed"


def status(project: Path, recipe: Recipe) -> list[tuple[Stage, list[str]]]:
    """Every stage with the reasons why it would run; empty reasons mean current."""
    states: list[tuple[Stage, list[str]]] = []
    waiting: set[str] = set()
    for stage in STAGES:
        before = [f"{name} runs before it" for name in stage.reads if name in waiting]
        reasons = before or stale(project, recipe, stage)
        if reasons:
            waiting.add(stage.name)
        states.append((stage, reasons))
    return states


def run(
    project: Path, recipe: Recipe, *, last: str, runtime: str | None, force: Sequence[str] = ()
) -> None:
    """Run the stages up to `last` that are stale or forced. Raises PipelineError."""
    runtime = runtime or recipe.runtime.default
    preflight.require(project, recipe, runtime)
    outputs = project / "outputs" / recipe.name
    busy = f"another run of {recipe.name} is going on"
    ran = False
    with environments.file_lock(outputs / ".lock", busy, wait=False):
        try:
            for stage in STAGES[: STAGES.index(BY_NAME[last]) + 1]:
                reasons = stale(project, recipe, stage) or ["forced"] * (stage.name in force)
                print(f"{stage.name:12} {'; '.join(reasons[:3]) or 'current'}", flush=True)
                if reasons:
                    ran = True
                    run_stage(project, recipe, stage, runtime)
        finally:
            if ran:  # also when a gate failed: the report shows which and why
                report.write(outputs, recipe)
    print(report.summary(outputs) if ran else "nothing to do: everything is current")
    print(f"report: {(outputs / 'report.html').relative_to(project)}")


def run_stage(project: Path, recipe: Recipe, stage: Stage, runtime: str) -> None:
    """Run one stage in its environment and publish its folder."""
    launch.launch(
        project,
        recipe,
        stage.name,
        runtime=runtime,
        environment=stage.environment,
        out=folder(project, recipe, stage),
        inputs={name: folder(project, recipe, BY_NAME[name]) for name in stage.reads},
        identity=identity(project, recipe, stage),
        llama_cpp=stage.llama_cpp,
        network=stage.network,
        gpu=stage.gpu and recipe.runtime.gpu,
        resumes=stage.resumes,
    )
