"""What is asked and said in the family `searching`.

The words are in `datagen/tables/searching/texts.toml`, where their slots are told.

Not covered: which files are changed, and how (`datagen.families.searching`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from datagen import table
from datagen.table import Table


class Deprecated(NamedTuple):
    """A call that has a successor."""

    old: str
    new: str
    top: str
    line: str


class Pattern(NamedTuple):
    """What to look for, and the regular expression; None where it is made up."""

    task: str
    pattern: str | None = None


class Term(NamedTuple):
    """A word of the pages, and the one that replaces it."""

    old: str
    new: str


class Texts(Table):
    """What users and the assistant say."""

    tails: tuple[str, ...]
    look_tails: tuple[str, ...]
    ask: Mapping[str, tuple[str, ...]]
    search: tuple[str, ...]
    list_first: tuple[str, ...]
    defining: tuple[str, ...]
    """Which of the counted lines is no use."""
    no_match: tuple[str, ...]
    read: tuple[str, ...]
    edit: tuple[str, ...]
    check: tuple[str, ...]
    test: tuple[str, ...]
    done: Mapping[str, tuple[str, ...]]
    passed: tuple[str, ...]
    left: tuple[str, ...]
    deprecated: tuple[Deprecated, ...]
    """Old call, new call, what a module needs on top, and a line that uses it."""
    messages: tuple[str, ...]
    scripts: tuple[str, ...]
    dead: tuple[str, ...]
    todos: tuple[str, ...]
    patterns: tuple[Pattern, ...]
    terms: tuple[Term, ...]
    sentences: tuple[str, ...]
    unrelated: tuple[str, ...]
    absent: tuple[str, ...]


texts = table.read(table.TABLES / "searching/texts.toml", Texts)
