"""The words of these probes: projects, requests as users of coding agents write them, what cannot be done.

They are in `datagen/tables/agent_probes/texts.toml`.

Not covered: what is called, and what is right (`datagen.families.agent_probes`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from datagen import table
from datagen.families.probing.texts import Lacking
from datagen.table import Table


class Project(NamedTuple):
    """A small project; lists of words have spaces between them."""

    name: str
    package: str
    modules: str
    functions: str
    """One a module."""
    settings: str
    routes: str


class Task(NamedTuple):
    """Something that no tool can do."""

    task: str
    deed: str


class Texts(Table):
    """What users say."""

    systems: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    projects: tuple[Project, ...]
    ask: Mapping[str, tuple[str, ...]]
    """Requests by what is wanted."""
    lacking: tuple[Lacking, ...]
    tasks: tuple[Task, ...]


texts = table.read(table.TABLES / "agent_probes/texts.toml", Texts)
