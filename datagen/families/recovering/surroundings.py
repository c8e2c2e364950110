"""What stands in the places where something goes wrong, in the family `recovering`.

The words are in `datagen/tables/recovering/surroundings.toml`.

Not covered: projects (`projects`), and what is said about them (`texts`, `replies`).
"""

from typing import NamedTuple

from datagen import table
from datagen.table import Table


class Absent(NamedTuple):
    """Something that is not there: a search that is too narrow, and one that is wide enough."""

    what: str
    narrow: str
    broad: str


class Surroundings(Table):
    """People, topics, and comments on top of files."""

    topics: tuple[str, ...]
    """Of pages."""
    people: tuple[str, ...]
    headers: tuple[str, ...]
    """Of files that must not be edited because values belong elsewhere."""
    locked_headers: tuple[str, ...]
    """Of files that somebody has to release first."""
    absent: tuple[Absent, ...]


surroundings = table.read(table.TABLES / "recovering/surroundings.toml", Surroundings)
