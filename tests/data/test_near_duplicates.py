"""Equal and nearly equal rows are found, also where partitions and large groups are involved."""

from typing import Any

import pytest

from synthia.data import fingerprints, near_duplicates
from synthia.data.conversations import Row
from synthia.data.near_duplicates import Columns


def row(text: str) -> Row:
    messages: list[dict[str, Any]] = [{"role": "user", "content": text}]
    return Row("r:1", messages, [])


def text(name: str) -> str:
    return " ".join(f"{name}{number}" for number in range(50))


@pytest.mark.parametrize("partition", [2**16, 2])
def test_pairs_are_found_in_any_number_of_partitions(
    monkeypatch: pytest.MonkeyPatch, partition: int
) -> None:
    monkeypatch.setattr(near_duplicates, "PARTITION", partition)
    near = text("a").replace("a49", "other")
    rows = [row(text("a")), row(text("b")), row(near), row(text("b")), row(text("c"))]
    with Columns() as columns:
        columns.append(*fingerprints.columns(rows[:2]))
        columns.append(*fingerprints.columns(rows[2:]))
        assert list(columns.equal()) == [(3, 1)]
        assert columns.near() == {2}


def test_many_copies_of_one_form_are_all_found() -> None:
    rows = [row(text("a").replace("a49", f"x{number}")) for number in range(50)]
    with Columns() as columns:
        columns.append(*fingerprints.columns(rows))
        assert columns.near() == set(range(1, 50))


def test_no_rows_have_no_pairs() -> None:
    with Columns() as columns:
        assert list(columns.equal()) == []
        assert columns.near() == set()
