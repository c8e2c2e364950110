"""Rows in the common public schemas become the project's; what cannot be says why."""

import json
import re
from typing import Any

import pytest
from public_rows import APIGEN_MT, ASKED, CHAT, HERMES, OPENAI, TOOL, XLAM, openai_call

from synthia.data import public_schemas, rules as conversation_rules


def without_ids(row: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(row).replace(', "id": "c1"', "").replace(', "tool_call_id": "c1"', "")
    cleaned: dict[str, Any] = json.loads(text)
    return cleaned


@pytest.mark.parametrize(
    ("record", "schema"), [(OPENAI, "openai"), (HERMES, "sharegpt"), (APIGEN_MT, "sharegpt")]
)
def test_a_chat_comes_out_as_the_project_writes_it(record: dict[str, Any], schema: str) -> None:
    imported = public_schemas.convert(record)
    assert imported.form == schema
    row = imported.row
    assert conversation_rules.problems(row) == []
    said = [turn for turn in without_ids(row)["messages"] if turn["role"] != "system"]
    assert said == CHAT
    assert row["tools"] == [TOOL]


def test_of_a_hermes_system_prompt_the_template_writes_what_it_writes_itself() -> None:
    system = public_schemas.convert(HERMES).row["messages"][0]
    assert system == {"role": "system", "content": "You are a function calling AI model."}


def test_xlam_parameters_become_a_json_schema() -> None:
    row = public_schemas.convert(XLAM).row
    assert conversation_rules.problems(row) == []
    assert row["messages"][-1] == CHAT[1]
    assert row["tools"][0]["function"]["parameters"] == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where"},
            "days": {"type": "array", "items": {"type": "integer"}, "description": ""},
            "unit": {"type": "string", "description": "Unit", "default": "C"},
        },
        "required": ["city"],
    }


def test_results_are_put_into_the_order_of_their_calls() -> None:
    record = {
        "messages": [
            ASKED,
            {"role": "assistant", "content": None,
             "tool_calls": [openai_call("a", "Oslo"), openai_call("b", "Rome")]},
            {"role": "tool", "tool_call_id": "b", "content": "20"},
            {"role": "tool", "tool_call_id": "a", "content": "3"},
            {"role": "assistant", "content": "3 and 20."},
        ],
        "tools": [TOOL],
    }  # fmt: skip
    row = public_schemas.convert(record).row
    assert [turn["content"] for turn in row["messages"][2:4]] == ["3", "20"]
    assert conversation_rules.problems(row) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "x"}, "has the keys ['text']"),
        ({**XLAM, "answers": "[]"}, "answers holds no call"),
        ({**XLAM, "answers": "[{]"}, "answers is no JSON"),
        ({**XLAM, "tools": '[{"name": "f", "parameters": {"x": {"type": "Foo"}}}]'},
         "tools[0].parameters.x has the unknown type 'Foo'"),
        ({"conversations": [{"from": "judge", "value": "x"}]}, "conversations[0] has no known speaker"),
        ({"conversations": [{"from": "gpt", "value": "<tool_call>\n{}"}]}, "that does not end"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "parts that are no text"),
        ({"messages": [{"role": "assistant", "content": None, "tool_calls": [
            {"type": "function", "function": {"name": "f", "arguments": "[1]"}}]}]},
         "the arguments are no JSON object"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_says_why(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        public_schemas.convert(change)


def test_a_row_of_the_project_stays_as_it_is() -> None:
    row = {"messages": CHAT, "tools": [TOOL]}
    assert public_schemas.convert(row) == public_schemas.Imported("project", row)
