"""What the table of small functions consists of: a function, its test cases and its bugs.

Names in texts are placeholders: `$fn` is the function, the others are listed in `words` as
"placeholder=variant,variant; ...". `datagen.worlds.functions` fills them in.

Not covered: the functions themselves (`functions_a` and its siblings).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """A seeded fault: `right` stands once in the source, and `wrong` takes its place."""

    right: str
    wrong: str
    cause: str
    """Why results are wrong, as a clause: "the slice starts at 1, so the first item is lost"."""
    fix: str
    """What to do about it, in the imperative: "start the slice at 0"."""


@dataclass(frozen=True)
class Function:
    """A pure function, the cases that it must pass, and the bugs that make some of them fail."""

    topic: str
    names: str
    words: str
    spec: str
    source: str
    cases: tuple[tuple[str, str, str], ...]
    """Name, arguments, expected value; an expected value "!ValueError" stands for an exception."""
    bugs: tuple[tuple[str, str, str, str], ...]
    """The fields of a `Bug`."""
