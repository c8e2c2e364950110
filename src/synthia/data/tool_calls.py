"""Tool calls in text: strict parsing, comparison, validity against declared tools, serialisation.

A call is `<tool_call>`, a newline, one JSON object with exactly `name` and `arguments`, a newline,
`</tool_call>`: what the chat template writes. Anything that merely looks like it is reported as an
error and never repaired, because the programs that serve the model would not repair it either.

Not covered: running a call.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from synthia.data import json_schema

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

BLOCK = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)
MARK = re.compile(r"</?tool_call>")
EXACT_DIGITS = 17
"""So many digits every number of 64 bits needs at most (IEEE 754)."""
ECMA_ONLY = re.compile(
    r"\\[pPcku]|\(\?<[A-Za-z_$=!]|\[\^?\]|\[[^\]]*(?:\\[dswDSW]-[^\]]|[^\[]-\\[dswDSW])"
)
"""Constructs of JavaScript's regular expressions, which JSON Schema's are, that Python's lack; it can look
behind, but only by a fixed length."""
DRAFTS = ("202012", "7", "4")
"""What a schema that names no draft is tried as. Tools of pydantic 1 and of zod are of the older ones."""


@dataclass(frozen=True)
class Parsed:
    """What an answer's text holds."""

    calls: tuple[dict[str, Any], ...]
    """Each {"name": str, "arguments": object}, in order."""
    rest: str
    """The text outside the calls, stripped."""
    errors: tuple[str, ...]
    """Why a block that looks like a call is none."""


def parse(text: str) -> Parsed:
    """Find the calls in an answer."""
    calls = []
    errors = []
    for block in BLOCK.findall(text):
        try:
            calls.append(_call(block))
        except ValueError as error:
            errors.append(str(error))
    rest = BLOCK.sub("", text)
    if MARK.search(rest):
        errors.append("a <tool_call> mark stands outside a complete block")
    return Parsed(tuple(calls), rest.strip(), tuple(errors))


def _call(block: str) -> dict[str, Any]:
    try:
        call = strict_json(block)
    except json.JSONDecodeError as error:
        raise ValueError(f"the call is no JSON: {error.msg} at character {error.pos + 1}") from None
    if not isinstance(call, dict) or set(call) != {"name", "arguments"}:
        raise ValueError('the call is no JSON object with exactly "name" and "arguments"')
    if not isinstance(call["name"], str):
        raise ValueError("the call's name is no string")
    if not isinstance(call["arguments"], dict):
        raise ValueError("the call's arguments are no JSON object")
    return call


def strict_json(text: str) -> Any:
    """Read JSON as its standard has it: no NaN or Infinity, and no key twice. Raises ValueError."""
    try:
        return _STRICT.decode(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        raise ValueError("a whole number has more than 4,300 digits") from None


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits[:20]} is too large")
    if len(digits) > EXACT_DIGITS and _shortened(digits, number):
        raise ValueError(
            f"the number {digits[:40]} has more digits than are kept: it would become {number!r}"
        )
    return number


def _shortened(digits: str, number: float) -> bool:
    """Whether digits are lost, and not just more of them written than the number has."""
    said = Decimal(digits)
    try:
        kept = Decimal(number).quantize(said, context=Context(prec=len(digits) + 400))
    except ArithmeticError:
        return True
    return said not in (Decimal(repr(number)), kept)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} occurs twice in one JSON object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
)


def serialise(call: Mapping[str, Any]) -> str:
    """Write a call as the chat template does."""
    arguments = json.dumps(call["arguments"], ensure_ascii=False)
    return f'<tool_call>\n{{"name": "{call["name"]}", "arguments": {arguments}}}\n</tool_call>'


