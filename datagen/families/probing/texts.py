"""The words of the held-out probes: trades, requests, questions, answers.

They are in `datagen/tables/probing/texts.toml`, and share no trade, request or set phrase with the
training rows.

Not covered: what is called, and what is right (`datagen.families.probing`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from datagen import table
from datagen.table import Table


class Words(Table):
    """The words of a craft as they are written: with spaces between them."""

    place: str
    folders: str
    stems: str
    keys: str
    functions: str
    nouns: str


@dataclass(frozen=True)
class World:
    """The words of a craft."""

    place: str
    folders: tuple[str, ...]
    stems: tuple[str, ...]
    """Of file names; also the names in tables."""
    keys: tuple[str, ...]
    """Of JSON files and columns."""
    functions: tuple[str, ...]
    nouns: tuple[str, ...]
    """Of routes, plural."""


class Concept(NamedTuple):
    """A question that needs no tool."""

    question: str
    answer: str


class Cannot(NamedTuple):
    """Something that no tool can do, and what could be done instead."""

    task: str
    deed: str
    possible: str


class Lacking(NamedTuple):
    """Requests for a tool that lack an argument, the question for it, and words of any such question."""

    tool: str
    requests: tuple[str, ...]
    answer: str
    asks: tuple[str, ...]


class Texts(Table):
    """What users and the assistant say."""

    worlds: tuple[Words, ...]
    systems: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    ask: Mapping[str, tuple[str, ...]]
    """Requests by tool, or by what is wanted."""
    then: Mapping[str, tuple[str, ...]]
    concepts: tuple[Concept, ...]
    cannot: tuple[Cannot, ...]
    cannot_answers: tuple[str, ...]
    lacking: tuple[Lacking, ...]
    prose: tuple[str, ...]
    """Lines of the files."""
    pasted: Mapping[str, tuple[str, ...]]
    """Questions whose answer is in the question."""
    follow_ups: Mapping[str, tuple[str, ...]]
    shown: tuple[str, ...]
    deleted: tuple[str, ...]
    """Words that say of a file that it is no more."""
    lists: tuple[str, ...]


texts = table.read(table.TABLES / "probing/texts.toml", Texts)
WORLDS = tuple(
    World(
        words.place,
        *(
            tuple(each.split())
            for each in (words.folders, words.stems, words.keys, words.functions, words.nouns)
        ),
    )
    for words in texts.worlds
)
