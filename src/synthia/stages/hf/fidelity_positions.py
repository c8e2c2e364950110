"""Choose the places of the gold answers at which models are compared logit by logit.

Every stop first, then what holds a tool call together, then the rest: where a flipped token breaks
an answer, no place is left out.

Not covered: the logits themselves; sample_hf and sample_gguf compute them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthia.data import call_formats
from synthia.families import Calls

KINDS = ("stop", "structure", "text")


def choose(
    tokenizer: Any, probes: Sequence[Mapping[str, Any]], count: int, calls: Calls
) -> list[dict[str, Any]]:
    """Up to `count` positions, by kind in the order of KINDS, evenly over the probes; sorted.

    `position` is the index in prompt_ids + gold_ids of the token before `target_id`.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    for number, probe in enumerate(probes):
        for offset, kind in enumerate(kinds(tokenizer, probe, calls)):
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


def kinds(tokenizer: Any, probe: Mapping[str, Any], calls: Calls) -> Iterator[str]:
    """The kind of each of a probe's gold ids."""
    text = probe["gold_text"]
    structure = call_formats.structural(text, calls)
    ids = probe["gold_ids"]
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    if encoding["input_ids"] != ids[:-1]:
        raise ValueError(f"probe {probe['id']}: gold_ids are not the ids of gold_text")
    for start, end in encoding["offset_mapping"]:
        yield "structure" if end > start and all(structure[start:end]) else "text"
    yield "stop"
