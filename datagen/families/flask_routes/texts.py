"""What users and the assistant say in the family `flask_routes`.

The words are in `datagen/tables/flask_routes/texts.toml`, where their slots are told.

Not covered: when which of them is said (`datagen.families.flask_routes`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    ask: Mapping[str, tuple[str, ...]]
    before: tuple[str, ...]
    after: tuple[str, ...]
    small: tuple[str, ...]
    """Of these, wishes that a change which adds tests would not keep."""
    after_question: tuple[str, ...]
    roles: tuple[str, ...]
    rules: tuple[str, ...]
    say: Mapping[str, tuple[str, ...]]
    done: Mapping[str, tuple[str, ...]]
    evidence: tuple[str, ...]
    earlier: tuple[str, ...]
    passed: tuple[str, ...]
    answers: tuple[str, ...]


texts = table.read(table.TABLES / "flask_routes/texts.toml", Texts)
