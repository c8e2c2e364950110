"""Before a run begins: one clear sentence and the documented exit code for what is missing."""

from pathlib import Path

import pytest
from conftest import invoke

from synthia import recipe
from synthia.errors import MissingRequirement
from synthia.host import environments
from synthia.run import preflight

NO_GPU = not environments.gpu_names()


@pytest.mark.skipif(not NO_GPU, reason="this machine has an NVIDIA GPU")
def test_the_default_recipe_without_a_gpu_names_the_smoke_recipe(project: Path) -> None:
    done = invoke(project, "pipeline")
    assert done.returncode == 3
    assert "./invoke pipeline --recipe smoke" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / "outputs").exists()


def test_an_unknown_recipe_key_is_refused_with_the_nearest(project: Path) -> None:
    done = invoke(project, "pipeline", "--recipe", "smoke", "--set", "training.learning_rat=1")
    assert done.returncode == 2
    assert "Did you mean 'learning_rate'?" in done.stderr


def test_a_missing_data_file_lists_what_is_there_and_how_to_leave_it_out(project: Path) -> None:
    files = "data.files=['data/smoke.jsonl', 'data/gone.jsonl']"
    done = invoke(project, "pipeline", "--recipe", "smoke", "--set", files)
    assert done.returncode == 2
    assert "do not exist: data/gone.jsonl" in done.stderr
    assert "data/smoke.jsonl, data/smoke_probes.jsonl" in done.stderr
    assert """--set 'data.files=["data/smoke.jsonl"]'""" in done.stderr


def test_a_wrong_runtime_is_wrong_use(project: Path) -> None:
    done = invoke(project, "pipeline", "--recipe", "smoke", "--runtime", "dokcer")
    assert done.returncode == 2
    assert "host or docker" in done.stderr


def test_docker_is_never_replaced_by_the_host_without_a_word(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = recipe.load(project / "recipes", "smoke")
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(MissingRequirement, match="--runtime host"):
        preflight.require(project, loaded, "docker")


@pytest.mark.skipif(not NO_GPU, reason="this machine has an NVIDIA GPU")
def test_with_neither_gpu_nor_docker_the_smoke_recipe_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = recipe.load(project / "recipes", "synthia-7b")
    monkeypatch.setenv("PATH", str(project))
    with pytest.raises(MissingRequirement, match="--recipe smoke"):
        preflight.require(project, loaded, loaded.runtime.default)
