"""A node other than node 0 makes or awaits what it needs, trains along, and writes no training."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import invoke

from synthia import manifest, pipeline, recipe, worker_node
from synthia.errors import StageStopped
from synthia.host import environments
from synthia.nodes import Nodes
from synthia.recipe import Recipe
from synthia.run import launch
from synthia.stage import BY_NAME, Stage, folder

HERE = Nodes(2, 1, "127.0.0.1", 1)


class Started(list[str]):
    """The stages that were started, in stand-ins for their processes."""

    def stage(self, project: Path, recipe: Recipe, stage: Stage, **words: Any) -> None:
        """Publish an empty folder."""
        self.append(stage.name)
        work = manifest.work_folder(folder(project, recipe, stage))
        work.mkdir(parents=True)
        manifest.publish(work, folder(project, recipe, stage), words["identity"])

    def along(self, project: Path, recipe: Recipe, stage: Stage, **words: Any) -> None:
        """Note what is trained along from."""
        assert words["nodes"] == HERE
        assert words["identity"] == pipeline.identity(project, recipe, stage)
        self.append("along")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    found = Started()
    monkeypatch.setattr(launch, "launch", found.stage)
    monkeypatch.setattr(launch, "along", found.along)
    monkeypatch.setattr(worker_node, "POLL", 0.05)
    return found


def along(project: Path, *, force: bool = False) -> str:
    smoke = recipe.load(project / "recipes", "smoke")
    return worker_node.run(project, smoke, HERE, runtime="host", force=force)


def test_it_makes_fetch_and_prepare_once_and_trains_along(project: Path, started: Started) -> None:
    said = "node 1 trained along to the end; node 0 has the adapter"
    assert along(project) == said
    assert started == ["fetch", "prepare", "along"]
    assert along(project) == said
    assert started == ["fetch", "prepare", "along", "along"]
    assert not (project / "outputs/smoke/train").exists()


def test_while_another_node_makes_them_in_the_same_folder_it_waits_and_only_reads(
    project: Path, started: Started
) -> None:
    smoke = recipe.load(project / "recipes", "smoke")
    fetch, prepare = BY_NAME["fetch"], BY_NAME["prepare"]
    started.stage(project, smoke, fetch, identity=pipeline.identity(project, smoke, fetch))
    # Code is parsed for it: here, as Python 3.11 cannot do that in two threads at once.
    made_from = pipeline.identity(project, smoke, prepare)
    before: list[str] = []

    def node_0() -> None:
        time.sleep(0.3)
        before.extend(started)
        started.stage(project, smoke, prepare, identity=made_from)

    with environments.file_lock(project / "outputs/smoke/.lock", "node 0"):
        making = threading.Thread(target=node_0)
        making.start()
        along(project)  # node 0 holds the lock until its whole run has ended
        making.join()
    assert before == ["fetch"]
    assert started == ["fetch", "prepare", "along"]


def test_where_the_training_is_current_it_has_nothing_to_do(
    project: Path, started: Started
) -> None:
    smoke = recipe.load(project / "recipes", "smoke")
    pipeline.run(project, smoke, last="train", runtime="host")
    assert along(project) == "node 1 has nothing to do: the training is current"
    assert started == ["fetch", "prepare", "train"]
    along(project, force=True)
    assert started[-1] == "along"


def test_a_stage_that_stops_ends_it_with_its_code_and_leaves_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment's Python is a program that fails."""
    python = project / "python"
    python.write_text("#!/bin/sh\necho $SYNTHIA_NODES >&2\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(environments, "ensure", lambda *_: python)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    smoke = recipe.load(project / "recipes", "smoke")
    with pytest.raises(
        StageStopped, match="train on node 1 stopped; call all nodes again"
    ) as error:
        launch.along(project, smoke, BY_NAME["train"], identity={"stage": "train"}, nodes=HERE)
    assert error.value.exit_code == 3
    assert list((tmp_path / "temporary").iterdir()) == []
    assert not (project / "outputs").exists()


def test_the_command_takes_torchruns_words(project: Path) -> None:
    for task in ("train", "pipeline"):
        done = invoke(project, task, "--recipe", "smoke", "--nnodes", "2", "--node-rank", "2",
                      "--master-addr", "host")  # fmt: skip
        assert done.returncode == 2
        assert "invoke: --nnodes 2 --node-rank 2 --master-addr host: of N nodes" in done.stderr
