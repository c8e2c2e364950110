"""Fingerprints of conversations: what makes two of them equal, nearly equal, or the same question.

Equal are rows whose messages and tools differ in white space at most. Nearly equal are rows whose
sets of three-word runs have a Jaccard similarity of 0.8 or more, as MinHash estimates it. The same
question is asked by users whose words agree, or agree in a long run once names, numbers and code
are blanked: renaming variables hides nothing.

Not covered: keeping fingerprints of many rows (`synthia.data.near_duplicates`), and translations or
paraphrases.
"""

import hashlib
import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Protocol

PERMUTATIONS = 126
BAND = 6
"""21 bands of 6 values: a pair of similarity 0.8 shares a band with a probability of
1 - (1 - 0.8^6)^21 = 0.998 (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4.2)."""
NEAR = 0.8
SHINGLE = 3
RUN = 13
"""Words in a row that two texts do not share by chance; GPT-3 (Brown et al. 2020, C) took 13."""
PLAIN_WORDS = 8
"""So many of them must be words rather than blanks."""

WORD = re.compile(r"\w+")
WHITE = re.compile(r"(?:\\[nrt]|\s)+")
TOKEN = re.compile(r"```.*?```|`[^`]*`|\"[^\"\n]*\"|'[^'\n]{2,}'|[^\s,;:!?()\[\]{}]+", re.DOTALL)
NAME = re.compile(r"^[`\"']|\d|_|[./\\=<>*+@#]\w|\w[A-Z]|^\W+$")

Row = Mapping[str, Any]


class HasChat(Protocol):
    """What a row needs to be fingerprinted."""

    @property
    def messages(self) -> Sequence[Row]:
        """Its turns."""

    @property
    def tools(self) -> Sequence[Row]:
        """Its declared tools."""


def exact_key(messages: Sequence[Row], tools: Sequence[Row]) -> int:
    """64 bits of a hash over messages and tools, runs of white space taken as one blank."""
    text = WHITE.sub(" ", json.dumps([messages, tools], sort_keys=True, ensure_ascii=False))
    return _hash(text)


def minhash(messages: Sequence[Row]) -> "array[int]":
    """The MinHash signature of all that is said and called: PERMUTATIONS values of 32 bits."""
    import rensa

    words = WORD.findall(
        " ".join(
            f"{message['content']} {json.dumps(message.get('tool_calls', ''))}"
            for message in messages
        ).casefold()
    )
    runs = zip(*(words[start:] for start in range(SHINGLE)), strict=False)
    sketch = rensa.RMinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update([" ".join(run) for run in runs] or [" ".join(words)])
    return array("I", sketch.digest())


def bands(signature: "array[int]") -> list[int]:
    """A 64-bit key for each band of a signature."""
    data = signature.tobytes()
    width = BAND * signature.itemsize
    return [
        int.from_bytes(hashlib.blake2b(data[start : start + width], digest_size=8).digest())
        for start in range(0, len(data), width)
    ]


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of equal values in two signatures: an estimate of the Jaccard similarity."""
    return sum(map(int.__eq__, one, other)) / len(one)


def columns(
    rows: "Sequence[HasChat]",
) -> "tuple[array[int], list[array[int]], array[int]]":
    """Exact keys, keys by band, and signatures of rows, as `near_duplicates` stores them."""
    signatures = [minhash(row.messages) for row in rows]
    keys = [bands(signature) for signature in signatures]
    flat = array("I")
    for signature in signatures:
        flat.extend(signature)
    return (
        array("Q", [exact_key(row.messages, row.tools) for row in rows]),
        [array("Q", band) for band in zip(*keys, strict=True)],
        flat,
    )


def question_keys(texts: Sequence[str]) -> list[int]:
    """A key for the first user turn, for the first two, and so on."""
    keys = []
    said = ""
    for text in texts:
        said += "\0" + " ".join(text.casefold().split())
        keys.append(_hash(said))
    return keys


def long_runs(text: str) -> Iterator[str]:
    """All long runs of words in a text, names, numbers and code blanked.

    A text shorter than RUN words is one run if it has PLAIN_WORDS plain words.
    """
    skeleton = map(_plain, TOKEN.findall(text))
    # Blanks beside each other are one: renaming may split a name in two.
    words = [word for before, word in pairwise(["x", *skeleton]) if word or before]
    if len(words) < PLAIN_WORDS:
        return
    words = " ".join(words).casefold().split(" ")
    count = len(words)
    for start in range(max(count - RUN, 0) + 1):
        run = words[start : start + RUN]
        if len(run) - run.count("") >= PLAIN_WORDS:
            yield " ".join(run)


@lru_cache(maxsize=2**16)
def _plain(token: str) -> str:
    """A plain word, or "" for a name, a number or code."""
    return "" if NAME.search(token) else token.strip(".")


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest)
