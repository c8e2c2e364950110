"""A package of several modules, one of them large, with seeded faults: its files and what they are to be.

Modules are composed of the table's functions, so they are importable code with tests that run.

Not covered: the functions (`datagen.worlds.functions`), the conversation (`datagen.families.persevering`).
"""

import ast
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from datagen.families.fixing.project import import_line, python, test_functions, unsteady
from datagen.families.long_work.talk import test_of
from datagen.session import Session
from datagen.worlds import functions
from datagen.worlds.functions import FUNCTIONS, MODULES, PLACES, Bug, Case, Drawn

LONGEST_VALUE = 60
"""Characters of a value that sentences and reports show."""


@dataclass(frozen=True)
class Module:
    """A module of the package: its functions in order."""

    path: str
    tests: str
    """The path of its test file."""
    doc: str
    parts: tuple[Drawn, ...]

    @property
    def name(self) -> str:
        """As it is imported."""
        return self.path.removesuffix(".py").replace("/", ".")

    def text(self, others: Mapping[str, str]) -> str:
        """The file; `others` are sources by function that stand in place of the right one, "" for none."""
        sources = [others.get(part.name, part.source) for part in self.parts]
        needs = functions.module(part.source for part in self.parts)
        return functions.module(filter(None, sources), self.doc, needs=needs)


@dataclass(frozen=True)
class Fault:
    """A function with one bug or several, and what its cases then give."""

    fn: Drawn
    module: Module
    bugs: tuple[Bug, ...]
    wrong: tuple[Case, ...]
    right: tuple[Case, ...]
    got: Mapping[str, str]
    """By case: what comes out."""

    @property
    def source(self) -> str:
        """The function with all its bugs."""
        return self.mended(0)

    def mended(self, count: int) -> str:
        """The function with its first `count` bugs mended."""
        source = self.fn.source
        for bug in self.bugs[count:]:
            source = source.replace(bug.right, bug.wrong)
        return source

    def call(self, case: Case) -> str:
        """A case as a call."""
        return f"{self.fn.name}({functions.double_quoted(case.arguments)})"


@dataclass(frozen=True)
class Package:
    """The modules, the first of them large."""

    name: str
    modules: tuple[Module, ...]

    @property
    def parts(self) -> list[tuple[Module, Drawn]]:
        """Each function, with its module."""
        return [(module, part) for module in self.modules for part in module.parts]

    def module_of(self, name: str) -> Module:
        """The module that defines a function."""
        return next(module for module, part in self.parts if part.name == name)

    def imports(self, names: Sequence[str]) -> str:
        """Lines that import functions, a line a module."""
        lines = []
        for module in sorted(self.modules, key=lambda each: each.name):
            own = [part.name for part in module.parts if part.name in names]
            lines += [import_line(module.name, own)] if own else []
        return "\n".join(lines)


def draw(session: Session, large: tuple[int, int], small: tuple[int, int]) -> Package:
    """A package with a module of so many functions, and `small` others of one topic each."""
    rng = session.random
    name, test_folder = rng.choice(PLACES.projects), rng.choice(("tests/", "tests/", ""))
    used: list[str] = []

    def module(stem: str, chosen: Sequence[functions.Function], doc: str) -> Module:
        parts = []
        for function in chosen:
            free = [each for each in function.names if each not in used]
            if not free:
                continue
            part = functions.draw(function, rng, used)
            used.append(part.name)
            parts.append(part)
        folder = test_folder or f"{name}/"
        return Module(f"{name}/{stem}.py", f"{folder}test_{stem}.py", doc, tuple(parts))

    topics = rng.sample(PLACES.topics, rng.randint(*small))
    taken = [f for f in FUNCTIONS if f.topic in topics]
    pool = [f for f in FUNCTIONS if f not in taken]
    core = rng.choice(PLACES.mixed_modules)
    found = [
        module(core, rng.sample(pool, rng.randint(*large)), f"What the rest of {name} builds on.")
    ]
    for topic in topics:
        own = [f for f in taken if f.topic == topic]
        chosen = rng.sample(own, min(len(own), rng.randint(3, 6)))
        stem = rng.choice(MODULES[topic])
        found.append(module(stem, chosen, f"Functions of {name} that deal with {topic}."))
    return Package(name, tuple(found))


def broken(
    session: Session, large: tuple[int, int], small: tuple[int, int], count: int, *, bugs: int = 1
) -> tuple[Package, list[Fault]]:
    """Draw a package until so many of its functions can be broken."""
    while True:
        package = draw(session, large, small)
        found = faults(session, package, count, bugs=bugs)
        if len(found) == count:
            return package, found


