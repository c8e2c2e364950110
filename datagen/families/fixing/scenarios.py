"""The family `fixing`: failing tests and wrong results in small projects, found and fixed.

Not covered: the scenarios themselves (`one_bug`, `several_bugs`).
"""

from datagen.families.fixing import one_bug, several_bugs

SCENARIOS = (
    one_bug.suite_is_red,
    one_bug.read_before_running,
    one_bug.pasted_failure,
    one_bug.reported_symptom,
    one_bug.one_test,
    one_bug.missing_edge_case,
    one_bug.pasted_code,
    one_bug.why_does_it_fail,
    one_bug.wrong_expectation,
    several_bugs.cause_in_other_module,
    several_bugs.two_bugs,
    one_bug.nothing_fails,
)
