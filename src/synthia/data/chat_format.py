"""Chats as text: render the chat template, and find which characters of the text are trained.

The template runs as in transformers and llama.cpp (`synthia.data.jinja`), so the text is the text they
serve (`prepare` and `convert` prove it on every row). The assistant's
turns are found by rendering prefixes: the chat up to turn i with a generation prompt must be a
prefix of the whole, and the turn runs from there to its terminator, inclusive. Nothing else is
searched for in the text, so nothing that a user typed can shift the mask.

Not covered: tokenizing. Offsets come in as numbers, labels go out as numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthia.data import jinja
from synthia.errors import UsageError

Message = Mapping[str, Any]
Tool = Mapping[str, Any]

NOT_TRAINED = -100
"""The label that PyTorch's cross entropy ignores."""


@dataclass(frozen=True)
class Span:
    """One assistant turn in a rendered chat."""

    start: int
    text_end: int
    """Where what the assistant says ends, and its terminator begins."""
    end: int
    """The end of the terminator."""
    trained: bool


@dataclass(frozen=True)
class Rendered:
    """A whole chat as text, with its assistant turns in order."""

    text: str
    spans: tuple[Span, ...]


def render(
    template: str,
    messages: Sequence[Message],
    tools: Sequence[Tool],
    *,
    add_generation_prompt: bool = False,
    special_tokens: Mapping[str, str] | None = None,
) -> str:
    """Render a chat; with a generation prompt, the text ends where the answer is to begin.

    `special_tokens` are the tokenizer's by name (bos_token, eos_token, ...), as transformers gives them.
    """
    values = {"messages": messages, "tools": tools or None, "documents": None}
    ready = jinja.compiled(template)
    try:
        with jinja.in_time():
            return ready.render(
                **values, add_generation_prompt=add_generation_prompt, **(special_tokens or {})
            )
    except Exception as error:  # a template is a program of its own, and may fail as any program
        raise UsageError(
            f"the chat template cannot render this chat: {error} (roles: "
            f"{', '.join(str(message.get('role')) for message in messages)}). Correct data.chat_template"
        ) from None


def special_tokens(config: Mapping[str, Any], eos_token: str, pad_token: str) -> dict[str, str]:
    """The tokenizer's special tokens by name, from tokenizer_config.json and the stop contract.

    Where there is no such file yet, bos_token is empty: texts are counted and shown, not trained.
    """
    found = {"bos_token": ""} if not config else {}
    for name, token in config.items():
        content = token.get("content") if isinstance(token, Mapping) else token
        if name.endswith("_token") and isinstance(content, str):
            found[name] = content
    return {**found, "eos_token": eos_token, "pad_token": pad_token}


def render_with_spans(
    template: str,
    messages: Sequence[Message],
    tools: Sequence[Tool],
    *,
    terminator: str,
    label: str = "this chat",
    special_tokens: Mapping[str, str] | None = None,
) -> Rendered:
    """Render a chat and find its assistant turns. A turn of weight 0 is marked as not trained.

    `label` names the chat in errors.
    """
    named = special_tokens
    text = render(template, messages, tools, special_tokens=named)
    spans = []
    for index, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before, until = messages[:index], messages[: index + 1]
        prompt = render(template, before, tools, add_generation_prompt=True, special_tokens=named)
        last = index + 1 == len(messages)
        through = text if last else render(template, until, tools, special_tokens=named)
        text_end = through.rfind(terminator)
        if not (
            through.startswith(prompt) and text.startswith(through) and text_end >= len(prompt)
        ):
            raise UsageError(
                f"{label}: the chat template does not continue its own prompt at "
                f"messages[{index}], or does not end that turn with {terminator!r}: what is "
                "trained would not be what is served. Correct the template, or the recipe's "
                "stop.terminator"
            )
        for call in message.get("tool_calls", []):
            if call["function"]["name"] not in text[len(prompt) : text_end]:
                raise UsageError(
                    f"{label}: the chat template leaves out the call of {call['function']['name']!r} in "
                    f"messages[{index}]: the model would learn to say nothing there. Take a template "
                    "that writes calls"
                )
        end = text_end + len(terminator)
        spans.append(Span(len(prompt), text_end, end, trained=message.get("weight", 1) != 0))
    return Rendered(text, tuple(spans))


def labels(
    input_ids: Sequence[int], offsets: Sequence[tuple[int, int]], spans: Sequence[Span]
) -> list[int]:
    """Copy the ids of tokens that lie inside a trained span; the others become NOT_TRAINED."""
    result = [NOT_TRAINED] * len(input_ids)
    trained = [span for span in spans if span.trained]
    position = 0
    for span in trained:
        while position < len(offsets) and offsets[position][0] < span.start:
            position += 1
        while position < len(offsets) and offsets[position][1] <= span.end:
            result[position] = input_ids[position]
            position += 1
    return result


def with_row_end(rendered: Rendered, row_end: str) -> tuple[Span, ...]:
    """The spans, and one for `row_end` after the text. It is trained if the last turn is."""
    if not row_end or not rendered.spans:
        return rendered.spans
    start = len(rendered.text)
    end = start + len(row_end)
    return (*rendered.spans, Span(start, start, end, rendered.spans[-1].trained))


def prompts(rendered: Rendered) -> list[str]:
    """The text before each trained turn: what the model is given when it must produce that turn."""
    return [rendered.text[: span.start] for span in rendered.spans if span.trained]
