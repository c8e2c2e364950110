"""What users and the assistant say in the family `fixing`.

The words are in `datagen/tables/fixing/texts.toml`, where their slots are told.

Not covered: when which of them is said (`datagen.families.fixing`).
"""

from datagen import table
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    system_roles: tuple[str, ...]
    system_rules: tuple[str, ...]
    safe_rules: tuple[str, ...]
    """Rules that hold for every order of work."""
    suite_red: tuple[str, ...]
    suite_before: tuple[str, ...]
    suite_after: tuple[str, ...]
    symptom: tuple[str, ...]
    pasted: tuple[str, ...]
    one_test: tuple[str, ...]
    edge: tuple[str, ...]
    pasted_code: tuple[str, ...]
    why: tuple[str, ...]
    go_ahead: tuple[str, ...]
    wrong_test: tuple[str, ...]
    all_green: tuple[str, ...]
    fix_also: tuple[str, ...]
    which_line: tuple[str, ...]


texts = table.read(table.TABLES / "fixing/texts.toml", Texts)
