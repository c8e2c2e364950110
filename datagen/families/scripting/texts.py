"""What is asked and said in the family `scripting`.

The words are in `datagen/tables/scripting/texts.toml`, where their slots are told.

Not covered: the projects (`datagen.worlds.sources`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    ask: Mapping[str, tuple[str, ...]]
    say: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, tuple[str, ...]]
    not_run: Mapping[str, tuple[str, ...]]
    values: Mapping[str, tuple[str, ...]]


texts = table.read(table.TABLES / "scripting/texts.toml", Texts)
