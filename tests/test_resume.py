"""A checkpoint is used for resuming only when every file in it is what was sealed."""

from pathlib import Path

import pytest

from synthia import resume


def checkpoint(folder: Path, step: int, *, sealed: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir(parents=True)
    for name in ("adapter_model.safetensors", "optimizer.pt"):
        (path / name).write_text(f"{name} of step {step}")
    if sealed:
        resume.seal(path)
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_is_found_by_its_number(tmp_path: Path) -> None:
    _, latest = checkpoint(tmp_path, 9), checkpoint(tmp_path, 10)
    assert resume.newest(tmp_path) == latest
    assert left(tmp_path) == ["checkpoint-10", "checkpoint-9"]


@pytest.mark.parametrize("harm", ["unsealed", "changed", "lost", "garbled"])
def test_a_torn_checkpoint_is_named_and_removed_and_the_one_before_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    whole = checkpoint(tmp_path, 2)
    torn = checkpoint(tmp_path, 4, sealed=harm != "unsealed")
    if harm == "changed":
        (torn / "optimizer.pt").write_text("x")
    elif harm == "lost":
        (torn / "optimizer.pt").unlink()
    elif harm == "garbled":
        (torn / resume.NAME).write_text("{")
    assert resume.newest(tmp_path) == whole
    assert left(tmp_path) == ["checkpoint-2"]
    assert "checkpoint-4 is torn" in capsys.readouterr().err


def test_without_a_whole_checkpoint_training_begins_anew(tmp_path: Path) -> None:
    assert resume.newest(tmp_path / "nowhere") is None
    checkpoint(tmp_path, 2, sealed=False)
    assert resume.newest(tmp_path) is None
    assert left(tmp_path) == []
