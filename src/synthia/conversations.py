"""Read conversations with tool calls from JSONL and check every row, listing all problems at once.

The schema is OpenAI's for chats with tools: `messages` and `tools`, tool calls with `arguments` as
an object, and optionally `weight` 0 on an assistant message that must not be learned from.

These are the gates D schema, D tools, D text and D duplicates over plain records. Not covered:
lengths in tokens and labels, which need the tokenizer (`synthia.stages.prepare`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import tool_calls

ROLES = ("system", "user", "assistant", "tool")
MESSAGE_KEYS = {"role", "content", "tool_calls", "weight"}
CONTROL = re.compile(r"<\|[A-Za-z_]+\|>|</?(?:tool_call|tool_response|tools)>")
"""What the template itself writes: inside content it would open or close turns and calls."""
INVISIBLE = re.compile("[\r\0\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufffd]")
"""CR, NUL, BOM, zero-width and bidirectional characters, and U+FFFD, a trace of a lost character."""
SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file, and what to do about it."""

    gate: str
    file: str
    line: int
    field: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f" {self.field}:" if self.field else ""
        return f"{place}:{field} {self.message}; {self.fix}"


@dataclass(frozen=True)
class Row:
    """A valid conversation and where it stands."""

    file: str
    line: int
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]]
    record: dict[str, Any]
    """The whole JSON object: a probe also has `id` and `gold`."""

    @property
    def id(self) -> str:
        """The file and line, which errors and reports name."""
        return f"{self.file}:{self.line}"


def read(path: Path, name: str, *, probes: bool = False) -> tuple[list[Row], list[Problem]]:
    """Read a file that messages call `name`; return its rows and all problems.

    With `probes`, rows end before the assistant's turn and have `id` and `gold`, that turn.
    """
    content = path.read_bytes()
    if not content.strip():
        problem = Problem("D schema", name, 0, "", "the file is empty", "add rows or leave it out")
        return [], [problem]
    rows: list[Row] = []
    problems: list[Problem] = []
    lines = content.removesuffix(b"\n").split(b"\n")
    if any(line.endswith(b"\r") for line in lines):
        first = next(index for index, line in enumerate(lines, 1) if line.endswith(b"\r"))
        problems.append(
            Problem("D text", name, first, "", "the line ends with \\r\\n (Windows line ending)",
                    f"convert the file: sed -i 's/\\r$//' {name}")
        )  # fmt: skip
    for number, line in enumerate(lines, 1):
        try:
            record = _parse(line, first=number == 1)
        except ValueError as error:
            problems.append(Problem("D schema", name, number, "", str(error), "correct the line"))
            continue
        found = [Problem(gate, name, number, *rest) for gate, *rest in check(record, probes=probes)]
        problems += found
        if not found:
            rows.append(Row(name, number, record["messages"], record.get("tools") or [], record))
    return rows, problems


def _parse(line: bytes, *, first: bool) -> dict[str, Any]:
    if first and line.startswith(b"\xef\xbb\xbf"):
        raise ValueError("the file starts with a byte order mark (BOM)")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is no UTF-8") from None
    if not text.strip():
        raise ValueError("the line is blank")
    try:
        record = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(record, dict):
        raise ValueError("the line is no JSON object")
    return record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return result


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


Finding = tuple[str, str, str, str]
"""Gate, field, message, fix."""


def check(record: Mapping[str, Any], *, probes: bool = False) -> list[Finding]:
    """All problems of one record."""
    messages = record.get("messages")
    if not isinstance(messages, list) or not messages:
        return [("D schema", "messages", "is missing or empty", "give the chat's messages")]
    tools = record.get("tools") or []
    found = list(_check_tools(tools))
    if probes:
        if not isinstance(record.get("gold"), dict) or not isinstance(record.get("id"), str):
            return [("D schema", "gold", "a probe needs `id` and `gold`", "add them")]
        messages = [*messages, record["gold"]]
    shapes = [finding for i, m in enumerate(messages) for finding in _check_message(i, m)]
    found += shapes
    if not shapes:
        found += _check_order(messages)
        found += _check_text(messages)
    if not found:
        found += _check_calls(messages, tools)
    return found


def _check_tools(tools: Any) -> Iterator[Finding]:
    if not isinstance(tools, list):
        yield "D schema", "tools", "is no list", "list the tools as OpenAI's API takes them"
        return
    names = []
    for index, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        field = f"tools[{index}]"
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            yield "D schema", field, "is no {type, function: {name, ...}}", "write it so"
            continue
        names.append(function["name"])
        if not isinstance(function.get("parameters"), dict):
            yield "D schema", f"{field}.function.parameters", "is missing", "give a JSON Schema"
        elif error := tool_calls.schema_error(function["parameters"]):
            yield "D tools", f"{field}.function.parameters", error, "correct the JSON Schema"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield "D tools", "tools", f"two tools are called {name!r}", "give each its own name"


