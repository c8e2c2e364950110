"""Rows of Parquet and Arrow files, as Python has them after JSON, and what in a file is no row.

Not covered: which files these are (`synthia.data.files`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia.errors import UsageError

ROWS = 1000
"""Rows of a Parquet file that are in memory at once."""


@dataclass(frozen=True)
class Refused:
    """A place that is no row, and why."""

    message: str
    fix: str = "correct or remove the row"


def batches(path: Path, found: str) -> Iterator[list[tuple[int, Any]]]:
    """Rows of a Parquet or Arrow file with their numbers, in lists."""
    import pyarrow

    if found == "Parquet":
        from pyarrow import parquet

        read = parquet.ParquetFile(path).iter_batches(batch_size=ROWS)
    elif found == "Arrow":
        reader = pyarrow.ipc.open_file(str(path))
        read = (reader.get_batch(each) for each in range(reader.num_record_batches))
    else:
        read = iter(pyarrow.ipc.open_stream(pyarrow.OSFile(str(path))))
    number = 1
    for batch in read:
        try:
            records = batch.to_pylist(maps_as_pydicts="strict")
        except (ValueError, KeyError, OverflowError):
            records = [_arrow_row(batch.slice(each, 1)) for each in range(batch.num_rows)]
        yield list(enumerate(records, start=number))
        number += batch.num_rows


def _arrow_row(batch: Any) -> Any:
    try:
        return batch.to_pylist(maps_as_pydicts="strict")[0]
    except (ValueError, KeyError, OverflowError) as error:
        return Refused(f"cannot be read: {say(error)}")


def line(path: Path, number: int, record: Any) -> bytes:
    """A row of a Parquet or Arrow file in the project's schema as a line of JSON."""
    try:
        if isinstance(record, Refused):
            raise ValueError(record.message)
        return json.dumps(without_nulls(record), ensure_ascii=True).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{path.name}, row {number}: {say(error)}") from None


def without_nulls(record: Any) -> Any:
    """A row without the nulls that Arrow writes into what is absent; arguments stay as they are."""
    row = _given(record)
    if isinstance(row.get("messages"), list):
        row["messages"] = [_given_turn(turn) for turn in row["messages"]]
    if isinstance(row.get("tools"), list):
        row["tools"] = [_given(tool) for tool in row["tools"]]
    return row


def _given_turn(turn: Any) -> Any:
    given = _given(turn)
    if isinstance(given, dict):
        if "content" not in given and given.get("tool_calls"):
            given["content"] = ""
        if isinstance(given.get("tool_calls"), list):
            given["tool_calls"] = [_given(call) for call in given["tool_calls"]]
    return given


def _given(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: inner for key, inner in value.items() if inner is not None}


def say(error: BaseException) -> str:
    """An error of a library in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
