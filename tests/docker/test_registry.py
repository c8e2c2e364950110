"""Images pushed into a real registry and pulled out of it: by digest, checked, and over a bad line."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import registry
from conftest import PROJECT
from registry import Line
from travelling import SITE, arrange, current, forget, hold, pull, repository

from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.host import engine
from synthia.images import (
    lock as image_lock,
    notes as image_notes,
    registry as images_registry,
)
from synthia.images.notes import Note

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    try:
        engine.require_containerd()
    except MissingRequirement as error:
        pytest.skip(str(error))
    if not shutil.which("docker-registry"):
        pytest.skip("no docker-registry here, which Debian has: images are pushed to none")
    with registry.serve(tmp_path_factory.mktemp("registry")) as served:
        yield served


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Line) -> Iterator[Path]:
    """A project whose train image, a few MB, is in the engine and in the lock; the line is sound."""
    arrange(tmp_path)
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SYNTHIA_FREE_BYTES", "1")
    monkeypatch.setenv("DOCKER_CONFIG", registry.log_in(tmp_path / "docker-config", line))
    monkeypatch.setattr(images_registry, "PAUSE", 0.01)
    line.fault = lambda method, path: ""
    # The engine may still be busy with what the client of an earlier test was killed in.
    line.name = f"some/where-{os.urandom(4).hex()}"
    line.asked.clear()
    before = engine.inspect("synthia-train:latest")
    # New bytes for each test: what the engine keeps of the last one must not help this one.
    noise = os.urandom(2_000_000).hex()
    note = hold(tmp_path, {f"{SITE}/torch/a.py": noise})
    yield tmp_path
    for name in (note.reference, note.manifest):
        engine.ask("image", "rm", "--force", name)
    if before:
        engine.tag(before.identity, "synthia-train:latest")


@pytest.fixture
def pushed(home: Path, line: Line) -> Note:
    """The image is in the registry, and gone from here."""
    (said,) = images_registry.push(home, repository(line), ["train"])
    note = forget(home)
    assert said.endswith(f"@{note.manifest}")
    return note


def test_what_was_pushed_is_pulled_by_digest_with_its_documents(
    home: Path, line: Line, pushed: Note
) -> None:
    assert pull(home, line) == pushed == current(home)
    bill = image_notes.document(home, "train", "bill")
    assert bill.read_bytes() == b'{"a": 1}\n'
    line.asked.clear()
    assert pull(home, line) == pushed  # it is here: the registry is not even asked
    assert line.asked == []


def test_a_password_is_in_dockers_configuration_alone(
    home: Path, line: Line, pushed: Note, capfd: pytest.CaptureFixture[str]
) -> None:
    pull(home, line)
    said = capfd.readouterr()
    assert registry.PASSWORD not in said.out + said.err
    written = [path for path in home.rglob("*") if path.is_file() and path.name != "config.json"]
    assert not [path for path in written if registry.PASSWORD in path.read_text("utf-8", "replace")]


def test_without_a_login_it_is_said_how_to_log_in(
    home: Path, line: Line, pushed: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(home / "nobody"))
    line.asked.clear()
    with pytest.raises(MissingRequirement, match="docker login"):
        pull(home, line)
    assert len(line.asked) < 2 * images_registry.ATTEMPTS  # not asked again and again


@pytest.mark.parametrize("what", ["blobs", "manifests"])
def test_a_tampered_layer_or_manifest_is_refused_and_nothing_is_loaded(
    home: Path, line: Line, pushed: Note, what: str
) -> None:
    own = pushed.diff_ids[-1] if what == "blobs" else pushed.manifest
    line.fault = lambda method, path: "tamper" if method == "GET" and path.endswith(own) else ""
    with pytest.raises(
        (PipelineError, MissingRequirement), match=r"is not used|Nothing of it is used"
    ):
        pull(home, line)
    assert current(home) is None
    assert engine.inspect(pushed.reference) is None
    line.fault = lambda method, path: ""
    assert pull(home, line) == pushed


def test_another_image_than_the_locked_one_is_refused_before_a_layer_is_fetched(
    home: Path, line: Line, pushed: Note
) -> None:
    lock = image_lock.read(home)
    lock["images"]["train"]["layers"][0]["diff_id"] = f"sha256:{'0' * 64}"
    image_lock.write(home, lock)
    line.asked.clear()
    with pytest.raises(PipelineError, match=r"layer 1 is sha256:\w+, locked is sha256:000"):
        pull(home, line)
    assert not [path for _, path, _ in line.asked if pushed.diff_ids[-1] in path]


@pytest.mark.parametrize("fault", ["429", "500"])
def test_a_busy_registry_is_asked_again(home: Path, line: Line, pushed: Note, fault: str) -> None:
    seen: list[str] = []

    def twice(method: str, path: str) -> str:
        if method == "GET" and path.endswith(pushed.diff_ids[-1]):
            seen.append(path)
        return fault if seen and len(seen) <= 2 and path == seen[-1] else ""

    line.fault = twice
    assert pull(home, line) == pushed
    assert len(seen) > 2


def test_half_a_layer_is_not_fetched_twice(home: Path, line: Line, pushed: Note) -> None:
    layer = pushed.diff_ids[-1]
    broken: list[str] = []

    def once(method: str, path: str) -> str:
        if method == "GET" and path.endswith(layer) and not broken:
            broken.append(path)
            return "half"
        return ""

    line.fault = once
    line.asked.clear()
    assert pull(home, line) == pushed
    ranges = [
        asked for method, path, asked in line.asked if method == "GET" and path.endswith(layer)
    ]
    assert broken
    assert any(asked.startswith("bytes=") and asked != "bytes=0-" for asked in ranges[1:]), ranges


def test_a_busy_registry_takes_a_push_in_the_end(home: Path, line: Line) -> None:
    refused: list[str] = []

    def twice(method: str, path: str) -> str:
        if method in ("PUT", "PATCH") and len(refused) < 2:
            refused.append(path)
            return "500"
        return ""

    line.fault = twice
    images_registry.push(home, repository(line), ["train"])
    assert len(refused) == 2
    note = forget(home)
    assert pull(home, line) == note


@pytest.mark.parametrize("task", ["push", "pull"])
def test_after_kill_9_nothing_is_half_there_and_the_next_call_goes_on(
    home: Path, line: Line, pushed: Note, task: str
) -> None:
    if task == "push":
        pull(home, line)
    line.fault = lambda method, path: "slow"
    program = (
        "import sys; from pathlib import Path; from synthia.images import registry;"
        "getattr(registry, sys.argv[1])(Path(sys.argv[2]), sys.argv[3], ['train'])"
    )
    words = [sys.executable, "-c", program, task, str(home), repository(line)]
    env = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    line.asked.clear()
    with subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL) as call:
        while not line.asked:
            time.sleep(0.05)
        call.send_signal(signal.SIGKILL)
    assert call.returncode == -signal.SIGKILL
    line.fault = lambda method, path: ""
    if task == "pull":
        assert current(home) is None
    else:
        images_registry.push(home, repository(line), ["train"])
        forget(home)
    assert pull(home, line) == pushed


def test_an_image_that_the_lock_does_not_hold_is_not_pushed(home: Path, line: Line) -> None:
    lock = image_lock.read(home)
    lock["images"]["train"]["bases"] = {}
    image_lock.write(home, lock)
    with pytest.raises(UsageError, match="--update-lock records it"):
        images_registry.push(home, repository(line), ["train"])
    assert not line.asked


@pytest.mark.parametrize("name", ["UPPER/case", "no-path", "host/name:tag", "host/name@sha256:0"])
def test_what_is_no_registry_and_name_is_said(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is no REGISTRY/NAME"):
        images_registry.pull(home, name, ["train"])


def test_a_lock_of_other_files_is_not_pulled(home: Path, line: Line, pushed: Note) -> None:
    with (home / "requirements/train.txt").open("a") as file:
        file.write("# changed\n")
    with pytest.raises(
        UsageError, match=r"does not hold the train image of these files: \./invoke build"
    ):
        pull(home, line)


def test_of_several_bases_in_the_lock_one_is_named(home: Path, line: Line, pushed: Note) -> None:
    lock = image_lock.read(home)
    bases = lock["images"]["train"]["bases"]
    (entry,) = bases.values()
    bases["0" * 16] = json.loads(json.dumps(entry)) | {"base": "another", "config": "sha256:0"}
    image_lock.write(home, lock)
    with pytest.raises(UsageError, match=r"on another, standin, not on python:.*--base"):
        pull(home, line)
    (note,) = images_registry.pull(home, repository(line), ["train"], "standin")
    assert note == pushed
