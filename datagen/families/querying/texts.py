"""What is asked and said in the family `querying`, and what its tool may be called.

The words are in `datagen/tables/querying/texts.toml`, where their slots are told.

Not covered: the databases (`datagen.worlds.databases`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Tools(Table):
    """How the tool is declared."""

    names: tuple[str, ...]
    parameters: tuple[str, ...]
    descriptions: tuple[str, ...]


class Columns(Table):
    """New columns, and wrong guesses by the right name."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    wrong: Mapping[str, tuple[str, ...]]


class Texts(Table):
    """What users and the assistant say."""

    ask: Mapping[str, tuple[str, ...]]
    say: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, tuple[str, ...]]
    tools: Tools
    columns: Columns


texts = table.read(table.TABLES / "querying/texts.toml", Texts)
