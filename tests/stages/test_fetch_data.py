"""Data sets of the Hub arrive whole in fetch's folder, over a broken line too, and are read offline."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hub_client
import hub_stand_in
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import PROJECT
from hub_stand_in import Fault, Hub

from synthia import hub_data, manifest

pytestmark = pytest.mark.slow
REVISION = "0" * 40
SCRIPT = (
    hub_client.BEGIN
    + """
from synthia.stages import prepare
from synthia.stages.hf import base_tokenizer, base_weights, untrained_rows
fetch.copy = lambda *_: None  # the model: here only its data sets are fetched
base_weights.require_mergeable = lambda *_: None
base_tokenizer.gate = untrained_rows.gate = lambda *_, **__: None
folder = json.dumps({"source": "folder", "path": "models/none", "repo_id": "me/base",
                     "load_in_4bit": False, "dtype": "float32"})
found = {}
for case, (files, again) in asked.items():
    loaded = recipe.load(project / "recipes", "own-data", [f"data.files={json.dumps(files)}"])
    values = json.loads(recipe.resolved(loaded)) | {"model": json.loads(folder)}
    loaded = recipe.parse(values, origin="test")
    out = root / case
    out.mkdir(exist_ok=True)
    for _ in range(1 + again):
        try:
            fetch.run(loaded, {"project": project}, out)
            found.setdefault(case, []).append(sorted(
                path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()))
        except PipelineError as error:
            found.setdefault(case, []).append([error.exit_code, str(error)])
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9"}
rows, probes, gates = prepare.read_data(
    recipe.load(project / "recipes", "own-data", [f"data.files={json.dumps(asked['both'][0])}"]),
    project, (), root / "both")
found["rows"] = sorted(row.id for row in [*rows, *probes])
found["passed"] = all(gate.passed for gate in gates)
print(json.dumps(found))
"""
)


def rows(first: int, count: int) -> list[dict[str, Any]]:
    words = ("red", "green", "blue", "black", "white", "brown", "amber", "violet")
    return [
        {"messages": [{"role": "user", "content": f"Say {words[n % 8]} in the tongue number {n}."},
                      {"role": "assistant", "content": f"{words[n % 8]} is {n * 7919}."}]}
        for n in range(first, first + count)
    ]  # fmt: skip


def parquet(path: Path, first: int, count: int) -> bytes:
    pq.write_table(pa.Table.from_pylist(rows(first, count)), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def fetched(
    tmp_path_factory: pytest.TempPathFactory, run_in: Callable[..., str]
) -> Iterator[tuple[dict[str, Any], Path, Hub, dict[str, str]]]:
    """What each call said or left, by the recipe's stage in one process; and the names that were asked."""
    root = tmp_path_factory.mktemp("fetched")
    parts = {
        f"data/train-0000{n}-of-00002.parquet": parquet(root / "part", 10 * n, 10) for n in (0, 1)
    }
    held = {"README.md": b"# Rows\n", "load.py": b"raise SystemExit\n", **parts,
            "data/test-00000-of-00001.parquet": parquet(root / "part", 50, 2)}  # fmt: skip
    lines = "".join(json.dumps(row) + "\n" for row in rows(100, 12)).encode()
    plain = {"train.jsonl": lines, "trainer.jsonl": b"{}\n", "state.bin": b"pickled"}
    with hub_stand_in.serving(root / "hub") as hub:
        at = {
            "me/parquet": hub.upload("me/parquet", held),
            "me/lines": hub.upload("me/lines", plain),
        }
        for repo_id in ("me/cut", "me/damaged"):
            at[repo_id] = hub.upload(repo_id, held)
        names = {repo_id: f"hub:{repo_id}@{revision}#train" for repo_id, revision in at.items()}
        lines_name, cut, damaged = names["me/lines"], names["me/cut"], names["me/damaged"]
        asked = {
            "both": [[names["me/parquet"], lines_name], 1],
            "one file": [[lines_name.replace("#train", "#trainer.jsonl")], 0],
            "cut": [[cut], 1],
            "damaged": [[damaged], 1],
            "no split": [[lines_name.replace("#train", "#validation")], 0],
            "no revision": [[f"hub:me/lines@{REVISION}#train"], 0],
            "no data set": [[f"hub:me/none@{REVISION}#train"], 0],
        }
        held_back = "GET /datasets/me/{}/resolve/.*train-00001"
        hub.faults = [
            Fault(match=held_back.format("cut"), kind="drop before", times=200),
            Fault(match=held_back.format("damaged"), kind="damage"),
        ]
        hub.faults[0].times = 30  # for as long as one call has patience
        said = run_in("train", SCRIPT, str(PROJECT), str(root), hub.url, json.dumps(asked))
        yield json.loads(said.splitlines()[-1]), root, hub, names


Fetched = tuple[dict[str, Any], Path, Hub, dict[str, str]]
PARTS = ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"]


def place(name: str, *paths: str) -> list[str]:
    return [f"{hub_data.parse(name).folder}/{path}" for path in paths]


def test_the_files_of_the_split_arrive_and_no_others(fetched: Fetched) -> None:
    found, root, _, names = fetched
    wanted = [*place(names["me/lines"], "train.jsonl"), *place(names["me/parquet"], *PARTS)]
    assert found["both"] == [wanted, wanted]
    assert set(wanted) == set(manifest.list_outputs(root / "both"))
    assert found["one file"] == [place(names["me/lines"], "trainer.jsonl")]


def test_they_are_read_where_they_are_without_a_network(fetched: Fetched) -> None:
    found, _, _, names = fetched
    lines, parts = names["me/lines"], names["me/parquet"]
    wanted = [f"{lines}:{n}" for n in range(1, 13)]
    wanted += [f"{parts}/{path}:{n}" for path in PARTS for n in range(1, 11)]
    assert found["rows"] == sorted(wanted)
    assert found["passed"]


def test_a_line_that_stays_broken_is_said_and_what_arrived_is_not_asked_for_again(
    fetched: Fetched,
) -> None:
    found, _, hub, names = fetched
    (code, said), again = found["cut"]
    assert code == 3
    assert "me/cut at" in said
    assert "it goes on with what has arrived" in said
    assert again == place(names["me/cut"], *PARTS)
    asked = [line for line in hub.log if line.startswith("GET /datasets/me/cut/resolve")]
    assert sum(PARTS[0] in line for line in asked) == 1
    assert sum(PARTS[1] in line for line in asked) > 1


def test_a_file_that_arrives_damaged_is_named_and_fetched_anew(fetched: Fetched) -> None:
    found, _, _, names = fetched
    (code, said), again = found["damaged"]
    assert code == 3
    assert f"{PARTS[1]} has the sha256" in said
    assert PARTS[0] not in said
    assert again == place(names["me/damaged"], *PARTS)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("no split", ["no file of the split 'validation'", "train.jsonl, trainer.jsonl"]),
        ("no revision", ["me/lines at 000", "no such revision", "Correct data.files"]),
        ("no data set", ["me/none at 000", "knows no such data set", "Correct data.files"]),
    ],
)
def test_a_name_that_is_wrong_is_explained(fetched: Fetched, case: str, words: list[str]) -> None:
    found = fetched[0]
    ((code, said),) = found[case]
    assert code == 2
    for word in words:
        assert word in said
