"""Conversations in the common public schemas, converted to the project's.

Known are: OpenAI's messages with tools and arguments as text; ShareGPT turns ({"from", "value"}) with
Hermes' <tools>, <tool_call> and <tool_response> marks, or with APIGen-MT's function_call and
observation turns; xLAM/APIGen rows of query, tools and answers. Nothing is guessed: a row that does
not say what it means is refused with the reason.

Not covered: checking the converted row (`synthia.data.rules`), images, and other schemas.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from synthia.data.tool_calls import strict_json

ROLES = {
    "system": "system", "human": "user", "user": "user", "gpt": "assistant",
    "assistant": "assistant", "tool": "tool", "function_call": "call", "observation": "tool",
}  # fmt: skip
PYTHON_TYPES = {
    "str": "string", "string": "string", "int": "integer", "integer": "integer",
    "float": "number", "number": "number", "bool": "boolean", "boolean": "boolean",
    "list": "array", "array": "array", "tuple": "array", "set": "array", "dict": "object",
    "object": "object",
}  # fmt: skip
TOOLS_BLOCK = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)
CALL_BLOCK = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
RESPONSE_BLOCK = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)

Row = dict[str, Any]


def schema_of(record: Mapping[str, Any]) -> str:
    """Name the schema of a record: "project", "openai", "sharegpt", "xlam", or "" if unknown."""
    if "query" in record and "answers" in record:
        return "xlam"
    if "conversations" in record:
        return "sharegpt"
    if not isinstance(record.get("messages"), list):
        return ""
    return "openai" if _is_openai(record) else "project"


def _is_openai(record: Mapping[str, Any]) -> bool:
    """Whether something is said in OpenAI's way that the project's schema says in another."""
    if record.keys() - {"messages", "tools", "scenario", "exec_digest"}:
        return True
    if isinstance(record.get("tools"), str):
        return True
    for message in record["messages"]:
        if not isinstance(message, Mapping):
            continue
        if message.get("content", "") is None or isinstance(message.get("content"), list):
            return True
        if "function_call" in message or message.get("role") in ("function", "developer"):
            return True
        for call in message.get("tool_calls") or []:
            function = call.get("function") if isinstance(call, Mapping) else None
            if isinstance(function, Mapping) and isinstance(function.get("arguments"), str):
                return True
    return False


def convert(record: Mapping[str, Any]) -> Row:
    """Convert one record. Raises ValueError with the reason when it cannot be."""
    schema = schema_of(record)
    if schema == "xlam":
        return _xlam(record)
    if schema == "sharegpt":
        return _sharegpt(record)
    if schema == "openai":
        return _openai(record)
    if schema == "project":
        return dict(record)
    raise ValueError(
        f"has the keys {sorted(record)}: known are messages (OpenAI), conversations (ShareGPT, "
        "Hermes), and query with answers (xLAM)"
    )


def _openai(record: Mapping[str, Any]) -> Row:
    messages = []
    for index, message in enumerate(record["messages"]):
        place = f"messages[{index}]"
        if not isinstance(message, Mapping):
            raise ValueError(f"{place} is no JSON object")
        role = {"developer": "system", "function": "tool"}.get(
            message.get("role", ""), message.get("role")
        )
        turn: Row = {"role": role, "content": _text(message.get("content"), place)}
        calls = message.get("tool_calls") or []
        if message.get("function_call"):
            calls = [{"type": "function", "function": message["function_call"]}]
        if calls:
            turn["tool_calls"] = [_openai_call(call, f"{place}.tool_calls") for call in calls]
        if "weight" in message:
            turn["weight"] = message["weight"]
        if role == "tool" and message.get("tool_call_id"):
            turn["tool_call_id"] = message["tool_call_id"]
        messages.append(turn)
    return {"messages": _in_call_order(messages), "tools": _tools(record.get("tools") or [])}


def _openai_call(call: Any, place: str) -> Row:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise ValueError(f"{place} holds no function with a name")
    made: Row = {
        "type": "function",
        "function": {
            "name": function["name"],
            "arguments": _object(function.get("arguments", {}), f"{place}.arguments"),
        },
    }
    if call.get("id"):
        made["id"] = call["id"]
    return made


def _in_call_order(messages: list[Row]) -> list[Row]:
    """Put results that name their call into the order of the calls; the template shows no ids."""
    ordered: list[Row] = []
    index = 0
    while index < len(messages):
        turn = messages[index]
        ordered.append(turn)
        index += 1
        wanted = [call.get("id") for call in turn.get("tool_calls", [])]
        results = messages[index : index + len(wanted)]
        named = {result.get("tool_call_id"): result for result in results
                 if result["role"] == "tool"}  # fmt: skip
        if wanted and None not in wanted and set(wanted) == set(named):
            ordered += [named[each] for each in wanted]
            index += len(wanted)
    return ordered


def _sharegpt(record: Mapping[str, Any]) -> Row:
    tools: list[Row] = _tools(record.get("tools") or [])
    messages: list[Row] = []
    system = record.get("system") or ""
    if system:
        messages.append({"role": "system", "content": system})
    for index, turn in enumerate(record["conversations"]):
        place = f"conversations[{index}]"
        if not isinstance(turn, Mapping) or turn.get("from", turn.get("role")) not in ROLES:
            raise ValueError(f"{place} has no known speaker; known: {', '.join(ROLES)}")
        role = ROLES[turn.get("from", turn.get("role"))]
        text = _text(turn.get("value", turn.get("content")), place)
        if role == "system" and "<tools>" in text:
            for block in filter(None, TOOLS_BLOCK.findall(text)):
                tools = tools or _tools(_json(block, f"{place}, <tools>"))
            # The chat template itself writes the tools, and how they are called.
            text = re.split(r"[^.\n]*<tools>", text, maxsplit=1)[0].strip()
            if not text:
                continue
        messages += _sharegpt_turns(role, text, place)
    return {"messages": messages, "tools": tools}


def _sharegpt_turns(role: str, text: str, place: str) -> list[Row]:
    if role == "call":
        return [{"role": "assistant", "content": "", "tool_calls": _calls([text], place)}]
    if role == "assistant" and "<tool_call>" in text:
        calls = _calls(CALL_BLOCK.findall(text), place)
        said = CALL_BLOCK.sub("", text).strip()
        if "<tool_call>" in said or not calls:
            raise ValueError(f"{place} has a <tool_call> that does not end")
        return [{"role": "assistant", "content": said, "tool_calls": calls}]
    if role == "tool":
        answers = RESPONSE_BLOCK.findall(text) or [text]
        return [{"role": "tool", "content": answer} for answer in answers]
    return [{"role": role, "content": text.strip() if role == "assistant" else text}]


def _calls(texts: Sequence[str], place: str) -> list[Row]:
    made = []
    for text in texts:
        found = _json(text, place)
        for call in found if isinstance(found, list) else [found]:
            if not isinstance(call, Mapping) or not isinstance(call.get("name"), str):
                raise ValueError(f"{place} holds a call without a name")
            arguments = _object(call.get("arguments", {}), place)
            function = {"name": call["name"], "arguments": arguments}
            made.append({"type": "function", "function": function})
    return made


def _xlam(record: Mapping[str, Any]) -> Row:
    answers = _json(record["answers"], "answers")
    if not isinstance(answers, list):
        raise ValueError("answers is no list of calls")
    if not answers:
        raise ValueError("answers holds no call, and xLAM gives no text to answer with")
    return {
        "messages": [
            {"role": "user", "content": _text(record["query"], "query")},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": _calls([json.dumps(call) for call in answers], "answers"),
            },
        ],
        "tools": _tools(record.get("tools") or []),
    }


def _tools(tools: Any) -> list[Row]:
    """Tools as OpenAI declares them, from OpenAI's, bare functions, or xLAM's flat parameters."""
    declared = _json(tools, "tools")
    if not isinstance(declared, list):
        raise ValueError("tools is no list")
    made = []
    for index, tool in enumerate(declared):
        function = tool.get("function", tool) if isinstance(tool, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise ValueError(f"tools[{index}] has no name")
        made.append(
            {
                "type": "function",
                "function": {
                    "name": function["name"],
                    "description": function.get("description") or "",
                    "parameters": _parameters(function.get("parameters") or {}, f"tools[{index}]"),
                },
            }
        )
    return made


def _parameters(parameters: Any, place: str) -> Row:
    if not isinstance(parameters, Mapping):
        raise ValueError(f"{place}.parameters is no JSON object")
    if not parameters:
        return {"type": "object", "properties": {}}
    if "type" in parameters and not isinstance(parameters["type"], Mapping):
        schema = dict(parameters)
        schema["type"] = "object" if schema["type"] == "dict" else schema["type"]
        return schema
    properties = {}
    required = []
    for name, described in parameters.items():
        if not isinstance(described, Mapping):
            raise ValueError(f"{place}.parameters.{name} is no JSON object")
        kind, optional = _kind(str(described.get("type", "")), f"{place}.parameters.{name}")
        properties[name] = {**kind, "description": described.get("description", "")}
        if "default" in described and described["default"] not in ("", None):
            properties[name]["default"] = described["default"]
        if not optional and "default" not in described:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _kind(described: str, place: str) -> tuple[Row, bool]:
    """A JSON Schema type from xLAM's words: "str, optional", "List[int]", "Dict[str, Any]"."""
    words, _, rest = described.partition(",") if "[" not in described else (described, "", "")
    optional = "optional" in rest.lower() or "optional" in words.lower()
    words = re.sub(r",?\s*optional\s*$", "", words, flags=re.IGNORECASE).strip()
    if wrapped := re.fullmatch(r"Optional\[(.*)\]", words):
        words = wrapped[1]
    outer, _, inner = words.partition("[")
    name = PYTHON_TYPES.get(outer.strip().lower())
    if outer.strip() in ("Union", "Any", "any") or "Callable" in outer:
        return {}, optional  # a schema without a type accepts anything
    if name is None:
        raise ValueError(f"{place} has the unknown type {described!r}")
    if name == "array" and (item := PYTHON_TYPES.get(inner.rstrip("] ").lower())):
        return {"type": "array", "items": {"type": item}}, optional
    return {"type": name}, optional


def _text(content: Any, place: str) -> str:
    if content is None:
        return ""
    if isinstance(content, list):
        if not all(isinstance(part, Mapping) and part.get("type") == "text" for part in content):
            raise ValueError(f"{place}.content holds parts that are no text")
        return "".join(part["text"] for part in content)
    if not isinstance(content, str):
        raise ValueError(f"{place}.content is no text")
    return content


def _object(value: Any, place: str) -> Row:
    found = _json(value, place)
    if not isinstance(found, dict):
        raise ValueError(f"{place}: the arguments are no JSON object")
    return found


def _json(value: Any, place: str) -> Any:
    """A value that is JSON text, or written as a Python literal (Hermes v1), or no text at all."""
    if not isinstance(value, str):
        return value
    try:
        return strict_json(value)
    except ValueError as error:
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise ValueError(f"{place} is no JSON: {error}") from None
