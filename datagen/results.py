"""Results as JSON objects in some of the rows: what servers of tools and agent libraries send.

What a tool returned stays as it was; only how it is written down differs, one form a row: an object with
what the text consists of, the text under a key, or MCP's list of content parts.

Not covered: running tools (`datagen.workbench`); services, whose results are objects anyway
(`datagen.worlds.services`).
"""

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from datagen.tool_schemas import TOOLS

SHARE = 0.14
"""The share of rows whose results are written so."""
LONGEST = 4200
"""Characters of a row's messages: a longer row stays as it is, since quotation takes room."""
Call = Mapping[str, Any]


def shaped(row: dict[str, Any]) -> dict[str, Any]:
    """The row, or in some rows a row with its results as JSON objects; the row's scenario decides."""
    r = random.Random(f"{row['scenario']} results")
    if r.random() >= SHARE or len(json.dumps(row["messages"])) > LONGEST:
        return row
    form = r.choice((_taken_apart, _taken_apart, _under_a_key(r), _as_parts))
    return {**row, "messages": _messages(row["messages"], form)}


def _messages(
    messages: list[dict[str, Any]], form: Callable[[Call, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    made = []
    calls: list[Call] = []
    for message in messages:
        if message["role"] == "tool":
            text = message["content"]
            if calls[0]["name"] in TOOLS:
                text = json.dumps(form(calls[0], text), ensure_ascii=False)
            made.append({**message, "content": text})
            calls = calls[1:]
        else:
            made.append(message)
            calls = [call["function"] for call in message.get("tool_calls", [])]
    return made


def _under_a_key(r: random.Random) -> Callable[[Call, str], dict[str, Any]]:
    right, wrong = r.choice(
        (("result", "error"), ("output", "error"), ("result", "result"), ("content", "error"))
    )

    def form(call: Call, text: str) -> dict[str, Any]:
        failed = text.startswith("Error: ")
        return {
            wrong if failed else right: text.removeprefix("Error: ") if wrong == "error" else text
        }

    return form


def _as_parts(call: Call, text: str) -> dict[str, Any]:
    """The result of MCP's tools/call: https://modelcontextprotocol.io/specification (CallToolResult)."""
    return {"content": [{"type": "text", "text": text}], "isError": text.startswith("Error: ")}


def _taken_apart(call: Call, text: str) -> dict[str, Any]:
    name, arguments = call["name"], call["arguments"]
    if text.startswith("Error: "):
        return {"ok": False, "error": text.removeprefix("Error: ")}
    if name == "read_file":
        return {"path": arguments["path"], "content": text}
    if name == "list_directory" and text != "(empty)":
        return {"path": arguments["path"], "entries": text.splitlines()}
    if name == "search":
        found = [re.fullmatch(r"(.*?):(\d+): (.*)", line) for line in text.splitlines()]
        if all(found):
            matches = [
                {"path": hit[1], "line": int(hit[2]), "text": hit[3]} for hit in found if hit
            ]
            return {"count": len(matches), "matches": matches}
        return {"count": 0, "matches": []} if text == "No matches." else {"output": text}
    if name == "http_request" and (
        answer := re.match(r"(\d{3}) ([A-Z -]+) (\S+)\n(.*)", text, re.DOTALL)
    ):
        body: Any = answer[4]
        if answer[3] == "application/json":
            body = json.loads(body)
        return {
            "status": int(answer[1]),
            "reason": answer[2],
            "content_type": answer[3],
            "body": body,
        }
    return {"ok": True, "output": text}
