"""Data sets of the Hub are named by a full revision and a split, and looked for in fetch's folder alone."""

from pathlib import Path

import pytest

from synthia import hub_data, pipeline, recipe
from synthia.errors import UsageError
from synthia.stage import BY_NAME

PROJECT = Path(__file__).resolve().parents[1]
NAME = f"hub:me/rows@{'a' * 40}#train"


def load(*files: str) -> recipe.Recipe:
    return recipe.load(PROJECT / "recipes", "own-data", [f"data.files={list(files)}"])


def test_a_name_is_read_in_its_parts() -> None:
    found = hub_data.parse(NAME)
    assert (found.repo_id, found.revision, found.split) == ("me/rows", "a" * 40, "train")
    assert found.folder == f"hub_data/me--rows@{'a' * 40}"


@pytest.mark.parametrize(
    "name",
    ["hub:rows", "hub:me/rows@main#train", f"hub:me/rows@{'a' * 40}", f"hub:me/rows@{'a' * 40}#",
     f"hub:me/rows@{'a' * 39}#train", f"hub:me/rows@{'a' * 40}#../x", f"hub:../rows@{'a' * 40}#x"],
)  # fmt: skip
def test_another_form_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(UsageError, match=r"hub:owner/name@revision#split, with the full commit id"):
        load(name)


PATHS = ["README.md", "train.jsonl", "data/train-00000-of-00002.parquet", "train/0.json.gz",
         "trained.jsonl", "pretrain.jsonl", "data/test-0.parquet", "train.py", "x/train_2.csv"]  # fmt: skip


def test_a_splits_files_have_its_name_as_a_word() -> None:
    wanted = ["data/train-00000-of-00002.parquet", "train.jsonl", "train/0.json.gz"]
    assert hub_data.of_split(PATHS, "train") == wanted
    assert hub_data.of_split(PATHS, "data/test-0.parquet") == ["data/test-0.parquet"]
    assert hub_data.of_split(PATHS, "validation") == []


def test_what_is_not_fetched_is_said_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"#train is not fetched yet: \./invoke fetch --recipe mine"
    ):
        hub_data.files(PROJECT, tmp_path, ["data/smoke.jsonl", NAME], recipe="mine")
    folder = tmp_path / hub_data.parse(NAME).folder
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text("{}\n")
    found = hub_data.files(PROJECT, tmp_path, ["data/smoke.jsonl", NAME], recipe="mine")
    assert found == {
        "data/smoke.jsonl": PROJECT / "data/smoke.jsonl",
        NAME: folder / "train.jsonl",
    }


def test_fetch_runs_again_for_a_data_set_of_the_hub_alone() -> None:
    fetch, prepare = BY_NAME["fetch"], BY_NAME["prepare"]
    plain, other = load("data/smoke.jsonl"), load("data/train.jsonl")
    with_hub = load("data/smoke.jsonl", NAME)
    identity = [pipeline.identity(PROJECT, each, fetch) for each in (plain, other, with_hub)]
    assert identity[0] == identity[1] != identity[2]
    assert identity[2]["recipe"]["data.hub"] == [NAME]
    assert pipeline.data_files(PROJECT, with_hub, prepare) == pipeline.data_files(
        PROJECT, plain, prepare
    )
