"""An answer to a probe as it stands in a file: by token ids, or as llama-server handed it over.

`synthia.stages.answers` measures both kinds and the report shows them; a served one has `content` and no
`text`, for its calls were parsed by the server.

Not covered: sampling (`synthia.stages.sample_hf`, `sample_gguf`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, TypedDict

Stop = Literal["stop", "length"]
"""It stopped itself, or was cut at the most tokens it was given."""


class ById(TypedDict):
    """What a model said in token ids."""

    id: str
    """The probe's."""
    output_ids: list[int]
    text: str
    """Without the stop token."""
    stop_reason: Stop
    stop_id: int | None


class Call(TypedDict):
    """A tool call that the server parsed."""

    name: str
    arguments: Any
    """An object, or the text as it came where it is none."""


class Served(TypedDict):
    """What a chat client gets."""

    id: str
    content: str
    tool_calls: list[Call]
    stop_reason: Stop


def by_id(tokenizer: Any, name: str, ids: Sequence[int], stops: Collection[int]) -> ById:
    """The answer `ids` to the probe `name`; the last one may be a stop token, which ends no text."""
    stopped = ids[-1] in stops
    return {
        "id": name,
        "output_ids": list(ids),
        "text": tokenizer.decode(ids[:-1] if stopped else ids, skip_special_tokens=False),
        "stop_reason": "stop" if stopped else "length",
        "stop_id": ids[-1] if stopped else None,
    }


def served(name: str, choice: Mapping[str, Any]) -> Served:
    """The answer to the probe `name` in a response of /v1/chat/completions."""
    message = choice["message"]
    calls = [call["function"] for call in message.get("tool_calls") or []]
    return {
        "id": name,
        "content": message.get("content") or "",
        "tool_calls": [
            {"name": call["name"], "arguments": _arguments(call["arguments"])} for call in calls
        ],
        "stop_reason": "length" if choice["finish_reason"] == "length" else "stop",
    }


def _arguments(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict) else text
