"""Tool calls are parsed strictly, compared as JSON values, and held against their schemas."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, strategies as st

from synthia.data import tool_calls

CALL = {"name": "read_file", "arguments": {"path": "a.txt"}}
TEXT = '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n</tool_call>'


def test_calls_and_the_text_around_them_are_parsed() -> None:
    parsed = tool_calls.parse(f"I read it.\n{TEXT}\n{TEXT}")
    assert parsed.calls == (CALL, CALL)
    assert (parsed.rest, parsed.errors) == ("I read it.", ())


def test_text_without_a_call_has_none() -> None:
    assert tool_calls.parse('Use {"name": "x"}.') == tool_calls.Parsed((), 'Use {"name": "x"}.', ())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (TEXT.replace("}}", "}"), "is no JSON: "),
        (TEXT.replace('{"path": "a.txt"}', '"a.txt"'), "arguments are no JSON object"),
        (TEXT.replace('"read_file"', "7"), "name is no string"),
        (TEXT.replace('"name"', '"function"'), 'with exactly "name" and "arguments"'),
        (TEXT.replace('{"name"', '{"id": 1, "name"'), 'with exactly "name" and "arguments"'),
        (TEXT.replace('"a.txt"', "NaN"), "NaN is no JSON value"),
        (TEXT.replace('"a.txt"', '1, "path": 2'), "the key 'path' occurs twice"),
        (TEXT.replace("\n</tool_call>", ""), "outside a complete block"),
        (TEXT.replace("<tool_call>\n", ""), "outside a complete block"),
        (TEXT.replace("\n", " "), "outside a complete block"),
        ("<tool_call>\n" + "[" * 100_000 + "\n</tool_call>", "nested too deeply"),
    ],
)
def test_what_only_looks_like_a_call_is_an_error(text: str, error: str) -> None:
    parsed = tool_calls.parse(text)
    assert parsed.calls == ()
    assert error in parsed.errors[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(), JSON, max_size=3))
def test_what_is_written_is_parsed_again(arguments: dict[str, Any]) -> None:
    call = {"name": "f", "arguments": arguments}
    text = tool_calls.serialise(call)
    if "tool_call>" in json.dumps(arguments):
        return
    parsed = tool_calls.parse(text)
    assert parsed.errors == ()
    assert tool_calls.same_calls(parsed.calls, [call])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [1, {"c": None}]}, {"b": [1.0, {"c": None}], "a": 1.0}, True),
        (True, 1, False),
        (False, 0, False),
        (True, True, True),
        (None, False, False),
        (None, None, True),
        ("1", 1, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({}, [], False),
    ],
)
def test_values_are_compared_as_json_values(one: object, other: object, same: bool) -> None:
    assert tool_calls.same_json(one, other) is same
    assert tool_calls.same_json(other, one) is same


def test_calls_are_the_same_in_number_order_and_name() -> None:
    other = {**CALL, "name": "write_file"}
    assert tool_calls.same_calls([CALL, other], [CALL, other])
    assert not tool_calls.same_calls([CALL, other], [other, CALL])
    assert not tool_calls.same_calls([CALL], [CALL, CALL])
    assert tool_calls.same_calls([], [])


def tool(parameters: dict[str, Any]) -> dict[str, Any]:
    function = {"name": "read_file", "description": "", "parameters": parameters}
    return {"type": "function", "function": function}


PATH = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}


@pytest.mark.parametrize(
    ("call", "parameters", "problem"),
    [
        (CALL, PATH, ""),
        (CALL, {}, ""),
        ({**CALL, "name": "rm"}, PATH, "'rm', which the row does not declare (declared: read_file"),
        ({**CALL, "arguments": {"path": 7}}, PATH, "$.path: 7 is not of type 'string'"),
        ({**CALL, "arguments": {}}, PATH, "$: 'path' is a required property"),
        ({**CALL, "arguments": "{}"}, PATH, "are no JSON object"),
        (CALL, {"$ref": "https://example.org/schema.json"}, "which is not in it"),
        (CALL, {"$ref": "#"}, "refers to itself without end"),
    ],
)
def test_calls_are_held_against_the_declared_tools(
    call: dict[str, Any], parameters: dict[str, Any], problem: str
) -> None:
    found = tool_calls.problems([call], [tool(parameters)])
    assert (problem in found[0]) if problem else found == []


def test_a_schema_that_is_none_is_explained() -> None:
    assert tool_calls.schema_problem(PATH) == ""
    assert "'text' is not valid" in tool_calls.schema_problem({"type": "text"})
    assert tool_calls.schema_problem([]) != ""


@pytest.mark.parametrize("wrong", [{"type": "text"}, {"enum": 1}, {"items": {"minimum": "a"}}, 7])
@pytest.mark.parametrize("draft", ["202012", "7", "4"])
def test_a_schema_is_judged_by_its_parts_as_it_is_as_a_whole(wrong: Any, draft: str) -> None:
    checker = getattr(jsonschema.validators, f"Draft{draft}Validator")
    right: dict[str, Any] = {"type": "object", "properties": {"a": {}}, "required": ["a"]}
    schemas = [
        right,
        {**right, "properties": {"a": {"type": "string"}, "b": wrong}},
        {**right, "required": wrong},
        {**right, "properties": {"b": {"type": "object", "properties": {"c": wrong}}}},
        {**right, "$schema": "https://json-schema.org/draft/2020-12/schema"},
    ]
    for schema in schemas:
        found = list(checker(checker.META_SCHEMA).iter_errors(schema))
        assert tool_calls._sound_in_parts(checker, schema) == (not found), schema
