"""Failing tests and wrong results in small projects, found and fixed.

Each scenario builds a project with a seeded bug, looks for it in its own order, and reports what
the tools showed.

Not covered: bugs in several places (`datagen.families.fixing.several_bugs`), the projects
(`datagen.families.fixing.project`), the single steps
(`datagen.families.fixing.steps`), and the wording (`datagen.families.fixing.texts`,
`datagen.families.fixing.replies`).

"""

import difflib
import re

from datagen.families.fixing.project import (
    build,
    failed,
    first_failure,
    import_line,
    passed,
    test_module,
)  # fmt: skip
from datagen.families.fixing.replies import replies
from datagen.families.fixing.steps import (
    apply,
    begin,
    check_printed,
    confirm,
    correct,
    finish,
    locate,
    look_around,
    maybe,
    named_failures,
    pick,
    read,
    report,
    run_tests,
    with_test,
)  # fmt: skip
from datagen.families.fixing.texts import texts
from datagen.patches import diff
from datagen.session import Session
from datagen.worlds.functions import Case


def suite_is_red(session: Session) -> None:
    """Run the tests, read the source, patch, run them again."""
    project = build(session)
    begin(session, project, pick(session, texts.suite_red, project.words()))
    look_around(session, project)
    words = named_failures(session, project, run_tests(session, project, replies.run_first))
    locate(session, project)
    session.call(
        "read_file", {"path": project.path},
        saying=maybe(session, replies.read_after_failure, words),
    )  # fmt: skip
    correct(session, project)
    report(session, project)
    finish(session)


def read_before_running(session: Session) -> None:
    """Read source and tests, patch, and run the tests only then."""
    project = build(session)
    begin(session, project, pick(session, texts.suite_red, project.words()))
    look_around(session, project)
    if session.random.random() < 0.4:
        locate(session, project)
        session.offer("read_file")
        session.calls(
            [("read_file", {"path": project.path}), ("read_file", {"path": project.tests})],
            saying=maybe(session, replies.read_source, project.words()),
        )
    else:
        read(session, project)
        saying = maybe(session, replies.read_tests, project.words())
        session.call("read_file", {"path": project.tests}, saying=saying)
    correct(session, project)
    report(session, project)
    finish(session)


def pasted_failure(session: Session) -> None:
    """The user pastes pytest's output."""
    project = build(session)
    session.files(project.files())
    block = first_failure(session.bench.call("run_tests", {}))
    fence = session.random.choice((f"```\n{block}\n```", block))
    words = project.words() | {"block": fence, "number": str(session.random.randint(11, 980))}
    begin(session, project, pick(session, texts.pasted, words))
    if session.random.random() < 0.3:
        session.call(
            "search", {"pattern": f"def {project.broken.name}\\b"},
            saying=maybe(session, replies.search, words),
        )  # fmt: skip
    read(session, project)
    correct(session, project)
    report(session, project)
    finish(session)


def reported_symptom(session: Session) -> None:
    """Somebody saw a wrong result; it is reproduced, and the same call is made after the fix."""
    project = build(session, hidden=True)
    example = project.examples[0]
    words = project.words() | example.words()
    begin(session, project, pick(session, texts.symptom, words), plain=True)
    line = import_line(project.module, [project.broken.name])
    code = f"{line}\n\nprint({example.call})"
    if project.broken.cases[0][2][0] in "'\"" and example.expected[0] != "!":
        code = f"{line}\n\nprint(repr({example.call}))"

    def reproduce() -> str:
        arguments = {"code": code}
        return session.call(
            "run_python", arguments, saying=maybe(session, replies.reproduce, words)
        )

    first = session.random.random() < 0.6
    if first:
        result = reproduce()
        if example.got[0] != "!" and "Error" not in result:
            check_printed(result, example.got)
    read(session, project)
    correct(session, project)
    result = session.call("run_python", {"code": code}, saying="")
    if example.expected[0] == "!":
        if not result.splitlines()[-1].startswith(example.expected[1:]):
            raise AssertionError(f"{example.call} does not raise: {result}")
    else:
        check_printed(result, example.expected)
    answer = pick(session, replies.fixed_call, words)
    if session.random.random() < 0.4:
        answer += f" {confirm(session, project)['passed']}"
    session.say(answer)
    finish(session)


def one_test(session: Session) -> None:
    """The user names one failing test; it is run alone, then the whole suite."""
    project = build(session)
    session.files(project.files())
    case = failed(session.bench.call("run_tests", {}))[0].partition("[")[0]
    words = project.words() | {"case": case}
    begin(session, project, pick(session, texts.one_test, words))
    arguments = {"path": project.tests, "keyword": case}
    if session.random.random() < 0.3:
        arguments = {"path": f"{project.tests}::{case}"}
    result = session.call("run_tests", arguments, saying=maybe(session, replies.run_first, words))
    named_failures(session, project, result)
    found = session.call(
        "search", {"pattern": f"def {project.broken.name}\\b", "glob": "*.py"},
        saying=maybe(session, replies.search, words),
    )  # fmt: skip
    number = int(found.split(":")[1])
    length = len(project.broken.source.splitlines())
    span = {"start_line": max(number - 3, 1), "end_line": number + length + 3}
    saying = maybe(session, replies.read_source, words)
    session.call("read_file", {"path": project.path, **span}, saying=saying)
    patch = diff(project.path, project.bad, project.good)
    apply(session, patch, maybe(session, replies.patch, words))
    if session.random.random() < 0.4:
        session.call("run_tests", arguments, saying=maybe(session, replies.run_again, words))
    report(session, project)
    finish(session)


