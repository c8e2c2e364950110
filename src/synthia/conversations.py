"""Conversations in JSON Lines files: strict reading, in which every problem is found and placed.

A file is read to its end whatever is wrong with it, so that one run shows everything there is to
correct. Only rows without a problem are returned.

Not covered: the rules themselves (`synthia.conversation_rules`, `synthia.conversation_text`), and
what needs a tokenizer (`synthia.stages.prepare`).
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synthia import conversation_rules, conversation_text, tool_calls
from synthia.conversation_rules import DUPLICATES, LEAKAGE, SCHEMA, TEXT, Problem


@dataclass(frozen=True)
class Row:
    """A valid conversation. A training row ends with an assistant turn, a probe before one."""

    id: str
    """File and line, e.g. data/smoke.jsonl:12; a probe's own id."""
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    gold: dict[str, Any] | None = None
    """The turn that a probe should be answered with."""


def read(
    path: Path, label: str, *, control_tokens: Collection[str] = ()
) -> tuple[list[Row], list[Problem]]:
    """Read training rows; `label` names the file in ids and problems."""
    found: list[Problem] = []
    rows = [
        Row(f"{label}:{line}", record["messages"], record.get("tools", []))
        for line, record in _records(
            path, label, conversation_rules.problems, control_tokens, found
        )
    ]
    return rows, found


def read_probes(
    path: Path, label: str, *, control_tokens: Collection[str] = ()
) -> tuple[list[Row], list[Problem]]:
    """Read probes: `id`, `messages`, `tools`, and `gold`, the assistant turn that should follow."""
    found: list[Problem] = []
    rows = []
    ids: dict[str, int] = {}
    for line, record in _records(
        path, label, conversation_rules.probe_problems, control_tokens, found
    ):
        first = ids.setdefault(record["id"], line)
        if first != line:
            message = f"the id {record['id']!r} is taken by line {first}"
            found.append(Problem(SCHEMA, "id", message, "give it another id", label, line))
        rows.append(Row(record["id"], record["messages"], record.get("tools", []), record["gold"]))
    return rows, found


def _records(
    path: Path,
    label: str,
    rules: Callable[[Mapping[str, Any]], list[Problem]],
    control_tokens: Collection[str],
    found: list[Problem],
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and record of each valid row; append to `found` what is wrong."""
    data = path.read_bytes()
    found += [replace(problem, file=label) for problem in _file_problems(data)]
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        lines.pop()  # what follows the last newline is no line
    for number, line in enumerate(lines, start=1):
        record, wrong = _parse(line.rstrip(b"\r"))
        if record is not None:
            wrong = rules(record)
            # The checks of the texts rely on the shape that the rules found to be right.
            wrong = wrong or conversation_text.problems(record, control_tokens)
        found += [replace(problem, file=label, line=number) for problem in wrong]
        if record is not None and not wrong:
            yield number, record


def _file_problems(data: bytes) -> Iterator[Problem]:
    if not data.strip():
        yield Problem(SCHEMA, "", "the file is empty", "write at least one row, or leave it out")
    if data.startswith(b"\xef\xbb\xbf"):
        yield Problem(
            TEXT, "", "the file starts with a byte order mark", "save it as UTF-8 without one"
        )
    if returns := data.count(b"\r"):
        yield Problem(
            TEXT, "",
            f"holds {returns} times a carriage return, first in line "
            f"{data[: data.index(13)].count(10) + 1}: it has Windows line endings (\\r\\n)",
            "save it with \\n, e.g. by `sed -i 's/\\r$//' FILE`",
        )  # fmt: skip


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
    """Rows that equal an earlier one, in whatever file."""
    first: dict[str, str] = {}
    found = []
    for row in rows:
        key = json.dumps([row.messages, row.tools], sort_keys=True)
        earlier = first.setdefault(key, row.id)
        if earlier != row.id:
            found.append(_in_row(DUPLICATES, row, f"equals {earlier}", "remove one of them"))
    return found


def near_duplicates(rows: Iterable[Row]) -> list[str]:
    """Ids of rows that differ from an earlier one in digits, case and white space alone."""
    seen: set[str] = set()
    found = []
    for row in rows:
        text = "\0".join(
            message["content"] + json.dumps(message.get("tool_calls", []))
            for message in row.messages
        )
        key = re.sub(r"\d+", "0", _normal(text))
        if key in seen:
            found.append(row.id)
        seen.add(key)
    return found


def overlap(rows: Iterable[Row], probes: Iterable[Row]) -> list[Problem]:
    """Rows whose user asks what a probe's user asks, turn for turn: the model knows the answer."""
    asked = {_questions(probe): probe.id for probe in probes}
    found = []
    for row in rows:
        questions = _questions(row)
        for count in range(1, len(questions) + 1):
            if probe := asked.get(questions[:count]):
                message = f"its user asks what the held-out probe {probe} asks"
                found.append(_in_row(LEAKAGE, row, message, "remove the row, or change the probe"))
    return found


def _questions(row: Row) -> tuple[str, ...]:
    return tuple(
        _normal(message["content"]) for message in row.messages if message["role"] == "user"
    )


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _in_row(gate: str, row: Row, message: str, fix: str) -> Problem:
    file, _, line = row.id.rpartition(":")
    return Problem(gate, "", message, fix, file, int(line))
