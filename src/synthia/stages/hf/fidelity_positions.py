"""Choose the places of the gold answers at which models are compared logit by logit.

They hold a mix of the kinds of tokens, so that neither a call that breaks nor a fault in plain text goes
unseen: of all places each kind gets its share of `SHARES`, and what a kind cannot fill the others share.

Not covered: the logits themselves; sample_hf and sample_gguf compute them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthia.data import call_formats
from synthia.families import Calls

SHARES = {"stop": 0.35, "mark": 0.1, "name": 0.1, "structure": 0.2, "argument": 0.1, "text": 0.15}
"""The turn's end; a call's tags, its tool's name, its braces, quotes and fixed keys, and what the model
says in it; all else."""


def choose(
    tokenizer: Any, probes: Sequence[Mapping[str, Any]], count: int, calls: Calls
) -> list[dict[str, Any]]:
    """Up to `count` positions of all kinds, each evenly over the probes; sorted.

    `position` is the index in prompt_ids + gold_ids of the token before `target_id`.
    """
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {kind: [] for kind in SHARES}
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
            found[kind].append((number, place))
    rooms = dict.fromkeys(SHARES, 0)
    while (left := count - sum(rooms.values())) and (
        growing := [kind for kind in SHARES if rooms[kind] < len(found[kind])]
    ):
        whole = sum(SHARES[kind] for kind in growing)
        for kind in growing:
            more = max(1, int(left * SHARES[kind] / whole))
            most = min(len(found[kind]) - rooms[kind], count - sum(rooms.values()))
            rooms[kind] += min(more, most)
    chosen = [
        found[kind][index * len(found[kind]) // room]
        for kind, room in rooms.items()
        for index in range(room)
    ]
    chosen.sort(key=lambda entry: (entry[0], entry[1]["position"]))
    return [place for _, place in chosen]


def kinds(tokenizer: Any, probe: Mapping[str, Any], calls: Calls) -> Iterator[str]:
    """The kind of each of a probe's gold ids."""
    text = probe["gold_text"]
    of = call_formats.parts(text, calls)
    ids = probe["gold_ids"]
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    if encoding["input_ids"] != ids[:-1]:
        raise ValueError(f"probe {probe['id']}: gold_ids are not the ids of gold_text")
    for start, end in encoding["offset_mapping"]:
        # What a token holds that the model chooses decides.
        inside = set(of[start:end])
        yield next(
            (k for k in ("argument", "name", "text", "mark", "structure") if k in inside), "text"
        )
    yield "stop"
