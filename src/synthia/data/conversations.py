"""Conversations in JSON Lines files: strict reading, in which every problem is found and placed.

A file is read to its end whatever is wrong with it, so that one run shows everything there is to
correct. Only rows without a problem are returned.

Not covered: the rules themselves (`synthia.data.rules`, `synthia.data.text`), and
what needs a tokenizer (`synthia.stages.prepare`).
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from synthia.data import (
    files,
    fingerprints,
    held_out,
    probe_rules,
    public_schemas,
    reasoning as thoughts,
    rules as conversation_rules,
    text as conversation_text,
    tool_calls,
)
from synthia.data.accepted import Accepted, Place, row_id
from synthia.data.files import BLOCK_BYTES, BYTE_ORDER_MARK
from synthia.data.near_duplicates import Columns
from synthia.data.rules import DUPLICATES, LEAKAGE, SCHEMA, TEXT, Problem
from synthia.recipe_sections import Reasoning

DEEPEST = 900
"""Levels of JSON in a row: what reads it later recurses, and Python does so 1,000 times."""


@dataclass(frozen=True)
class Row:
    """A valid conversation. A training row ends with an assistant turn, a probe before one."""

    id: str
    """File and line, e.g. data/smoke.jsonl:12; a probe's own id."""
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    gold: dict[str, Any] | None = None
    """The turn that a probe should be answered with."""
    kind: str = ""
    """What a probe asks for, where it says so: its `scenario` without the part behind the slash."""
    also_right: list[list[dict[str, Any]]] = field(default_factory=list)
    """Of a probe: calls that do what gold's do."""
    answer_must: dict[str, Any] = field(default_factory=dict)
    """Of a probe: what an answer without a call must say (`synthia.data.probe_answers`)."""


@dataclass(frozen=True)
class Block:
    """Some whole lines of a file."""

    label: str
    first_line: int
    lines: list[bytes]


@dataclass(frozen=True)
class Reading:
    """How rows are read, besides the rules that hold for every row."""

    control_tokens: Collection[str] = ()
    """The tokenizer's, besides the usual ones."""
    reasoning: Reasoning = "refuse"
    """What to do with what a turn thinks, as the recipe's data.reasoning has it."""
    accepted: Accepted = field(default_factory=Accepted)
    parallel: bool = True
    """A turn may call several tools, as the base model's family has it."""


def read(path: Path, label: str, reading: Reading | None = None) -> tuple[list[Row], list[Problem]]:
    """Read training rows; `label` names the file in ids and problems."""
    found = file_problems(path, label)
    rows = []
    for block in blocks(path, label):
        for line, record, wrong, _ in records(
            block, conversation_rules.problems, reading or Reading()
        ):
            found += wrong
            if record is not None:
                row_id = f"{label}:{line}"
                rows.append(Row(row_id, record["messages"], as_served(record.get("tools", []))))
    return rows, found


def read_probes(
    path: Path, label: str, reading: Reading | None = None
) -> tuple[list[Row], list[Problem]]:
    """Read probes: `id`, `messages`, `tools`, `gold` (the turn that should follow), what else is right."""
    found = file_problems(path, label)
    rows = []
    ids: dict[str, int] = {}
    for block in blocks(path, label):
        rules = probe_rules.probe_problems
        for line, record, wrong, _ in records(block, rules, reading or Reading()):
            found += wrong
            if record is None:
                continue
            first = ids.setdefault(record["id"], line)
            if first != line:
                message = f"the id {record['id']!r} is taken by line {first}"
                found.append(Problem(SCHEMA, "id", message, "give it another id", label, line))
            tools = as_served(record.get("tools", []))
            kind = record.get("scenario", "").partition("/")[0]
            besides = {key: record[key] for key in probe_rules.BESIDES if key in record}
            gold = record["gold"]
            rows.append(Row(record["id"], record["messages"], tools, gold, kind, **besides))
    return rows, found


