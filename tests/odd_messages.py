"""Chats as clients really send them, each with the plain chat that it must render like.

Null contents come from OpenAI's own client (an assistant that only calls), contents as parts from agent
frameworks. Every engine that serves the template must give the same text for both of a pair.
"""

from typing import Any

Chat = list[dict[str, Any]]

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "count_lines",
            "description": "Count lines.",
            "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
        },
    }
]
USER = {"role": "user", "content": "Count the lines of a.py."}


def _call(content: Any) -> dict[str, Any]:
    function = {"name": "count_lines", "arguments": {"path": "a.py"}}
    calls = [{"id": "c1", "type": "function", "function": function}]
    return {"role": "assistant", "content": content, "tool_calls": calls}


def _turn(role: str, content: Any) -> dict[str, Any]:
    return {"role": role, "content": content}


def _parts(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


CASES: dict[str, tuple[Chat, Chat]] = {
    "system null": ([_turn("system", None), USER], [_turn("system", ""), USER]),
    "system parts": ([_turn("system", _parts("a", "b")), USER], [_turn("system", "a\nb"), USER]),
    "user parts": ([_turn("user", _parts("a", "b"))], [_turn("user", "a\nb")]),
    "no parts": ([_turn("user", [])], [_turn("user", "")]),
    "assistant null": (
        [USER, _turn("assistant", None), USER],
        [USER, _turn("assistant", ""), USER],
    ),
    "assistant parts": (
        [USER, _turn("assistant", _parts("a", "b")), USER],
        [USER, _turn("assistant", "a\nb"), USER],
    ),
    "call null": (
        [USER, _call(None), _turn("tool", "12")],
        [USER, _call(""), _turn("tool", "12")],
    ),
    "call parts": (
        [USER, _call(_parts("a")), _turn("tool", _parts("1", "2"))],
        [USER, _call("a"), _turn("tool", "1\n2")],
    ),
    "result null": ([USER, _call(""), _turn("tool", None)], [USER, _call(""), _turn("tool", "")]),
    "results mixed": (
        [USER, _call(None), _turn("tool", _parts("1")), _turn("tool", None)],
        [USER, _call(""), _turn("tool", "1"), _turn("tool", "")],
    ),
}
