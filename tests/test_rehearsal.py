"""A rehearsal is the recipe that it rehearses, on random weights of its model's shape."""

import itertools
import os
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, copy_project, invoke

from synthia import estimate, gates, recipe, rehearsal, report
from synthia.errors import UsageError
from synthia.recipe import Recipe
from synthia.recipe_sources import HubModel, RandomModel

NAMES = {".name", ".description", ".model.repo_id", ".convert.name"}
"""Places of a recipe that decide nothing in a rehearsal but what it is called."""
SHRUNK = ("--layers", "2", "--hidden", "256")
ROWS = ("--set", 'data.files=["data/smoke.jsonl"]')
"""Short ones: the logits of a row of 1,900 tokens take seconds."""
ON_THE_HUB = [
    name
    for name in recipe.names(PROJECT / "recipes")
    if isinstance(recipe.load(PROJECT / "recipes", name).model, HubModel)
]
HUB = [
    name
    for name in ON_THE_HUB
    if recipe.load(PROJECT / "recipes", name).model.repo_id.startswith("Qwen/Qwen2.5")
]
"""Those whose family's tokenizer is at hand without a download."""
CARDS = {"7B": (7.61, 6.53), "0.5B": (0.49, 0.36)}
"""Billions of parameters by the model cards, with and without the embeddings."""


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    """A file that stands for the tokenizer, of which a recipe holds the SHA-256 alone."""
    (tmp_path / "recipes").symlink_to(PROJECT / "recipes")
    (tmp_path / "tokenizer.json").write_text("{}")
    return "tokenizer.json"


def derived(folder: Path, name: str, *, gpu: bool, layers: int = 0, hidden: int = 0) -> Recipe:
    loaded = recipe.load(PROJECT / "recipes", name)
    return rehearsal.derive(folder, loaded, "tokenizer.json", gpu=gpu, layers=layers, hidden=hidden)


@pytest.mark.parametrize("name", HUB)
def test_the_shape_of_every_shipped_model_adds_up_to_its_card(name: str) -> None:
    repo_id = recipe.load(PROJECT / "recipes", name).model.repo_id
    layers, tables = estimate.weights(rehearsal.shape(PROJECT, repo_id))
    whole, without = next(card for size, card in CARDS.items() if f"-{size}" in repo_id)
    assert (layers + tables) / 1e9 == pytest.approx(whole, abs=0.006)
    assert layers / 1e9 == pytest.approx(without, abs=0.006)


@pytest.mark.parametrize("name", HUB)
@pytest.mark.usefixtures("tokenizer")
def test_on_a_gpu_only_length_and_weights_differ_from_the_real_run(
    tmp_path: Path, name: str
) -> None:
    loaded, found = recipe.load(PROJECT / "recipes", name), derived(tmp_path, name, gpu=True)
    assert isinstance(found.model, RandomModel)
    assert found.model.config == rehearsal.shape(PROJECT, loaded.model.repo_id)
    for same in ("stop", "lora", "runtime"):
        assert getattr(found, same) == getattr(loaded, same)
    for same in ("load_in_4bit", "dtype", "repo_id"):
        assert getattr(found.model, same) == getattr(loaded.model, same)
    for same in ("per_device_train_batch_size", "optim", "gradient_checkpointing", "seed"):
        assert getattr(found.training, same) == getattr(loaded.training, same)
    assert found.evaluate.fidelity == loaded.evaluate.fidelity
    assert found.rehearsal
    assert not loaded.rehearsal


@pytest.mark.usefixtures("tokenizer")
def test_what_differs_without_a_gpu_is_said_in_one_line(tmp_path: Path) -> None:
    loaded = recipe.load(PROJECT / "recipes", "synthia-7b")
    found = derived(tmp_path, "synthia-7b", gpu=False, layers=2, hidden=256)
    (line,) = rehearsal.differences(loaded, found)
    assert "without NF4, bfloat16, adamw_torch_fused, the GPU's engine" in line
    assert not found.runtime.gpu
    assert found.runtime.default == "host"


def test_a_shrunk_model_keeps_the_size_of_a_head_and_its_proportions() -> None:
    config = rehearsal.shape(PROJECT, "Qwen/Qwen2.5-Coder-7B")
    small = rehearsal.shrink(config, 2, 512)
    assert (small["num_hidden_layers"], small["hidden_size"]) == (2, 512)
    assert (small["num_attention_heads"], small["num_key_value_heads"]) == (4, 1)
    assert small["intermediate_size"] == 2816
    assert small["vocab_size"] == config["vocab_size"]
    assert rehearsal.shrink(config, 0, 0) == config
    with pytest.raises(UsageError, match="a multiple of 256"):
        rehearsal.shrink(config, 2, 100)


def test_an_unknown_shape_is_refused_with_the_place_to_write_it() -> None:
    with pytest.raises(UsageError, match="recipes/shapes/ does not know the shape of a/b"):
        rehearsal.shape(PROJECT, "a/b")


