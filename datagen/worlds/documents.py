"""The pages around a project's code: README, settings, logs, a list of changes.

Not covered: the code (`datagen.worlds.projects`).
"""

import json
import random
from collections.abc import Mapping
from typing import Any

from datagen import table
from datagen.table import Table
from datagen.worlds.projects import Project, constants, functions


class Fact(Table):
    """Something that a README says."""

    clause: str
    """What is asked for: "which licence it has"."""
    noun: str
    """The same as a noun: "the licence"."""
    sentences: tuple[str, ...]
    values: tuple[str, ...]


class Documents(Table):
    """What pages consist of."""

    settings_places: tuple[str, ...]
    settings_stems: tuple[str, ...]
    changes: tuple[str, ...]
    log_messages: Mapping[str, tuple[str, ...]]
    """By level."""
    facts: Mapping[str, Fact]
    """By kind."""


words = table.read(table.TABLES / "documents.toml", Documents)


def readme(r: random.Random, project: Project, kinds: int = 5) -> tuple[str, dict[str, str]]:
    """A README, and by kind the line that states the fact."""
    lines = facts(r, project, kinds)
    heading = r.choice(("About", "Notes", "Rules", "Usage", "Details", "Working on it"))
    half = r.randint(1, len(lines) - 1)
    stated = list(lines.values())
    text = [f"# {project.name}", "", f"{project.purpose.capitalize()}.", ""]
    text += [f"- {line}" for line in stated[:half]] + ["", f"## {heading}", ""]
    text += [f"- {line}" for line in stated[half:]]
    return "\n".join(text) + "\n", lines


def facts(r: random.Random, project: Project, kinds: int) -> dict[str, str]:
    """Some facts, as sentences by kind."""
    lines = {}
    for kind in r.sample(list(words.facts), kinds):
        fact = words.facts[kind]
        sentence, value = r.choice(fact.sentences), r.choice(fact.values)
        lines[kind] = sentence.format(value.format(name=project.name))
    return lines


def settings_text(form: str, values: Mapping[str, Any], section: str) -> str:
    """A settings file as json, toml, ini or yaml; "" for no section."""
    if form == "json":
        return json.dumps({section: values} if section else values, indent=2) + "\n"
    shown = {key: json.dumps(value) for key, value in values.items()}
    if form == "yaml":
        indent = "  " if section else ""
        lines = [f"{section}:"] if section else []
        lines += [f"{indent}{key}: {value}" for key, value in shown.items()]
    else:
        if form == "ini":
            section = section or "main"
            shown = {
                key: json.dumps(value) if isinstance(value, bool) else str(value)
                for key, value in values.items()
            }
        lines = [f"[{section}]"] if section else []
        lines += [f"{key} = {value}" for key, value in shown.items()]
    return "\n".join(lines) + "\n"


def log_text(r: random.Random, project: Project, lines: int) -> str:
    """A log of so many lines, of the project's modules."""
    modules = [path.rpartition("/")[2].removesuffix(".py") for path in project.modules]
    names = [function.name for function in functions(project.files)]
    minute = r.randint(0, 1200)
    found = []
    for _ in range(lines):
        minute += r.randint(0, 5)
        level = r.choice(("INFO", "INFO", "INFO", "WARNING", "ERROR"))
        message = r.choice(words.log_messages[level]).format(
            n=r.randint(12, 980), d=r.randint(2, 5), p=r.randint(81, 98), fn=r.choice(names)
        )
        clock = f"{minute // 60:02}:{minute % 60:02}:{r.randint(0, 59):02}"
        found.append(f"{clock} {level} {r.choice(modules)}: {message}")
    return "\n".join(sorted(found)) + "\n"


def changes_text(r: random.Random, project: Project, path: str) -> tuple[str, dict[str, list[str]]]:
    """A list of changes, and by version its entries."""
    names = [function.name for function in functions(project.files)]
    held = [constant.name for constant in constants(project.files)]
    major, minor = r.randint(0, 4), r.randint(3, 9)
    pool = r.sample(words.changes, 7)
    versions: dict[str, list[str]] = {}
    month = r.randint(4, 12)
    text = ["# Changes"]
    for back in range(3):
        version = f"{major}.{minor - back}.0"
        entries = [
            pool.pop().format(
                fn=r.choice(names), const=r.choice(held), key=r.choice(list(project.settings)),
                path=path,
            )
            for _ in range(r.randint(1, 2 if back < 2 else 3))
        ]  # fmt: skip
        versions[version] = entries
        day = f"2024-{month - back:02}-{r.randint(1, 28):02}"
        text += ["", f"## {version} ({day})", "", *(f"- {entry}" for entry in entries)]
    return "\n".join(text) + "\n", versions


def settings_file(r: random.Random, project: Project) -> tuple[str, str]:
    """Path and text of a settings file in some format."""
    form = r.choice(("json", "toml", "ini", "yaml"))
    path = r.choice(words.settings_places).format(
        f"{r.choice((*words.settings_stems, project.name))}.{form}"
    )
    section = r.choice(("", project.name, "general", "app", "core"))
    return path, settings_text(form, project.settings, section)
