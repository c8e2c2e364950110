"""The words of small trades, and loops in which a program hangs, for the family `recovering`.

They are in `datagen/tables/recovering/trades.toml`.

Not covered: the code of a trade's module (`modules`).
"""

from typing import NamedTuple

from datagen import table
from datagen.table import Table


class Domain(Table):
    """The words of a small trade."""

    package: str
    item: str
    items: str
    measure: str
    unit: str
    label: str
    names: tuple[str, ...]
    """Values of the label."""


class Loop(NamedTuple):
    """A function that ends with `right`, and runs for ever with `wrong` in its place."""

    function: str
    doc: str
    parameter: str
    body: str
    right: str
    wrong: str
    cause: str


class Trades(Table):
    """All trades, and the loops."""

    domains: tuple[Domain, ...]
    loops: tuple[Loop, ...]


trades = table.read(table.TABLES / "recovering/trades.toml", Trades)
