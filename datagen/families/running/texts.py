"""Data sets, and what is said about them, in the family `running`.

The words are in `datagen/tables/running/texts.toml`, where their slots are told.

Not covered: the code that answers (`datagen.families.running.tasks`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from datagen import table
from datagen.table import Table


class Domain(NamedTuple):
    """A data set: its file, the columns of keys and of values, and the keys."""

    stem: str
    key: str
    value: str
    names: tuple[str, ...]


class Texts(Table):
    """What users and the assistant say."""

    domains: tuple[Domain, ...]
    problem: Mapping[str, tuple[str, ...]]
    where: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    system: tuple[str, ...]
    peek: tuple[str, ...]
    compute: tuple[str, ...]
    numbers_ask: tuple[str, ...]
    numbers_say: tuple[str, ...]
    prose: tuple[str, ...]
    words_ask: tuple[str, ...]
    words_say: tuple[str, ...]
    gaps_ask: tuple[str, ...]
    join_ask: tuple[str, ...]
    join_say: tuple[str, ...]


texts = table.read(table.TABLES / "running/texts.toml", Texts)
