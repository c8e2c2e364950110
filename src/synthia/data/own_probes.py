"""Split probes off a user's own rows: whole conversations, and nothing alike on both sides.

Rows that are equal, nearly equal, or ask the same question (`synthia.data.fingerprints`) form a group, and
a group goes to one side as a whole. Groups are taken in the order of a hash of seed and content until the
share is reached, so neither the order of rows nor the machine matters, and a row that is added moves few
others. The gold turn of a probe is one of its conversation's trained assistant turns, chosen by the same
hash; what follows it is used on neither side.

Not covered: paraphrases, and judging the answers, which is the same for all probes (`synthia.stages`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthia.data import fingerprints
from synthia.data.conversations import Row
from synthia.data.near_duplicates import COMPARED
from synthia.errors import UsageError


def split(rows: Sequence[Row], share: float, seed: int) -> tuple[list[Row], list[Row]]:
    """The rows to train on, and the probes: about `share` of the rows, at least one.

    Raises UsageError where no group is small enough to be left out.
    """
    wanted = max(1, round(share * len(rows)))
    keys = [_hash(seed, fingerprints.exact_key(row.messages, row.tools)) for row in rows]
    golds = [_gold(row, key) for row, key in zip(rows, keys, strict=True)]
    groups = sorted(_groups(rows, golds), key=lambda group: min(keys[number] for number in group))
    taken: list[int] = []
    for group in groups:
        usable = all(golds[number] is not None for number in group)
        if usable and len(taken) + len(group) <= wanted:
            taken += group
    if not taken:
        raise UsageError(
            f"data.probes: of {len(rows)} rows no {wanted} can be split off that are not alike to others "
            "(equal, nearly equal, or the same question): add other conversations, or raise share"
        )
    out = set(taken)
    probes = [_probe(rows[number], golds[number] or 0) for number in sorted(taken)]
    return [row for number, row in enumerate(rows) if number not in out], probes


def _probe(row: Row, at: int) -> Row:
    gold = {name: value for name, value in row.messages[at].items() if name != "weight"}
    return Row(row.id, row.messages[:at], row.tools, gold)


def _gold(row: Row, key: int) -> int | None:
    """The number of the turn that would be gold, were the row a probe; None where no turn is trained."""
    turns = [
        number
        for number, message in enumerate(row.messages)
        if message["role"] == "assistant" and message.get("weight", 1) != 0
    ]
    return turns[key % len(turns)] if turns else None


def _groups(rows: Sequence[Row], golds: Sequence[int | None]) -> list[list[int]]:
    """Numbers of the rows, those that are alike together."""
    leader = list(range(len(rows)))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for one, other in _alike(rows, golds):
        first, last = sorted((find(one), find(other)))
        leader[last] = first
    groups: dict[int, list[int]] = {}
    for number in range(len(rows)):
        groups.setdefault(find(number), []).append(number)
    return list(groups.values())


def _alike(rows: Sequence[Row], golds: Sequence[int | None]) -> Iterator[tuple[int, int]]:
    """Pairs of rows that must not be on different sides: a row, and a first one of its kind."""
    first: dict[Any, int] = {}
    asked = [_user_turns(row.messages) for row in rows]
    questions = [fingerprints.question_keys(texts) for texts in asked]
    as_probe: dict[int, int] = {}
    for number, keys in enumerate(questions):
        if count := len(_user_turns(rows[number].messages[: golds[number]])):
            as_probe.setdefault(keys[count - 1], number)
    bands: dict[tuple[int, int], list[int]] = {}
    signatures = [fingerprints.minhash(row.messages) for row in rows]
    for number, row in enumerate(rows):
        marks: list[Any] = [("row", fingerprints.exact_key(row.messages, row.tools))]
        marks += [hash(run) for text in asked[number] for run in fingerprints.long_runs(text)]
        for mark in marks:
            yield first.setdefault(mark, number), number
        for key in questions[number]:
            if key in as_probe:
                yield as_probe[key], number
        for band in enumerate(fingerprints.bands(signatures[number])):
            others = bands.setdefault(band, [])
            for other in others:
                if (
                    fingerprints.similarity(signatures[number], signatures[other])
                    >= fingerprints.NEAR
                ):
                    yield other, number
            if len(others) < COMPARED:
                others.append(number)


def _user_turns(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    return [message["content"] for message in messages if message["role"] == "user"]


def _hash(seed: int, key: int) -> int:
    digest = hashlib.blake2b(f"{seed} {key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest)
