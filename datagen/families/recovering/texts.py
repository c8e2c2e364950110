"""What users say in the rows of `datagen.families.recovering`, and what stands around it.

The words are in `datagen/tables/recovering/texts.toml`, where their slots are told.

Not covered: what the assistant says (`replies`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    systems: tuple[str, ...]
    contexts: tuple[str, ...]
    tails: tuple[str, ...]
    ask: Mapping[str, tuple[str, ...]]
    """Requests by what is wanted."""
    repairs: tuple[str, ...]
    commits: tuple[str, ...]
    tool_names: Mapping[str, tuple[str, ...]]
    """Names that other programs give to the tools, by the one that is there."""
    old_comments: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]]
    """What the assistant could not know otherwise."""


texts = table.read(table.TABLES / "recovering/texts.toml", Texts)
