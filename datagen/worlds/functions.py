"""The table of small functions, and drawing one of them with names of its own.

A topic is a file in `datagen/tables/functions/`: names of modules, and functions, each with the cases
that it must pass and the bugs that make some of them fail. Names in texts are placeholders: `$fn` is
the function, the others are the keys of `words`. `draw` fills them in at random, so that the same
function looks different from row to row: its own name, its arguments, the words in its docstring.

Not covered: what is done with functions (`datagen.families.fixing`, `datagen.families.coding`).
"""

import keyword
import random
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import Field, model_validator

from datagen import table
from datagen.table import Table

IMPORTS = {
    r"\bCounter\b": "from collections import Counter",
    r"\bmath\.": "import math",
    r"\bre\.": "import re",
}
"""What a source needs, by what stands in it; in the order in which imports are sorted."""


class Case(NamedTuple):
    """A case that a function must pass; an expected "!ValueError" stands for an exception."""

    name: str
    arguments: str
    expected: str


class Bug(NamedTuple):
    """A seeded fault: `right` stands once in the source, and `wrong` takes its place."""

    right: str
    wrong: str
    cause: str
    """Why results are wrong, as a clause: "the slice starts at 1, so the first item is lost"."""
    fix: str
    """What to do about it, in the imperative: "start the slice at 0"."""


class Entry(Table):
    """A pure function of a topic."""

    names: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    """By placeholder: what it may be called."""
    spec: str
    source: str
    cases: tuple[Case, ...]
    bugs: tuple[Bug, ...]

    @model_validator(mode="after")
    def _can_be_broken(self) -> "Entry":
        for bug in self.bugs:
            if self.source.count(bug.right) != 1:
                raise ValueError(
                    f"{self.names[0]}: {bug.right!r} does not stand once in its source"
                )
        return self


class Topic(Table):
    """A file of functions on one topic."""

    modules: tuple[str, ...]
    function: tuple[Entry, ...] = Field(min_length=1)


class Places(Table):
    """Where functions stand."""

    topics: tuple[str, ...]
    projects: tuple[str, ...]
    mixed_modules: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """An entry with its topic."""

    topic: str
    entry: Entry

    @property
    def names(self) -> tuple[str, ...]:
        """What the function may be called."""
        return self.entry.names


PLACES = table.read(table.TABLES / "functions.toml", Places)
_TOPICS = {
    topic: table.read(table.TABLES / "functions" / f"{topic}.toml", Topic)
    for topic in PLACES.topics
}
MODULES = {topic: read.modules for topic, read in _TOPICS.items()}
"""By topic: names of modules with such functions."""
FUNCTIONS = tuple(
    Function(topic, entry) for topic, read in _TOPICS.items() for entry in read.function
)


@dataclass(frozen=True)
class Drawn:
    """A function with its placeholders filled in."""

    topic: str
    name: str
    spec: str
    source: str
    cases: tuple[Case, ...]
    bugs: tuple[Bug, ...]

    def broken(self, bug: Bug) -> str:
        """The source with the bug in it."""
        if self.source.count(bug.right) != 1:
            raise AssertionError(f"{self.name}: {bug.right!r} does not stand there once")
        return self.source.replace(bug.right, bug.wrong)


def _names(function: Entry, rng: random.Random) -> dict[str, str]:
    """A name for each placeholder, none that stands for something else in the source."""
    taken = set(re.findall(r"(?<!\$)\b[A-Za-z_]\w*", function.source))
    names = {"fn": rng.choice([n for n in function.names if n not in taken])}
    taken.add(names["fn"])
    for placeholder, variants in function.words.items():
        free = [n for n in variants if n not in taken and not keyword.iskeyword(n)]
        names[placeholder] = rng.choice(free or [placeholder])
        taken.add(names[placeholder])
    return names


def _with_docstring(source: str, spec: str) -> str:
    """Put the docstring under the signature; long ones get their second part on lines below."""
    head, _, body = source.partition("\n")
    if len(spec) <= 88:
        text = f'    """{spec}"""'
    else:
        lines = textwrap.wrap(spec, 92)
        text = '    """' + "\n    ".join(lines) + '\n    """'
    return f"{head}\n{text}\n{body}"


