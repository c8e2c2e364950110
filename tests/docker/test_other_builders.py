"""Others than BuildKit come to the same files: Buildah, and an environment that a host fills."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import PROJECT
from small_target import Small

from synthia.errors import MissingRequirement
from synthia.host import disk, environments
from synthia.images import rootfs, second_builder

pytestmark = [pytest.mark.docker, pytest.mark.slow]
SITE = "lib/python3.13/site-packages"


def test_buildah_makes_the_small_target_of_the_very_same_files(
    small: Small, tmp_path: Path
) -> None:
    try:
        second_builder.program()
    except MissingRequirement as error:
        pytest.skip(str(error))
    other = second_builder.build(
        small.folder, "convert", target="small", base=small.base, layout=tmp_path / "layout"
    )
    shutil.rmtree(other.folder)
    assert other.config_digest != small.image.config_digest  # packed and described by itself
    line = second_builder.compare("small", small.image, other)
    assert line.endswith(rootfs.digest(rootfs.of_layers(small.image.layers).values()))


def python_3_13() -> str:
    """A Python of the version that images have: this one, or one that is installed."""
    known = [sys.executable, shutil.which("python3.13") or sys.executable]
    known += [str(path) for path in Path.home().glob(".pyenv/versions/3.13.*/bin/python3.13")]
    for program in known:  # one in PATH may be pyenv's stand-in for a version that is not chosen
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        if done.stdout.startswith("Python 3.13."):
            return program
    pytest.skip("no Python 3.13 here, for which the images' packages are")


@pytest.fixture
def umask() -> Iterator[None]:
    """Another umask than the images are built with."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_a_host_fills_an_environment_with_the_very_same_files(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", python_3_13())
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path))
    monkeypatch.setitem(disk.ENVIRONMENTS, "host", 1)
    python = environments.ensure(PROJECT, "host")
    subprocess.run([str(python), "-I", "-c", "import pydantic, jinja2"], check=True)  # compiles
    here = rootfs.packages(rootfs.of_folder(python.parents[1] / SITE), "")
    there = rootfs.packages(rootfs.of_layers(small.image.layers), f"opt/environment/{SITE}")
    assert rootfs.differences(here, there) == []
    assert rootfs.digest(here.values()) == rootfs.digest(there.values())
    assert len(here) > 500  # some hundred files: nothing was compared with nothing
    assert list(python.parents[1].rglob("*.pyc"))


def test_one_changed_byte_in_a_hosts_environment_is_a_difference(
    small: Small, tmp_path: Path
) -> None:
    there = rootfs.packages(rootfs.of_layers(small.image.layers), f"opt/environment/{SITE}")
    (tmp_path / "invoke").mkdir()
    (tmp_path / "invoke/__init__.py").write_text("changed")
    here = rootfs.packages(rootfs.of_folder(tmp_path), "")
    found = rootfs.differences(here, {path: there[path] for path in here})
    assert [line[:2] for line in found] == [("invoke/__init__.py", "content")]
