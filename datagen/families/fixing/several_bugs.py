"""Bugs that show in another module than their own, and two bugs at once.

Not covered: a single bug in one module (`datagen.families.fixing`).
"""

import ast

from datagen.families.fixing.project import build, python, test_module, unsteady
from datagen.families.fixing.replies import replies
from datagen.families.fixing.steps import (
    apply,
    begin,
    confirm,
    correct,
    finish,
    locate,
    maybe,
    named_failures,
    pick,
    report,
    run_tests,
)  # fmt: skip
from datagen.families.fixing.texts import texts
from datagen.patches import diff
from datagen.session import Session
from datagen.worlds import functions
from datagen.worlds.functions import Case

CALLER = '''"""Text output of {project}."""

from typing import Any

from {module} import {fn}


def {caller}(label: str, *values: Any) -> str:
    """Return the label and what `{fn}` gives for the values."""
    return f"{{label}}: {{{fn}(*values)}}"
'''


def cause_in_other_module(session: Session) -> None:
    """A test of one module fails because of a function in another one."""
    project = build(session, hidden=True, plain=True)
    rng = session.random
    example, name = project.examples[0], project.broken.name
    stem = rng.choice(("overview", "summary", "output", "printout", "rendering", "textview"))
    path = project.path.rpartition("/")[0] + ("/" if "/" in project.path else "") + f"{stem}.py"
    module = project.module.rpartition(".")[0] + ("." if "." in project.module else "") + stem
    tests = project.tests.replace(project.tests.rpartition("test_")[2], f"{stem}.py")
    caller = rng.choice((f"{name}_line", f"show_{name}", f"describe_{name}"))
    right = [case for case in project.tested if not case[2].startswith("!")][:1]
    cases = [
        Case(
            c.name, f"{c.name!r}, {c.arguments}", repr(f"{c.name}: {ast.literal_eval(c.expected)}")
        )
        for c in (Case(example.name, example.arguments, example.expected), *right)
    ]
    session.files({
        **project.files(),
        path: CALLER.format(project=project.name, module=project.module, fn=name, caller=caller),
        tests: test_module(rng, module, [(caller, cases)]),
    })  # fmt: skip
    words = project.words() | {"path": path, "tests": tests, "mod": module, "fn": caller}
    begin(session, project, pick(session, texts.suite_red, words), plain=True)
    result = session.call("run_tests", {}, saying=maybe(session, replies.run_first, words))
    words = named_failures(session, project, result) | {"path": path, "fn": caller}
    locate(session, project, path)
    saying = maybe(session, replies.read_after_failure, words)
    session.call("read_file", {"path": path}, saying=saying)
    words = project.words() | {"caller": caller}
    saying = maybe(session, replies.delegates, words)
    session.call("read_file", {"path": project.path}, saying=saying)
    correct(session, project)
    report(session, project)
    finish(session)


def two_bugs(session: Session) -> None:
    """Two functions of a module are wrong; they are repaired together or one by one."""
    project = build(session)
    while len(project.parts) == 1:
        project = build(session)
    rng = session.random
    other = next(part for part in project.parts if part is not project.broken)
    wrong: list[Case] = []
    while not wrong:
        bug = rng.choice(other.bugs)
        result = functions.outcomes(python(session), other.broken(bug), other)
        cases = [case for case in other.cases if not unsteady(case, result)]
        wrong = [case for case in cases if not result[case[0]][0]]
    right = [case for case in other.cases if result[case[0]][0]]
    tested = [wrong[0], *right[:1]]
    once = project.bad
    project.bad = once.replace(other.source, other.broken(bug))
    if project.bad == once:
        raise AssertionError(f"{other.name} was not found")
    tests = [(project.broken.name, project.tested), (other.name, tested)]
    project.test_text = test_module(rng, project.module, tests)
    first = {"fn2": other.name, "cause2": bug.cause}
    begin(session, project, pick(session, texts.suite_red, project.words()))
    words = named_failures(session, project, run_tests(session, project, replies.run_first))
    locate(session, project)
    saying = maybe(session, replies.read_after_failure, words)
    session.call("read_file", {"path": project.path}, saying=saying)
    if rng.random() < 0.5:
        fixed = project.bad.replace(
            project.broken.broken(project.bug), project.broken.source
        )  # the other bug is still there
        apply(session, diff(project.path, project.bad, fixed), maybe(session, replies.patch, words))
        left = named_failures(session, project, run_tests(session, project, replies.run_again))
        said = left | first | {"cause": bug.cause}
        patch = diff(project.path, fixed, project.good)
        apply(session, patch, maybe(session, replies.next_bug, said))
    else:
        saying = pick(session, replies.two_found, project.words() | first)
        apply(session, diff(project.path, project.bad, project.good), saying)
    session.say(pick(session, replies.two_done, confirm(session, project) | first))
    finish(session)
