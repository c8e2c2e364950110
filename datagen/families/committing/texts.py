"""What is asked and said in the family `committing`.

The words are in `datagen/tables/committing/texts.toml`, where their slots are told.

Not covered: the changes themselves (`datagen.families.committing`).
"""

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    change: tuple[str, ...]
    commit: tuple[str, ...]
    uncommitted: tuple[str, ...]
    review: tuple[str, ...]
    status: tuple[str, ...]
    diff: tuple[str, ...]
    read: tuple[str, ...]
    patch: tuple[str, ...]
    message: tuple[str, ...]
    committed: tuple[str, ...]
    open: tuple[str, ...]
    search: tuple[str, ...]
    clean: tuple[str, ...]
    no_commit: tuple[str, ...]
    fine: tuple[str, ...]
    leftover: tuple[str, ...]


texts = table.read(table.TABLES / "committing/texts.toml", Texts)
