"""JSON and JSON Lines: equal values give equal bytes, and a file is the old one or the whole new one."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from synthia import records


def test_json_has_sorted_keys_or_its_own_order_and_real_characters(tmp_path: Path) -> None:
    content = {"b": "na\u00efve", "a": [1]}
    records.write(tmp_path / "a.json", content)
    assert (tmp_path / "a.json").read_bytes() == (
        '{\n "a": [\n  1\n ],\n "b": "na\u00efve"\n}\n'.encode()
    )
    records.write(tmp_path / "b.json", content, sort_keys=False)
    assert (tmp_path / "b.json").read_bytes() == (
        '{\n "b": "na\u00efve",\n "a": [\n  1\n ]\n}\n'.encode()
    )
    assert records.read(tmp_path / "a.json") == records.read(tmp_path / "b.json") == content


def test_lines_come_back_as_they_were_written_whatever_their_text_holds(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"b": "one\ntwo\r\n\u2028three", "a": 0.1},
        {"b": "\U0001f600", "a": None},
    ]
    records.write_lines(tmp_path / "a.jsonl", iter(rows))
    assert (tmp_path / "a.jsonl").read_bytes().count(b"\n") == 2
    assert (tmp_path / "a.jsonl").read_bytes().startswith(b'{"b": "one\\ntwo')
    assert records.read_lines(tmp_path / "a.jsonl") == rows


def test_a_write_that_stops_midway_leaves_the_old_file_alone(tmp_path: Path) -> None:
    def rows() -> Iterator[Mapping[str, int]]:
        yield {"a": 2}
        raise InterruptedError

    path = tmp_path / "a.jsonl"
    records.write_lines(path, [{"a": 1}])
    with pytest.raises(InterruptedError):
        records.write_lines(path, rows())
    assert records.read_lines(path) == [{"a": 1}]
    assert list(tmp_path.iterdir()) == [path]
