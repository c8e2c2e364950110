"""The gates D: what may not be in a data file, why, and the verdict over the problems found.

Not covered: finding the problems (`synthia.data.conversations`, `synthia.data.check`).
"""

from collections.abc import Mapping, Sequence

from synthia import gates
from synthia.data.rules import DUPLICATES, LEAKAGE, LENGTH, SCHEMA, TEXT, TOOLS, Problem
from synthia.gates import Gate

GATES = {
    SCHEMA: ("lines that are no valid conversation", "a broken row trains broken turns"),
    TOOLS: (
        "calls and tools that do not fit each other",
        "the model would learn calls that no program accepts",
    ),
    TEXT: (
        "places with control tokens, invisible characters or secrets",
        "the model would learn to write them, or see a turn end where none ends",
    ),
    DUPLICATES: ("rows that equal another", "what is repeated is learned by heart"),
    LEAKAGE: (
        "rows that ask what a held-out case asks",
        "the evaluation would measure memory and not skill",
    ),
    LENGTH: ("rows longer than data.max_length", "to cut a row is to cut its stop token"),
}
"""By name: the metric, and why it matters."""


def judge(
    names: Sequence[str], problems: Sequence[Problem], counts: Mapping[str, int]
) -> list[Gate]:
    """Judge the gates named; `counts` holds the number of problems where not all are kept."""
    judged = []
    for name in names:
        metric, why = GATES[name]
        mine = [problem for problem in problems if problem.gate == name]
        count = max(counts.get(name, 0), len(mine))
        places = [f"{problem} ({problem.fix})" for problem in mine]
        files = ", ".join(sorted({problem.file for problem in mine}))
        fix = f"correct the lines named in {files or 'the data files'}"
        judged.append(gates.at_most(name, count, 0, metric=metric, why=why, fix=fix, where=places))
    return judged
