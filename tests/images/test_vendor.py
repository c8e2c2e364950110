"""A vendored folder holds what a build downloads, and a build from it has no network."""

import json
from pathlib import Path

import pytest
from pretended_engine import builds, called

from synthia.errors import MissingRequirement, UsageError
from synthia.images import build as images, vendor


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    folder = tmp_path / "a vendor"
    (folder / "wheels").mkdir(parents=True)
    (folder / "base.tar").touch()
    return folder


def test_all_images_give_what_they_downloaded_and_the_base_is_saved(home: Path) -> None:
    vendor.fill(home, home / "vendor", "standin")
    stages = [line.split("--target ")[1].split()[0] for line in builds(home)]
    assert stages == ["train-vendored", "convert-vendored", "convert-cuda-vendored"]
    made_by = [line.split()[3].rpartition(".")[2] for line in builds(home)]
    assert made_by == ["train", "convert", "convert"]
    assert all("type=local" in line for line in builds(home))
    assert f"save --output {home}/vendor/base.tar standin" in called(home)


def test_a_build_from_it_has_neither_network_nor_index(home: Path, filled: Path) -> None:
    images.build(home, ["train"], "standin", update_lock=False, vendored=vendor.require(filled))
    (build,) = builds(home)
    assert "--network none" in build
    assert f"--build-context vendor={filled}" in build
    assert "--network host" not in build


def test_a_base_that_is_not_here_comes_from_the_folder(home: Path, filled: Path) -> None:
    (home / "engine.json").write_text(json.dumps({}))
    with pytest.raises(MissingRequirement):
        images.build(home, ["train"], "standin", update_lock=False, vendored=filled)
    assert f"load --quiet --input {filled}/base.tar" in called(home)


def test_a_folder_that_was_not_filled_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no base\.tar and no wheels"):
        vendor.require(tmp_path)


def test_a_folder_with_something_in_it_is_not_written_to(home: Path, filled: Path) -> None:
    with pytest.raises(UsageError, match="is not empty"):
        vendor.fill(home, filled, "standin")
    assert builds(home) == []
