"""A small project with a seeded bug: a module of functions, its tests, and what they find.

Not covered: the conversation about it (`datagen.families.fixing`), and the functions themselves
(`datagen.worlds.functions`).
"""

import ast
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from datagen.session import Session
from datagen.worlds import functions
from datagen.worlds.functions import FUNCTIONS, MODULES, PLACES, Bug, Case, Drawn


@dataclass(frozen=True)
class Example:
    """A call that goes wrong: what came out, and what should have."""

    name: str
    call: str
    arguments: str
    got: str
    expected: str

    def words(self) -> dict[str, str]:
        """The call and its outcomes as parts of sentences."""
        raised, wants = self.got.startswith("!"), self.expected.startswith("!")
        return {
            "call": self.call,
            "gives": f"raises {self.got[1:]}" if raised else f"returns {self.got}",
            "gave": f"raised {self.got[1:]}" if raised else f"returned `{self.got}`",
            "should": f"raise {self.expected[1:]}" if wants else f"return {self.expected}",
            "does": f"raises {self.expected[1:]}" if wants else f"returns `{self.expected}`",
            "wanted": f"a {self.expected[1:]}" if wants else f"`{self.expected}`",
        }


@dataclass
class Project:
    """The files of a project whose module holds a bug, and how they look without it."""

    name: str
    module: str
    path: str
    tests: str
    broken: Drawn
    bug: Bug
    parts: list[Drawn]
    tested: list[Case]
    good: str
    bad: str
    test_text: str
    examples: list[Example]
    """Calls of the broken function that go wrong."""
    extra: dict[str, str]

    def files(self) -> dict[str, str]:
        """All files with the bug in place."""
        return {**self.extra, self.path: self.bad, self.tests: self.test_text}

    def spare(self) -> list[Case]:
        """Cases of the broken function that its tests do not use."""
        return [case for case in self.broken.cases if case not in self.tested]

    def words(self) -> dict[str, str]:
        """What the texts call the project's parts."""
        return {
            "project": self.name, "mod": self.module, "path": self.path, "tests": self.tests,
            "fn": self.broken.name, "cause": self.bug.cause, "fix": self.bug.fix,
            "spec": self.broken.spec,
        }  # fmt: skip


def python(session: Session) -> Callable[[str], str]:
    """Run code without a record."""
    return lambda code: session.bench.call("run_python", {"code": code})


def places(rng: random.Random, topic: str, mixed: bool) -> tuple[str, str, str, str, list[str]]:
    """A layout: project, module path to import, file, test file, empty files."""
    project = rng.choice(PLACES.projects)
    stem = rng.choice(PLACES.mixed_modules if mixed else MODULES[topic])
    kind = rng.randrange(5)
    if kind == 0:
        return project, stem, f"{stem}.py", f"test_{stem}.py", []
    if kind == 1:
        return project, stem, f"{stem}.py", f"tests/test_{stem}.py", []
    package = project if kind < 4 else "lib"
    module, path = f"{package}.{stem}", f"{package}/{stem}.py"
    tests = f"{package}/test_{stem}.py" if kind == 3 else f"tests/test_{stem}.py"
    return project, module, path, tests, [f"{package}/__init__.py"]


def import_line(module: str, names: list[str]) -> str:
    """`from module import names`, on several lines if it is long."""
    line = f"from {module} import {', '.join(sorted(names))}"
    if len(line) <= 88:
        return line
    inner = "".join(f"    {name},\n" for name in sorted(names))
    return f"from {module} import (\n{inner})"


def test_functions(rng: random.Random, name: str, cases: list[Case]) -> str:
    """Tests of one function in one of three styles."""
    style = rng.choice(("each", "each", "together", "table"))
    plain = [case for case in cases if not case[2].startswith("!")]
    if style == "table" and len(plain) == len(cases) > 1:
        rows = []
        for _, arguments, expected in cases:
            call = ast.parse(f"f({arguments})", mode="eval").body
            assert isinstance(call, ast.Call)
            inner = functions.double_quoted(arguments) + ("," if len(call.args) == 1 else "")
            rows.append(f"        (({inner}), {functions.double_quoted(expected)}),")
        return "\n".join((
            "@pytest.mark.parametrize(", '    ("arguments", "expected"),', "    [", *rows, "    ],",
            ")", f"def test_{name}(arguments: tuple, expected: object) -> None:",
            f"    assert {name}(*arguments) == expected",
        ))  # fmt: skip
    if style == "together":
        body = "\n".join(functions.assertion(name, a, e) for _, a, e in cases)
        return f"def test_{name}() -> None:\n" + re.sub("^", "    ", body, flags=re.MULTILINE)
    tests = []
    for case, arguments, expected in cases:
        body = re.sub(
            "^", "    ", functions.assertion(name, arguments, expected), flags=re.MULTILINE
        )
        tests.append(f"def test_{name}_{case}() -> None:\n{body}")
    return "\n\n\n".join(tests)


