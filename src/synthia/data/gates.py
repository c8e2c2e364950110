"""The gates D: what may not be in a data file, why, and the verdict over the problems found.

Not covered: finding the problems (`synthia.data.conversations`, `synthia.data.check`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from synthia import gates
from synthia.data.rules import (
    DUPLICATES,
    LEAKAGE,
    LENGTH,
    SCHEMA,
    TEXT,
    TOOLS,
    UNSEEN,
    Problem,
)
from synthia.gates import Gate
from synthia.recipe import Recipe

SHOWN = 200
"""Problems that are printed; further ones are counted."""
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
    UNSEEN: (
        "things named in executed rows that nothing before showed",
        "the model would learn to make such things up",
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


def of_recipe(
    recipe: Recipe,
    problems: Sequence[Problem],
    counts: Mapping[str, int],
    of_probes: Sequence[Problem],
) -> list[Gate]:
    """Judge all gates D that the recipe has; those of the probes are counted on top."""
    together = Counter(counts) + Counter(problem.gate for problem in of_probes)
    names = [name for name in GATES if name != LENGTH or recipe.data.too_long == "error"]
    return judge(names, problems, together)


def show(problems: Sequence[Problem], counts: Mapping[str, int]) -> None:
    """Print problems, gate by gate, and how many there are beyond those shown."""
    gate = ""
    for problem in sorted(problems, key=lambda each: (each.gate, each.file, each.line))[:SHOWN]:
        if problem.gate != gate:
            gate = problem.gate
            print(f"{gate}:")
        print(f"  {problem}\n      fix: {problem.fix}")
        if problem.row:
            print(f'      or accept it in data/accepted.toml: row = "{problem.row}", rule = '
                  f'"{problem.rule}"')  # fmt: skip
    total = sum(counts.values())
    if total > SHOWN:
        print(f"... and {total - SHOWN:,} more")


def require(judged: Sequence[Gate]) -> None:
    """Raise GateFailed, whose problems have been shown, unless all passed."""
    failed = [gate for gate in judged if not gate.passed]
    if failed:
        raise gates.GateFailed(
            f"{', '.join(gate.name for gate in failed)}: see above", tuple(judged)
        )
