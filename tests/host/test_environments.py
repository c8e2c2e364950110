"""Locks and environments: pinned, hashed, up to date, and compared before anything is imported."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia.errors import MissingRequirement
from synthia.host import disk, environments

ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)(?: ; [^\\]*)? \\$")


def pins(name: str) -> dict[str, set[str]]:
    """Versions by package; more than one where they differ by Python version."""
    found: dict[str, set[str]] = {}
    for line in (PROJECT / f"requirements/{name}.txt").read_text().splitlines():
        if match := ENTRY.match(line):
            found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.mark.parametrize("name", environments.LOCKS)
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    text = (PROJECT / f"requirements/{name}.txt").read_text()
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if block[:1].isalnum():
            assert ENTRY.match(block.splitlines()[0]), block.splitlines()[0]
            assert "--hash=sha256:" in block


@pytest.mark.slow
@pytest.mark.parametrize("name", environments.LOCKS)
def test_the_lock_is_what_its_requirements_resolve_to(name: str, tmp_path: Path) -> None:
    lock = environments.lock_file(PROJECT, name)
    target = tmp_path / lock.name
    target.write_bytes(lock.read_bytes())
    environments.compile_lock(PROJECT, name, target)
    assert target.read_text() == lock.read_text(), f"run ./invoke lock ({name})"


def test_train_and_convert_share_every_version_they_both_have() -> None:
    train, convert = pins("train"), pins("convert")
    shared = train.keys() & convert.keys()
    assert {"transformers", "tokenizers", "torch", "numpy"} <= shared
    assert [name for name in shared if train[name] != convert[name]] == []


def test_every_package_of_convert_is_one_of_train() -> None:
    # The train image is filled on top of the convert environment.
    assert pins("convert").keys() - pins("train").keys() == set()


def test_the_attention_kernel_fits_the_torch_it_was_built_for() -> None:
    assert pins("train")["torch"] == {"2.10.0"}
    assert pins("train")["xformers"] == {"0.0.35"}


def test_a_difference_from_the_lock_is_named(tmp_path: Path) -> None:
    version = metadata.version("pytest")
    lock = tmp_path / "train.txt"
    absent = "no-such-package==2 ; python_version > '3'"
    lock.write_text(f"pytest==1.0 \\\n    --hash=sha256:00\n{absent}\n")
    found = environments.differences(lock)
    assert f"pytest: the lock says 1.0, installed is {version}" in found
    assert "no-such-package: the lock says 2, installed is nothing" in found
    assert any(line.startswith("ruff: the lock says nothing") for line in found)
    with pytest.raises(MissingRequirement, match=r"differ from requirements/train\.txt"):
        environments.verify(lock, "remove it")


def test_a_marker_that_does_not_hold_is_no_difference(tmp_path: Path) -> None:
    lock = tmp_path / "train.txt"
    lock.write_text("colorama==0.4.6 ; sys_platform == 'win32'\n")
    assert not any("colorama" in line for line in environments.differences(lock))


def test_this_very_environment_equals_its_lock() -> None:
    assert environments.differences(environments.lock_file(PROJECT, "dev")) == []


def test_an_environment_is_not_begun_without_the_disk_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path))
    monkeypatch.setitem(disk.ENVIRONMENTS, "dev", 10**18)
    with pytest.raises(MissingRequirement, match="SYNTHIA_CACHE to a larger disk"):
        environments.ensure(PROJECT, "dev")
    assert list((tmp_path / "environments").glob("dev*")) == []


def test_a_lock_that_another_process_holds_is_waited_for_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX);"
        "print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert holder.stdout
    holder.stdout.readline()
    with (
        pytest.raises(MissingRequirement, match="another run"),
        environments.file_lock(path, "another run is going on", wait=False),
    ):
        pass
    holder.kill()
    holder.communicate()
    with environments.file_lock(path, "another run is going on", wait=False):
        pass
