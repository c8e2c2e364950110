"""Tool calls that data sets write into the text of an answer, each in a form of its own.

Hermes' <tool_call>, Glaive's <functioncall>, Llama's <function=...>, Mistral's [TOOL_CALLS], and
ToolACE's list of Python calls. Text before the first call stays text; text behind or between calls is
refused, because a chat template writes what is said before what is called.

Not covered: calls that stand beside the text (`synthia.data.public_schemas`), Qwen3-Coder's parameters
in XML, whose values have no type, and calls in prose (ReAct). The first is refused by name.
"""

import ast
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from synthia.data.literals import given, has_comment, parsed, value_of
from synthia.data.tool_calls import strict_json

HERMES = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
LLAMA = re.compile(r"<function=([^<>]+)>\s*(.*?)\s*</function>", re.DOTALL)
QUOTED_ARGUMENTS = re.compile(
    r"\{\s*\"name\"\s*:\s*(\"(?:[^\"\\]|\\.)*\")\s*,\s*\"arguments\"\s*:\s*'(.*)'\s*\}", re.DOTALL
)
"""Glaive's arguments: JSON text in single quotes."""
ENDS = re.compile(r"\s*(?:<\|endoftext\|>|</s>|<\|eom_id\|>|<\|eot_id\|>)\s*$")
MARKS = {
    "<functioncall>": "Glaive's",
    "<function=": "Llama's",
    "[TOOL_CALLS]": "Mistral's",
    "<|python_tag|>": "Llama's",
    "<function_calls>": "Anthropic's older",
    "<invoke name=": "Anthropic's older",
    "<start_function_call>": "Gemma's",
    "```tool_code": "Gemma's",
    "<|tool_calls_section_begin|>": "Kimi's",
    "<|tool_call": "Phi's or Granite's",
    "<\uff5ctool\u2581call": "DeepSeek's",
    "<|channel|>commentary to=": "gpt-oss's",
    "<TOOLCALL>": "Nemotron's",
}
"""What begins a call in a form that is not the project's."""
NAMED = re.compile(r"\"(?:name|tool|tool_name|function|action)\"\s*:\s*\"([^\"]+)\"")
GIVEN = re.compile(
    r"\"(?:arguments|parameters|args|input|action_input|tool_input|kwargs)\"\s*:\s*[{\"]"
)
REACT = re.compile(r"^\W*Action:\s*`?([^\n`]+?)`?\s*\n\W*Action Input:", re.MULTILINE)
FENCED = re.compile(r"```\w*\s*(.*?)\s*```", re.DOTALL)
LIST = re.compile(r"\[\s*([^\[\](){}\"'=,]+?)\s*\(.*\)\s*\]", re.DOTALL)

XML = "a call in Qwen3-Coder's form: its values have no type; write it as JSON"
XML_OF_GLM = XML.replace("Qwen3-Coder's", "GLM's")

Row = dict[str, Any]


def call(name: Any, arguments: Any, place: str, call_id: Any = None) -> Row:
    """A call as the project writes it. Arguments may be JSON text."""
    if not isinstance(name, str) or not name:
        raise ValueError(f"{place} holds a call without a name")
    if isinstance(arguments, str) and not arguments.strip():
        raise ValueError(
            f"{place}: the arguments are an empty text: write {{}} where there are none"
        )
    found = parsed({} if arguments is None else arguments, place)
    if not isinstance(found, dict):
        raise ValueError(f"{place}: the arguments are no JSON object")
    made: Row = {"type": "function", "function": {"name": name, "arguments": found}}
    if call_id is not None and call_id != "":
        if not isinstance(call_id, str):
            raise ValueError(f"{place}.id is no text")
        made["id"] = call_id
    return made


def from_json(text: Any, place: str) -> list[Row]:
    """Calls from JSON of one call or of a list: name, arguments (Llama: parameters), perhaps an id."""
    found = parsed(text, place)
    made = []
    for value in found if isinstance(found, list) else [found]:
        if not isinstance(value, dict) or not isinstance(value.get("name"), str):
            raise ValueError(f"{place} holds a call without a name")
        one = given(value, ("name", "arguments", "parameters", "id"), place)
        if "arguments" in one and "parameters" in one:
            raise ValueError(f"{place} has both arguments and parameters")
        arguments = one.get("arguments", one.get("parameters"))
        made.append(call(one["name"], arguments, place, one.get("id")))
    return made


