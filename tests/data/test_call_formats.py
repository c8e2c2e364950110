"""Calls in other forms than Hermes' are read strictly, and structure is told from what is said."""

from typing import Any

import pytest

from synthia.data import call_formats, tool_calls
from synthia.families import Calls

TOOL = {
    "type": "function",
    "function": {
        "name": "f",
        "description": "",
        "parameters": {
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "count": {"type": "integer"},
                "either": {"type": ["string", "integer"]},
                "tags": {"type": "array"},
            },
        },
    },
}


def xml(*parameters: tuple[str, str], name: str = "f") -> str:
    inside = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in parameters)
    return f"<tool_call>\n<function={name}>\n{inside}</function>\n</tool_call>"


def llama(arguments: str, name: str = "f") -> str:
    return f'{{"name": "{name}", "parameters": {arguments}}}'


@pytest.mark.parametrize(
    ("form", "text", "arguments", "rest"),
    [
        ("qwen3-coder", xml(), {}, ""),
        ("qwen3-coder", "I look.\n\n" + xml(("path", "3")), {"path": "3"}, "I look."),
        ("qwen3-coder", xml(("path", "\na\n"), ("count", "3")), {"path": "\na\n", "count": 3}, ""),
        ("qwen3-coder", xml(("tags", '["a", null]')), {"tags": ["a", None]}, ""),
        ("qwen3-coder", xml(("either", "3")), {"either": 3}, ""),
        ("qwen3-coder", xml(("either", "a b")), {"either": "a b"}, ""),
        ("qwen3-coder", xml(("unknown", "a")), {"unknown": "a"}, ""),
        ("llama3", llama('{"path": "a"}'), {"path": "a"}, ""),
        ("llama3", "I look.\n\n" + llama('{"count": 3}'), {"count": 3}, "I look."),
    ],
)
def test_a_call_is_read_with_the_types_of_its_schema(
    form: Calls, text: str, arguments: dict[str, Any], rest: str
) -> None:
    parsed = call_formats.parse(text, form, [TOOL])
    assert parsed.errors == ()
    assert tool_calls.same_calls(parsed.calls, [{"name": "f", "arguments": arguments}])
    assert parsed.rest == rest


def test_two_calls_are_read_in_their_order() -> None:
    text = xml(("count", "1")) + "\n" + xml(("count", "2"), name="g")
    parsed = call_formats.parse(text, "qwen3-coder", [TOOL])
    assert [call["name"] for call in parsed.calls] == ["f", "g"]
    assert call_formats.parse(text, "qwen3-coder", []).calls[0]["arguments"] == {"count": 1}


@pytest.mark.parametrize(
    ("form", "text", "error"),
    [
        ("qwen3-coder", xml(("count", "True")), "'True' is no JSON"),
        ("qwen3-coder", xml(("count", "3"), ("count", "4")), "occurs twice"),
        ("qwen3-coder", xml().replace("<function=f>\n", ""), "is no <function=NAME>"),
        ("qwen3-coder", xml().replace("</function>", "x</function>"), "something else"),
        ("qwen3-coder", xml().replace("\n</tool_call>", ""), "outside a complete <tool_call>"),
        ("qwen3-coder", "<function=f>\n</function>", "outside a complete <tool_call>"),
        ("qwen3-coder", '<tool_call>\n{"name": "f"}\n</tool_call>', "is no <function=NAME>"),
        ("llama3", llama("{}") + "\n" + llama("{}"), "or more follows it"),
        ("llama3", llama("{"), "the call is no JSON"),
        ("llama3", llama("[]"), "its parameters no object"),
        ("llama3", llama('{"a": 1, "a": 2}'), "the key 'a' occurs twice"),
        ("llama3", '{"name": "f", "arguments": {}}', "other keys than"),
        ("llama3", "<|python_tag|>f.call()", "calls no declared tool"),
    ],
)
def test_what_only_looks_like_a_call_is_an_error(form: Calls, text: str, error: str) -> None:
    parsed = call_formats.parse(text, form, [TOOL])
    assert parsed.calls == ()
    assert error in parsed.errors[0]


@pytest.mark.parametrize("form", ["qwen3-coder", "llama3"])
def test_json_with_a_name_is_an_answers_text(form: Calls) -> None:
    text = 'Write this:\n{"name": "x", "version": "1"}\n{\n "name": "y"\n}'
    assert call_formats.parse(text, form, [TOOL]) == tool_calls.Parsed((), text, ())
    assert not call_formats.MARKS[form].search(text)


@pytest.mark.parametrize(
    ("form", "text", "kept"),
    [
        ("qwen3-coder", "Hi\n" + xml(("path", "a b")),
         "...<tool_call>\n<function=.>\n<parameter=....>\n...\n</parameter>\n</function>\n</tool_call>"),
        ("llama3", "Hi\n" + llama('{"path": "a b", "n": 3}'),
         '...{"name": ".", "parameters": {"....": "...", ".": .}}'),
        ("hermes", 'Hi\n<tool_call>\n{"name": "f", "arguments": {"parameters": 3}}\n</tool_call>',
         '...<tool_call>\n{"name": ".", "arguments": {"..........": .}}\n</tool_call>'),
    ],
)  # fmt: skip
def test_structure_is_what_the_model_does_not_choose(form: Calls, text: str, kept: str) -> None:
    parts = call_formats.parts(text, form)
    pairs = zip(text, parts, strict=True)
    assert "".join(c if part in ("mark", "structure") else "." for c, part in pairs) == kept


@pytest.mark.parametrize("form", ["hermes", "qwen3-coder", "llama3"])
def test_a_name_is_told_from_arguments(form: Calls) -> None:
    text = {
        "hermes": '<tool_call>\n{"name": "read", "arguments": {"path": "abc"}}\n</tool_call>',
        "qwen3-coder": xml(("path", "abc")).replace("<function=f>", "<function=read>"),
        "llama3": '{"name": "read", "parameters": {"path": "abc"}}',
    }[form]
    pairs = list(zip(text, call_formats.parts(text, form), strict=True))
    assert "".join(c for c, part in pairs if part == "name") == "read"
    assert "".join(c for c, part in pairs if part == "argument") == "pathabc"