def missing_edge_case(session: Session) -> None:
    """A case that no test covers goes wrong: fix it and test it."""
    project = build(session, hidden=True)
    example = project.examples[0]
    name = f"test_{project.broken.name}_{example.name}"
    words = project.words() | example.words() | {"test": name}
    begin(session, project, pick(session, texts.edge, words), plain=True)
    read(session, project)
    saying = maybe(session, replies.read_tests, words)
    session.call("read_file", {"path": project.tests}, saying=saying)
    case = (example.name, example.arguments, example.expected)
    new = with_test(project.test_text, project.broken.name, case)
    test_patch = diff(project.tests, project.test_text, new)
    patch = diff(project.path, project.bad, project.good)
    if session.random.random() < 0.5:
        first = (f"First `{name}`, which should fail now.", "The test first.", "")
        apply(session, test_patch, session.random.choice(first))
        result = session.call("run_tests", {"path": project.tests})
        if failed(result) != [name]:
            raise AssertionError(f"the new test alone should fail: {result}")
        correct(session, project)
    else:
        apply(session, patch, maybe(session, replies.patch, words))
        apply(session, test_patch, maybe(session, replies.add_test, words))
    session.say(pick(session, replies.edge_done, words | confirm(session, project)))
    finish(session)


def pasted_code(session: Session) -> None:
    """The user pastes the whole file, so that it can be patched at once."""
    project = build(session, alone=True)
    words = project.words() | project.examples[0].words() | {"code": project.bad.rstrip("\n")}
    begin(session, project, pick(session, texts.pasted_code, words), plain=True)
    correct(session, project)
    report(session, project)
    finish(session)


def why_does_it_fail(session: Session) -> None:
    """Only a diagnosis is wanted; perhaps the fix as a second step."""
    project = build(session)
    session.files(project.files())
    case = failed(session.bench.call("run_tests", {}))[0].partition("[")[0]
    words = project.words() | {"case": case}
    begin(session, project, pick(session, texts.why, words), plain=True)
    if session.random.random() < 0.7:
        named_failures(session, project, run_tests(session, project, replies.run_first))
        read(session, project)
    else:
        locate(session, project)
        saying = maybe(session, replies.read_source, words)
        session.offer("read_file")
        session.calls(
            [("read_file", {"path": project.tests}), ("read_file", {"path": project.path})],
            saying=saying,
        )
        named_failures(session, project, run_tests(session, project, replies.run_first))
    old, new = project.bad.splitlines(), project.good.splitlines()
    changes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    number = next((i for tag, i, _, _, _ in changes if tag in ("replace", "delete")), -1)
    example = next(e for e in project.examples if e.name in [name for name, _, _ in project.tested])
    words |= example.words() | {"line_number": str(number + 1), "line": old[number].strip()}
    words["example"] = pick(session, replies.example, words)
    choices = replies.diagnosis if number >= 0 else replies.diagnosis_missing
    session.say(pick(session, choices, words))
    if session.random.random() < 0.5:
        session.user(pick(session, texts.go_ahead, words))
        correct(session, project)
        session.say(pick(session, replies.report, confirm(session, project)))
    finish(session, 0.3)


def wrong_expectation(session: Session) -> None:
    """The code is right, and a test expects what the docstring does not say."""
    project = build(session, plain=True)
    example = project.examples[0]
    rng = session.random
    # The seeded bug gives the value that somebody might expect by mistake.
    others = [case for case in project.broken.cases if case[0] != example.name]
    cases = [
        Case(example.name, example.arguments, example.got),
        *rng.sample(others, rng.randint(1, 2)),
    ]
    right_cases = [Case(example.name, example.arguments, example.expected), *cases[1:]]
    rest = [(p.name, list(p.cases[:1])) for p in project.parts if p is not project.broken]
    state = rng.getstate()
    wrong_text = test_module(rng, project.module, [(project.broken.name, cases), *rest])
    rng.setstate(state)
    right_text = test_module(rng, project.module, [(project.broken.name, right_cases), *rest])
    files = {**project.extra, project.path: project.good, project.tests: wrong_text}
    session.files(files)
    case = failed(session.bench.call("run_tests", {}))[0].partition("[")[0]
    words = project.words() | example.words() | {"case": case, "expected": f"`{example.got}`"}
    words["gives"] = f"returns `{example.expected}`"
    begin(session, project, pick(session, texts.wrong_test, words), plain=True)
    run_tests(session, project, replies.run_first)
    read(session, project)
    saying = maybe(session, replies.read_tests, words)
    session.call("read_file", {"path": project.tests}, saying=saying)
    patch = diff(project.tests, wrong_text, right_text)
    saying = f"`{example.call}` is {example.expected} by the docstring, so the test is wrong."
    apply(session, patch, rng.choice((saying, "")))
    words["spec_says"] = f"The docstring of `{project.broken.name}` settles it"
    words |= {"passed": confirm(session, project)["passed"]}
    session.say(pick(session, replies.wrong_test, words))
    finish(session)


def nothing_fails(session: Session) -> None:
    """The user expects a failure, and there is none: say so and change nothing."""
    project = build(session)
    session.files({**project.files(), project.path: project.good})
    names = re.findall(rf"def (test_{project.broken.name}\w*)", project.test_text)
    words = project.words() | {"case": session.random.choice(names)}
    begin(session, project, pick(session, texts.all_green, words))
    look_around(session, project)
    count = passed(run_tests(session, project, replies.run_first))
    if session.random.random() < 0.4:
        read(session, project)
    answer = pick(session, replies.all_green, words | {"count": str(count)})
    answer = answer.replace("All 1 tests pass", "The only test passes")
    session.say(answer.replace(" 1 tests pass", " 1 test passes"))
    finish(session, 0.2)
