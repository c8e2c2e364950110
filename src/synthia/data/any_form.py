"""Calls in an answer, however they are written: what a model wants to call, apart from the wrapper.

A model that never saw the project's form writes its calls as bare or fenced JSON, in a list, or in the
form of another family. To compare it with a tuned one on content, such calls count too. Only measures
read them so; every gate goes by what clients can run (`synthia.data.tool_calls`).

Not covered: calls in prose, or as Python that is no list of calls.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from synthia.data import calls_in_text

ARGUMENTS = ("arguments", "parameters", "args", "input")
"""The key of a call's arguments: OpenAI's, Llama's, LangChain's, Anthropic's."""
MOST = 200
"""JSON values that are looked at in one answer; an endless one holds more, and no more calls."""

Call = dict[str, Any]


def calls(text: str, names: Collection[str]) -> list[Call]:
    """The calls of declared tools in an answer: {"name", "arguments"} in their order.

    `names` are the declared tools'. JSON that names none of them is data, no call.
    """
    found = [
        one for value in _json_values(text) for one in _calls_of(value) if one["name"] in names
    ]
    if found:
        return found
    try:
        _, others = calls_in_text.split(text, names, "the answer")
    except (ValueError, RecursionError):
        return []
    called = [each["function"] for each in others]
    return [
        {"name": each["name"], "arguments": each["arguments"]}
        for each in called
        if each["name"] in names
    ]


def _json_values(text: str) -> Iterator[Any]:
    """The JSON objects and lists in a text, the outermost of each, in their order."""
    decoder = json.JSONDecoder()
    position = 0
    for _ in range(MOST):
        starts = [at for at in (text.find("{", position), text.find("[", position)) if at >= 0]
        if not starts:
            return
        try:
            value, position = decoder.raw_decode(text, min(starts))
        except (ValueError, RecursionError):
            position = min(starts) + 1
            continue
        yield value


def _calls_of(value: Any) -> Iterator[Call]:
    """The calls that a JSON value is, wraps or lists."""
    if isinstance(value, list):
        for each in value:
            if isinstance(each, Mapping):
                yield from _calls_of(each)
        return
    if not isinstance(value, Mapping):
        return
    for wrapper in ("function", "tool_calls", "tool_call", "function_call"):
        if isinstance(value.get(wrapper), (Mapping, list)):
            yield from _calls_of(value[wrapper])
            return
    key = next((key for key in ARGUMENTS if key in value), None)
    if not isinstance(value.get("name"), str) or key is None:
        return
    arguments = value[key]
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            arguments = None
    yield {"name": value["name"], "arguments": arguments}
