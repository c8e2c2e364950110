"""What the assistant says in the family `fixing`.

The words are in `datagen/tables/fixing/replies.toml`, where their slots are told.

Not covered: when which of them is said (`datagen.families.fixing`).
"""

from datagen import table
from datagen.table import Table


class Replies(Table):
    """What the assistant says."""

    run_first: tuple[str, ...]
    read_source: tuple[str, ...]
    read_after_failure: tuple[str, ...]
    read_tests: tuple[str, ...]
    list: tuple[str, ...]
    search: tuple[str, ...]
    reproduce: tuple[str, ...]
    patch: tuple[str, ...]
    run_again: tuple[str, ...]
    example: tuple[str, ...]
    report: tuple[str, ...]
    passed: tuple[str, ...]
    fixed_call: tuple[str, ...]
    edge_done: tuple[str, ...]
    diagnosis: tuple[str, ...]
    diagnosis_missing: tuple[str, ...]
    wrong_test: tuple[str, ...]
    all_green: tuple[str, ...]
    added: tuple[str, ...]
    add_test: tuple[str, ...]
    changed_lines: tuple[str, ...]
    delegates: tuple[str, ...]
    next_bug: tuple[str, ...]
    two_found: tuple[str, ...]
    two_done: tuple[str, ...]


replies = table.read(table.TABLES / "fixing/replies.toml", Replies)