def faults(session: Session, package: Package, count: int, *, bugs: int = 1) -> list[Fault]:
    """Seed faults in `count` functions or fewer, in as many modules as there are; values are short."""
    rng = session.random
    found: list[Fault] = []
    order = rng.sample(package.parts, len(package.parts))
    for again in (False, True):
        for module, part in order:
            if len(found) == count:
                return found
            names = [fault.fn.name for fault in found]
            like = any(part.name in name or name in part.name for name in names)
            if like or (not again and module in [each.module for each in found]):
                continue
            fault = _fault(session, module, part, bugs)
            found += [fault] if fault else []
    return found


def _fault(session: Session, module: Module, part: Drawn, bugs: int) -> Fault | None:
    rng = session.random
    if len(part.bugs) < bugs:
        return None
    chosen = tuple(rng.sample(part.bugs, bugs))
    fault = Fault(part, module, chosen, (), (), {})
    source = part.source
    for bug in chosen:
        if source.count(bug.right) != 1:
            return None  # one bug took the place of another
        source = source.replace(bug.right, bug.wrong)
    try:
        outcomes = [
            functions.outcomes(python(session), fault.mended(number), part)
            for number in range(bugs)
        ]
    except AssertionError:
        return None  # with both bugs it is no code any more
    first, last = outcomes[0], outcomes[-1]
    short = [case for case in part.cases if _plain(case, first) and _plain(case, last)]
    wrong = tuple(case for case in short if not last[case.name][0] and not first[case.name][0])
    right = tuple(case for case in short if first[case.name][0] and last[case.name][0])
    if not wrong or not right:
        return None
    if bugs > 1 and not any(last[case.name][0] and not first[case.name][0] for case in short):
        return None  # mending the first bug would show in no test
    shown = wrong if bugs == 1 else tuple(case for case in short if not first[case.name][0])
    got = {name: value for name, (_, value) in first.items()}
    return Fault(part, module, chosen, shown, right, got)


def _plain(case: Case, outcome: dict[str, tuple[bool, str]]) -> bool:
    """Whether a case gives short values, the same on every Python."""
    got = outcome[case.name][1]
    values = (case.expected, got)
    return not unsteady(case, outcome) and all(
        value[0] != "!" and len(value) <= LONGEST_VALUE and "\\" not in value for value in values
    )


def tests_of(rng: random.Random, module: Module, seeded: Mapping[str, Sequence[Case]]) -> str:
    """The module's tests: those given for seeded functions one by one, and some of others."""
    bodies, names = [], []
    others = [part.name for part in module.parts if part.name not in seeded]
    tested = rng.sample(others, min(len(others), rng.randint(3, 6)))
    for part in module.parts:
        cases = seeded.get(part.name)
        if cases is None and part.name not in tested:
            continue
        if cases is None:
            body = test_functions(rng, part.name, list(part.cases[: rng.randint(1, 2)]))
        else:
            body = "\n\n\n".join(test_of(part.name, case) for case in cases)
        if body:
            bodies.append(body)
            names.append(part.name)
    line = import_line(module.name, names)
    body = "\n\n\n".join(bodies)
    head = f"import pytest\n\n{line}" if "pytest." in body else line
    return f"{head}\n\n\n{body}\n"


def place(text: str, name: str) -> tuple[int, int]:
    """The first and the last line of a function in a file."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node.lineno, node.end_lineno or node.lineno
    raise AssertionError(f"{name} is not in the file")


def with_tests(text: str, name: str, cases: Sequence[Case]) -> str:
    """A test file with more tests at its end, importing the function where it did not."""
    bodies = "".join(f"\n\n{test_of(name, case)}\n" for case in cases)
    if "pytest." in bodies and "import pytest" not in text:
        text = f"import pytest\n\n{text}"
    return text + bodies


def value(text: str) -> str:
    """A value as code writes it, with the quotation marks of repr."""
    return repr(ast.literal_eval(text))


def pages(text: str, start: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges of lines in which a file is read on, from `start`."""
    total = len(text.splitlines())
    while start <= total:
        yield start, min(start + size - 1, total)
        start += size


def renamed(text: str, old: str, new: str) -> str:
    """A text in which a name is another; imports stay sorted."""
    text = re.sub(rf"\b{old}\b", new, text)
    text = re.sub(rf"\btest_{old}(?=_|\b)", f"test_{new}", text)

    def ordered(found: re.Match[str]) -> str:
        return found[1] + ", ".join(sorted(found[2].split(", ")))

    text = re.sub(r"^(from \S+ import )([\w, ]+)$", ordered, text, flags=re.MULTILINE)

    def listed(found: re.Match[str]) -> str:
        return found[1] + "".join(sorted(found[2].splitlines(keepends=True))) + found[3]

    return re.sub(r"^(from \S+ import \(\n)((?:    \w+,\n)+)(\))", listed, text, flags=re.MULTILINE)
