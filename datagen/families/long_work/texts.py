"""What users and the assistant say in the family `long_work`.

The words are in `datagen/tables/long_work/texts.toml`, where their slots are told.

Not covered: when which of them is said (`datagen.families.long_work`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    roles: tuple[str, ...]
    overview: tuple[str, ...]
    fix: tuple[str, ...]
    commit: tuple[str, ...]
    """The diff is asked for."""
    commit_files: tuple[str, ...]
    """A look at the status is enough."""
    messages: Mapping[str, tuple[str, ...]]
    add: tuple[str, ...]
    add_tests: tuple[str, ...]
    report: tuple[str, ...]
    regression: tuple[str, ...]
    uses: tuple[str, ...]
    rename: tuple[str, ...]
    review: tuple[str, ...]
    undo: tuple[str, ...]
    web_overview: tuple[str, ...]
    say: Mapping[str, tuple[str, ...]]
    seen: tuple[str, ...]
    fails: tuple[str, ...]
    fixed: tuple[str, ...]
    committed: tuple[str, ...]
    added: tuple[str, ...]
    tested: tuple[str, ...]
    reproduced: tuple[str, ...]
    regressed: tuple[str, ...]
    found_uses: tuple[str, ...]
    renamed: tuple[str, ...]
    reviewed: tuple[str, ...]
    undone: tuple[str, ...]


texts = table.read(table.TABLES / "long_work/texts.toml", Texts)
