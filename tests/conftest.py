"""Shared fixtures: a copy of the project, a real smoke run, and Python in a stage environment."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import pretended_engine
import pytest
from _pytest.nodeid import NodeId

from synthia.errors import MissingRequirement
from synthia.host import engine, environments
from synthia.images import (
    build as images,
    inputs as image_inputs,
    notes as image_notes,
)
from synthia.images.notes import Note
from synthia.run import launch

PROJECT = Path(__file__).resolve().parents[1]
pytest_plugins = ["little_project", "llama_source", "served_product", "small_target"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a process whole files, so that a file's fixtures are made once; what takes longest begins.

    One process begins with the smoke run and the tests that work in its project, another with the engine.
    Then come files with slow tests, then the others, at last those that only read the smoke run's
    outputs: by then it is done, and any process may take them.
    pytest-xdist 3.8 would write a mark's group where pytest 9.2 does not read it: into the name's old
    attribute. Its scheduler finds it at the name's end.
    """
    places: dict[pytest.Item, tuple[int, str]] = {}
    file = {item: item.nodeid.partition("::")[0] for item in items}
    uses = {item: getattr(item, "fixturenames", ()) for item in items}
    own = [item for item in items if "smoke_project" not in uses[item]]
    slow = {file[item] for item in own if item.get_closest_marker("slow")}
    for item, names in uses.items():
        docker = item.get_closest_marker("docker") is not None
        if "smoke_project" in names:
            reads = (4 if docker else 5, f"{file[item]} after the smoke run")
            places[item] = reads if "smoke" in names else (0, "smoke run")
        elif docker:
            places[item] = (1, "engine")
        elif "in_train" in names:
            places[item] = (2, "faults")  # they share two processes
        else:
            places[item] = (2 if file[item] in slow else 3, file[item])
    items.sort(key=lambda item: places[item][0])
    for item in items:
        if hasattr(item.config, "workerinput"):
            item._id = NodeId.parse(f"{item.nodeid}@{places[item][1]}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let the smoke run go before the tests beside it: many others wait for what it makes."""
    uses = getattr(item, "fixturenames", ())
    if hasattr(item.config, "workerinput") and "smoke_project" not in uses:
        _step_back()


@lru_cache(maxsize=1)
def _step_back() -> None:
    """Give this process, and all that it starts, a third of the time of one that has not stepped back."""
    os.nice(5)


def tracked_files() -> list[str]:
    """The project's files: those git tracks and new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, check=True).stdout
    return [path for path in listed.decode().split("\0") if path and (PROJECT / path).is_file()]


def copy_project(target: Path) -> Path:
    """Copy the project's files, and the host environment so that no copy installs it again."""
    for path in tracked_files():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / path, target / path)
    if (PROJECT / ".invoke" / "host").exists():
        shutil.copytree(PROJECT / ".invoke", target / ".invoke", symlinks=True)
    return target


def invoke(project: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ./invoke in a project and return what it printed."""
    return subprocess.run(
        [str(project / "invoke"), *words],
        cwd=project.parent,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep what this thread starts to one core, and so PyTorch and our llama.cpp to one thread.

    Their threads wait for one another at every step, llama.cpp's spinning: beside other tests two of them
    take many times as long as one. It is a core that no other process has taken so, where there is one.
    """
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    with ExitStack() as held:
        for core in cores:
            lock = Path(tempfile.gettempdir()) / f".synthia-tests-{os.getuid()}-{core}"
            with suppress(MissingRequirement):
                held.enter_context(environments.file_lock(lock, "another test has it", wait=False))
                break
        os.sched_setaffinity(0, {core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, cores)


def containers(project: Path) -> list[str]:
    """Names of the containers that compose made for a project, running or stopped."""
    label = f"label=com.docker.compose.project.working_dir={project}"
    done = engine.ask("ps", "--all", "--filter", label, "--format", "{{.Names}}")
    return done.stdout.split()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh copy of the project, in a folder with spaces in its name."""
    return copy_project(tmp_path / "a project")


@pytest.fixture(scope="session")
def smoke_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which the real smoke pipeline ran once. Tests must not change it.

    The first process that asks for it makes it, for all.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    copy = shared / "smoke" / "a project"
    printed = copy / "outputs" / "printed.txt"
    with environments.file_lock(shared / ".smoke.lock", "another process makes the smoke run"):
        if printed.exists():
            return copy
        assert not copy.exists(), "the smoke run failed, see the test that asked first for it"
        copy_project(copy)
        with on_one_core():
            done = invoke(copy, "pipeline", "--recipe", "smoke")
        assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
        printed.write_text(done.stdout + done.stderr)
    return copy


@pytest.fixture(scope="session")
def smoke(smoke_project: Path) -> Path:
    """The outputs of the real smoke run, a folder a stage."""
    return smoke_project / "outputs" / "smoke"


@pytest.fixture(scope="session")
def run_in() -> Callable[..., str]:
    """Run a script in a stage environment; returns what it printed."""

    def run(environment: str, code: str, *args: str) -> str:
        python = environments.ensure(PROJECT, environment)
        env = launch.stage_env(PROJECT, network=False)
        with on_one_core():
            done = subprocess.run(
                [str(python), "-c", code, *args],
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    return run


@pytest.fixture(scope="session")
def built_images() -> dict[str, Note]:
    """Both images as the engine holds them."""
    try:
        engine.require()
    except MissingRequirement as error:
        pytest.skip(str(error))
    found = {
        name: image_notes.current(image_inputs.gather(PROJECT, name)) for name in images.DEFAULT
    }
    missing = [name for name, note in found.items() if note is None]
    if missing:
        pytest.skip(f"the engine holds no current image {', '.join(missing)}: run ./invoke build")
    return {name: note for name, note in found.items() if note is not None}


@pytest.fixture(scope="session")
def run_inside(
    built_images: dict[str, Note],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python in a service of compose.yaml, as any user."""

    def run(
        service: str, code: str, *words: str, user: str = "1000:1000", image: str = ""
    ) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "SYNTHIA_TRAIN_IMAGE": built_images["train"].reference,
            "SYNTHIA_CONVERT_IMAGE": image or built_images["convert"].reference,
            "SYNTHIA_USER": user,
        }
        command = ["docker", "compose", "--project-name", "synthia-test", "--project-directory"]
        command += [str(PROJECT), "run", "--rm", "--no-TTY", *words, service, "python", "-c", code]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )

    return run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pretended engine, a cache, and a copy of what images are made from."""
    pretended_engine.install(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SYNTHIA_FREE_BYTES", "1")
    return tmp_path
