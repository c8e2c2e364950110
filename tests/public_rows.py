"""One chat in each public schema that is converted, for the tests of the conversion and of its command."""

import json
from typing import Any

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather", "parameters": PARAMETERS},
}
CALL = {"type": "function", "function": {"name": "weather", "arguments": {"city": "Oslo"}}}
ASKED = {"role": "user", "content": "Weather in Oslo?"}
CHAT = [
    ASKED,
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "content": "3 degrees"},
    {"role": "assistant", "content": "It has 3 degrees."},
]
HERMES_SYSTEM = (
    "You are a function calling AI model. You are provided with function signatures within "
    "<tools></tools> XML tags. You may call one or more functions. <tools> "
    f"{json.dumps([TOOL])} </tools> For each function call return a json object within "
    "<tool_call></tool_call> tags."
)

HERMES_CALL = "<tool_call>\n{'arguments': {'city': 'Oslo'}, 'name': 'weather'}\n</tool_call>"


def openai_call(call_id: str, city: str) -> dict[str, Any]:
    arguments = json.dumps({"city": city})
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": "weather", "arguments": arguments},
    }


OPENAI = {
    "messages": [
        ASKED,
        {"role": "assistant", "content": None, "tool_calls": [openai_call("c1", "Oslo")]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "3 degrees"}]},
        {"role": "assistant", "content": "It has 3 degrees."},
    ],
    "tools": [TOOL],
    "parallel_tool_calls": False,
}
HERMES = {
    "id": "x",
    "conversations": [
        {"from": "system", "value": HERMES_SYSTEM},
        {"from": "human", "value": "Weather in Oslo?"},
        {"from": "gpt", "value": HERMES_CALL},
        {"from": "tool", "value": "<tool_response>\n3 degrees\n</tool_response>"},
        {"from": "gpt", "value": "It has 3 degrees."},
    ],
}  # fmt: skip
APIGEN_MT = {
    "system": "",
    "tools": json.dumps([TOOL["function"]]),
    "conversations": [
        {"from": "human", "value": "Weather in Oslo?"},
        {"from": "function_call", "value": '{"name": "weather", "arguments": {"city": "Oslo"}}'},
        {"from": "observation", "value": "3 degrees"},
        {"from": "gpt", "value": "It has 3 degrees."},
    ],
}
XLAM = {
    "id": 7,
    "query": "Weather in Oslo?",
    "tools": json.dumps(
        [
            {
                "name": "weather",
                "description": "Weather",
                "parameters": {
                    "city": {"type": "str", "description": "Where"},
                    "days": {"type": "List[int], optional", "description": "", "default": ""},
                    "unit": {"type": "str", "description": "Unit", "default": "C"},
                },
            }
        ]
    ),
    "answers": json.dumps([{"name": "weather", "arguments": {"city": "Oslo"}}]),
}
