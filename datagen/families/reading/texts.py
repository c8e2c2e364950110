"""What is asked and said in the family `reading`.

The words are in `datagen/tables/reading/texts.toml`, where their slots are told.

Not covered: in which order files are read (`datagen.families.reading`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    tails: tuple[str, ...]
    ask: Mapping[str, tuple[str, ...]]
    list: tuple[str, ...]
    read: tuple[str, ...]
    read_all: tuple[str, ...]
    search: tuple[str, ...]
    answer: Mapping[str, tuple[str, ...]]


texts = table.read(table.TABLES / "reading/texts.toml", Texts)