def named(messages: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names that system and user turns give in JSON: of tools, where a row declares them in its text."""
    texts = [each["content"] for each in messages if each["role"] in ("system", "user")]
    return [name for text in texts if '"name"' in text for name in NAMED.findall(text)]


def form(text: str, names: Collection[str]) -> str:
    """In whose form a text that the assistant says holds calls, or ""; `names` are the tools'."""
    if whose := _marked(text):
        return whose
    if not names:
        return ""
    if '"' in text and GIVEN.search(text) and any(name in names for name in NAMED.findall(text)):
        return "bare JSON's"
    if "Action:" in text and any(name in names for name in REACT.findall(text)):
        return "ReAct's"
    ends = ")]" in text and any(line.rstrip("` \t").endswith(")]") for line in text.split("\n"))
    begins = text.lstrip("` \n") if ")]" in text else ""
    if any((ends and f"[{name}(" in text) or begins.startswith(f"[{name}(") for name in names):
        return "ToolACE's"
    whole = fenced[1] if (fenced := FENCED.fullmatch(text.strip())) else text.strip()
    if whole.endswith(")") and all(_calls_python(line, names) for line in whole.split("\n")):
        return "Python's"
    return ""


def _calls_python(line: str, names: Collection[str]) -> bool:
    """Whether a line is nothing but a call of a tool, as Llama's and Gemma's are, or blank."""
    bare = line.strip()
    if bare.startswith("print(") and bare.endswith(")") and "print" not in names:
        bare = bare[len("print(") : -1]
    name = bare.partition("(")[0].removesuffix(".call")
    return not bare or (name in names and _closing_or_none(bare) == len(bare) - 1)


def _marked(text: str) -> str:
    """Whose marks of a call a text holds, or ""."""
    if "<" in text or "[TOOL" in text or "```" in text:
        return next((whose for mark, whose in MARKS.items() if mark in text), "")
    return ""


def _closing_or_none(text: str) -> int | None:
    try:
        return _closing(text, text.index("("))
    except ValueError:
        return None


def _alone(text: str, names: Collection[str]) -> bool:
    """Whether a text is nothing but JSON of one call, or of a list of calls, of declared tools."""
    try:
        value = strict_json(text)
    except ValueError:
        return False
    calls = value if isinstance(value, list) else [value]
    return bool(calls) and all(
        isinstance(each, dict)
        and each.get("name") in list(names)
        and each.keys() - {"id"} in ({"name", "arguments"}, {"name", "parameters"})
        for each in calls
    )


def split(text: str, names: Collection[str], place: str) -> tuple[str, list[Row]]:
    """What an answer says, and what it calls. Raises ValueError for what looks like a call and is none."""
    if "<tool_call>" in text:
        return _hermes(text, place)
    if "<functioncall>" in text:
        said, *calls = text.split("<functioncall>")
        texts = [ENDS.sub("", each.replace("</functioncall>", "", 1)).strip() for each in calls]
        return said.strip(), [_glaive(each, place) for each in texts]
    if "<function=" in text:
        said, found = _blocks(LLAMA, text, "<function=", place)
        if any("<parameter=" in inner for _, inner in found):
            raise ValueError(f"{place} holds {XML}")
        return said, [call(name.strip(), inner, place) for name, inner in found]
    if "[TOOL_CALLS]" in text:
        said, _, calls_text = text.partition("[TOOL_CALLS]")
        return said.strip(), from_json(ENDS.sub("", calls_text).strip(), place)
    bare = text.strip()
    if bare[:1] not in ("[", "{"):
        return _said(text, place)
    bare = ENDS.sub("", bare).strip()
    if bare[0] == "[" and (listed := LIST.fullmatch(bare)):
        try:
            return "", _toolace(bare, place)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if listed[1] in names:
                raise ValueError(f"{place} looks like calls in ToolACE's form: {error}") from None
    if _alone(bare, names):
        return "", from_json(bare, place)
    return _said(text, place)


def _said(text: str, place: str) -> tuple[str, list[Row]]:
    if whose := _marked(text):
        raise ValueError(f"{place} holds a call in {whose} form, which is not read")
    return text, []


def _hermes(text: str, place: str) -> tuple[str, list[Row]]:
    said, found = _blocks(HERMES, text, "<tool_call>", place)
    made: list[Row] = []
    for inner in found:
        if inner.startswith("<function=") or "<arg_key>" in inner:
            raise ValueError(f"{place} holds {XML if inner[0] == '<' else XML_OF_GLM}")
        made += from_json(inner, place)
    if not made:
        raise ValueError(f"{place} has a <tool_call> without a call")
    return said, made


def _blocks(pattern: re.Pattern[str], text: str, mark: str, place: str) -> tuple[str, list[Any]]:
    """The text before the first block, and the blocks; nothing may stand behind or between them."""
    said, _, _ = text.partition(mark)
    rest = text[len(said) :]
    left = pattern.sub("", rest)
    if mark in left:
        raise ValueError(f"{place} has a {mark} that does not end")
    if behind := ENDS.sub("", left).strip():
        raise ValueError(
            f"{place} says {behind[:40]!r} behind or between its calls: the chat template writes what "
            "is said before what is called; make a turn of it, or move it to the front"
        )
    return said.strip(), pattern.findall(rest)


def _glaive(text: str, place: str) -> Row:
    try:
        calls = from_json(strict_json(text), place)
    except json.JSONDecodeError:
        found = QUOTED_ARGUMENTS.fullmatch(text)
        if not found:
            raise ValueError(f"{place} holds a <functioncall> that is no JSON") from None
        inner = found[2]
        try:
            strict_json(inner)
        except ValueError:
            inner = inner.replace("\\'", "'")
        calls = [call(json.loads(found[1]), _object(inner, place), place)]
    if len(calls) != 1:
        raise ValueError(f"{place} holds a <functioncall> of {len(calls)} calls")
    return calls[0]


def _object(text: str, place: str) -> Any:
    try:
        return strict_json(text)
    except ValueError as error:
        raise ValueError(f"{place}: the arguments are no JSON: {error}") from None


def _toolace(text: str, place: str) -> list[Row]:
    """Calls of `[name(key=value), other name()]`; names may hold spaces, so Python reads the rest alone."""
    made = []
    position = 1
    end = len(text) - 1
    while True:
        opening = text.find("(", position, end)
        name = text[position:opening].strip(" \t\r\n")
        if opening < 0 or not re.fullmatch(r"[^\[\](){}\"'=,]+", name):
            raise ValueError(f"{text[position:end].strip()[:40]!r} is no call")
        closing = _closing(text, opening)
        tree = ast.parse("f" + text[opening : closing + 1], mode="eval").body
        if not isinstance(tree, ast.Call) or tree.args:
            raise ValueError(f"the arguments of {name!r} have no names")
        if has_comment(text[opening : closing + 1]):
            raise ValueError("it holds a comment")
        made.append(call(name, _keywords(tree.keywords, name), place))
        rest = text[closing + 1 : end].lstrip()
        if not rest:
            return made
        if not rest.startswith(","):
            raise ValueError(f"{rest[:40]!r} is no call")
        position = end - len(rest) + 1


def _keywords(keywords: Iterable[ast.keyword], name: str) -> Row:
    found: Row = {}
    for each in keywords:
        if each.arg is None or each.arg in found:
            raise ValueError(f"an argument of {name!r} occurs twice, or has no name")
        found[each.arg] = value_of(each.value)
    return found


def _closing(text: str, opening: int) -> int:
    """Where the parenthesis ends that opens there, quotes and nesting regarded."""
    depth = 0
    quote = ""
    position = opening
    while position < len(text):
        character = text[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        else:
            depth += (character in "([{") - (character in ")]}")
            if depth == 0:
                return position
        position += 1
    raise ValueError("a parenthesis does not end")
