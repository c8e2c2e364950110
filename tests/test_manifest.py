"""Manifests: equal bytes for equal work, and output folders that are complete or absent."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synthia import manifest


def make(folder: Path, content: str = "weights") -> Path:
    work = manifest.work_folder(folder)
    (work / "deep").mkdir(parents=True)
    (work / "deep" / "a.bin").write_text(content)
    (work / "run.json").write_text('{"seconds": 1}')
    manifest.publish(work, folder, {"stage": "train"})
    return folder


def test_equal_work_in_other_folders_and_runs_gives_the_same_digest(tmp_path: Path) -> None:
    first, second = make(tmp_path / "one" / "train"), make(tmp_path / "zwei" / "train")
    (second / "run.json").write_text('{"seconds": 99}')
    assert manifest.digest(first) == manifest.digest(second)


def test_other_content_gives_another_digest(tmp_path: Path) -> None:
    first, second = make(tmp_path / "a" / "train"), make(tmp_path / "b" / "train", "others")
    assert manifest.digest(first) != manifest.digest(second)


def test_publishing_leaves_one_complete_folder_and_no_work_folder(tmp_path: Path) -> None:
    folder = make(tmp_path / "train", "old")
    make(folder, "new")
    assert (folder / "deep" / "a.bin").read_text() == "new"
    assert not manifest.work_folder(folder).exists()
    assert not (tmp_path / ".train.old").exists()


def test_an_untouched_output_has_no_damage(tmp_path: Path) -> None:
    folder = make(tmp_path / "train")
    found = manifest.read(folder)
    assert found is not None
    assert manifest.damage(folder, found) == []


def test_a_missing_file_and_a_changed_byte_are_named(tmp_path: Path) -> None:
    folder = make(tmp_path / "train")
    found = manifest.read(folder)
    assert found is not None
    (folder / "deep" / "a.bin").write_text("weightz")
    assert manifest.damage(folder, found) == ["train/deep/a.bin was changed"]
    (folder / "deep" / "a.bin").unlink()
    assert manifest.damage(folder, found) == ["train/deep/a.bin is missing"]


def test_a_touched_file_with_the_same_bytes_is_no_damage(tmp_path: Path) -> None:
    folder = make(tmp_path / "train")
    found = manifest.read(folder)
    assert found is not None
    (folder / "deep" / "a.bin").write_text("weights")
    assert manifest.damage(folder, found) == []


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder in which everyone may read and only its owner write."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


@contextmanager
def another_user(folder: Path) -> Iterator[None]:
    """Be someone who may not write into a folder."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    else:
        folder.chmod(0o555)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_reader_who_may_not_write_checks_all_the_same(shared: Path) -> None:
    folder = make(shared / "train")
    (folder / "deep" / "a.bin").write_text("weights")  # touched, so that it is hashed again
    found = manifest.read(folder)
    assert found is not None
    seen = (shared / ".train.seen.json").read_bytes()
    with another_user(shared):
        with pytest.raises(PermissionError):
            (shared / "new").touch()
        assert manifest.damage(folder, found) == []
    assert (shared / ".train.seen.json").read_bytes() == seen
    (folder / "deep" / "a.bin").write_text("weightz")
    with another_user(shared):
        assert manifest.damage(folder, found) == ["train/deep/a.bin was changed"]


def test_a_torn_manifest_reads_as_none(tmp_path: Path) -> None:
    folder = make(tmp_path / "train")
    (folder / manifest.NAME).write_text('{"stage": "tr')
    assert manifest.read(folder) is None
    assert manifest.read(tmp_path / "nowhere") is None
