"""Tools as a row declares them, in the ways of the common data sets, turned into OpenAI's.

Read are OpenAI's objects, bare functions, Anthropic's and MCP's with input_schema, and xLAM's flat
parameters with Python's types.

Not covered: whether the parameters are a JSON Schema (`synthia.data.rules`), tools as code.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from synthia.data.literals import given, parsed

PYTHON_TYPES = {
    "str": "string", "string": "string", "int": "integer", "integer": "integer",
    "float": "number", "number": "number", "bool": "boolean", "boolean": "boolean",
    "list": "array", "array": "array", "tuple": "array", "set": "array", "dict": "object",
    "object": "object",
}  # fmt: skip
SCHEMA_WORDS = {
    "type", "properties", "required", "$ref", "$defs", "$schema", "$id", "definitions", "anyOf", "allOf",
    "oneOf", "not", "if", "then", "else", "enum", "const", "items", "patternProperties", "minProperties",
    "maxProperties", "dependentRequired", "dependencies", "$anchor", "$dynamicRef", "$dynamicAnchor",
    "$recursiveRef", "$recursiveAnchor", "$comment", "$vocabulary", "id",
}  # fmt: skip
"""Keywords of JSON Schema that xLAM's flat parameters lack."""
KEYWORDS_ALONE = (
    "additionalProperties", "unevaluatedProperties", "propertyNames", "dependentSchemas",
)  # fmt: skip
"""Words that are keywords whatever they hold: no parameter is called so."""
VALUES = ("default", "const", "example")
"""Keywords under which null is a value."""
BY_NAME = ("properties", "$defs", "definitions", "patternProperties")
"""Keywords under which schemas have names of their own."""
SCHEMA_KEYS = ("parameters", "input_schema", "inputSchema")

Row = dict[str, Any]


def convert(declared: Any, place: str = "tools") -> tuple[list[Row], list[str]]:
    """Tools as OpenAI declares them, and what was left out of them. Raises ValueError.

    `declared` is a list, or JSON text of one; each tool is an object, or JSON text of one. Rows share
    their tools, so equal ones come out as one object, which nobody changes.
    """
    found = parsed(declared, place)
    if found is None:
        return [], []
    if not isinstance(found, list):
        raise ValueError(f"{place} is no list")
    made = []
    left_out: list[str] = []
    for index, each in enumerate(found):
        at = f"{place}[{index}]"
        tool = parsed(each, at)
        try:
            one, less = _of_text(json.dumps(tool))
        except (
            TypeError,
            ValueError,
            RecursionError,
        ):  # is refused, or no JSON, e.g. Arrow's times
            one, less = _made(tool, at)
        made.append(one)
        left_out += less
    return made, left_out


@lru_cache(maxsize=4096)
def _of_text(text: str) -> tuple[Row, tuple[str, ...]]:
    """A tool that rows share is converted once."""
    return _made(json.loads(text), "")


def _made(tool: Any, place: str) -> tuple[Row, tuple[str, ...]]:
    found = given_tool(tool, place)
    keys = [key for key in SCHEMA_KEYS if key in found]
    if len(keys) > 1:
        raise ValueError(f"{place} has both {keys[0]} and {keys[1]}")
    parameters = parsed(found[keys[0]] if keys else {}, f"{place}.parameters")
    if "null" in json.dumps(parameters, default=str):
        parameters = _given_keywords(parameters)
    function = {
        "name": found["name"],
        "description": found.get("description", ""),
        "parameters": _parameters(parameters, place),
    }
    left_out = ("strict of tools",) if "strict" in found else ()
    return {"type": "function", "function": function}, left_out


