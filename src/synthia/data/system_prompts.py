"""Tools that a system turn declares in its text, and the sentences around them that the template writes.

A chat template declares tools and says how they are called in its own words. Of the text around a
declaration only the sentences go that say just that, as Hermes, Glaive and ToolACE have them, word by
word; all other text stays. Where a sentence that stays would still tell of another way to call, the row
is refused.

Not covered: tools declared as code or in prose.
"""

import json
import re
from typing import Any

from synthia.data.literals import parsed
from synthia.data.tool_calls import strict_json

TOOLS_BLOCK = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)
LOOKED_AT = 50
"""Brackets in a system turn at which a declaration is looked for."""
PLACEHOLDERS = (
    r"\[func(?:_name)?\d*\((?:params?(?:_(?:name|value)\d*)?|[=,.\s])*\)"
    r"(?:,\s?func(?:_name)?\d*\((?:params?(?:_(?:name|value)\d*)?|[=,.\s])*\))*\]"
)
SENTENCES = (
    # Hermes and Qwen
    r"# Tools(?=\s)",
    r"You are provided with function signatures within <tools>\s*</tools>(?: XML)? tags[.:]",
    r"You may call one or more functions(?: to assist with the user query)?\.",
    r"Here are the available tools:",
    r"For each (?:function )?call,? return (?:a )?json(?: object)?(?:,? with (?:the )?(?:function )?name "
    r"and arguments)? (?:with)?in <tool_call>\s*</tool_call>(?: XML)?(?: tags)?"
    r"(?: as follows| with the following schema)?[.:]?",
    # ToolACE and BFCL
    r"You (?:may|can) (?:call|use) (?:these|the following) (?:functions|tools)"
    r"(?:, as \[name\(key=value\)\])?\s?[-:]",
    r"Here is a list of functions in JSON format that you can invoke:",
    r"You should only return the function calls? in (?:your response|tools call sections)\.",
    r"If you decide to invoke any of the function\(s\), you MUST put it in the format of "
    rf"{PLACEHOLDERS}\.?",
    rf"Should you decide to return the function call\(s\),? ?put (?:it|them) in the format of "
    rf"{PLACEHOLDERS}\.?",
    r"(?:You SHOULD NOT include any other text in the response|NO other text MUST be included)\.",
)
KNOWN = re.compile(
    "(?:" + "|".join(each.replace(" ", r"\s+") for each in SENTENCES) + r")[ \t]*", re.IGNORECASE
)
PYDANTIC = re.compile(
    r"Use the following pydantic model json schema for each tool call you will make:\s*"
)
EXAMPLE = re.compile(
    r"<tool_call>\s*\{?\s*(?:tool_call|[\"']arguments[\"']: <args-(?:dict|json-object)>,\s+"
    r"[\"']name[\"']: <function-name>|[\"']name[\"']: <function-name>,\s+[\"']arguments[\"']: "
    r"<args-(?:dict|json-object)>)\s*\}?\s*</tool_call>"
)
GLAIVE = re.compile(
    r"^(?:SYSTEM:\s*)?(You are a helpful assistant),? with access to the following functions\.\s+"
    r"Use them if required\s*-?"
)
CALL_SCHEMAS = [
    {
        "title": "FunctionCall",
        "type": "object",
        "properties": {
            "arguments": {"title": "Arguments", "type": "object"},
            "name": {"title": "Name", "type": "string"},
        },
        "required": required,
    }
    for required in (["arguments", "name"], ["name", "arguments"])
]
OTHER_WAY = re.compile(
    r"</?tool_call>|</?tools>|<functioncall>|<function=|\[\w+\(\w*=|\bfunc_name\d?\(|FunctionCall\b"
    r"|pydantic model json schema"
)
"""What a text tells of a way to call, once the known sentences are gone."""


def split(text: str, place: str, *, declared: bool) -> tuple[str, list[Any]]:
    """The text of a system turn without the tools that it declares, and those.

    With `declared`, tools stand beside the text as well, and only a <tools> block is looked for. Raises
    ValueError.
    """
    if "<tools>" in text:
        blocks = [block for block in TOOLS_BLOCK.findall(text) if block]
        tools = [tool for block in blocks for tool in _block(block, f"{place}, <tools>")]
        rest = TOOLS_BLOCK.sub(lambda found: "" if found[1] else found[0], text)
    elif not declared and (found := _json(text)):
        tools, start, end = found
        rest = text[:start] + re.sub(r"^\s*\.(?=\s|$)", "", text[end:])
    else:
        return text, []
    if not tools:
        return text, []
    return _said(rest, place), tools


def _block(block: str, place: str) -> list[Any]:
    """A JSON list of tools, or one tool after the other as Qwen's template writes them."""
    try:
        found = parsed(block, place)
    except ValueError:
        lines = [line for line in block.split("\n") if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [parsed(line, place) for line in lines]
    return found if isinstance(found, list) else [found]


def _json(text: str) -> tuple[list[Any], int, int] | None:
    """Tools declared as JSON in a text, and where: a list, or objects one after the other."""
    for opening in list(re.finditer(r"[\[{]", text))[:LOOKED_AT]:
        end = opening.start()
        found: list[Any] = []
        while (value := _value(text, end)) is not None:
            tools = value[0] if isinstance(value[0], list) else [value[0]]
            if not tools or not all(map(_is_tool, tools)):
                break
            found += tools
            end = value[1]
            following = re.compile(r"[\s,]*(?=\{)").match(text, end)
            if not following:
                break
            end = following.end()
        if found:
            return found, opening.start(), end
    return None


def _value(text: str, start: int) -> tuple[Any, int] | None:
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
        return strict_json(text[start:end]), end
    except (ValueError, RecursionError):
        return None


def _is_tool(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    function = value.get("function", value)
    return isinstance(function, dict) and isinstance(function.get("name"), str) and bool(
        function.keys() & {"parameters", "description", "input_schema"}
    )  # fmt: skip


def _said(text: str, place: str) -> str:
    """The text without the sentences that the chat template writes in its own words."""
    text = GLAIVE.sub(r"\1.", text)
    schema = PYDANTIC.search(text)
    value = _literal(text, schema.end()) if schema else None
    if schema and value and value[0] in CALL_SCHEMAS:
        text = text[: schema.start()] + text[value[1] :]
    text = re.sub(r"\n\s*\n\s*\n", "\n\n", EXAMPLE.sub("", KNOWN.sub("", text))).strip()
    if other := OTHER_WAY.search(text):
        line = next(each for each in text.split("\n") if other[0] in each)
        raise ValueError(
            f"{place} tells in words of its own how calls are written, which the chat template tells "
            f"in another way: {line.strip()[:120]!r}; remove that sentence"
        )
    return text


def _literal(text: str, start: int) -> tuple[Any, int] | None:
    """The JSON object or Python literal that begins there and ends with its last brace."""
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            try:
                return parsed(text[start : position + 1], ""), position + 1
            except ValueError:
                return None
    return None
