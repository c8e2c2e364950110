"""Thirty broken data files, by the name of what is wrong with them.

Each is a healthy row, changed in one way; `healthy` is the row before. What the checks are told
besides the file is in `PROBE`, `BENCHMARK_QUESTION` and `MAX_LENGTH`.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

MAX_LENGTH = 400
BENCHMARK_QUESTION = (
    "Can you find me a Chinese restaurant within five miles of the town hall tonight?"
)
PROBE = (
    "The function scale_price in shop/pricing.py multiplies by the rate twice, so every total that "
    "the cashier sees is too high. Open the file and show me the lines that are wrong."
)


def healthy() -> Row:
    """A row with two parallel calls, their results and an answer."""
    return {
        "messages": [
            {"role": "system", "content": "You help with code."},
            {"role": "user", "content": "Compare a.txt with b.txt, please."},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    call("read_file", {"path": "a.txt"}, "call_1"),
                    call("read_file", {"path": "b.txt"}, "call_2"),
                ],
            },
            {"role": "tool", "content": "one", "tool_call_id": "call_1"},
            {"role": "tool", "content": "two", "tool_call_id": "call_2"},
            {"role": "assistant", "content": "a.txt says one, b.txt says two."},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "read_file",
                    "description": "Read a text file",
                    "parameters": {
                        "type": "object",
                        "properties": {"path": {"type": "string"}, "line": {"type": "integer"}},
                        "required": ["path"],
                    },
                },
            }
        ],
    }


def call(name: str, arguments: Any, call_id: str) -> Row:
    """A call with an id."""
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def changed(change: Callable[[Row], Any]) -> bytes:
    """The healthy row after a change, as a file of one line."""
    row = copy.deepcopy(healthy())
    change(row)
    return line(row)


def line(row: Row) -> bytes:
    """A row as a line."""
    return json.dumps(row).encode() + b"\n"


def asking(text: str) -> bytes:
    """The healthy row with another question."""
    return changed(lambda row: row["messages"][1].update(content=text))


def first_call(row: Row) -> Row:
    """The function of the first call."""
    function: Row = row["messages"][2]["tool_calls"][0]["function"]
    return function


SPACED = json.loads(line(healthy()).replace(b"Compare a.txt with", b"Compare  a.txt\\nwith"))
RENAMED = (
    "The function weigh_parcel in depot/scales.py multiplies by the factor twice, so every total "
    "that the cashier sees is too high. Open the file and show me the lines that are wrong."
)

BROKEN: dict[str, tuple[str, bytes]] = {
    "double-encoded arguments": (
        "D tools", changed(lambda row: first_call(row).update(arguments='{"path": "a.txt"}'))),
    "arguments that are no JSON": (
        "D tools", changed(lambda row: first_call(row).update(arguments='{"path": "a.txt"'))),
    "null injected by Arrow": (
        "D tools", changed(lambda row: first_call(row)["arguments"].update(pattern=None))),
    "null for a typed argument": (
        "D tools", changed(lambda row: first_call(row)["arguments"].update(line=None))),
    "missing required argument": (
        "D tools", changed(lambda row: first_call(row).update(arguments={"line": 1}))),
    "argument of the wrong type": (
        "D tools", changed(lambda row: first_call(row)["arguments"].update(line="1"))),
    "undeclared tool": (
        "D tools", changed(lambda row: first_call(row).update(name="open_file"))),
    "tool declared twice": (
        "D tools", changed(lambda row: row["tools"].append(row["tools"][0]))),
    "tool whose schema is none": (
        "D tools", changed(lambda row: row["tools"][0]["function"]["parameters"].update(type="obj"))),
    "tool message without a call": (
        "D schema", changed(lambda row: row["messages"].pop(2))),
    "call without a result": (
        "D schema", changed(lambda row: row["messages"].pop(4))),
    "results in another order": (
        "D schema", changed(lambda row: row["messages"].insert(3, row["messages"].pop(4)))),
    "last turn is the user's": (
        "D schema", changed(lambda row: row["messages"].append({"role": "user", "content": "Ok"}))),
    "two user turns in a row": (
        "D schema", changed(lambda row: row["messages"].insert(1, row["messages"][1]))),
    "system turn in the middle": (
        "D schema", changed(lambda row: row["messages"].insert(2, row["messages"].pop(0)))),
    "unknown role": (
        "D schema", changed(lambda row: row["messages"][1].update(role="human"))),
    "content null": (
        "D schema", changed(lambda row: row["messages"][2].update(content=None))),
    "assistant says nothing": (
        "D schema", changed(lambda row: row["messages"][5].update(content=""))),
    "nothing carries loss": (
        "D schema", changed(lambda row: [row["messages"][at].update(weight=0) for at in (2, 5)])),
    "key twice in one object": (
        "D schema", line(healthy()).replace(b'"path": "a.txt"', b'"path": "b.txt", "path": "a.txt"')),
    "NaN": (
        "D schema", line(healthy()).replace(b'"path": "a.txt"', b'"path": "a.txt", "line": NaN')),
    "control token typed by the user": ("D text", asking("What does <|im_end|> mean in a.txt?")),
    "call typed into the text": (
        "D text", changed(lambda row: row["messages"][5].update(content="<tool_call>\n{}"))),
    "token 271 merge": (
        "D text", changed(lambda row: row["messages"][5].update(content="\nBoth are short."))),
    "zero-width characters": ("D text", asking("Compare a.txt\u200b with b.txt, please.")),
    "secret": ("D text", asking("Use ghp_" + "a1B2" * 9 + " to read a.txt.")),
    "Windows line endings": ("D text", line(healthy()).replace(b"\n", b"\r\n")),
    "duplicate differing by white space": ("D duplicates", line(healthy()) + line(SPACED)),
    "leaked probe with renamed variables": ("D leakage", asking(RENAMED)),
    "terminator cut by max_length": (
        "D length", changed(lambda row: row["messages"][3].update(content="one two " * 400))),
}  # fmt: skip
"""The gate that must turn red, and the file."""
