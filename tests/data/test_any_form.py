"""A call is found in whatever form a model writes it, and nothing else is taken for one."""

import pytest

from synthia.data import any_form, tool_calls

NAMES = {"read_file", "grep"}
CALL = {"name": "read_file", "arguments": {"path": "a {b}.txt"}}
JSON = '{"name": "read_file", "arguments": {"path": "a {b}.txt"}}'


@pytest.mark.parametrize(
    "text",
    [
        tool_calls.serialise(CALL),
        f"<tool_call>{JSON}",
        JSON,
        f"I will read it.\n```json\n{JSON}\n```\nDone.",
        JSON.replace("arguments", "parameters"),
        f'{{"type": "function", "function": {JSON}}}',
        f'{{"tool_calls": [{JSON}]}}',
        '[{"name": "read_file", "arguments": "{\\"path\\": \\"a {b}.txt\\"}"}]',
        '[read_file(path="a {b}.txt")]',
        '<function=read_file>{"path": "a {b}.txt"}</function>',
        f"[TOOL_CALLS][{JSON}]",
        "{'no': json} " + JSON,
    ],
)
def test_a_call_is_found_in_any_form(text: str) -> None:
    assert any_form.calls(text, NAMES) == [CALL]


def test_several_calls_keep_their_order() -> None:
    second = '{"name": "grep", "parameters": {"pattern": "x"}}'
    found = any_form.calls(f"{JSON}\nand then\n{second}", NAMES)
    assert found == [CALL, {"name": "grep", "arguments": {"pattern": "x"}}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The file has 12 lines.",
        '{"name": "Ada", "arguments": ["for", "against"]}',  # names no declared tool
        '{"name": "read_file"}',
        '{"name": "read_file", "argum',
        "[" * 100_000,
        "{" * 2_000,
        '{"tool": "read_file", "path": "a.txt"}',
    ],
)
def test_what_is_no_call_is_none(text: str) -> None:
    assert any_form.calls(text, NAMES) == []


def test_arguments_that_are_no_json_are_a_call_without_them() -> None:
    """The tool is the right one; its arguments are not."""
    text = '{"name": "read_file", "arguments": "a.txt"}'
    assert any_form.calls(text, NAMES) == [{"name": "read_file", "arguments": None}]
