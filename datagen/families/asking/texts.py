"""What is asked and said in the family `asking`.

The words are in `datagen/tables/asking/texts.toml`, where their slots are told.

Not covered: what is looked up before the question (`datagen.families.asking`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from datagen import table
from datagen.table import Table


class NoTool(NamedTuple):
    """Something that no tool can do."""

    task: str
    cannot: str
    instead: str
    tools: tuple[str, ...]


class Thing(NamedTuple):
    """What a web app keeps."""

    thing: str
    names: tuple[str, ...]


class NewKey(NamedTuple):
    """A setting that is to be added."""

    key: str
    values: tuple[bool | int | str, ...]


class EntryKind(NamedTuple):
    """A file of dated entries."""

    path: str
    head: str
    rows: tuple[str, ...]


class Texts(Table):
    """What users and the assistant say."""

    ask: Mapping[str, tuple[str, ...]]
    look: tuple[str, ...]
    question: Mapping[str, tuple[str, ...]]
    reply: Mapping[str, tuple[str, ...]]
    edit: tuple[str, ...]
    verify: tuple[str, ...]
    done: Mapping[str, tuple[str, ...]]
    no_tool: tuple[NoTool, ...]
    """What is wanted, what no tool can do, what could be done instead, and the tools for that."""
    wanted: tuple[str, ...]
    declined: tuple[str, ...]
    docstrings: tuple[str, ...]
    things: tuple[Thing, ...]
    messages: tuple[str, ...]
    new_keys: tuple[NewKey, ...]
    entry_kinds: tuple[EntryKind, ...]


texts = table.read(table.TABLES / "asking/texts.toml", Texts)