def as_served(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A valid row's tools with their keys in the order in which llama-server hands them to a template.

    `common_chat_tools_to_json_oaicompat` in llama.cpp writes them so, however a client ordered them:
    trained in another order, a model would be served what it never saw.
    """
    keys = ("name", "description", "parameters")
    return [
        {"type": "function", "function": {key: tool["function"][key] for key in keys}}
        for tool in tools
    ]


def blocks(path: Path, label: str) -> Iterator[Block]:
    """Read a file in blocks of whole lines, each a little more than BLOCK_BYTES."""
    number = 1
    for lines in files.lines(path):
        if number == 1 and lines:
            lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
        yield Block(label, number, lines)
        number += len(lines)


def records(
    block: Block, rules: Callable[[Mapping[str, Any]], list[Problem]], reading: Reading
) -> Iterator[tuple[int, dict[str, Any] | None, list[Problem], list[Place]]]:
    """Yield for each line its number, its record where that is valid, what is wrong, what is accepted."""
    for number, line in enumerate(block.lines, start=block.first_line):
        record, wrong = _parse(line.rstrip(b"\r\n"))
        if record is not None:
            record, wrong = _judged(record, rules, reading, block.label)
        placed = [
            replace(
                problem, file=block.label, line=number,
                field=printable(problem.field), message=printable(problem.message),
            )
            for problem in wrong
        ]  # fmt: skip
        if record is None or not wrong:
            yield number, record, placed, []
            continue
        accepted = [(problem, reading.accepted.of(problem, record)) for problem in placed]
        left = [_named(problem, record) for problem, place in accepted if place is None]
        yield number, None if left else record, left, [at for _, at in accepted if at]


def _judged(
    record: dict[str, Any],
    rules: Callable[[Mapping[str, Any]], list[Problem]],
    reading: Reading,
    label: str,
) -> tuple[dict[str, Any], list[Problem]]:
    try:
        plain = thoughts.without(record, reading.reasoning)
        wrong = rules(plain)
        if not reading.parallel:
            wrong = wrong or conversation_rules.parallel_calls(plain)
        whole = record if reading.reasoning == "keep" else plain
        # The checks of the texts rely on the shape that the rules found to be right.
        wrong = wrong or conversation_text.problems(whole, reading.control_tokens)
        if wrong and any(problem.gate != TEXT for problem in wrong):
            wrong = [_told(problem, record, label) for problem in wrong]
    except RecursionError:
        return record, [Problem(SCHEMA, "", "is nested too deeply", "correct this line")]
    return whole, wrong


def _told(problem: Problem, record: Mapping[str, Any], label: str) -> Problem:
    """With the command that converts it, where a row is in a public form."""
    if isinstance(record.get("messages"), list) and record.get("gold"):
        return problem
    try:
        made = public_schemas.convert(record, "drop")
    except ValueError:
        return problem
    left = {each.field for each in conversation_rules.problems(made.row)}
    if made.form == "project" or problem.field in left:
        return problem
    fix = f"this is {public_schemas.NAMES[made.form]} form: ./invoke data --add {label} converts it"
    return replace(problem, fix=f"{problem.fix}; {fix}")


def _named(problem: Problem, record: Mapping[str, Any]) -> Problem:
    return replace(problem, row=row_id(record)) if problem.rule else problem


def printable(text: str) -> str:
    """A text that can be written as UTF-8, half characters as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _deep(value: Any, levels: int) -> bool:
    """Whether JSON has more levels than these."""
    level = [value]
    while level and levels >= 0:
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        levels -= 1
    return bool(level)


def file_problems(path: Path, label: str) -> list[Problem]:
    """What is wrong with a file as a whole: nothing in it, a byte order mark, Windows endings."""
    returns = line = first = 0
    empty = True
    marked = False
    whole = files.kind(path) == ""
    parts = _parts(path) if whole else (b"".join(each) for each in files.lines(path))
    for number, part in enumerate(parts):
        marked = marked or (number == 0 and part.startswith(BYTE_ORDER_MARK))
        empty = empty and not part.removeprefix(BYTE_ORDER_MARK).strip()
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


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(BLOCK_BYTES):
            yield part


def _parse(line: bytes) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Parse a line into a record, or say why it is none."""
    if not line.strip():
        return None, [Problem(SCHEMA, "", "the line is blank", "remove it")]
    if line.startswith(BYTE_ORDER_MARK):
        return None, [Problem(TEXT, "", "begins with a byte order mark", "remove it")]
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
    if line.count(b"{") + line.count(b"[") > DEEPEST and _deep(record, DEEPEST):
        message = f"is nested more than {DEEPEST} levels deep"
        return None, [Problem(SCHEMA, "", message, "correct this line")]
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


def overlap(
    rows: Iterable[Row], probes: Iterable[Row], accepted: Accepted | None = None
) -> list[Problem]:
    """Rows whose user asks what a probe's user asks: the model knows the answer."""
    held = held_out.probes((probe.id, probe.messages) for probe in probes)
    found = [leaked(held, row, (accepted or Accepted())) for row in rows]
    return [problem for problem, place in found if problem and not place]


def leaked(
    held: held_out.HeldOut, row: Row, accepted: Accepted
) -> tuple[Problem | None, Place | None]:
    """What a row asks that is held out, and the place by which that is accepted."""
    leak = held.leak(row.messages)
    if not leak:
        return None, None
    record = {"messages": row.messages, "tools": row.tools}
    fix = "remove the row, or change the probe"
    problem = replace(_in_row(LEAKAGE, row, leak, fix), rule="leakage", row=row_id(record))
    return problem, accepted.of(problem, record)


def _in_row(gate: str, row: Row, message: str, fix: str) -> Problem:
    file, _, line = row.id.rpartition(":")
    return Problem(gate, "", message, fix, file, int(line))
