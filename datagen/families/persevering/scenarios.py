"""The family `persevering`: long work in larger packages, in which a first idea is seldom the last.

Not covered: the scenarios themselves (`hunts`, `works`).
"""

from datagen.families.persevering import hunts, works

SCENARIOS = (
    hunts.report_stays_red,
    works.plan_of_several,
    hunts.stale_copy,
    hunts.two_bugs_in_one,
    works.wide_rename,
    hunts.many_red_one_cause,
    works.own_code,
)
