"""The family `asking`: a request lacks something, so the assistant looks and asks one question.

In about half of the rows the user answers, and the assistant does what was meant.

Not covered: the scenarios themselves (`settings`, `functions`, `pages`).
"""

from datagen.families.asking import functions, pages, settings

SCENARIOS = (
    settings.new_value,
    functions.behaviour_of_empty,
    settings.which_file,
    pages.no_tool_for_it,
    functions.new_name,
    pages.readme_line,
    functions.status_code,
    functions.target_module,
    functions.docstring_of_which,
    pages.old_entries,
    settings.value_of_new_setting,
    settings.target_format,
)
