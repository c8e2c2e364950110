"""A checkpoint is used for resuming only when every file in it is what was sealed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json, sys
from pathlib import Path
from synthia.stages import checkpoints

folder, found = Path(sys.argv[1]), {}

def checkpoint(case, step, *, sealed=True):
    path = folder / case / f"checkpoint-{step}"
    path.mkdir(parents=True)
    for name in ("adapter_model.safetensors", "optimizer.pt"):
        (path / name).write_text(f"{name} of step {step}")
    if sealed:
        checkpoints.seal(path)
    return path

def newest(case):
    chosen = checkpoints.newest(folder / case)
    left = sorted(path.name for path in (folder / case).iterdir())
    found[case] = {"newest": chosen.name if chosen else None, "left": left}

checkpoint("whole", 9), checkpoint("whole", 10), newest("whole")
checkpoint("unsealed", 2), checkpoint("unsealed", 4, sealed=False), newest("unsealed")
checkpoint("changed", 2), (checkpoint("changed", 4) / "optimizer.pt").write_text("x")
newest("changed")
checkpoint("lost", 2), (checkpoint("lost", 4) / "optimizer.pt").unlink(), newest("lost")
checkpoint("garbled", 2), (checkpoint("garbled", 4) / checkpoints.NAME).write_text("{")
newest("garbled")
checkpoint("alone", 2, sealed=False), newest("alone")
(folder / "none").mkdir(), newest("none")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(
    run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, object]]:
    folder: Path = tmp_path_factory.mktemp("checkpoints")
    outcomes: dict[str, dict[str, object]] = json.loads(run_in("train", SCRIPT, str(folder)))
    return outcomes


def test_the_newest_is_found_by_its_number(found: dict[str, dict[str, object]]) -> None:
    assert found["whole"] == {"newest": "checkpoint-10", "left": ["checkpoint-10", "checkpoint-9"]}


@pytest.mark.parametrize("case", ["unsealed", "changed", "lost", "garbled"])
def test_a_torn_checkpoint_is_removed_and_the_one_before_is_used(
    found: dict[str, dict[str, object]], case: str
) -> None:
    assert found[case] == {"newest": "checkpoint-2", "left": ["checkpoint-2"]}


@pytest.mark.parametrize("case", ["alone", "none"])
def test_without_a_whole_checkpoint_training_begins_anew(
    found: dict[str, dict[str, object]], case: str
) -> None:
    assert found[case] == {"newest": None, "left": []}