def same_calls(some: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two lists hold the same calls in the same order, arguments equal as JSON values."""
    return len(some) == len(others) and all(
        one["name"] == other["name"] and same_json(one["arguments"], other["arguments"])
        for one, other in zip(some, others, strict=True)
    )


def same_json(one: Any, other: Any) -> bool:
    """Compare JSON values: 1 equals 1.0, key order does not matter, and true is no number."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def problems(calls: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what is wrong with calls, given the tools that were declared."""
    declared = {tool["function"]["name"]: tool["function"] for tool in tools}
    found = []
    for call in calls:
        name = call["name"]
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            found.append(
                f"calls the tool {name!r}, which the row does not declare (declared: {known})"
            )
        elif not isinstance(call["arguments"], Mapping):
            found.append(f"the arguments of {name!r} are no JSON object")
        else:
            schema = json.dumps(declared[name].get("parameters", {}))
            found += [
                f"the arguments of {name!r} do not fit its schema: {wrong}"
                for wrong in _misfits(schema, call["arguments"])
            ]
    return found


def _misfits(schema: str, arguments: Mapping[str, Any]) -> list[str]:
    from referencing.exceptions import Unresolvable

    try:
        return [
            f"{error.json_path}: {error.message}"
            for error in _validator(schema).iter_errors(arguments)
        ]
    except Unresolvable as error:
        return [f"the schema refers to {error.ref!r}, which is not in it"]
    except RecursionError:
        return ["the schema refers to itself without end"]
    except (ArithmeticError, TypeError, ValueError, KeyError, AttributeError) as error:
        # Keywords that no draft forbids can still be more than the validator can compute.
        return [f"the schema cannot be applied: {error}"]


def schema_problem(parameters: Any) -> str:
    """Say why a tool's parameters are no JSON Schema of the draft that they name, or "".

    Where it names none that is known, it may be of any draft of DRAFTS.
    """
    return _judged(json.dumps(parameters))[1]


@lru_cache(maxsize=4096)
def _judged(schema: str) -> "tuple[type[Validator], str]":
    """The validator of a schema's draft, and why it is no schema of that draft, or ""."""
    jsonschema = json_schema.load()
    parameters = json.loads(schema)
    drafts = _drafts(parameters)
    said = ""
    for draft in drafts:
        checker: Any = draft
        try:
            if not _sound_in_parts(checker, parameters):
                _check(checker, parameters)
            wrong = next((each for each in _patterns(parameters) if _no_pattern(each)), None)
        except jsonschema.SchemaError as error:
            said = said or f"({_name(draft)}) {error.json_path}: {error.message}"
            continue
        except RecursionError:
            return draft, "it is nested too deeply"
        if wrong is None:
            return draft, ""
        return draft, f"({_name(draft)}) {wrong!r} is no regular expression"
    return drafts[0], said


def _check(checker: Any, schema: Any) -> None:
    """Raise SchemaError unless it is a schema of that draft."""
    formats = json_schema.load().FormatChecker(formats=())
    checker.check_schema(schema, format_checker=formats)


def _sound_in_parts(checker: Any, schema: Any) -> bool:
    """Whether all properties are schemas, and the rest is one without them.

    No draft asks anything of several properties together, and many tools have equal ones.
    """
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return False
    parts = [{**schema, "properties": {}}, *properties.values()]
    return all(_sound(checker, json.dumps(part)) for part in parts)


@lru_cache(maxsize=16384)
def _sound(checker: Any, schema: str) -> bool:
    try:
        _check(checker, json.loads(schema))
    except json_schema.load().SchemaError:
        return False
    return True


def _drafts(schema: Any) -> "list[type[Validator]]":
    """The validator of the draft that a schema names, or else of those of DRAFTS."""
    validators = json_schema.load().validators
    named = schema.get("$schema") if isinstance(schema, Mapping) else None
    if isinstance(named, str):
        name = re.sub(r"^https?(?=://json-schema\.org/draft-0)", "http", named).rstrip("#")
        unknown: Any = None
        found = validators.validator_for({"$schema": name}, default=unknown)
        if found is not None:
            return [found]
    return [getattr(validators, f"Draft{name}Validator") for name in DRAFTS]


def _name(checker: type) -> str:
    digits = "".join(filter(str.isdigit, checker.__name__))
    return f"Draft {digits[:4]}-{digits[4:]}" if len(digits) > 4 else f"Draft {digits}"


def _patterns(schema: Any) -> list[str]:
    """All regular expressions in a schema."""
    if isinstance(schema, list):
        return [pattern for each in schema for pattern in _patterns(each)]
    if not isinstance(schema, Mapping):
        return []
    found = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
    if isinstance(schema.get("patternProperties"), Mapping):
        found += schema["patternProperties"]
    return found + [pattern for each in schema.values() for pattern in _patterns(each)]


def _no_pattern(pattern: str) -> bool:
    """Whether a pattern is one neither to Python nor, as far as can be told, to JavaScript."""
    return not _compiles(pattern) and not ECMA_ONLY.search(pattern)


@lru_cache(maxsize=4096)
def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _judgeable(schema: Any) -> Any:
    """A schema without the patterns that Python cannot read: values are not judged by these."""
    if isinstance(schema, list):
        return [_judgeable(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {
        key: _judgeable(value)
        for key, value in schema.items()
        if not (key == "pattern" and isinstance(value, str) and not _compiles(value))
    }
    patterns = kept.get("patternProperties")
    if isinstance(patterns, Mapping) and not all(map(_compiles, patterns)):
        kept["patternProperties"] = {key: patterns[key] for key in patterns if _compiles(key)}
        kept.pop("additionalProperties", None)
    return kept


@lru_cache(maxsize=4096)
def _validator(schema: str) -> "Validator":
    """Compile a schema, once for each distinct text: rows share their tools."""
    from referencing import Registry

    # With a registry of its own it never fetches a schema that another refers to.
    return _judged(schema)[0](_judgeable(json.loads(schema)), registry=Registry())
