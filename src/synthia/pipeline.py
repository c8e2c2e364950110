"""The pipeline: which stages are stale, and running those in their order (`synthia.stage`).

A stage is current when its folder's manifest says exactly what a run now would say, and its files
are those the manifest lists. So a changed data file makes prepare and all after it stale, a changed
threshold only evaluate, and a deleted GGUF file convert and what reads it.

Not covered: what happens inside a stage (`synthia.stages`, one module each), how one is started in
its environment (`synthia.run.launch`), and how an environment is made (`synthia.host.environments`).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from synthia import code, gates, manifest, model_folder, report
from synthia.data import accepted
from synthia.errors import PipelineError, UsageError
from synthia.host import environments
from synthia.llama_cpp import flags as llama_flags
from synthia.nodes import ALONE, Nodes
from synthia.recipe import Recipe
from synthia.recipe_sources import FolderModel
from synthia.run import launch, preflight
from synthia.stage import BY_NAME, Stage, folder, of


def data_files(project: Path, recipe: Recipe, stage: Stage) -> list[str]:
    """Project-relative paths of the data and other files that a stage reads."""
    values = [getattr(recipe.data, key) for key in stage.data]
    lists = [[value] if isinstance(value, str) else value for value in values]
    named = [path for value in lists if isinstance(value, list) for path in value]
    # Which places in the data are accepted decides which rows there are.
    seen = [accepted.FILE] if named and (project / accepted.FILE).exists() else []
    # A data set of the Hub is in fetch's folder, whose manifest has its digests.
    local = [path for path in named if path not in recipe.data.hub]
    return [*local, *seen, *stage.files]


def identity(project: Path, recipe: Recipe, stage: Stage) -> dict[str, Any]:
    """The manifest that a run now would write, without its outputs."""
    environment: dict[str, Any] = environments.identity(project, stage.environment)
    if stage.llama_cpp:
        environment["llama.cpp"] = llama_flags.identity(project / "requirements")
    if launch.signs(recipe, stage):
        environment["signing"] = environments.identity(project, launch.SIGNING)["lock"]
    values = recipe.model_dump(mode="json")
    values["data"]["hub"] = recipe.data.hub  # fetch is not to run again for a file of the project
    return {
        "stage": stage.name,
        "recipe": {key: _pick(values, key) for key in stage.sections},
        "environment": environment,
        "inputs": {
            name: manifest.digest(folder(project, recipe, BY_NAME[name])) for name in stage.reads
        },
        "data": _digests(project, recipe, stage),
        "code": code.digests(project / "src", f"synthia.stages.{stage.name}"),
    }


def _digests(project: Path, recipe: Recipe, stage: Stage) -> dict[str, str]:
    """SHA-256 of the files of the project that a stage reads."""
    found = {path: manifest.sha256(project / path) for path in data_files(project, recipe, stage)}
    if isinstance(recipe.model, FolderModel) and stage.name == "fetch":
        memory = folder(project, recipe, stage).with_name(".model.seen.json")
        found |= model_folder.digests(project, recipe.model.path, memory)
    return found


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
    for stage in of(recipe):
        before = [f"{name} runs before it" for name in stage.reads if name in waiting]
        reasons = before or stale(project, recipe, stage)
        if reasons:
            waiting.add(stage.name)
        states.append((stage, reasons))
    return states


def upto(recipe: Recipe, last: str) -> tuple[Stage, ...]:
    """The recipe's stages up to `last`, or all for "". Raises UsageError where it has no such stage."""
    stages = of(recipe)
    if not last:
        return stages
    if BY_NAME[last] not in stages:
        needs = BY_NAME[last].needs
        raise UsageError(
            f"{last} needs the section [{needs}], which the recipe {recipe.name} lacks: write it there, or "
            "name a repository with --set 'hub.repo_id=user/name'"
        )
    return stages[: stages.index(BY_NAME[last]) + 1]


def require_finished(project: Path, recipe: Recipe, before: str) -> None:
    """Raise PipelineError unless all stages before one are current, and GateFailed for a red gate."""
    outputs = project / "outputs" / recipe.name
    gates.require(report.read_gates(outputs, upto(recipe, before)[:-1]))
    require_current(project, recipe, before)


def require_current(project: Path, recipe: Recipe, before: str) -> None:
    """Raise PipelineError unless the stages that one reads are current, whatever their gates say."""
    waiting = [(stage.name, reasons[0]) for stage, reasons in status(project, recipe)
               if reasons and stage.name in BY_NAME[before].reads]  # fmt: skip
    if waiting:
        name, reason = waiting[0]
        raise PipelineError(
            f"{before} takes only what a finished run made, and {name} is not current ({reason}): "
            f"./invoke pipeline --recipe {recipe.name}"
        )


def outdated(project: Path, recipe: Recipe) -> str:
    """Say of GGUF files that are there that they are of an earlier run; "" where they are current."""
    made = [stage.name for stage in upto(recipe, "convert")]
    for stage, reasons in status(project, recipe):
        if reasons and stage.name in made:
            return (
                f"this is an old model, made before {stage.name} had to run again ({reasons[0]}): ./invoke "
                f"pipeline --recipe {recipe.name} makes the new one; load that file in the client again"
            )
    return ""


def run(
    project: Path, recipe: Recipe, *, last: str, runtime: str | None, force: Sequence[str] = (),
    nodes: Nodes = ALONE,
) -> None:  # fmt: skip
    """Run the stages up to `last`, or all of the recipe's for "", that are stale or forced.

    Where several machines train together, this is node 0. Raises PipelineError.
    """
    stages = upto(recipe, last)
    runtime = runtime or recipe.runtime.default
    preflight.require(project, recipe, runtime, nodes)
    outputs = project / "outputs" / recipe.name
    busy = f"another run of {recipe.name} is going on"
    ran = False
    # Another node that shares this folder may be making what it needs.
    with environments.file_lock(outputs / ".lock", busy, wait=nodes.count > 1):
        try:
            for stage in stages:
                reasons = stale(project, recipe, stage) or ["forced"] * (stage.name in force)
                print(f"{stage.name:12} {'; '.join(reasons[:3]) or 'current'}", flush=True)
                if reasons:
                    ran = True
                    made_from = identity(project, recipe, stage)
                    launch.launch(
                        project, recipe, stage, runtime=runtime, identity=made_from, nodes=nodes
                    )
        except BaseException:
            if ran:  # when a gate failed, the report shows which and why
                with suppress(OSError):  # a full disk is what the stage has just said
                    report.write(outputs, recipe)
            raise
        if ran:
            report.write(outputs, recipe)
    print(report.summary(outputs) if ran else "nothing to do: everything is current")
    print(f"report: {(outputs / 'report.html').relative_to(project)}")
