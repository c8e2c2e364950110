"""The pipeline in containers: the same products as on the host, owned by whoever called it."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import containers, copy_project, invoke

from synthia import manifest
from synthia.images.notes import Note
from synthia.stage import STAGES as ALL

pytestmark = [pytest.mark.docker, pytest.mark.slow]
STAGES = tuple(stage.folder for stage in ALL if not stage.needs)
FEW = ("--recipe", "smoke", "--set", "evaluate.max_probes=8", "--set", "evaluate.base_max_probes=2",
       "--set", "evaluate.fidelity_positions=64")  # fmt: skip
"""All probes are answered on the host: here each way of answering is to be seen at work in a container."""


@pytest.fixture(scope="module")
def inside(
    tmp_path_factory: pytest.TempPathFactory, built_images: dict[str, Note], smoke: Path
) -> Path:
    """A copy of the project in which the smoke pipeline ran in containers, on few probes, without training.

    fetch and prepare give the host's bytes in a container (a test below), so that the host's adapter is
    current, and need not be trained twice: what differs in a container is seen in the first steps.
    """
    project = copy_project(tmp_path_factory.mktemp("docker") / "a project")
    shutil.copytree(smoke / "train", project / "outputs/smoke/train")
    done = invoke(project, "pipeline", *FEW, "--runtime", "docker")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert re.search(r"^train +current$", done.stdout, re.MULTILINE)
    return project


@pytest.fixture(scope="module")
def first_steps(inside: Path) -> Iterator[Path]:
    """The folder of a training of two steps in a container, which the gates rightly refuse."""
    words = ("--recipe", "smoke", "--runtime", "docker", "--set", "training.max_steps=2")
    done = invoke(inside, "train", *words, "--set", "training.probe_steps=2")
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    assert "gate T " in done.stderr
    yield inside / "outputs/smoke/train.failed"
    shutil.rmtree(inside / "outputs/smoke/train.failed")


def test_every_stage_ran_in_the_image_that_was_checked(
    inside: Path, built_images: dict[str, Note]
) -> None:
    digests = {loaded.config for loaded in built_images.values()}
    for stage in STAGES:
        if stage == "train":
            continue
        facts = json.loads((inside / "outputs/smoke" / stage / "run.json").read_text())
        assert facts["runtime"] == "docker"
        assert facts["image"] in digests
        assert facts["python"].startswith("3.13.")


def test_outputs_belong_to_the_caller(inside: Path) -> None:
    owners = {path.lstat().st_uid for path in (inside / "outputs").rglob("*")}
    assert owners == {os.getuid()}


def test_no_container_is_left(inside: Path) -> None:
    assert containers(inside) == []


def test_a_second_call_has_nothing_to_do_and_a_host_run_neither(inside: Path) -> None:
    for runtime in ("docker", "host"):
        done = invoke(inside, "pipeline", *FEW, "--runtime", runtime)
        assert "nothing to do: everything is current" in done.stdout


def test_what_depends_on_no_order_of_sums_is_the_same_as_on_the_host(
    inside: Path, smoke: Path
) -> None:
    compared = 0
    for stage in (stage for stage in ALL if not stage.needs):
        name = stage.folder
        there = manifest.read(inside / "outputs/smoke" / name)
        here = manifest.read(smoke / name)
        assert there is not None
        assert here is not None
        if not stage.sums and there["inputs"] == here["inputs"]:
            assert there == here, name
            compared += 1
    assert compared >= 2  # fetch and prepare at the least


def test_gates_of_the_whole_run_are_green(inside: Path) -> None:
    gates = json.loads((inside / "outputs/smoke/evaluate/gates.json").read_text())
    assert gates
    assert all(gate["passed"] for gate in gates)


def test_training_in_a_container_begins_as_on_the_host(first_steps: Path, smoke: Path) -> None:
    there, here = (
        json.loads((folder / "loss_history.json").read_text())
        for folder in (first_steps, smoke / "train")
    )
    assert [row["step"] for row in there] == [1, 2]
    assert there[0]["loss"] == pytest.approx(here[0]["loss"], rel=1e-4)


def test_a_red_gate_inside_a_container_is_told_as_on_the_host(inside: Path, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "red")
    shutil.copytree(inside / "outputs/smoke/fetch", project / "outputs/smoke/fetch")
    data = project / "data/smoke.jsonl"
    data.write_bytes(data.read_bytes().replace(b"\n", b"\r\n"))
    done = invoke(project, "prepare", "--recipe", "smoke", "--runtime", "docker")
    assert done.returncode == 1
    assert "data/smoke.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
