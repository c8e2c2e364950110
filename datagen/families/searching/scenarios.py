"""The family `searching`: a search finds all places; then they are changed, or summed up.

Not covered: questions that one file answers (`datagen.families.reading`).
"""

from datagen.families.searching import edits, reports

SCENARIOS = (
    edits.rename,
    edits.deprecated_call,
    reports.usages,
    edits.setting_everywhere,
    edits.dead_code,
    edits.move_function,
    reports.todo_list,
    reports.by_pattern,
    edits.term_in_pages,
    reports.absent_name,
)
