"""What a turn thinks before it answers, and what the recipe wants of it: data.reasoning.

"refuse" names each row that reasons; "drop" leaves the reasoning out; "keep" hands it to the chat template
as `reasoning_content`, the name under which templates of reasoning models read it.

Not covered: <think> typed in the text of an answer, which is text.
"""

from typing import Any

from synthia.errors import UsageError
from synthia.recipe_sections import Data

KEYS = ("reasoning_content", "reasoning", "thinking")
"""Under the first it is kept; data sets use all three."""


def require_place(data: Data, template: str) -> None:
    """Raise UsageError when reasoning is to be kept and the chat template has no place for it."""
    if data.reasoning == "keep" and KEYS[0] not in template:
        raise UsageError(
            f'data.reasoning = "keep": {data.chat_template} never reads {KEYS[0]}, so reasoning would be '
            'lost; use "drop" or "refuse", or a chat template that has a place for it'
        )


def without(record: dict[str, Any], reasoning: str) -> dict[str, Any]:
    """The record without what its assistant thinks; itself where nothing is to be taken out."""
    messages = record.get("messages")
    if reasoning == "refuse" or not isinstance(messages, list):
        return record
    bare = [_bare(turn) for turn in messages]
    return {**record, "messages": bare} if bare != messages else record


def _bare(turn: Any) -> Any:
    if not isinstance(turn, dict) or turn.get("role") != "assistant":
        return turn
    return {
        key: value for key, value in turn.items() if key not in KEYS or not isinstance(value, str)
    }
