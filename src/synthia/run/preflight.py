"""What must be there before a run begins, said in one sentence each when it is not.

Not covered: whether the data is good (prepare's gates), and the packages (each stage compares them
with its lock when it starts).
"""

import json
from pathlib import Path

from synthia import model_folder
from synthia.errors import MissingRequirement, UsageError
from synthia.host import engine, environments
from synthia.nodes import ALONE, Nodes
from synthia.recipe import Recipe
from synthia.recipe_sources import FolderModel


def require(project: Path, recipe: Recipe, runtime: str, nodes: Nodes = ALONE) -> None:
    """Raise MissingRequirement or UsageError when machine or data cannot carry the run."""
    if recipe.runtime.gpu and not environments.gpu_names():
        raise MissingRequirement(
            f"the recipe {recipe.name} trains on an NVIDIA GPU and this machine shows none "
            "(nvidia-smi); to run the whole pipeline on a small model without one: "
            "./invoke pipeline --recipe smoke"
        )
    if runtime == "docker" and nodes.count > 1:
        raise UsageError(
            f"--nnodes {nodes.count} with the runtime docker: the train stage's container has no network "
            "in which nodes could meet; add --runtime host on every node"
        )
    if runtime == "docker":
        engine.require()
    require_data(project, recipe)


def require_data(project: Path, recipe: Recipe) -> None:
    """Raise UsageError when a file or folder that the recipe names is missing."""
    if isinstance(recipe.model, FolderModel):
        model_folder.require(project, recipe.model.path, recipe.lora.target_modules)
    probes = [recipe.data.probes] if isinstance(recipe.data.probes, str) else []
    wanted = [*(name for name in recipe.data.files if name not in recipe.data.hub), *probes]
    wanted += [recipe.data.chat_template, *filter(None, [recipe.data.ollama_template])]
    missing = [path for path in wanted if not (project / path).is_file()]
    if not missing:
        return
    there = sorted(path.relative_to(project).as_posix() for path in project.glob("data/*.jsonl"))
    kept = [path for path in recipe.data.files if path not in missing]
    leave_out = kept and set(missing) <= set(recipe.data.files)
    hint = f", or leave them out: --set 'data.files={json.dumps(kept)}'" if leave_out else ""
    raise UsageError(
        f"the recipe {recipe.name} names files that do not exist: {', '.join(missing)}. "
        f"In data/ there are: {', '.join(there) or 'none'}. Put the missing ones there{hint}"
    )
