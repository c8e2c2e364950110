"""Chats with tools that every family of base models must write: calls, text beside them, results."""

from typing import Any

from synthia.families import FAMILIES, Name

TOKENS = {"bos_token": "<|begin_of_text|>", "eos_token": "<|im_end|>"}


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": [*properties][:1]}
    function = {"name": name, "description": "Does <a> 'ü'.\n", "parameters": parameters}
    return {"type": "function", "function": function}


def assistant(text: str, *calls: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    listed = [
        {"type": "function", "function": {"name": n, "arguments": values}} for n, values in calls
    ]
    return {"role": "assistant", "content": text, **({"tool_calls": listed} if calls else {})}


TOOLS = [
    tool("read_file", path={"type": "string", "description": " The path. "},
         items={"type": "integer", "minimum": 1, "default": 2}),
    tool("list", tags={"type": "array", "items": {"type": "string"}}, deep={"type": "boolean"}),
    tool("now"),
]  # fmt: skip
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "What is in a.py?"}
RESULT = {"role": "tool", "content": 'x = "1"\n<b>'}
READ = ("read_file", {"path": 'a "b".py', "items": 3})
LIST = ("list", {"tags": ["x", "ü"], "deep": True})
CALLS = [USER, assistant("", READ), RESULT, assistant("It holds x."), USER]
TWO = [USER, assistant("", READ, LIST), RESULT, RESULT]
SAID = [SYSTEM, USER, assistant("I look.", READ), RESULT]
CHATS: dict[str, list[dict[str, Any]]] = {
    "question": [USER], "system": [SYSTEM, USER], "calls": [SYSTEM, *CALLS], "no system": CALLS,
    "list": [SYSTEM, USER, assistant("", LIST)], "no arguments": [SYSTEM, USER, assistant("", ("now", {}))],
    "said": SAID, "two": [SYSTEM, *TWO], "answer": [SYSTEM, *CALLS, assistant("Bye.\nNow.")],
}  # fmt: skip


def rows(name: Name) -> list[list[dict[str, Any]]]:
    """The chats that end with an answer and that the family has a form for."""
    family = FAMILIES[name]
    whole = [
        m if m[-1]["role"] == "assistant" else [*m, assistant("Done.")] for m in CHATS.values()
    ]
    return [m for m in whole if family.parallel or all(len(t.get("tool_calls", [])) < 2 for t in m)]
