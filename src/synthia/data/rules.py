"""The rules that one conversation must keep: its shape, the order of its turns, its tool calls.

Each rule yields problems with a sentence that says what was found and one that says what to do.

Not covered: files and lines (`synthia.data.conversations`) and characters inside texts
(`synthia.data.text`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from synthia.data import calls_in_text, tool_calls

SCHEMA = "D schema"
TOOLS = "D tools"
TEXT = "D text"
DUPLICATES = "D duplicates"
LEAKAGE = "D leakage"
LENGTH = "D length"
UNSEEN = "D unseen"
RULES = ("secret", "invisible character", "leakage", "call in text")
"""Rules whose finding a person may accept (`synthia.data.accepted`)."""

KEYS = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls", "weight"},
    "tool": {"role", "content", "name", "tool_call_id"},
}
ORIGIN = ("scenario", "dialect", "exec_digest")
"""Where a row comes from that the project generated, and whose tools it speaks: others have none."""
CALL_SHAPE = '{"type": "function", "function": {"name": "...", "arguments": {...}}}'
PLAIN_SCHEMA = {"type", "properties", "required", "description", "title", "$schema", "$defs"}
"""A tool's parameters with no other keywords name all arguments under `properties`."""
TOOL_SHAPE = (
    '{"type": "function", "function": {"name": "...", "description": "...", "parameters": {...}}}'
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a data file, where, and what to do about it."""

    gate: str
    """The gate that it fails, one of those above."""
    field: str
    """The place inside the row, e.g. messages[2].content; "" for the whole line or file."""
    message: str
    fix: str
    file: str = ""
    line: int = 0
    """Counted from 1; 0 for the whole file."""
    rule: str = ""
    """One of RULES where a person may accept the place."""
    row: str = ""
    """What names the row in `data/accepted.toml`, where it may be accepted."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.field + ': ' if self.field else ''}{self.message}"


def problems(row: Mapping[str, Any]) -> list[Problem]:
    """Check a training row. Rules on order and calls run only on turns of the right shape."""
    found = [*row_shape(row, {"messages", "tools", *ORIGIN}), *origin(row)]
    return found or [
        *content_problems(row["messages"], row.get("tools", [])),
        *_nothing_learned(row),
    ]


def parallel_calls(row: Mapping[str, Any]) -> list[Problem]:
    """Turns of a right row that call several tools, for a family that calls one at a time."""
    turns = enumerate([*row["messages"], row.get("gold", {})])
    return [
        Problem(
            TOOLS, f"messages[{index}].tool_calls" if index < len(row["messages"]) else "gold",
            f"calls {len(turn['tool_calls'])} tools at once, for which the base model's family has no form",
            "write one call a turn, each followed by its result, or leave the row out",
        )
        for index, turn in turns
        if len(turn.get("tool_calls", [])) > 1
    ]  # fmt: skip


def content_problems(messages: Sequence[Any], tools: Sequence[Any]) -> list[Problem]:
    """What is wrong with turns and tools: their shapes and, where these are right, order and calls."""
    found = [
        each for index, message in enumerate(messages) for each in _message_shape(message, index)
    ]
    found += _declared_tools(tools)
    return found or [*_order(messages), *_calls(messages, tools)]


def row_shape(row: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    """Keys that are not known, and turns or tools that are no list."""
    for key in sorted(row.keys() - known):
        yield Problem(
            SCHEMA, key, "is no known key", f"rename or remove it; known here: {sorted(known)}"
        )
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        yield Problem(
            SCHEMA, "messages", "is no list of turns", 'write "messages": [{"role": "user", ...}]'
        )
    if not isinstance(row.get("tools", []), list):
        yield Problem(SCHEMA, "tools", "is no list", 'write "tools": [] where no tool is offered')


def origin(row: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that say where a row comes from and are no text."""
    for key in ORIGIN:
        if not isinstance(row.get(key, ""), str):
            yield Problem(SCHEMA, key, f"is {_json_kind(row[key])}, no text", "remove it")


def _nothing_learned(row: Mapping[str, Any]) -> Iterator[Problem]:
    turns = [turn for turn in row["messages"] if isinstance(turn, dict)]
    if all(turn.get("weight", 1) == 0 for turn in turns if turn.get("role") == "assistant"):
        yield Problem(
            SCHEMA, "messages", "no assistant turn carries loss: there is nothing to learn from it",
            "give a turn the weight 1, or remove the row",
        )  # fmt: skip


def _message_shape(message: Any, index: int) -> Iterator[Problem]:
    place = f"messages[{index}]"
    if not isinstance(message, dict):
        yield Problem(SCHEMA, place, "is no JSON object", 'write {"role": ..., "content": ...}')
        return
    role = message.get("role")
    if not isinstance(role, str) or role not in KEYS:
        yield Problem(
            SCHEMA, f"{place}.role", f"unknown role {role!r}", f"use one of {sorted(KEYS)}"
        )
        return
    for key in sorted(message.keys() - KEYS[role]):
        yield Problem(
            SCHEMA, f"{place}.{key}", f"is no known key of a turn of role {role!r}",
            f"rename or remove it; known here: {sorted(KEYS[role])}",
        )  # fmt: skip
    content = message.get("content")
    if not isinstance(content, str):
        what = "is missing" if "content" not in message else f"is {_json_kind(content)}, no text"
        yield Problem(
            SCHEMA, f"{place}.content", what, 'write text; "" for a turn that only calls tools'
        )
    elif role == "assistant" and not content and not message.get("tool_calls"):
        yield Problem(
            SCHEMA, f"{place}.content", "is empty, and the turn calls no tool",
            "write an answer or a call, or remove the turn: it would teach to say nothing",
        )  # fmt: skip
    weight = message.get("weight", 1)
    if isinstance(weight, bool) or weight not in (0, 1):
        yield Problem(
            SCHEMA, f"{place}.weight", f"is {weight!r}", "use 1, or 0 for a turn without loss"
        )
    if "tool_calls" in message and role == "assistant":
        yield from call_shapes(message["tool_calls"], f"{place}.tool_calls")


def call_shapes(calls: Any, place: str) -> Iterator[Problem]:
    """What of a turn's calls has not the shape of OpenAI's, before their tools are looked at."""
    if not isinstance(calls, list) or not calls:
        yield Problem(SCHEMA, place, "is no list of calls", "list the calls, or leave the key out")
        return
    for index, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if (
            not isinstance(function, dict)
            or call.keys() - {"id"} != {"type", "function"}
            or call["type"] != "function"
            or function.keys() != {"name", "arguments"}
            or not isinstance(function["name"], str)
        ):
            message = "has not the shape of a call" + _at_fault(
                call, function, {"id", "type", "function"}, {"name", "arguments"}
            )
            yield Problem(SCHEMA, f"{place}[{index}]", message, f"write {CALL_SHAPE}")
        elif wrong := _wrong_name(function["name"]):
            yield Problem(
                TOOLS, f"{place}[{index}].function.name", wrong, "give the tool another name"
            )
        elif not isinstance(function["arguments"], dict):
            yield _wrong_arguments(function["arguments"], f"{place}[{index}].function.arguments")


def _at_fault(outer: Any, function: Any, keys: set[str], inner: set[str]) -> str:
    """Name the keys that are too many or missing in a tool or a call."""
    if not isinstance(outer, dict) or not isinstance(function, dict):
        return ""
    more = sorted(map(str, [*(outer.keys() - keys), *(function.keys() - inner)]))
    less = sorted([*(keys - {"id"} - outer.keys()), *(inner - function.keys())])
    said = [f"{', '.join(more)} is no known key"] * bool(more)
    said += [f"{', '.join(less)} is missing"] * bool(less)
    return ": " + "; ".join(said) if said else ""


@lru_cache(maxsize=4096)
def _wrong_name(name: str) -> str:
    """Chat templates write a name between quotation marks as it is."""
    if name and json.dumps(name, ensure_ascii=False) == f'"{name}"':
        return ""
    return f"is {name!r}, which JSON must escape and chat templates do not" if name else "is empty"


def _wrong_arguments(arguments: Any, place: str) -> Problem:
    if not isinstance(arguments, str):
        message = f"is {_json_kind(arguments)}, no JSON object"
        return Problem(TOOLS, place, message, "write the arguments as an object")
    try:
        tool_calls.strict_json(arguments)
    except ValueError as error:
        return Problem(
            TOOLS, place, f"is a string, and what it holds is no JSON: {error}",
            "write the arguments as an object, not as a string",
        )  # fmt: skip
    return Problem(
        TOOLS, place,
        "is a string that holds JSON: the template would encode it a second time, with every "
        "quotation mark escaped, and the model would learn that",
        "write the object itself, without the quotation marks around it",
    )  # fmt: skip


def _declared_tools(tools: Sequence[Any]) -> Iterator[Problem]:
    names = set()
    for index, tool in enumerate(tools):
        place = f"tools[{index}]"
        function = tool.get("function") if isinstance(tool, dict) else None
        if (
            not isinstance(function, dict)
            or tool.keys() != {"type", "function"}
            or tool["type"] != "function"
            or function.keys() != {"name", "description", "parameters"}
            or not isinstance(function["name"], str)
            or not isinstance(function["description"], str)
        ):
            message = "has not the shape of a tool" + _at_fault(
                tool, function, {"type", "function"}, {"name", "description", "parameters"}
            )
            yield Problem(TOOLS, place, message, f"write {TOOL_SHAPE}")
            continue
        name = function["name"]
        if misnamed := _wrong_name(name):
            yield Problem(TOOLS, f"{place}.function.name", misnamed, "give the tool another name")
        if name in names:
            yield Problem(
                TOOLS, place, f"a second tool named {name!r}: a call of it could mean either",
                "rename or remove one",
            )  # fmt: skip
        names.add(name)
        wrong = tool_calls.schema_problem(function["parameters"])
        if wrong:
            yield Problem(
                TOOLS, f"{place}.function.parameters",
                f"is no JSON Schema: {wrong}", "correct the schema, or name its draft in $schema",
            )  # fmt: skip


def _order(messages: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """A system turn only first, user or tool before assistant, each result after its call."""
    before = ""
    unanswered = 0
    call_ids: list[Any] = []
    for index, message in enumerate(messages):
        role = message["role"]
        place = f"messages[{index}]"
        allowed = _allowed_after(before, unanswered)
        if role == "tool" and not unanswered:
            yield Problem(
                SCHEMA, place, "is a tool's result that answers no call",
                "put the call into the assistant turn before it, or remove the result",
            )  # fmt: skip
        elif role not in allowed:
            after = f"after a turn of role {before!r}" if before else "as the first turn"
            left = f" with {unanswered} of its calls unanswered" if unanswered else ""
            yield Problem(
                SCHEMA, place, f"roles are out of order: {role!r} stands {after}{left}",
                f"put {' or '.join(repr(each) for each in allowed)} there",
            )  # fmt: skip
        elif role == "tool" and message.get("tool_call_id", call_ids[0]) != call_ids[0]:
            yield Problem(
                SCHEMA, f"{place}.tool_call_id",
                f"is {message['tool_call_id']!r}, but the next call to answer is {call_ids[0]!r}",
                "put the results in the order of the calls: the template shows no ids",
            )  # fmt: skip
        if role == "assistant":
            call_ids = [call.get("id") for call in message.get("tool_calls", [])]
            unanswered = len(call_ids)
        else:
            call_ids = call_ids[1:]
            unanswered = max(unanswered - 1, 0) if role == "tool" else 0
        before = role
    if before != "assistant":
        yield Problem(
            SCHEMA, f"messages[{len(messages) - 1}]",
            f"the last turn is of role {before!r}: there is nothing to learn from it",
            "end the row with an assistant turn",
        )  # fmt: skip


def _allowed_after(before: str, unanswered: int) -> tuple[str, ...]:
    if unanswered:
        return ("tool",)
    following = {
        "": ("system", "user"), "system": ("user",), "user": ("assistant",),
        "tool": ("assistant",), "assistant": ("user",),
    }  # fmt: skip
    return following[before]


def _calls(
    messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> Iterator[Problem]:
    names = [tool["function"]["name"] for tool in tools] or calls_in_text.named(messages)
    for index, message in enumerate(messages):
        if message.get("weight", 1) == 0:
            continue  # a mistake may be shown: it is not learned
        whose = (
            calls_in_text.form(message["content"], names) if message["role"] == "assistant" else ""
        )
        if whose:
            yield Problem(
                TOOLS, f"messages[{index}].content",
                f"holds a call written as text, in {whose} form: the model would learn to write text "
                "in place of calls",
                "put the call into tool_calls; ./invoke data --add FILE does it where the text is nothing "
                "but calls",
                rule="call in text",
            )  # fmt: skip
        for number, call in enumerate(message.get("tool_calls", [])):
            for wrong in tool_calls.problems([call["function"]], tools):
                yield Problem(
                    TOOLS, f"messages[{index}].tool_calls[{number}]", wrong,
                    "correct the call, or declare in `tools` what it needs",
                )  # fmt: skip
            for argument in _undeclared(call["function"], tools):
                value = _json_kind(call["function"]["arguments"][argument])
                yield Problem(
                    TOOLS,
                    f"messages[{index}].tool_calls[{number}].function.arguments.{argument}",
                    f"is {value}, and the tool declares no argument of this name (Arrow fills in "
                    "null where rows differ in their arguments)",
                    "remove the argument, or declare it",
                )  # fmt: skip


def _undeclared(call: Mapping[str, Any], tools: Sequence[Mapping[str, Any]]) -> list[str]:
    """Arguments that a plain schema does not name. JSON Schema alone would let them pass."""
    for tool in tools:
        schema = tool["function"]["parameters"]
        if tool["function"]["name"] != call["name"] or not isinstance(schema, Mapping):
            continue
        if "properties" in schema and not schema.keys() - PLAIN_SCHEMA:
            return [name for name in call["arguments"] if name not in schema["properties"]]
    return []


def _json_kind(value: Any) -> str:
    return "null" if value is None else json.dumps(value, ensure_ascii=False)[:40]
