"""What OpenAI's Python client and an agent framework get from llama-server; prints it as JSON.

Run in the environment `consumers`: chat.py BASE_URL. Asked are: a call, whole and streamed; answers to its
result as text, as parts and as a JSON object; JSON by a schema; then an agent whose tool really runs.
"""

import asyncio
import json
import sys
from importlib.metadata import version
from typing import Any

from openai import OpenAI
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

QUESTION = "Count the lines of app/main.py."
USER = {"role": "user", "content": QUESTION}
PARAMETERS = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
TOOLS: Any = [{"type": "function", "function": {
    "name": "count_lines", "description": "Count lines", "parameters": PARAMETERS}}]  # fmt: skip
RESULTS: dict[str, Any] = {
    "text": "12",
    "parts": [{"type": "text", "text": "12"}],
    "object": json.dumps({"path": "app/main.py", "lines": 12}),
}
SCHEMA = {"type": "object", "properties": {"lines": {"type": "integer"}}, "required": ["lines"],
          "additionalProperties": False}  # fmt: skip


def chat(base_url: str) -> dict[str, Any]:
    """What the client itself gets."""
    client = OpenAI(base_url=base_url, api_key="-", max_retries=0)

    def ask(messages: Any, **more: Any) -> Any:
        return client.chat.completions.create(
            model="any", messages=messages, max_tokens=100, **more
        )

    (whole,) = ask([USER], tools=TOOLS).choices
    name = text = end = ""
    deltas = 0
    for part in ask([USER], tools=TOOLS, stream=True):
        deltas += 1
        for choice in part.choices:
            end = choice.finish_reason or end
            for call in choice.delta.tool_calls or []:
                name += call.function.name or ""
                text += call.function.arguments or ""
    answers = {}
    for form, content in RESULTS.items():
        result = {
            "role": "tool",
            "tool_call_id": whole.message.tool_calls[0].id,
            "content": content,
        }
        (choice,) = ask([USER, whole.message, result], tools=TOOLS).choices
        answers[form] = {"end": choice.finish_reason, "content": choice.message.content,
                         "calls": len(choice.message.tool_calls or [])}  # fmt: skip
    schema = {"name": "lines", "strict": True, "schema": SCHEMA}
    (shaped,) = ask([USER], response_format={"type": "json_schema", "json_schema": schema}).choices
    calls = [(call.function.name, call.function.arguments) for call in whole.message.tool_calls]
    return {
        "version": version("openai"),
        "whole": {"end": whole.finish_reason, "calls": calls},
        "streamed": {"end": end, "deltas": deltas, "name": name, "text": text},
        "answers": answers,
        "shaped": shaped.message.content,
    }


def agent(base_url: str) -> dict[str, Any]:
    """One question to an agent: which calls ran, and what it said."""
    ran = []

    def count_lines(path: str) -> int:
        """Count lines"""
        ran.append(path)
        return 12

    model = OpenAIChatModel("any", provider=OpenAIProvider(base_url=base_url, api_key="-"))
    said = asyncio.run(Agent(model, tools=[count_lines]).run(QUESTION)).output
    return {"version": version("pydantic-ai-slim"), "ran": ran, "said": said}


if __name__ == "__main__":
    print(json.dumps({"chat": chat(sys.argv[1]), "agent": agent(sys.argv[1])}))
