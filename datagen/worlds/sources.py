"""Small projects in other languages than Python, drawn from `datagen/tables/scripting/sources.toml`.

Not covered: running them. No tool here runs JavaScript, TypeScript or shell scripts.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from datagen import table
from datagen.table import Table


class Bug(Table):
    """A line as it is right and as it is wrong, what users see of that, and the cause."""

    good: str
    bad: str
    complaint: str
    cause: str


class Template(Table):
    """A project before anything is drawn."""

    language: str
    names: tuple[str, ...]
    purpose: str
    words: Mapping[str, tuple[str, ...]]
    constant: str
    function: str
    bug: Bug
    files: Mapping[str, str]


class Templates(Table):
    """All of them."""

    sources: tuple[Template, ...]


TEMPLATES = table.read(table.TABLES / "scripting/sources.toml", Templates).sources


@dataclass(frozen=True)
class Source:
    """A project as it was drawn."""

    name: str
    purpose: str
    language: str
    files: Mapping[str, str]
    constant: str
    function: str
    other_name: str
    """What the function might be called as well."""
    bug: Bug


def draw(
    r: random.Random, values: Mapping[str, tuple[str, ...]], *, packaged: bool = False
) -> Source:
    """Draw a project; a `packaged` one has a package.json. `values` are more words, by slot."""
    template = r.choice(
        [each for each in TEMPLATES if not packaged or "package.json" in each.files]
    )
    drawn = {key: r.choice(choices) for key, choices in template.words.items()}
    drawn |= {key: r.choice(choices) for key, choices in values.items()}
    drawn["name"] = r.choice(template.names)
    drawn["next"] = str(int(drawn["v"]) + 1)

    def filled(text: str) -> str:
        return re.sub(r"@(\w+)@", lambda found: drawn[found[1]], text)

    bug = template.bug
    return Source(
        drawn["name"], template.purpose, template.language,
        {filled(path): filled(text).lstrip("\n") for path, text in template.files.items()},
        filled(template.constant), filled(template.function),
        r.choice([name for name in template.words["f"] if name != drawn["f"]]),
        Bug(good=filled(bug.good), bad=filled(bug.bad), complaint=filled(bug.complaint),
            cause=filled(bug.cause)),
    )  # fmt: skip
