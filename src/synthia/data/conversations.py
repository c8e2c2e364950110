"""Conversations in JSON Lines files: strict reading, in which every problem is found and placed.

A file is read to its end whatever is wrong with it, so that one run shows everything there is to
correct. Only rows without a problem are returned.

Not covered: the rules themselves (`synthia.data.rules`, `synthia.data.text`), and
what needs a tokenizer (`synthia.stages.prepare`).
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synthia.data import (
    fingerprints,
    held_out,
    rules as conversation_rules,
    text as conversation_text,
    tool_calls,
)
from synthia.data.near_duplicates import Columns
from synthia.data.rules import DUPLICATES, LEAKAGE, SCHEMA, TEXT, Problem

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLOCK_BYTES = 2**20


@dataclass(frozen=True)
class Row:
    """A valid conversation. A training row ends with an assistant turn, a probe before one."""

    id: str
    """File and line, e.g. data/smoke.jsonl:12; a probe's own id."""
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    gold: dict[str, Any] | None = None
    """The turn that a probe should be answered with."""


@dataclass(frozen=True)
class Block:
    """Some whole lines of a file."""

    label: str
    first_line: int
    lines: list[bytes]


def read(
    path: Path, label: str, *, control_tokens: Collection[str] = ()
) -> tuple[list[Row], list[Problem]]:
    """Read training rows; `label` names the file in ids and problems."""
    found = file_problems(path, label)
    rows = []
    for block in blocks(path, label):
        for line, record, wrong in records(block, conversation_rules.problems, control_tokens):
            found += wrong
            if record is not None:
                row_id = f"{label}:{line}"
                rows.append(Row(row_id, record["messages"], record.get("tools", [])))
    return rows, found


def read_probes(
    path: Path, label: str, *, control_tokens: Collection[str] = ()
) -> tuple[list[Row], list[Problem]]:
    """Read probes: `id`, `messages`, `tools`, and `gold`, the assistant turn that should follow."""
    found = file_problems(path, label)
    rows = []
    ids: dict[str, int] = {}
    for block in blocks(path, label):
        rules = conversation_rules.probe_problems
        for line, record, wrong in records(block, rules, control_tokens):
            found += wrong
            if record is None:
                continue
            first = ids.setdefault(record["id"], line)
            if first != line:
                message = f"the id {record['id']!r} is taken by line {first}"
                found.append(Problem(SCHEMA, "id", message, "give it another id", label, line))
            tools = record.get("tools", [])
            rows.append(Row(record["id"], record["messages"], tools, record["gold"]))
    return rows, found


def blocks(path: Path, label: str) -> Iterator[Block]:
    """Read a file in blocks of whole lines, each a little more than BLOCK_BYTES."""
    number = 1
    with path.open("rb") as file:
        while lines := file.readlines(BLOCK_BYTES):
            if number == 1:
                lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
            yield Block(label, number, lines)
            number += len(lines)


def records(
    block: Block,
    rules: Callable[[Mapping[str, Any]], list[Problem]],
    control_tokens: Collection[str],
) -> Iterator[tuple[int, dict[str, Any] | None, list[Problem]]]:
    """Yield for each line its number, its record where that is valid, and what is wrong."""
    for number, line in enumerate(block.lines, start=block.first_line):
        record, wrong = _parse(line.rstrip(b"\r\n"))
        if record is not None:
            wrong = rules(record)
            # The checks of the texts rely on the shape that the rules found to be right.
            wrong = wrong or conversation_text.problems(record, control_tokens)
        placed = [replace(problem, file=block.label, line=number) for problem in wrong]
        yield number, None if wrong else record, placed


def file_problems(path: Path, label: str) -> list[Problem]:
    """What is wrong with a file as a whole: nothing in it, a byte order mark, Windows endings."""
    returns = line = first = 0
    empty = True
    with path.open("rb") as file:
        marked = file.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
        file.seek(0)
        while part := file.read(BLOCK_BYTES):
            empty = empty and not part.strip()
            if not returns and b"\r" in part:
                first = line + part[: part.index(13)].count(10) + 1
            returns += part.count(13)
            line += part.count(10)
    found = []
    if empty:
        fix = "write at least one row, or leave it out"
        found.append(Problem(SCHEMA, "", "the file is empty", fix, label))
    if marked:
        message = "the file starts with a byte order mark"
        found.append(Problem(TEXT, "", message, "save it as UTF-8 without one", label))
    if returns:
        message = (
            f"holds {returns} times a carriage return, first in line {first}: it has Windows line "
            "endings (\\r\\n)"
        )
        fix = "save it with \\n, e.g. by `sed -i 's/\\r$//' FILE`"
        found.append(Problem(TEXT, "", message, fix, label))
    return found


def _parse(line: bytes) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Parse a line into a record, or say why it is none."""
    if not line.strip():
        return None, [Problem(SCHEMA, "", "the line is blank", "remove it")]
    try:
        record = tool_calls.strict_json(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8: byte {line[error.start]:#04x} in column {error.start + 1}"
        return None, [Problem(TEXT, "", message, "save the file as UTF-8")]
    except json.JSONDecodeError as error:
        message = f"is no JSON: {error.msg} in column {error.colno}"
        return None, [Problem(SCHEMA, "", message, "write one JSON object a line")]
    except ValueError as error:
        return None, [Problem(SCHEMA, "", str(error), "correct this line")]
    if not isinstance(record, dict):
        return None, [Problem(SCHEMA, "", "is no JSON object", "write one JSON object a line")]
    return record, []


def duplicates(rows: Iterable[Row]) -> list[Problem]:
    """Rows that equal an earlier one but for white space, in whatever file."""
    first: dict[int, str] = {}
    found = []
    for row in rows:
        earlier = first.setdefault(fingerprints.exact_key(row.messages, row.tools), row.id)
        if earlier != row.id:
            found.append(_in_row(DUPLICATES, row, f"equals {earlier}", "remove one of them"))
    return found


def near_duplicates(rows: Iterable[Row]) -> list[str]:
    """Ids of rows that nearly equal an earlier one, as `synthia.data.fingerprints` defines it."""
    ids = []
    with Columns() as columns:
        for row in rows:
            ids.append(row.id)
            columns.append(*fingerprints.columns([row]))
        return [ids[number] for number in sorted(columns.near())]


def overlap(rows: Iterable[Row], probes: Iterable[Row]) -> list[Problem]:
    """Rows whose user asks what a probe's user asks: the model knows the answer."""
    held = held_out.probes((probe.id, probe.messages) for probe in probes)
    return [
        _in_row(LEAKAGE, row, leak, "remove the row, or change the probe")
        for row in rows
        if (leak := held.leak(row.messages))
    ]


def _in_row(gate: str, row: Row, message: str, fix: str) -> Problem:
    file, _, line = row.id.rpartition(":")
    return Problem(gate, "", message, fix, file, int(line))