def _check_message(index: int, message: Any) -> Iterator[Finding]:
    """The shape of one message, whatever stands around it."""
    field = f"messages[{index}]"
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        role = message.get("role") if isinstance(message, dict) else message
        yield "D schema", field, f"role {role!r} is none of {ROLES}", "correct the role"
        return
    unknown = sorted(message.keys() - MESSAGE_KEYS - {"name", "tool_call_id"})
    if unknown:
        yield "D schema", field, f"unknown keys {unknown}", "remove them"
    if not isinstance(message.get("content"), str):
        found = f"is {message.get('content')!r}, no text"
        yield "D schema", f"{field}.content", found, 'write "" where the turn is only a call'
    elif not message["content"] and not message.get("tool_calls"):
        if message["role"] != "tool":
            yield "D schema", f"{field}.content", "is empty", "remove the message or fill it"
    if message.get("weight", 1) not in (0, 1) or ("weight" in message and message["role"] != "assistant"):
        yield "D schema", f"{field}.weight", "is not 0 or 1 on an assistant turn", "correct it"
    calls = message.get("tool_calls") or []
    if calls and message["role"] != "assistant":
        yield "D schema", f"{field}.tool_calls", "stand in no assistant turn", "move them"
    for number, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        place = f"{field}.tool_calls[{number}]"
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            yield "D schema", place, "is no {type, function: {name, arguments}}", "write it so"
        elif not isinstance(function.get("arguments"), dict):
            yield "D tools", f"{place}.function.arguments", *_explain(function.get("arguments"))


def _explain(arguments: Any) -> tuple[str, str]:
    """Say what is wrong with arguments that are no object."""
    if not isinstance(arguments, str):
        return f"are {arguments!r}, no JSON object", "write them as an object"
    try:
        json.loads(arguments)
    except json.JSONDecodeError as error:
        return f"are a string that is no JSON ({error})", "write them as a JSON object"
    return (
        "are a string that holds JSON: the template would encode it a second time",
        "write the object itself, without quotes around it",
    )


def _check_order(messages: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Roles in order: a system message only first, each result after its call, assistant last."""
    before = ""
    waiting = 0  # calls whose results have not come yet
    for index, message in enumerate(messages):
        role, field = message["role"], f"messages[{index}]"
        if role == "tool":
            if waiting == 0:
                yield "D schema", field, "a tool result that answers no call", "remove it"
            waiting = max(0, waiting - 1)
        elif waiting:
            yield "D schema", field, f"{waiting} calls before it have no result", "add the results"
            waiting = 0
        order = {
            "system": ("",),
            "user": ("", "system", "assistant"),
            "assistant": ("user", "tool"),
            "tool": ("assistant", "tool"),
        }
        if before not in order[role]:
            after = f"after {before}" if before else "first"
            yield "D schema", field, f"the role {role} stands {after}", "put the roles in order"
        if role == "assistant":
            waiting = len(message.get("tool_calls") or [])
        before = role
    if before != "assistant":
        yield "D schema", "messages", f"the last turn is {before}'s", "end with an assistant turn"


def _check_text(messages: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for index, message in enumerate(messages):
        field = f"messages[{index}].content"
        for text in _strings([message["content"], message.get("tool_calls") or []]):
            if match := INVISIBLE.search(text):
                name = f"U+{ord(match[0]):04X}"
                yield "D text", field, f"holds the character {name} at {match.start()}", "remove it"
            if match := CONTROL.search(text):
                yield "D text", field, f"holds the control token {match[0]}", "reword or remove it"
        content = message["content"]
        if message["role"] == "assistant" and content != content.strip():
            # A leading newline merges with the header's into another token (271 in Qwen's
            # vocabulary), and the training ids no longer extend the serving prompt.
            yield "D text", field, "starts or ends with white space", "strip it"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _strings(item))
        yield from value.keys()
    elif isinstance(value, list):
        yield from (text for item in value for text in _strings(item))


def _check_calls(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    for index, message in enumerate(messages):
        if message.get("weight", 1) == 0:
            continue  # a faulty call may be shown, it is not learned
        for call in message.get("tool_calls") or []:
            for problem in tool_calls.problems([call["function"]], tools):
                yield "D tools", f"messages[{index}].tool_calls", problem, "correct call or schema"


def duplicates(rows: Iterable[Row]) -> list[Problem]:
    """Rows that say the same as an earlier one, white space aside."""
    seen: dict[str, str] = {}
    found = []
    for row in rows:
        text = json.dumps([row.messages, row.tools], sort_keys=True, ensure_ascii=False)
        key = "".join(text.split())
        if key in seen:
            message = f"the same conversation as {seen[key]}"
            found.append(Problem("D duplicates", row.file, row.line, "", message, "remove one"))
        seen.setdefault(key, row.id)
    return found


def leaks(rows: Iterable[Row], probes: Iterable[Row]) -> list[Problem]:
    """Rows in which a user says what a probe's user says: the evaluation would measure memory."""
    asked = {_asked(probe): probe.record["id"] for probe in probes}
    return [
        Problem("D leakage", row.file, row.line, "", f"asks what the probe {asked[key]} asks", "remove it")
        for row in rows
        if (key := _asked(row)) in asked
    ]  # fmt: skip


def _asked(row: Row) -> str:
    """All user turns, lower case, letters and digits only."""
    users = " ".join(message["content"] for message in row.messages if message["role"] == "user")
    return re.sub(r"\W+", " ", users.lower()).strip()


def explain(problems: Sequence[Problem]) -> list[str]:
    """Problems as sentences, sorted by gate, file and line."""
    ordered = sorted(problems, key=lambda p: (p.gate, p.file, p.line, p.field))
    return [str(problem) for problem in ordered]
