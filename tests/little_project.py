"""A little project for a real engine: the real Dockerfiles, compose file and commands, few packages.

Its two images hold the host's few packages in place of PyTorch, and one library of
llama.cpp in place of its programs; two of its stages are stand-ins that need neither. All else is the
project's own, so that building, checking, loading and running are tested in minutes.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PROJECT, copy_project, invoke

from synthia.errors import MissingRequirement
from synthia.host import engine
from synthia.images import build as images, lock as image_lock

STAND_IN = "standin/python:3.13-trixie"
STAGE = '''"""A stand-in for the stage {name}: writes a file, and waits while outputs/wait is there."""

import time
from collections.abc import Mapping
from pathlib import Path

from synthia.gates import Gate
from synthia.recipe import Recipe


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write the recipe's name."""
    (out / "begun.txt").write_text("begun")
    while (inputs["project"] / "outputs" / "wait").exists():
        time.sleep(0.1)
    (out / "{name}.txt").write_text(recipe.name)
    return []
'''


@dataclass(frozen=True)
class Little:
    """The little project and how to call it."""

    folder: Path
    base: str
    env: dict[str, str]

    def invoke(self, *words: str, **env: str) -> str:
        """Run ./invoke, which must succeed; return what it printed."""
        done = invoke(self.folder, *words, **self.env, **env)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def build(self, *words: str) -> str:
        """Run ./invoke build on the base of the tests."""
        return self.invoke("build", *(["--base", self.base] if self.base else []), *words)


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The base to build on: a stand-in if the engine holds it, else what the Dockerfiles name.

    The names that builds give their images are afterwards those of whoever had them before.
    """
    try:
        engine.require_containerd()
    except MissingRequirement as error:
        pytest.skip(str(error))
    names = [f"synthia-{name}:latest" for name in images.NAMES]
    before = {name: engine.inspect(name) for name in names}
    yield STAND_IN if engine.inspect(STAND_IN) else ""
    for name, held in before.items():
        if held:
            engine.tag(held.identity, name)
        else:
            engine.ask("image", "rm", name)


def make_little(folder: Path) -> None:
    """Turn a copy of the project into the little one."""
    packages = (folder / "requirements/host.txt").read_text()
    train = (folder / "requirements/train.txt").read_text()
    compares = re.search(r"^packaging==.*(?:\n .*)*\n", train, re.MULTILINE)
    assert compares  # a stage compares what is installed with its lock
    for name in ("train", "convert"):
        (folder / f"requirements/{name}.txt").write_text(packages + compares[0])
        path = folder / f"Dockerfile.{name}"
        little = path.read_text()
        if name == "convert":
            little = little.replace("environment AS convert\n", "environment AS whole\n")
            little = little.replace("FROM convert AS", "FROM whole AS")
            little += "\nFROM convert-environment AS convert\n"
            little += "COPY --from=small-build /opt/ggml /opt/llama.cpp\n"
        path.write_text(little)
    (folder / image_lock.NAME).unlink(missing_ok=True)  # of other images than these
    for name in ("fetch", "prepare"):
        (folder / f"src/synthia/stages/{name}.py").write_text(STAGE.format(name=name))


@pytest.fixture(scope="session")
def reproduced(base: str) -> list[str]:
    """The lines of ./invoke reproduce for the small target."""
    words = ["reproduce", "--image", "convert", "--target", "small", *on_base()]
    done = invoke(PROJECT, *words)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return [line for line in done.stdout.splitlines() if line.startswith("small ")]


def on_base() -> list[str]:
    """Words that build on the stand-in where the engine holds it, else on what the Dockerfiles name."""
    return ["--base", STAND_IN] if engine.inspect(STAND_IN) else []


@pytest.fixture(scope="session")
def unbuilt(base: str, reproduced: list[str], tmp_path_factory: pytest.TempPathFactory) -> Little:
    """The little project as a fresh checkout, with a cache of its own.

    After the reproduction, because that leaves what both compile in BuildKit's cache.
    """
    place = tmp_path_factory.mktemp("little")
    folder = copy_project(place / "a project")
    make_little(folder)
    env = {"SYNTHIA_CACHE": str(place / "a cache"), "HF_TOKEN": "", "SYNTHIA_FREE_BYTES": "1"}
    return Little(folder=folder, base=base, env=env)


@pytest.fixture(scope="session")
def little(unbuilt: Little) -> Iterator[Little]:
    """The little project with both images built and loaded."""
    unbuilt.build()
    yield unbuilt
    for name in references(unbuilt):
        subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True, check=False)


def references(little: Little) -> dict[str, str]:
    """The loaded images of a project by name."""
    lines = [line.split() for line in little.build().splitlines()]
    return {words[1]: words[0] for words in lines if words[0] in ("train", "convert")}


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run_little(little: Little) -> Iterator[Run]:
    """Run Python in a service of the little project's compose.yaml, as any user."""
    loaded = {name: reference for reference, name in references(little).items()}
    group = f"synthia-test-{os.getpid()}"

    def run(
        service: str, code: str, *words: str, user: str = "1000:1000"
    ) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "SYNTHIA_TRAIN_IMAGE": loaded["train"],
            "SYNTHIA_CONVERT_IMAGE": loaded["convert"],
            "SYNTHIA_USER": user,
        }
        command = ["docker", "compose", "--project-name", group, "--project-directory"]
        command += [str(little.folder), "run", "--rm", "--no-TTY", *words, service]
        return subprocess.run(
            [*command, "python", "-c", code],
            env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    yield run
    for volume in ("cache", "downloads"):
        engine.ask("volume", "rm", "--force", f"{group}_{volume}")


@pytest.fixture
def waiting(little: Little) -> Iterator[Path]:
    """A file that makes the stages of the little project wait."""
    file = little.folder / "outputs" / "wait"
    file.parent.mkdir(exist_ok=True)
    file.touch()
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture
def fresh_outputs(little: Little) -> None:
    """No stage of the little project has run."""
    shutil.rmtree(little.folder / "outputs", ignore_errors=True)
