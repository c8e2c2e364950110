"""Probes from a user's own file: whole conversations, nothing alike on both sides, whatever the order."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import PROJECT
from pyarrow import parquet

from synthia import recipe
from synthia.data import conversations, fingerprints, own_probes
from synthia.data.conversations import Row
from synthia.errors import UsageError
from synthia.recipe_sections import OwnProbes
from synthia.stages import prepare

OWN = ["data.files=['data/smoke.jsonl']", "data.probes={share=0.1, seed=7}"]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    read, wrong = conversations.read(PROJECT / "data/smoke.jsonl", "data/smoke.jsonl")
    assert not wrong
    return read


def chat(number: int, *texts: str, **gold: Any) -> Row:
    messages = [
        {"role": role, "content": text}
        for role, text in zip(["user", "assistant"] * 4, texts, strict=False)
    ]
    messages[-1] |= gold
    return Row(f"f:{number}", messages, [])


def test_about_the_share_is_split_off_and_nothing_is_lost_or_on_both_sides(rows: list[Row]) -> None:
    kept, probes = own_probes.split(rows, 0.1, 7)
    assert 0.05 * len(rows) <= len(probes) <= 0.1 * len(rows) + 1
    assert sorted(row.id for row in [*kept, *probes]) == sorted(row.id for row in rows)
    assert conversations.overlap(kept, probes) == []
    signatures = {row.id: fingerprints.minhash(row.messages) for row in rows}
    near = [
        (row.id, probe.id)
        for probe in probes
        for row in kept
        if fingerprints.similarity(signatures[row.id], signatures[probe.id]) >= fingerprints.NEAR
    ]
    assert near == []


def test_a_probe_is_a_prefix_of_its_conversation_with_the_turn_that_follows_as_gold(
    rows: list[Row],
) -> None:
    by_id = {row.id: row for row in rows}
    _, probes = own_probes.split(rows, 0.1, 7)
    for probe in probes:
        whole = by_id[probe.id].messages
        assert probe.gold is not None
        assert whole[: len(probe.messages)] == probe.messages
        assert {**whole[len(probe.messages)]} == probe.gold
    assert {bool(probe.gold and "tool_calls" in probe.gold) for probe in probes} == {True, False}


def test_the_order_of_rows_does_not_matter_and_the_seed_does(rows: list[Row]) -> None:
    shuffled = [*rows]
    random.Random(0).shuffle(shuffled)
    chosen = {row.id for row in own_probes.split(rows, 0.1, 7)[1]}
    assert {row.id for row in own_probes.split(shuffled, 0.1, 7)[1]} == chosen
    assert {row.id for row in own_probes.split(rows, 0.1, 8)[1]} != chosen


def test_rows_that_are_alike_stay_on_one_side() -> None:
    words = ["please count all the lines of that long file about the weather in the north"]
    alike = [chat(n, " ".join([*words, str(n)]), f"It has {n} lines.") for n in range(6)]
    others = [chat(10 + n, f"{w} {w}?", f"{w}!") for n, w in enumerate("abcdefghijkl")]
    for seed in range(8):
        kept, probes = own_probes.split([*alike, *others], 0.34, seed)
        sides = {row in probes or row.id in {p.id for p in probes} for row in alike}
        assert len(sides) == 1, seed
        assert conversations.overlap(kept, probes) == []


def test_what_is_not_trained_is_no_gold() -> None:
    silent = [chat(n, f"{w} {w}?", f"{w}!", weight=0) for n, w in enumerate("abc")]
    spoken = chat(9, "x y z?", "yes", weight=1)
    kept, (probe,) = own_probes.split([*silent, spoken], 0.5, 1)
    assert probe.gold == {"role": "assistant", "content": "yes"}
    assert kept == silent


def test_where_all_rows_are_alike_that_is_said() -> None:
    with pytest.raises(UsageError, match=r"data\.probes: of 3 rows no 1 can be split off"):
        own_probes.split([chat(n, "Hi there", f"{n}") for n in range(3)], 0.3, 1)


def test_prepare_judges_both_sides_of_the_split() -> None:
    loaded = recipe.load(PROJECT / "recipes", "own-data", OWN)
    assert loaded.data.probes == OwnProbes(share=0.1, seed=7)
    rows, probes, judged = prepare.read_data(loaded, PROJECT, [])
    assert probes
    assert not {row.id for row in rows} & {probe.id for probe in probes}
    assert all(gate.passed for gate in judged)


def test_prepare_splits_probes_off_parquet_and_packed_lines(tmp_path: Path) -> None:
    lines = (PROJECT / "data" / "smoke.jsonl").read_bytes().splitlines(keepends=True)
    table = pyarrow.Table.from_pylist([json.loads(line) for line in lines[:40]])
    parquet.write_table(table, tmp_path / "mine.parquet")
    (tmp_path / "more.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[40:75])))
    (tmp_path / "chat_templates").symlink_to(PROJECT / "chat_templates")
    loaded = recipe.load(
        PROJECT / "recipes", "own-data",
        ['data.files=["mine.parquet","more.jsonl.gz"]', "data.probes={share=0.1, seed=1}"],
    )  # fmt: skip
    rows, probes, judged = prepare.read_data(loaded, tmp_path, [])
    assert all(gate.passed for gate in judged)
    assert len(rows) + len(probes) == 75
    assert 1 <= len(probes) <= 8
    written = {f"mine.parquet:{n}": json.loads(line) for n, line in enumerate(lines[:40], start=1)}
    read = [row for row in rows if row.id in written]
    assert len(read) > 30
    for row in read:  # the nulls that Arrow wrote are gone, and nothing else
        assert {"messages": row.messages, "tools": row.tools} == written[row.id]


def test_a_table_of_probes_names_no_file_and_its_keys_are_checked(tmp_path: Path) -> None:
    from synthia import pipeline
    from synthia.stage import BY_NAME

    loaded = recipe.load(PROJECT / "recipes", "own-data", OWN)
    files = pipeline.data_files(PROJECT, loaded, BY_NAME["prepare"])
    assert files == ["data/smoke.jsonl", "chat_templates/qwen2.5-tools.jinja"]
    for words, said in (("{share=2, seed=1}", r"data\.probes\.share = 2"),
                        ("{shar=0.1, seed=1}", "Did you mean 'share'"),
                        ("{share=0.1}", r"'data\.probes\.seed' is missing")):  # fmt: skip
        with pytest.raises(UsageError, match=said):
            recipe.load(PROJECT / "recipes", "own-data", [f"data.probes={words}"])
