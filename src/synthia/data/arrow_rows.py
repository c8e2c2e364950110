"""Rows of Parquet and Arrow files, as Python has them after JSON, and what in a file is no row.

Not covered: which files these are (`synthia.data.files`).
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia.errors import UsageError

ROWS = 1000
"""Rows of a Parquet file that are in memory at once."""
UNREADABLE = (ValueError, KeyError, OverflowError, NotImplementedError)
"""What a value of Arrow that Python has no word for raises."""


@dataclass(frozen=True)
class Refused:
    """A place that is no row, and why."""

    message: str
    fix: str = "correct or remove the row"


def batches(path: Path, found: str) -> Iterator[list[tuple[int, Any]]]:
    """Rows of a Parquet or Arrow file with their numbers, in lists, without the nulls of structs."""
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
        names = batch.schema.names
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"{path.name} has two columns named {twice!r}: rename or remove one")
        plan = {field.name: _plan(field.type) for field in batch.schema}
        batch = _as_text(batch)
        try:
            records = batch.to_pylist(maps_as_pydicts="strict")
        except UNREADABLE:
            records = [_arrow_row(batch.slice(each, 1)) for each in range(batch.num_rows)]
        yield [
            (place, record if isinstance(record, Refused) else _given(record, plan))
            for place, record in enumerate(records, start=number)
        ]
        number += batch.num_rows


def _as_text(batch: Any) -> Any:
    """Columns of times as Arrow writes them (Python's have no nanoseconds), and of bytes that are UTF-8."""
    import pyarrow

    columns = []
    for column in batch.columns:
        if pyarrow.types.is_timestamp(column.type):  # a zone that this machine lacks stops nothing
            column = column.cast(pyarrow.int64()).cast(pyarrow.timestamp(column.type.unit))
        kind = column.type
        if pyarrow.types.is_temporal(kind) or str(kind) in ("binary", "large_binary"):
            with suppress(pyarrow.ArrowException):
                column = column.cast("string")
        columns.append(column)
    return pyarrow.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _arrow_row(row: Any) -> Any:
    try:
        return row.to_pylist(maps_as_pydicts="strict")[0]
    except UNREADABLE as error:
        return Refused(f"cannot be read: {say(error)}")


def _plan(kind: Any) -> Any:
    """Where a type has structs: their fields by name, for a list what is in it, else None."""
    import pyarrow

    if pyarrow.types.is_struct(kind):
        return {field.name: _plan(field.type) for field in kind}
    types = pyarrow.types
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inside = _plan(kind.value_type)
        return None if inside is None else [inside]
    return None


def _given(value: Any, plan: Any) -> Any:
    """A value without the fields of structs that are null: Arrow writes that for what is absent.

    In a list, in a map and in a column of JSON text null is a value.
    """
    if plan is None or value is None:
        return value
    if isinstance(plan, list):
        return [_given(each, plan[0]) for each in value]
    return {name: _given(inner, plan[name]) for name, inner in value.items() if inner is not None}


def line(path: Path, number: int, record: Any) -> bytes:
    """A row of a Parquet or Arrow file in the project's schema as a line of JSON."""
    try:
        if isinstance(record, Refused):
            raise ValueError(record.message)
        for turn in record["messages"] if isinstance(record.get("messages"), list) else ():
            if isinstance(turn, dict) and turn.get("tool_calls"):
                turn.setdefault("content", "")
        return json.dumps(record, ensure_ascii=True).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path.name}, row {number}: {say(error)}; ./invoke data --add FILE names every such row, "
            "and leaves them out with --drop"
        ) from None


def say(error: BaseException) -> str:
    """An error of a library in one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
