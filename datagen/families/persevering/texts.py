"""What users and the assistant say in the family `persevering`.

The words are in `datagen/tables/persevering/texts.toml`, where their slots are told.

Not covered: when which of them is said (`datagen.families.persevering`).
"""

from collections.abc import Mapping

from datagen import table
from datagen.families.long_work.texts import texts as long_work
from datagen.table import Table


class Texts(Table):
    """What users and the assistant say."""

    commit: tuple[str, ...]
    committed: tuple[str, ...]
    cause: tuple[str, ...]
    report_red: tuple[str, ...]
    maybe_report: tuple[str, ...]
    not_report: tuple[str, ...]
    own_tests: tuple[str, ...]
    own_tests_green: tuple[str, ...]
    value_wrong: tuple[str, ...]
    still_red_line: tuple[str, ...]
    two_causes: tuple[str, ...]
    add_cases: tuple[str, ...]
    added_cases: tuple[str, ...]
    suspected: tuple[str, ...]
    suspect_tests: tuple[str, ...]
    suspect_code: tuple[str, ...]
    suspect_call: tuple[str, ...]
    suspect_cleared: tuple[str, ...]
    imports_old: tuple[str, ...]
    old_cause: tuple[str, ...]
    still_red_import: tuple[str, ...]
    copy_found: tuple[str, ...]
    remove_copy: tuple[str, ...]
    removed_copy: tuple[str, ...]
    two_bugs: tuple[str, ...]
    maybe_tests: tuple[str, ...]
    not_tests: tuple[str, ...]
    still_red_same: tuple[str, ...]
    look_again: tuple[str, ...]
    second_cause: tuple[str, ...]
    both_mended: tuple[str, ...]
    one_more: tuple[str, ...]
    one_more_added: tuple[str, ...]
    many_red: tuple[str, ...]
    maybe_first: tuple[str, ...]
    try_first: tuple[str, ...]
    not_first: tuple[str, ...]
    helper_cause: tuple[str, ...]
    one_left: tuple[str, ...]
    many_mended: tuple[str, ...]
    test_helper: tuple[str, ...]
    helper_tested: tuple[str, ...]
    plan_wanted: tuple[str, ...]
    point: tuple[str, ...]
    plan: tuple[str, ...]
    plan_first: tuple[str, ...]
    plan_some: tuple[str, ...]
    next_point: tuple[str, ...]
    point_left: tuple[str, ...]
    plan_left: tuple[str, ...]
    aside: tuple[str, ...]
    aside_left: tuple[str, ...]
    aside_one_left: tuple[str, ...]
    plan_go_on: tuple[str, ...]
    plan_done: tuple[str, ...]
    rename_wanted: tuple[str, ...]
    rename_calls: tuple[str, ...]
    still_red_text: tuple[str, ...]
    rename_text: tuple[str, ...]
    rename_done: tuple[str, ...]
    own_code: tuple[str, ...]
    maybe_my_test: tuple[str, ...]
    code_is_wrong: tuple[str, ...]
    mend_code: tuple[str, ...]
    code_mended: tuple[str, ...]
    where_used: tuple[str, ...]
    used_here: tuple[str, ...]
    messages: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, tuple[str, ...]]
    """Beside a call, by its kind."""

    @property
    def roles(self) -> tuple[str, ...]:
        """System prompts."""
        return long_work.roles


texts = table.read(table.TABLES / "persevering/texts.toml", Texts)
