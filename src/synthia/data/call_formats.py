"""Calls in the forms that families of models write them in: strict reading, and what holds them together.

"hermes" is `synthia.data.tool_calls`' own. "qwen3-coder" is, between the same marks, a line
`<function=NAME>`, for each argument `<parameter=KEY>`, its value on lines of its own and `</parameter>`,
then `</function>`; a value is text where the tool's schema says string, and JSON where it says another.
"llama3" is one JSON object with exactly `name` and `parameters`, which begins a line and ends the answer.
As in "hermes", nothing is repaired.

Not covered: writing a call, which is the chat template's.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from synthia.data import tool_calls
from synthia.data.tool_calls import Parsed
from synthia.families import Calls

FUNCTION = re.compile(r"<function=([^\n>]+)>\n(.*)</function>", re.DOTALL)
NO_STRINGS = ("array", "boolean", "integer", "null", "number", "object")
PARAMETER = re.compile(r"<parameter=([^\n>]+)>\n(.*?)\n</parameter>\n", re.DOTALL)
LLAMA = re.compile(r'^\{"name": "[^"\n]*", "(?:parameters|arguments)":', re.MULTILINE)
"""Where a call of Llama's begins; other JSON with a name is an answer's text."""
MARKS: dict[Calls, re.Pattern[str]] = {
    "hermes": re.compile(r"tool_call>"),
    "qwen3-coder": re.compile(r"tool_call>|<function=|<parameter="),
    "llama3": re.compile(rf"{LLAMA.pattern}|<\|python_tag\|>", re.MULTILINE),
}
"""What shows that a call was meant: in a text that a server gave as content, it was not found as one."""
_JSON = re.compile(r'"((?:[^"\\]|\\.)*)"|[\w.+-]+', re.DOTALL)
BLOCKS: dict[Calls, re.Pattern[str]] = {
    "hermes": re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL),
    "qwen3-coder": re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL),
    "llama3": re.compile(rf"({LLAMA.pattern}.*)", re.DOTALL | re.MULTILINE),
}
"""A call; in group 1 the part in which the model chooses."""
FREE: dict[Calls, re.Pattern[str]] = {
    "hermes": _JSON,
    "qwen3-coder": re.compile(
        r"<function=([^\n>]+)>|<parameter=([^\n>]+)>\n(.*?)\n</parameter>", re.DOTALL
    ),
    "llama3": _JSON,
}
"""What the model chooses in a call: names and values, the groups, or all of a match without one."""
FIXED: dict[Calls, tuple[str, ...]] = {
    "hermes": ("name", "arguments"),
    "qwen3-coder": (),
    "llama3": ("name", "parameters"),
}
"""Keys of a call in JSON, which no model chooses."""


def parse(text: str, calls: Calls, tools: Sequence[Mapping[str, Any]]) -> Parsed:
    """Find the calls in an answer; `tools` are those declared, whose schemas give values their types."""
    if calls == "hermes":
        return tool_calls.parse(text)
    return _llama(text) if calls == "llama3" else _xml(text, tools)


def _llama(text: str) -> Parsed:
    start = LLAMA.search(text)
    if start is None:
        errors = ("<|python_tag|> calls no declared tool",) if "<|python_tag|>" in text else ()
        return Parsed((), text.strip(), errors)
    rest = text[: start.start()].strip()
    try:
        call = tool_calls.strict_json(text[start.start() :])
    except json.JSONDecodeError as error:
        said = f"the call is no JSON, or more follows it: {error.msg} at character {error.pos + 1}"
        return Parsed((), rest, (said,))
    except ValueError as error:
        return Parsed((), rest, (str(error),))
    if set(call) != {"name", "parameters"}:
        return Parsed((), rest, ('the call has other keys than "name" and "parameters"',))
    if not isinstance(call["name"], str) or not isinstance(call["parameters"], dict):
        return Parsed((), rest, ("the call's name is no string, or its parameters no object",))
    return Parsed(({"name": call["name"], "arguments": call["parameters"]},), rest, ())


def _xml(text: str, tools: Sequence[Mapping[str, Any]]) -> Parsed:
    calls, errors = [], []
    for block in tool_calls.BLOCK.findall(text):
        try:
            calls.append(_xml_call(block, tools))
        except ValueError as error:
            errors.append(str(error))
    rest = tool_calls.BLOCK.sub("", text)
    if MARKS["qwen3-coder"].search(rest):
        errors.append("a mark of a call stands outside a complete <tool_call> block")
    return Parsed(tuple(calls), rest.strip(), tuple(errors))


def _xml_call(block: str, tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    function = FUNCTION.fullmatch(block)
    if function is None:
        raise ValueError(
            "the call is no <function=NAME> with its </function>, each on its own line"
        )
    name, inside = function.groups()
    parameters = PARAMETER.findall(inside)
    if PARAMETER.sub("", inside):
        raise ValueError(f"between the parameters of {name!r} stands something else")
    keys = [key for key, _ in parameters]
    if len(set(keys)) < len(keys):
        raise ValueError(f"a parameter of {name!r} occurs twice")
    return {
        "name": name,
        "arguments": {k: _value(v, _schema(tools, name, k)) for k, v in parameters},
    }


def _schema(tools: Sequence[Mapping[str, Any]], name: str, key: str) -> Mapping[str, Any]:
    """The schema of a tool's argument; an empty one where none is declared."""
    for tool in tools:
        if tool["function"]["name"] == name:
            found = (tool["function"].get("parameters") or {}).get("properties") or {}
            return found[key] if isinstance(found.get(key), Mapping) else {}
    return {}


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    """A value: text where the schema wants a string, else JSON, or text where that may be one.

    So does llama.cpp: 3 is a number where both may stand.
    """
    if schema.get("type") == "string":
        return text
    try:
        return tool_calls.strict_json(text)
    except ValueError as error:
        if schema.get("type") not in NO_STRINGS:
            return text
        raise ValueError(f"the value {text[:40]!r} is no JSON: {error}") from None


def parts(text: str, calls: Calls = "hermes") -> list[str]:
    """For each character of an answer, what it is part of.

    Of a call: its "mark"s, its tool's "name", an "argument" (what else the model chooses), or "structure"
    (braces, quotes, fixed keys). All else is "text".
    """
    found = ["text"] * len(text)
    for block in BLOCKS[calls].finditer(text):
        found[slice(*block.span())] = ["mark"] * len(block[0])
        found[slice(*block.span(1))] = ["structure"] * len(block[1])
        part = "name"  # it comes first in every form
        for value in FREE[calls].finditer(text, *block.span(1)):
            chosen = [group for group, said in enumerate(value.groups(), 1) if said is not None]
            for group in chosen or [0]:
                if value[group] not in FIXED[calls]:
                    found[slice(*value.span(group))] = [part] * len(value[group])
                    part = "argument"
    return found
