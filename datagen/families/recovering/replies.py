"""What the assistant says in the rows of `datagen.families.recovering`.

The words are in `datagen/tables/recovering/replies.toml`, where their slots are told.

Not covered: which sentence is drawn when (`talk`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Replies(Table):
    """What the assistant says."""

    saying: Mapping[str, tuple[str, ...]]
    """Before a call that nothing has gone wrong with yet."""
    why: Mapping[str, tuple[str, ...]]
    """After a failure: what it says, and what follows."""
    unknown: tuple[str, ...]
    second_guess: tuple[str, ...]
    bad_patch: tuple[str, ...]
    no_header: tuple[str, ...]
    patch_again: tuple[str, ...]
    answer: Mapping[str, tuple[str, ...]]
    """At the end, from what the results said."""


replies = table.read(table.TABLES / "recovering/replies.toml", Replies)