def _given_keywords(schema: Any) -> Any:
    """A schema without nulls where JSON Schema knows none: Arrow writes them for what is absent."""
    if isinstance(schema, list):
        return [_given_keywords(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {}
    for key, inner in schema.items():
        if key in BY_NAME and isinstance(inner, Mapping):
            named = {name: each for name, each in inner.items() if each is not None}
            kept[key] = {name: _given_keywords(each) for name, each in named.items()}
        elif key in VALUES:
            kept[key] = inner
        elif inner is not None:
            kept[key] = inner if key == "enum" else _given_keywords(inner)
    return kept


def absent(call: Row, tools: Sequence[Row]) -> set[str]:
    """Names of a call's null arguments that mean "absent".

    Arrow writes null under each name that other rows have. It means that where the tool declares no such
    argument, or declares it as optional and of a type that null is not.
    """
    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    schema = schemas.get(call["function"]["name"], {})
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return set()
    required = schema.get("required") or []
    return {
        name
        for name, value in call["function"]["arguments"].items()
        if value is None
        and (name not in properties or (name not in required and _typed(properties[name])))
    }


def _typed(schema: Any) -> bool:
    """Whether a schema names one type, and null is not of it."""
    return (
        isinstance(schema, Mapping)
        and isinstance(schema.get("type"), str)
        and schema["type"] != "null"
        and not schema.get("nullable")
    )


def given_tool(tool: Any, place: str) -> Row:
    """The keys of a tool's function, whatever they are wrapped in."""
    if isinstance(tool, Mapping) and isinstance(tool.get("function"), str):
        tool = {**tool, "function": parsed(tool["function"], f"{place}.function")}
    if isinstance(tool, Mapping) and isinstance(tool.get("function"), Mapping):
        outer = given(tool, ("type", "function"), place)
        if outer.get("type", "function") != "function":
            raise ValueError(f"{place}.type is {tool['type']!r}, no function")
        tool, place = tool["function"], f"{place}.function"
    elif isinstance(tool, Mapping) and tool.get("type") in ("function", "custom"):
        tool = {key: value for key, value in tool.items() if key != "type"}
    if not isinstance(tool, Mapping) or not isinstance(tool.get("name"), str):
        raise ValueError(f"{place} has no name")
    found = given(
        tool, ("name", "description", "strict", *SCHEMA_KEYS), place,
        "a tool has name, description and parameters: say the rest in its description",
    )  # fmt: skip
    if not isinstance(found.get("description", ""), str):
        raise ValueError(f"{place}.description is no text")
    if not isinstance(found.get("strict", True), bool):
        raise ValueError(f"{place}.strict is neither true nor false")
    return found


def _parameters(parameters: Any, place: str) -> Row:
    if not isinstance(parameters, Mapping):
        raise ValueError(f"{place}.parameters is no JSON object")
    if not parameters:
        return {"type": "object", "properties": {}}
    # A flat parameter may be called "type" or "items"; then it is described by an object.
    if any(_is_keyword(key, value) for key, value in parameters.items()):
        schema: Row = _json_types(parameters)
        return schema
    properties = {}
    required = []
    for name, described in parameters.items():
        at = f"{place}.parameters.{name}"
        if not isinstance(described, Mapping):
            raise ValueError(f"{at} is no JSON object")
        kind, optional = _kind(str(described.get("type", "")), at)
        others = {key: value for key, value in described.items()
                  if key not in ("type", "description", "default")}  # fmt: skip
        description = described.get("description", "")
        properties[name] = {
            **kind,
            "description": "" if description is None else description,
            **others,
        }
        if "default" in described and described["default"] not in ("", None):
            properties[name]["default"] = described["default"]
        if not optional and "default" not in described:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _json_types(schema: Any) -> Any:
    """A schema with Python's types, as ToolACE and BFCL write them, in JSON Schema's words."""
    if isinstance(schema, list):
        return [_json_types(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: Row = {}
    for key, inner in schema.items():
        if key in BY_NAME and isinstance(inner, Mapping):
            kept[key] = {name: _json_types(each) for name, each in inner.items()}
        elif key == "type" and isinstance(inner, str):
            if inner != "any":  # a schema without a type accepts anything
                kept[key] = PYTHON_TYPES.get(inner, inner)
        else:
            kept[key] = inner if key in (*VALUES, "enum") else _json_types(inner)
    return kept


def _is_keyword(key: str, value: Any) -> bool:
    if key in KEYWORDS_ALONE:
        return True
    if key not in SCHEMA_WORDS:
        return False
    if key in (
        "properties",
        "$defs",
        "definitions",
        "patternProperties",
        "not",
        "if",
        "then",
        "else",
    ):
        # Of a parameter the type is a word, of a keyword it would be a schema.
        return not (isinstance(value, Mapping) and isinstance(value.get("type"), str))
    return not isinstance(value, Mapping)


def _kind(described: str, place: str) -> tuple[Row, bool]:
    """A JSON Schema type from xLAM's words: "str, optional", "List[int]", "Dict[str, Any]".

    What JSON Schema's type does not say of them is kept as a comment.
    """
    words = re.sub(r",?\s*optional\s*$", "", described, flags=re.IGNORECASE).strip()
    optional = words != described.strip()
    if wrapped := re.fullmatch(r"Optional\[(.*)\]", words):
        words, optional = wrapped[1], True
    outer, bracket, inner = words.partition("[")
    name = PYTHON_TYPES.get(outer.strip().lower())
    comment = {"$comment": words}
    if outer.strip() in ("Any", "any") and not bracket:
        return {}, optional  # a schema without a type accepts anything
    if outer.strip() == "Union" or "Callable" in outer:
        return comment, optional
    if name is None or (bracket and not inner.endswith("]")):
        raise ValueError(f"{place} has the unknown type {described!r}")
    if not bracket:
        return {"type": name}, optional
    if name == "array" and (item := PYTHON_TYPES.get(inner.rstrip("] ").lower())):
        return {"type": "array", "items": {"type": item}}, optional
    return {"type": name, **comment}, optional
