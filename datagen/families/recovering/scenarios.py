"""The family `recovering`: calls that fail, and what a good assistant makes of it.

It says what the error means, and calls better. The turn that fails carries no loss.

Not covered: the wording (`talk`, `texts`, `replies`).
"""

from datagen.families.recovering import arguments, changes, places, runs, slow, tool_names

SCENARIOS = (
    places.missing_module,
    places.missing_settings,
    places.missing_page,
    arguments.wrong_arguments,
    arguments.missing_arguments,
    changes.protected_file,
    places.empty_search,
    changes.stale_patch,
    tool_names.unknown_tool,
    slow.slow_program,
    runs.failing_script,
    runs.wrong_test_path,
    runs.wrong_route,
    runs.wrong_method,
    places.two_failures,
    changes.in_a_repair,
)
