"""What is said in the family `verbatim`, and what users write there to be used as it stands.

The words are in `datagen/tables/verbatim/texts.toml`, where their slots are told.

Not covered: when it is said (`datagen.families.verbatim.scenarios`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Texts(Table):
    """Sentences of users and the assistant, and the parts of what is to be taken literally."""

    ask: Mapping[str, tuple[str, ...]]
    """By what is asked."""
    say: Mapping[str, tuple[str, ...]]
    """Beside a call, and about its result."""
    lines_of_code: tuple[str, ...]
    words: tuple[str, ...]
    lines: tuple[str, ...]
    stems: tuple[str, ...]
    folders: tuple[str, ...]
    blocks: Mapping[str, tuple[str, ...]]
    """Lines of a file by its ending."""
    patterns: tuple[str, ...]
    globs: tuple[str, ...]
    messages: tuple[str, ...]


texts = table.read(table.TABLES / "verbatim/texts.toml", Texts)
