"""The pipeline in containers: the same products as on the host, owned by whoever called it."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import copy_project, invoke

from synthia import environments, images, manifest

pytestmark = [pytest.mark.docker, pytest.mark.slow]
STAGES = ("fetch", "prepare", "train", "16bit", "gguf", "sample_hf", "sample_gguf", "evaluate")
EXACT = ("fetch", "prepare")
"""Stages whose outputs depend on no order of floating-point sums."""


@pytest.fixture(scope="module")
def inside(
    tmp_path_factory: pytest.TempPathFactory, built_images: dict[str, images.Loaded]
) -> Path:
    """A copy of the project in which the smoke pipeline ran in containers."""
    project = copy_project(tmp_path_factory.mktemp("docker") / "a project")
    done = invoke(project, "pipeline", "--recipe", "smoke", "--runtime", "docker")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return project


def containers() -> list[str]:
    """Containers of this project, running or stopped."""
    form = '{{.Names}} {{.Label "com.docker.compose.project"}}'
    listed = subprocess.run(
        ["docker", "ps", "--all", "--format", form], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in listed.splitlines() if " synthia-" in line]


def test_every_stage_ran_in_the_image_that_was_checked(
    inside: Path, built_images: dict[str, images.Loaded]
) -> None:
    digests = {loaded.config for loaded in built_images.values()}
    for stage in STAGES:
        facts = json.loads((inside / "outputs/smoke" / stage / "run.json").read_text())
        assert facts["runtime"] == "docker"
        assert facts["image"] in digests
        assert facts["python"].startswith("3.13.")


def test_outputs_belong_to_the_caller(inside: Path) -> None:
    owners = {path.lstat().st_uid for path in (inside / "outputs").rglob("*")}
    assert owners == {os.getuid()}


def test_no_container_is_left(inside: Path) -> None:
    assert containers() == []


def test_a_second_call_has_nothing_to_do_and_a_host_run_neither(inside: Path) -> None:
    for runtime in ("docker", "host"):
        done = invoke(inside, "pipeline", "--recipe", "smoke", "--runtime", runtime)
        assert "nothing to do: everything is current" in done.stdout


def test_what_depends_on_no_order_of_sums_is_the_same_as_on_the_host(
    inside: Path, smoke: Path
) -> None:
    for stage in EXACT:
        there = manifest.read(inside / "outputs/smoke" / stage)
        here = manifest.read(smoke / stage)
        assert there is not None
        assert here is not None
        assert there["outputs"] == here["outputs"], stage


def test_gates_of_the_whole_run_are_green(inside: Path) -> None:
    gates = json.loads((inside / "outputs/smoke/evaluate/gates.json").read_text())
    assert gates
    assert all(gate["passed"] for gate in gates)


def test_a_client_killed_during_a_stage_leaves_no_container_and_the_next_run_is_clean(
    inside: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "killed")
    for name in ("fetch", "prepare"):
        shutil.copytree(inside / "outputs/smoke" / name, project / "outputs/smoke" / name)
    digest = manifest.digest(project / "outputs/smoke/prepare")
    words = [
        str(project / "invoke"),
        "prepare",
        "--recipe",
        "smoke",
        "--runtime",
        "docker",
        "--force",
    ]
    call = subprocess.Popen(
        words, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not containers():
        assert call.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(call.pid, signal.SIGKILL)
    call.wait()
    while containers():
        assert time.monotonic() < deadline, containers()
        time.sleep(0.1)
    done = invoke(project, *words[1:-1], "--force")
    assert done.returncode == 0, done.stderr[-2000:]
    assert manifest.digest(project / "outputs/smoke/prepare") == digest


def test_a_red_gate_inside_a_container_is_told_as_on_the_host(inside: Path, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "red")
    shutil.copytree(inside / "outputs/smoke/fetch", project / "outputs/smoke/fetch")
    data = project / "data/smoke.jsonl"
    data.write_bytes(data.read_bytes().replace(b"\n", b"\r\n"))
    done = invoke(project, "prepare", "--recipe", "smoke", "--runtime", "docker")
    assert done.returncode == 1
    assert "data/smoke.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_caller_who_is_not_root_owns_what_comes_out(inside: Path, tmp_path: Path) -> None:
    shared = Path("/var/tmp") / f"synthia-{os.getpid()}"
    project = copy_project(shared / "a project")
    try:
        shutil.rmtree(
            project / ".invoke"
        )  # made by a Python that another user may not be able to run
        for path in (shared, *shared.rglob("*")):
            os.lchown(path, 12345, 12345)
        group = str(Path("/var/run/docker.sock").stat().st_gid)
        env = {"HOME": str(shared), "SYNTHIA_CACHE": str(shared / "cache"),
               "SYNTHIA_PYTHON": "/usr/bin/python3"}  # fmt: skip
        for name in ("images", "downloads"):
            shutil.copytree(environments.cache_root() / name, shared / "cache" / name)
        subprocess.run(["chown", "-R", "12345:12345", str(shared / "cache")], check=True)
        words = ["setpriv", "--reuid=12345", "--regid=12345", f"--groups={group}", "--no-new-privs"]
        command = [str(project / "invoke"), "fetch", "--recipe", "smoke", "--runtime", "docker"]
        done = subprocess.run(
            [*words, *command],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        owners = {path.lstat().st_uid for path in (project / "outputs").rglob("*")}
        assert owners == {12345}
    finally:
        shutil.rmtree(shared)
