"""Conversations as token ids: render, tokenize, label; and check that the ids say what was meant.

Not covered: reading the data and writing the rows, see `synthia.stages.prepare`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from synthia.data import call_formats, chat_format, tool_calls
from synthia.data.chat_format import NOT_TRAINED, Rendered
from synthia.data.conversations import Row
from synthia.families import Calls
from synthia.recipe_sections import Stop

BATCH = 1000
"""Rows tokenized in one call."""


@dataclass(frozen=True)
class Encoded:
    """One conversation as the trainer gets it."""

    row: Row
    rendered: Rendered
    """The template's text, which `row_end` follows."""
    input_ids: list[int]
    labels: list[int]
    offsets: list[tuple[int, int]]
    prompts: list[list[int]]
    """Before each trained turn, what the model is given in serving."""

    @property
    def trained(self) -> int:
        """How many tokens carry loss."""
        return len(self.labels) - self.labels.count(NOT_TRAINED)


def encode(tokenizer: Any, template: str, stop: Stop, rows: Sequence[Row]) -> Iterator[Encoded]:
    """Encode training rows: loss on trained turns with their terminator, and once on `row_end`."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        rendered = [_render(tokenizer, template, row.messages, row, stop) for row in batch]
        yield from _tokenize(tokenizer, stop, batch, rendered)


def encode_probes(
    tokenizer: Any, template: str, stop: Stop, probes: Sequence[Row]
) -> Iterator[Encoded]:
    """Encode probes with their gold turn, which alone is marked as trained."""
    rendered = []
    for probe in probes:
        assert probe.gold is not None, probe.id
        whole = _render(tokenizer, template, [*probe.messages, probe.gold], probe, stop)
        rendered.append(Rendered(whole.text, whole.spans[-1:]))
    return _tokenize(tokenizer, stop, probes, rendered)


def probe_record(each: Encoded) -> dict[str, Any]:
    """A probe with prompt, gold answer (text without terminator, ids with it), and what else is right."""
    row, gold = each.row, each.row.gold or {}
    others = [[call["function"] for call in calls] for calls in row.also_right]
    (span,), (prompt_ids,) = each.rendered.spans, each.prompts
    answer = zip(each.input_ids, each.offsets, strict=True)
    gold_ids = [token for token, (_, end) in answer if end <= span.end][len(prompt_ids) :]
    return {
        "id": row.id,
        **({"kind": row.kind} if row.kind else {}),
        "messages": row.messages,
        "tools": row.tools,
        "prompt": each.rendered.text[: span.start],
        "prompt_ids": prompt_ids,
        "gold": {
            "content": gold["content"],
            "tool_calls": [call["function"] for call in gold.get("tool_calls", [])],
        },
        "gold_text": each.rendered.text[span.start : span.text_end],
        "gold_ids": gold_ids,
        **({"also_right": others} if others else {}),
        **({"answer_must": row.answer_must} if row.answer_must else {}),
    }


def _render(
    tokenizer: Any, template: str, messages: Sequence[Any], row: Row, stop: Stop
) -> Rendered:
    return chat_format.render_with_spans(
        template,
        messages,
        row.tools,
        terminator=stop.terminator,
        label=row.id,
        special_tokens=tokenizer.special_tokens_map,
    )


def _tokenize(
    tokenizer: Any, stop: Stop, rows: Sequence[Row], rendered: Sequence[Rendered]
) -> Iterator[Encoded]:
    texts = [each.text + stop.row_end for each in rendered]
    whole = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
    prompts = [chat_format.prompts(each) for each in rendered]
    flat = [prompt for of_row in prompts for prompt in of_row]
    prompt_ids = iter(tokenizer(flat, add_special_tokens=False)["input_ids"] if flat else [])
    for index, (row, each) in enumerate(zip(rows, rendered, strict=True)):
        ids = whole["input_ids"][index]
        offsets = whole["offset_mapping"][index]
        labels = chat_format.labels(ids, offsets, chat_format.with_row_end(each, stop.row_end))
        yield Encoded(row, each, ids, labels, offsets, [next(prompt_ids) for _ in prompts[index]])


def stop_problems(encoded: Sequence[Encoded], terminator: int, row_end: int | None) -> list[str]:
    """Rows in which a trained turn's terminator, or the row's end, carries no loss, or twice."""
    found = []
    for each in encoded:
        turns = sum(span.trained for span in each.rendered.spans)
        ends = each.labels.count(terminator)
        if ends != turns:
            found.append(f"{each.row.id}: {turns} trained turns, {ends} trained terminators")
        ends_row = bool(each.rendered.spans) and each.rendered.spans[-1].trained
        if row_end is not None and each.labels.count(row_end) != int(ends_row):
            found.append(f"{each.row.id}: the row's end does not carry loss just once")
    return found


def mask_problems(tokenizer: Any, encoded: Sequence[Encoded], row_end: str) -> list[str]:
    """Rows without a trained token, and rows whose trained tokens do not read as their turns."""
    trained = [[label for label in each.labels if label != NOT_TRAINED] for each in encoded]
    texts = tokenizer.backend_tokenizer.decode_batch(trained, skip_special_tokens=False)
    found = []
    for each, ids, text in zip(encoded, trained, texts, strict=True):
        spans = chat_format.with_row_end(each.rendered, row_end)
        whole = each.rendered.text + row_end
        if not ids:
            found.append(f"{each.row.id}: 0 trained tokens (every assistant turn has weight 0)")
        elif text != "".join(whole[span.start : span.end] for span in spans if span.trained):
            found.append(f"{each.row.id}: the trained tokens read {text[:60]!r}")
    return found


def call_problems(encoded: Sequence[Encoded], calls: Calls) -> list[str]:
    """Rows with a trained turn whose calls, as the template writes them, do not read as they were meant."""
    found = []
    for each in encoded:
        row, text = each.row, each.rendered.text
        turns = [m for m in [*row.messages, row.gold] if m and m["role"] == "assistant"]
        spans = each.rendered.spans
        for turn, span in zip(turns[-len(spans) :], spans, strict=True):
            wanted = [call["function"] for call in turn.get("tool_calls", [])]
            if not wanted or not span.trained:
                continue
            parsed = call_formats.parse(text[span.start : span.text_end], calls, row.tools)
            if parsed.errors or not tool_calls.same_calls(parsed.calls, wanted):
                said = "; ".join(parsed.errors) or f"read back: {list(parsed.calls)}"
                found.append(f"{row.id}: the call of {wanted[0]['name']!r}: {said[:200]}")
    return found


def render_problems(tokenizer: Any, encoded: Sequence[Encoded]) -> list[str]:
    """Rows that transformers renders differently, or whose ids do not extend their prompts."""
    found = []
    for each in encoded:
        row = each.row
        messages = row.messages if row.gold is None else [*row.messages, row.gold]
        theirs = tokenizer.apply_chat_template(messages, tools=row.tools or None, tokenize=False)
        if theirs != each.rendered.text:
            at = first_difference(theirs, each.rendered.text)
            found.append(f"{row.id}: transformers renders {theirs[at : at + 40]!r} at {at}")
        for prompt in each.prompts:
            if each.input_ids[: len(prompt)] != prompt:
                at = first_difference(prompt, each.input_ids)
                found.append(
                    f"{row.id}: the prompt's {len(prompt)} ids are no prefix of the row's (id {at})"
                )
    return found


def first_difference(one: Sequence[Any], other: Sequence[Any]) -> int:
    """The first index at which two sequences differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
