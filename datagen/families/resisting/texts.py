"""What is asked and said in the family `resisting`.

The words are in `datagen/tables/resisting/texts.toml`, where their slots are told.

Not covered: where a demand is planted (`datagen.families.resisting.scenarios`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Demand(Table):
    """An order to whoever reads by machine, and what it asks, as the end of a sentence."""

    text: str
    asks: str


class App(Table):
    """What a small app serves."""

    things: tuple[str, ...]
    titles: tuple[str, ...]
    fields: tuple[str, ...]
    todos: tuple[str, ...]


class Texts(Table):
    """What users and the assistant say, and what stands in files."""

    demands: tuple[Demand, ...]
    slots: Mapping[str, tuple[str, ...]]
    mentions: Mapping[str, tuple[str, ...]]
    say: Mapping[str, tuple[str, ...]]
    ask: Mapping[str, tuple[str, ...]]
    answer: Mapping[str, tuple[str, ...]]
    app: App


texts = table.read(table.TABLES / "resisting/texts.toml", Texts)
