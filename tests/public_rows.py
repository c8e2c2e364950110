"""One chat in each public schema that is converted, for the tests of the conversion and of its command."""

import json
from typing import Any

PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather", "parameters": PARAMETERS},
}
CALL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "arguments": {"city": "Oslo"}},
}
ASKED: dict[str, Any] = {"role": "user", "content": "Weather in Oslo?"}
CHAT: list[dict[str, Any]] = [
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


OPENAI: dict[str, Any] = {
    "messages": [
        ASKED,
        {"role": "assistant", "content": None, "tool_calls": [openai_call("c1", "Oslo")]},
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "3 degrees"}]},
        {"role": "assistant", "content": "It has 3 degrees."},
    ],
    "tools": [TOOL],
    "parallel_tool_calls": False,
}
HERMES: dict[str, Any] = {
    "id": "x",
    "conversations": [
        {"from": "system", "value": HERMES_SYSTEM},
        {"from": "human", "value": "Weather in Oslo?"},
        {"from": "gpt", "value": HERMES_CALL},
        {"from": "tool", "value": "<tool_response>\n3 degrees\n</tool_response>"},
        {"from": "gpt", "value": "It has 3 degrees."},
    ],
}  # fmt: skip
APIGEN_MT: dict[str, Any] = {
    "system": "",
    "tools": json.dumps([TOOL["function"]]),
    "conversations": [
        {"from": "human", "value": "Weather in Oslo?"},
        {"from": "function_call", "value": '{"name": "weather", "arguments": {"city": "Oslo"}}'},
        {"from": "observation", "value": "3 degrees"},
        {"from": "gpt", "value": "It has 3 degrees."},
    ],
}
XLAM: dict[str, Any] = {
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


def _turns(*turns: dict[str, Any], **row: Any) -> dict[str, Any]:
    return {"conversations": [{"from": "human", "value": "Weather in Oslo?"}, *turns], **row}


def _last(text: str = "It has 3 degrees.") -> dict[str, Any]:
    return {"from": "gpt", "value": text}


_ARGUMENTS = '{"city": "Oslo"}'
_SAID = "It has 3 degrees."
_MESSAGE = {"role": "assistant", "content": _SAID}
_FUNCTION = json.dumps(TOOL["function"])
FORMS: dict[str, dict[str, Any]] = {
    "OpenAI": OPENAI,
    "Hermes": HERMES,
    "APIGen-MT": APIGEN_MT,
    "xLAM": XLAM,
    "the project's": {"messages": CHAT, "tools": [TOOL]},
    "legacy functions": {
        "messages": [
            ASKED,
            {"role": "assistant", "content": None,
             "function_call": {"name": "weather", "arguments": _ARGUMENTS}},
            {"role": "function", "name": "weather", "content": "3 degrees"},
            _MESSAGE,
        ],
        "functions": [TOOL["function"]],
    },
    "conversations with roles": {"conversations": OPENAI["messages"], "tools": [TOOL]},
    "from and value under messages": {"messages": APIGEN_MT["conversations"], "tools": [TOOL]},
    "ms-swift": {
        "messages": [
            ASKED,
            {"role": "tool_call", "content": json.dumps(CALL["function"])},
            {"role": "tool_response", "content": "3 degrees"},
            _MESSAGE,
        ],
        "tools": json.dumps([TOOL]),
    },
    "Llama's ipython": {
        "messages": [
            ASKED,
            {"role": "assistant", "content": f"<function=weather>{_ARGUMENTS}</function>"},
            {"role": "ipython", "content": "3 degrees"},
            _MESSAGE,
        ],
        "tools": [TOOL],
    },
    "Mistral": {
        "messages": [
            ASKED,
            {"role": "assistant", "content": "",
             "tool_calls": [{"id": "abcdefghi", "name": "weather", "arguments": {"city": "Oslo"}}]},
            {"role": "tool", "name": "weather", "tool_call_id": "abcdefghi", "content": "3 degrees"},
            _MESSAGE,
        ],
        "tools": [TOOL],
    },
    "Mistral's text": _turns(
        _last(f'[TOOL_CALLS] [{{"name": "weather", "arguments": {_ARGUMENTS}}}]</s>'), tools=[TOOL]
    ),
    "Anthropic": {
        "system": "Be brief.",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Weather in Oslo?"}]},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "3 degrees"}]},
            _MESSAGE,
        ],
        "tools": [{"name": "weather", "description": "Weather", "input_schema": PARAMETERS}],
    },
    "ToolACE": {
        "system": "You are an expert in composing functions. Here is a list of functions in JSON "
                  f"format that you can invoke:\n[{_FUNCTION}]. \nShould you decide to return the "
                  "function call(s), Put it in the format of [func1(params_name=params_value, "
                  "params_name2=params_value2...), func2(params)]\nNO other text MUST be included. ",
        **_turns(_last('[weather(city="Oslo")]'), {"from": "tool", "value": "3 degrees"}, _last()),
    },
    "Glaive in ShareGPT's clothes": {
        "conversations": [
            {"from": "system", "value": "SYSTEM: You are a helpful assistant with access to the following "
                                        f"functions. Use them if required -\n{_FUNCTION}"},
            {"from": "human", "value": "Weather in Oslo?"},
            _last(f"<functioncall> {{\"name\": \"weather\", \"arguments\": '{_ARGUMENTS}'}}"),
            {"from": "function_response", "value": "3 degrees"},
            _last(),
        ],
    },
    "Glaive": {
        "system": "SYSTEM: You are a helpful assistant with access to the following functions. Use them if "
                  f"required -\n{_FUNCTION}\n",
        "chat": "USER: Weather in Oslo?\n\n\nASSISTANT: <functioncall> "
                f"{{\"name\": \"weather\", \"arguments\": '{_ARGUMENTS}'}} <|endoftext|>\n\n\n"
                f"FUNCTION RESPONSE: 3 degrees\n\n\nASSISTANT: {_SAID} <|endoftext|>\n\n\n",
    },
    "columns of JSON text": {
        "messages": json.dumps(
            [
                {key: value for key, value in turn.items() if value is not None}
                for turn in OPENAI["messages"]
            ]
        ),
        "tools": [json.dumps(TOOL)], "id": 7,
    },
    "Arrow's nulls": {
        "messages": [
            {**ASKED, "tool_calls": None, "name": None},
            {"role": "assistant", "content": None, "name": None,
             "tool_calls": json.dumps([{**openai_call("c1", "Oslo"), "index": 0}])},
            {"role": "tool", "content": "3 degrees", "tool_calls": None, "tool_call_id": "c1"},
            {**_MESSAGE, "tool_calls": []},
        ],
        "tools": [{"type": "function", "function": {**TOOL["function"], "strict": True}}],
        "conversations": None,
    },
}  # fmt: skip
"""The same chat in each form that is read."""
