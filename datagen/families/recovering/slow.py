"""Rows of the family `recovering` in which a program does not finish in time.

Not covered: the puzzles that are solved (`puzzles`).
"""

from datagen.families.recovering import projects, puzzles
from datagen.families.recovering.talk import (
    answer,
    fail,
    only,
    opening,
    perhaps,
    retry,
    upper_first,
)
from datagen.families.recovering.trades import trades
from datagen.patches import diff
from datagen.session import Session


def slow_program(session: Session) -> None:
    """A program that does not finish in its second: a better algorithm, or a loop to be fixed."""
    r = session.random
    if r.random() < 0.3:
        _endless_loop(session)
        return
    puzzle = puzzles.puzzle(r)
    project = projects.draw(r)
    slots = project.slots() | {
        "question": puzzle.question,
        "why": puzzle.why,
        "instead": puzzle.instead,
    }
    opening(session, "puzzle", ["run_python"], slots)
    slow = ("run_python", {"code": puzzle.slow, "timeout": 1})
    fail(session, slow, "timed out", perhaps(session, "run", slots))
    shown = retry(session, "timeout", ("run_python", {"code": puzzle.quick}), slots)
    if shown is not None:
        answer(session, "puzzle", slots | {"value": only(r"^(\d+)$", shown)})


def _endless_loop(session: Session) -> None:
    r = session.random
    d = projects.draw(r).domain
    name, doc, parameter, body, right, wrong, cause = (
        each.format(item=d.item, items=d.items, measure=d.measure)
        for each in r.choice(trades.loops)
    )
    limit = 1 if name.startswith("digits") else r.randint(3, 12)
    argument = limit * r.randint(6, 40)
    source = (
        f'"""{upper_first(d.items)}: counting."""\n\nLIMIT = {limit}\n\n\n'
        f'def {name}({parameter}) -> int:\n    """{doc}"""\n{body}'
    )
    path = f"{d.package}/{r.choice(('counting', 'rounds', 'steps', 'loops'))}.py"
    module = path.removesuffix(".py").replace("/", ".")
    buggy = source.replace(right, wrong)
    session.files({path: buggy})
    slots = {"package": d.package, "items": d.items, "item": d.item, "label": d.label, "function": name,
             "argument": str(argument), "path": path, "target": path, "cause": cause,
             "fix": "change the loop so that it ends"}  # fmt: skip
    opening(session, "endless", ["run_python", "read_file", "apply_patch"], slots)
    program = f"from {module} import {name}\n\nprint({name}({argument}))"
    call = {"code": program, "timeout": 1}
    fail(session, ("run_python", call), "timed out", perhaps(session, "run", slots))
    text = retry(session, "endless", ("read_file", {"path": path}), slots, end=0.3)
    if text is None:
        return
    if text + "\n" != buggy:
        raise AssertionError("the file reads differently")
    patch = diff(path, buggy, source)
    session.call(
        "apply_patch",
        {"patch": patch},
        saying=f"The loop cannot end: {cause}." if r.random() < 0.6 else "",
    )
    shown = session.call("run_python", dict(call), saying=perhaps(session, "check", slots))
    answer(session, "endless", slots | {"value": only(r"^(\d+)$", shown)})
