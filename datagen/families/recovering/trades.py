"""The words of small trades, and loops in which a program hangs, for the family `recovering`.

They are in `datagen/tables/recovering/projects.toml`.

Not covered: the code of a trade's module (`modules`).
"""

from typing import NamedTuple

from datagen import table as tables
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


class Projects(Table):
    """What projects are made of."""

    domains: tuple[Domain, ...]
    loops: tuple[Loop, ...]


trades = tables.read(tables.TABLES / "recovering/projects.toml", Projects)