def draw(function: Function, rng: random.Random, avoid: Iterable[str] = ()) -> Drawn:
    """Fill in the placeholders of a function; its name is none of `avoid`."""
    entry, used = function.entry, set(avoid)
    names = _names(entry, rng)
    while names["fn"] in used:
        names = _names(entry, rng)

    def fill(text: str) -> str:
        return re.sub(r"\$([a-z_]+)", lambda match: names[match[1]], text)

    spec = fill(_prose(entry.spec))
    bugs = [
        Bug(fill(right), fill(wrong), fill(_prose(cause)), fill(_prose(fix)))
        for right, wrong, cause, fix in entry.bugs
    ]
    source = _with_docstring(fill(entry.source).strip("\n"), spec)
    cases = tuple(case._replace(arguments=fill(case.arguments)) for case in entry.cases)
    return Drawn(function.topic, names["fn"], spec, source, cases, tuple(bugs))


def _prose(text: str) -> str:
    """Put placeholders of a sentence into backquotes, unless they stand in some already."""
    parts = text.split("`")
    parts[::2] = [re.sub(r"\$[a-z_]+", lambda match: f"`{match[0]}`", part) for part in parts[::2]]
    return "`".join(parts)


def imports_for(source: str) -> str:
    """The import lines that a source needs, with two empty lines after them."""
    lines = [line for pattern, line in IMPORTS.items() if re.search(pattern, source)]
    lines.sort(key=lambda line: line.startswith("from"))
    return "\n".join(lines) + "\n\n\n" if lines else ""


def module(parts: Iterable[str], docstring: str = "", needs: str = "") -> str:
    """A module of functions, with a docstring and the imports that it, or `needs`, needs."""
    body = "\n\n\n".join(part.strip("\n") for part in parts) + "\n"
    head = f'"""{docstring}"""\n\n' if docstring else ""
    needed = imports_for(needs or body)
    return head + (needed if needed else "\n" if head else "") + body


def double_quoted(code: str) -> str:
    """Code with double quotes around its texts, where that is safe."""
    return code if '"' in code else code.replace("'", '"')


def assertion(name: str, arguments: str, expected: str) -> str:
    """One case as lines of a test, not indented."""
    arguments, expected = double_quoted(arguments), double_quoted(expected)
    if expected.startswith("!"):
        return f"with pytest.raises({expected[1:]}):\n    {name}({arguments})"
    if expected in ("True", "False"):
        return f"assert {name}({arguments}) is {expected}"
    if expected == "None":
        return f"assert {name}({arguments}) is None"
    return f"assert {name}({arguments}) == {expected}"


def check_code(name: str, cases: Iterable[tuple[str, str, str]]) -> str:
    """Code that prints one line for each case: ok, or what came out instead."""
    rows = [f"    ({case!r}, lambda: {name}({a}), {e!r})," for case, a, e in cases]
    return "\n".join((
        "for case, run, expected in [", *rows, "]:",
        "    try:", "        got = repr(run())",
        "    except Exception as error:", "        got = '!' + type(error).__name__",
        "    same = got == expected or (expected[0] != '!' and got[0] != '!'",
        "                               and eval(got) == eval(expected))",
        "    print(case, 'ok' if same else 'WRONG', got, sep='\\t')",
    ))  # fmt: skip


def outcomes(
    run_python: Callable[[str], str], source: str, drawn: Drawn
) -> dict[str, tuple[bool, str]]:
    """Run all cases of a function against a source: right or not, and what came out."""
    code = f"{imports_for(source)}{source}\n\n\n{check_code(drawn.name, drawn.cases)}"
    printed = run_python(code)
    result = {}
    for line in printed.splitlines():
        case, verdict, got = line.split("\t", 2)
        result[case] = (verdict == "ok", got)
    if list(result) != [case for case, _, _ in drawn.cases]:
        raise AssertionError(f"{drawn.name}: the cases did not run: {printed}")
    return result
