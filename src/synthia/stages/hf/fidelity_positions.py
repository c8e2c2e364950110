"""Choose the places of the gold answers at which models are compared logit by logit.

Every stop first, then what holds a tool call together, then the rest: where a flipped token breaks
an answer, no place is left out.

Not covered: the logits themselves; sample_hf and sample_gguf compute them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KINDS = ("stop", "structure", "text")
BLOCK = re.compile(r"<tool_call>.*?</tool_call>", re.DOTALL)
FREE = re.compile(r'"((?:[^"\\]|\\.)*)"|[\w.+-]+', re.DOTALL)
"""A JSON string or a bare value (number, true, null) in a call: what the model chooses."""
FIXED = ("name", "arguments")


def choose(tokenizer: Any, probes: Sequence[Mapping[str, Any]], count: int) -> list[dict[str, Any]]:
    """Up to `count` positions, by kind in the order of KINDS, evenly over the probes; sorted.

    `position` is the index in prompt_ids + gold_ids of the token before `target_id`.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    for number, probe in enumerate(probes):
        for offset, kind in enumerate(kinds(tokenizer, probe)):
            position = len(probe["prompt_ids"]) + offset - 1
            target = probe["gold_ids"][offset]
            place = {
                "probe_id": probe["id"],
                "position": position,
                "target_id": target,
                "kind": kind,
            }
            found.append((number, place))
    chosen: list[tuple[int, dict[str, Any]]] = []
    for kind in KINDS:
        candidates = [entry for entry in found if entry[1]["kind"] == kind]
        room = min(count - len(chosen), len(candidates))
        chosen += [candidates[index * len(candidates) // room] for index in range(room)]
    chosen.sort(key=lambda entry: (entry[0], entry[1]["position"]))
    return [place for _, place in chosen]


def kinds(tokenizer: Any, probe: Mapping[str, Any]) -> Iterator[str]:
    """The kind of each of a probe's gold ids."""
    text = probe["gold_text"]
    structure = structural(text)
    ids = probe["gold_ids"]
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    if encoding["input_ids"] != ids[:-1]:
        raise ValueError(f"probe {probe['id']}: gold_ids are not the ids of gold_text")
    for start, end in encoding["offset_mapping"]:
        yield "structure" if end > start and all(structure[start:end]) else "text"
    yield "stop"


def structural(text: str) -> list[bool]:
    """For each character, whether it belongs to a call's tags, braces, quotes, or fixed keys."""
    marks = [False] * len(text)
    for block in BLOCK.finditer(text):
        start, end = block.span()
        marks[start:end] = [True] * (end - start)
        inside = (start + len("<tool_call>"), end - len("</tool_call>"))
        for value in FREE.finditer(text, *inside):
            group = 1 if value[1] is not None else 0
            if value[group] not in FIXED:
                marks[slice(*value.span(group))] = [False] * len(value[group])
    return marks
