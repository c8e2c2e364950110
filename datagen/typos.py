"""Users who type in a hurry: small letters, no full stop, slips of the keyboard, in a few rows.

What a user names stays as it is: code, quotations, paths, numbers, names, and any word that a call of the
row has in its arguments. Only words of a table are misspelt.

Not covered: slips of the assistant, which makes none, and other languages (`datagen.languages`).
"""

import json
import random
import re
from collections.abc import Mapping
from typing import Any

from datagen import languages
from datagen.table import TABLES, Table, read

SHARE = 0.02
"""Of the rows."""
SLIPS = (0.08, 0.3)
"""Of the words that have a misspelling, from one user to another."""
KEPT = re.compile(
    r"```.*?```|`[^`]*`|\"[^\"]*\"|“[^”]*”|(?<!\w)'[^'\n]*'(?!\w)|\S*[\d_/\\=<>()\[\]{}@#|]\S*|\S*[.:]\w\S*",
    re.DOTALL,
)
"""Code, quotations, paths, addresses, values."""
WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")


class Starts(Table):
    """Words that sentences begin with."""

    words: str


class Typos(Table):
    """Misspellings by word, and what is no name at the start of a sentence."""

    slips: Mapping[str, tuple[str, ...]]
    starts: Starts


table = read(TABLES / "typos.toml", Typos)
STARTS = frozenset(table.starts.words.split())


def hurried(scenario: str) -> bool:
    """Whether a row's user types in a hurry, by its name."""
    drawn = random.Random(f"typing {scenario}").random() < SHARE
    return drawn and not languages.drawn(scenario)


def typed(row: dict[str, Any]) -> dict[str, Any]:
    """The row, in some rows with its user's turns as they are typed in a hurry."""
    if not hurried(row["scenario"]):
        return row
    r = random.Random(f"typos {row['scenario']}")
    slips, small = r.uniform(*SLIPS), r.random() < 0.8
    bare = not small or r.random() < 0.7
    calls = json.dumps([turn.get("tool_calls", []) for turn in row["messages"]])
    named = {word.casefold() for word in WORD.findall(calls)}
    messages = [
        {**turn, "content": _typed(turn["content"], r, named, slips, small=small, bare=bare)}
        if turn["role"] == "user"
        else turn
        for turn in row["messages"]
    ]
    return {**row, "messages": messages}


def _typed(
    text: str, r: random.Random, named: set[str], slips: float, *, small: bool, bare: bool
) -> str:
    kept = [found.span() for found in KEPT.finditer(text)]
    if "\n" in text and "```" not in text:  # what was pasted without a fence stays
        kept.append((text.index("\n"), len(text)))

    def is_kept(start: int, end: int) -> bool:
        return any(start < last and first < end for first, last in kept)

    def changed(found: re.Match[str]) -> str:
        word = found[0]
        if is_kept(*found.span()):
            return word
        begins = re.search(r"(^|[.?!:]\s+)$", text[: found.start()]) is not None
        if small and word.lower() in STARTS and (begins or word == "I" or word.startswith("I'")):
            word = word.lower()
        choices = table.slips.get(word) or table.slips.get(word.capitalize(), ())
        if choices and word.casefold() not in named and r.random() < slips:
            return r.choice(choices)
        return word

    made = WORD.sub(changed, text)
    if bare and not is_kept(len(text) - 1, len(text)):
        made = re.sub(r"[.?!]$", "", made)
    return made