@pytest.mark.parametrize("name", sorted(set(ON_THE_HUB) - set(HUB)))
def test_a_recipe_of_another_family_is_refused_before_anything_is_made(name: str) -> None:
    with pytest.raises(UsageError, match="does not know the shape of"):
        rehearsal.run(PROJECT, recipe.load(PROJECT / "recipes", name), runtime="host")


def test_a_model_out_of_a_wheel_is_not_shrunk(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rehearse it without them"):
        derived(tmp_path, "smoke", gpu=False, layers=2)
    assert derived(tmp_path, "smoke", gpu=False).model.source == "wheel"


def test_what_must_be_learned_is_measured_and_the_rest_judged() -> None:
    words = gates.Words(metric="m", why="w", fix="f")
    red = [
        gates.at_least(name, 0.0, 1.0, **words)
        for name in ("T loss", "T probe", "B tools: exact", "F fidelity: top-1", "T trainable")
    ]
    found = gates.of_rehearsal(red)
    assert [gate.name for gate in found if not gate.passed] == ["F fidelity: top-1", "T trainable"]
    with pytest.raises(gates.GateFailed, match="F fidelity"):
        gates.require(found)
    assert gates.table(found).startswith("--  ")


def test_qlora_of_a_7b_model_is_reckoned_near_what_was_measured() -> None:
    """6.8 GiB by the allocator on an H100, rows of 652 tokens in the mean; 2,048 may take a GB more."""
    loaded = recipe.load(PROJECT / "recipes", "synthia-7b", ["data.max_length=2048"])
    config = rehearsal.shape(PROJECT, loaded.model.repo_id)
    reckoned = estimate.gpu_to_train(config, loaded) - estimate.CUDA_BYTES
    assert 6.0e9 < reckoned < 8.5e9
    whole = recipe.load(PROJECT / "recipes", "synthia-7b")
    assert 9e9 < estimate.gpu_to_train(config, whole) < 14e9  # rows of 8,192 tokens, one at a time
    assert estimate.disk_peak(estimate.sizes(config, loaded)) == pytest.approx(61e9, rel=0.01)


def values(found: Any, place: str = "") -> Iterator[str]:
    """Each value of a recipe with its place, names left out."""
    if isinstance(found, dict):
        for key, inner in found.items():
            yield from values(inner, f"{place}.{key}")
    elif place not in NAMES:
        yield f"{place} = {found!r}"


def that_differ(recipes: Sequence[Recipe]) -> list[str]:
    """The names of those in which a value stands where none before them has it."""
    chosen: list[str] = []
    seen: set[str] = set()
    for one in recipes:
        own = set(values(one.model_dump()))
        chosen += [one.name] if own - seen else []
        seen |= own
    return chosen


@pytest.mark.usefixtures("tokenizer")
def test_a_recipe_is_rehearsed_unless_others_hold_all_of_its_values(tmp_path: Path) -> None:
    every = [derived(tmp_path, name, gpu=False, layers=2, hidden=256) for name in HUB]
    names = that_differ(every)
    assert {"qwen-0.5b-rehearsal", "synthia-7b-rehearsal"} <= set(names)
    longer = every[-1].data.model_copy(update={"max_length": 4096})
    other = every[-1].model_copy(update={"name": "other", "data": longer})
    assert that_differ([*every, other]) == [*names, "other"]


@pytest.mark.slow
def test_every_value_of_the_recipes_is_rehearsed_shrunk_without_a_gpu(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """All at once: much of a stage's time goes into imports, which use one core.

    Each is kept to one core, and not to that of the smoke run: llama.cpp's threads spin while they wait for
    one another, and beside other tests two take many times the computing of one.
    """
    project = copy_project(tmp_path_factory.mktemp("rehearsal") / "project")
    (project / "tokenizer.json").write_text("{}")
    every = [derived(project, name, gpu=False, layers=2, hidden=256) for name in HUB]
    names = [name.removesuffix("-rehearsal") for name in that_differ(every)]
    *cores, last = sorted(os.sched_getaffinity(0))

    def rehearsed(name: str, core: int) -> subprocess.CompletedProcess[str]:
        os.sched_setaffinity(0, {core})  # of this thread alone; what it starts inherits it
        return invoke(project, "rehearse", "--recipe", name, *SHRUNK, *ROWS)

    with ThreadPoolExecutor(len(names)) as together:
        ran = together.map(rehearsed, names, itertools.cycle(cores or [last]))
    for name, done in zip(names, ran, strict=True):
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
        said = done.stdout + done.stderr
        assert "gates passed" in said
        assert "were only measured" in said
        outputs = project / "outputs" / f"{name}-rehearsal"
        judged = {
            gate.name.split()[0]
            for gate in report.read_gates(outputs)
            if gate.threshold != gates.NOT_JUDGED
        }
        assert judged == {"D", "T", "M", "G", "F"}
        log = (outputs / "logs" / "train.txt").read_text()
        assert "torch" in log  # what torchao says of its extensions, and nobody needs
        assert "torchao" not in said
        assert "Skipping import" not in said
