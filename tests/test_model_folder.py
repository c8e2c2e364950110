"""A base model from a folder: judged before a run, hashed into the manifest, copied by fetch."""

import json
from pathlib import Path

import pytest
from conftest import PROJECT, invoke

from synthia import manifest, model_folder, pipeline, recipe
from synthia.errors import UsageError
from synthia.recipe import Recipe
from synthia.recipe_sources import FolderModel
from synthia.stage import BY_NAME
from synthia.stages import fetch

LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def write_safetensors(path: Path, layers: tuple[str, ...] = LAYERS) -> None:
    """A safetensors file of matrices of one value each."""
    names = [f"model.layers.0.{name}.weight" for name in layers]
    header = {
        name: {"dtype": "F32", "shape": [1, 1], "data_offsets": [4 * at, 4 * at + 4]}
        for at, name in enumerate(names)
    }
    encoded = json.dumps(header).encode()
    path.write_bytes(len(encoded).to_bytes(8, "little") + encoded + bytes(4 * len(names)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "a project" / "models" / "mine"
    made.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "pytorch_model.bin"):
        (made / name).write_text("{}")
    write_safetensors(made / "model.safetensors")
    return made


def recipe_of(*overrides: str) -> Recipe:
    values = json.loads(recipe.resolved(recipe.load(PROJECT / "recipes", "smoke", overrides)))
    own = {"source": "folder", "path": "models/mine", "repo_id": "me/mine"}
    values["model"] = {**own, "load_in_4bit": False, "dtype": "float32"}
    return recipe.parse(values, origin="test")


def test_weights_and_tables_count_and_nothing_that_runs_code(folder: Path) -> None:
    (folder / "modeling_mine.py").write_text("import os")
    assert [path.name for path in model_folder.files(folder)] == [
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip


def test_a_folder_that_is_no_model_is_refused_with_what_it_lacks(folder: Path) -> None:
    project = folder.parents[1]
    model_folder.require(project, "models/mine", LAYERS)
    with pytest.raises(UsageError, match=r"names v_prj, which no linear layer.*it has down_proj, "):
        model_folder.require(project, "models/mine", ("q_proj", "v_prj"))
    (folder / "model.safetensors").unlink()
    with pytest.raises(
        UsageError, match=r"holds no \*\.safetensors \(there: config\.json, pytorch_"
    ):
        model_folder.require(project, "models/mine", LAYERS)
    with pytest.raises(UsageError, match="there is no folder models/yours"):
        model_folder.require(project, "models/yours", LAYERS)


def test_the_manifest_names_every_file_of_the_folder_and_a_change_makes_fetch_stale(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = folder.parents[1]
    for name in ("requirements", "src"):
        (project / name).symlink_to(PROJECT / name)
    (project / "outputs" / "smoke").mkdir(parents=True)
    before = pipeline.identity(project, recipe_of(), BY_NAME["fetch"])["data"]
    assert before["models/mine/model.safetensors"] == manifest.sha256(folder / "model.safetensors")
    assert "models/mine/pytorch_model.bin" not in before

    hashed: list[str] = []
    sha256 = manifest.sha256

    def noted(path: Path) -> str:
        hashed.append(path.name)
        return sha256(path)

    monkeypatch.setattr(manifest, "sha256", noted)
    assert pipeline.identity(project, recipe_of(), BY_NAME["fetch"])["data"] == before
    assert not {*hashed} & {"model.safetensors"}  # remembered
    write_safetensors(folder / "model.safetensors", LAYERS[:2])
    after = pipeline.identity(project, recipe_of(), BY_NAME["fetch"])["data"]
    assert after["models/mine/model.safetensors"] != before["models/mine/model.safetensors"]
    assert hashed.count("model.safetensors") == 1


def test_fetch_copies_the_folder_without_a_network(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    model = recipe_of().model
    assert isinstance(model, FolderModel)
    fetch.copy(model, folder.parents[1], out)
    assert sorted(path.name for path in out.iterdir()) == [
        path.name for path in model_folder.files(folder)
    ]
    assert manifest.sha256(out / "model.safetensors") == manifest.sha256(
        folder / "model.safetensors"
    )


def test_the_command_names_what_is_wrong_with_the_folder(project: Path) -> None:
    text = (project / "recipes/smoke.toml").read_text()
    start, end = text.index("[model]"), text.index("[stop]")
    own = '[model]\nsource = "folder"\npath = "models/none"\nrepo_id = "me/mine"\n'
    own += 'load_in_4bit = false\ndtype = "float32"\n\n'
    (project / "recipes/own_base.toml").write_text(text[:start] + own + text[end:])
    done = invoke(project, "pipeline", "--recipe", "own_base")
    assert done.returncode == 2
    assert "model.path: there is no folder models/none in the project" in done.stderr
    assert not (project / "outputs").exists()