def test_module(rng: random.Random, module: str, tested: list[tuple[str, list[Case]]]) -> str:
    """A test file for functions of a module."""
    bodies = [test_functions(rng, name, cases) for name, cases in tested if cases]
    body = "\n\n\n".join(bodies)
    line = import_line(module, [name for name, cases in tested if cases])
    head = f"import pytest\n\n{line}" if "pytest." in body else line
    return f"{head}\n\n\n{body}\n"


def unsteady(case: Case, result: dict[str, tuple[bool, str]]) -> bool:
    """Whether pytest's report of a case would differ between Pythons or runs."""
    got, expected = result[case[0]][1], case[2]
    if got.startswith("!") or expected.startswith("!"):
        return not got.startswith("!")  # Python 3.13 shows differently that nothing was raised
    left, right = ast.literal_eval(got), ast.literal_eval(expected)
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return False
    different = [key for key in left.keys() & right.keys() if left[key] != right[key]]
    return len(different) > 1  # pytest lists them in the order of a set


def _companions(rng: random.Random, broken: Drawn, room: int, mixed: bool) -> list[Drawn]:
    """Other functions that fit into the module."""
    pool = [f for f in FUNCTIONS if mixed or f.topic == broken.topic]
    found: list[Drawn] = []
    count = rng.choice((1, 1, 2))
    for function in rng.sample(pool, min(len(pool), 6)):
        if len(found) == count or broken.name in function.names:
            break
        drawn = functions.draw(function, rng, [broken.name, *(part.name for part in found)])
        if len(drawn.source.splitlines()) + 2 <= room:
            found.append(drawn)
            room -= len(drawn.source.splitlines()) + 2
    return found


def build(
    session: Session, *, hidden: bool = False, alone: bool = False, plain: bool = False
) -> Project:
    """A project with a bug. `hidden`: its tests pass all the same; `alone`: no other functions;
    `plain`: the first example is no exception.
    """
    rng = session.random
    while True:
        drawn = functions.draw(rng.choice(FUNCTIONS), rng)
        bug = rng.choice(drawn.bugs)
        bad_source = drawn.broken(bug)
        result = functions.outcomes(python(session), bad_source, drawn)
        cases = [case for case in drawn.cases if not unsteady(case, result)]
        wrong = [case for case in cases if not result[case[0]][0]]
        right = [case for case in drawn.cases if result[case[0]][0]]
        rng.shuffle(wrong)
        if plain:
            wrong = [case for case in wrong if case[2][0] != "!" and result[case[0]][1][0] != "!"]
        if wrong and (right or not hidden):
            break
    mixed = rng.random() < 0.3
    room = 0 if alone else 38 - len(drawn.source.splitlines())
    parts = [drawn, *_companions(rng, drawn, room, mixed)]
    rng.shuffle(parts)
    project, module, path, tests, empty = places(rng, drawn.topic, mixed)
    title = rng.choice(("", "", f"Functions of {project}.", f"Part of {project}: {module}."))
    good = functions.module([part.source for part in parts], title)
    bad_parts = [bad_source if part is drawn else part.source for part in parts]
    bad = functions.module(bad_parts, title, needs=good)
    if hidden:
        tested = right[: rng.randint(1, len(right))]
    else:
        tested = [wrong[0], *rng.sample(right, rng.randint(0, len(right)))]
        tested = [case for case in cases if case in tested or rng.random() < 0.3]
    table = [
        (p.name, tested if p is drawn else rng.sample(p.cases, rng.randint(1, 2))) for p in parts
    ]
    extra = dict.fromkeys(empty, "")
    if rng.random() < 0.4:
        extra["README.md"] = f"# {project}\n\nRun the tests with pytest.\n"
    examples = [
        Example(name, f"{drawn.name}({arguments})", arguments, result[name][1], expected)
        for name, arguments, expected in wrong
    ]
    return Project(
        project, module, path, tests, drawn, bug, parts, tested, good, bad,
        test_module(rng, module, table), examples, extra,
    )  # fmt: skip


def failed(result: str) -> list[str]:
    """The names of failing tests in a result of run_tests."""
    return re.findall(r"^FAILED \S+?::(\w+(?:\[.*?\])?)(?= - |$)", result, flags=re.MULTILINE)


def passed(result: str) -> int:
    """How many tests passed; AssertionError unless all did."""
    found = re.search(r"^(\d+) passed$", result, flags=re.MULTILINE)
    if not found or failed(result):
        raise AssertionError(f"not all tests pass: {result}")
    return int(found[1])


def first_failure(result: str) -> str:
    """The first failure in a result of run_tests, as users paste it."""
    _, _, rest = result.partition("== FAILURES ==\n")
    block, _, _ = rest.partition("\n== short test summary")
    parts = re.split(r"\n(?=__ )", block)
    return parts[0]
