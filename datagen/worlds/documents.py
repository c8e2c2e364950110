"""The pages around a project's code: README, settings, logs, a list of changes.

Not covered: the code (`datagen.worlds.projects`).
"""

import json
import random
from collections.abc import Mapping
from typing import Any

from datagen.worlds.projects import Project, constants, functions

FACTS: dict[str, tuple[tuple[str, str], tuple[str, ...], tuple[str, ...]]] = {
    "python": (
        ("which Python version it needs", "the minimum Python version"),
        ("Needs Python {} or newer.", "Runs on Python {} and later.",
         "Python {} is the oldest supported version."),
        ("3.10", "3.11", "3.12", "3.13"),
    ),
    "run": (
        ("how to start it", "the command for starting it"),
        ("Start it with `{}`.", "Run it by `{}`.", "To run it, type `{}`."),
        ("python -m {name}", "python -m {name} --verbose", "python run_{name}.py",
         "python -m {name} data"),
    ),
    "licence": (
        ("which licence it has", "the licence"),
        ("Published under the {} licence.", "Licence: {}.", "You may use it under {}."),
        ("MIT", "Apache 2.0", "BSD 3-Clause", "MPL 2.0", "EUPL 1.2"),
    ),
    "tests": (
        ("how to run the tests", "the command for the tests"),
        ("Tests: `{}`.", "Run the tests with `{}`.", "Before a change is merged, run `{}`."),
        ("pytest", "pytest -q", "python -m pytest", "python -m pytest -x"),
    ),
    "input": (
        ("what input it expects", "the format of the input"),
        ("Input is {}.", "It reads {}.", "As input it takes {}."),
        ("a CSV file with a header", "one JSON object per line", "plain text, one entry per line",
         "a tab-separated file without a header"),
    ),
    "zone": (
        ("in which time zone times are", "the time zone"),
        ("All times are in {}.", "Times are stored in {}.", "We keep times in {}."),
        ("UTC", "local time", "Central European Time", "Eastern Time"),
    ),
    "release": (
        ("how often there is a release", "the release rhythm"),
        ("A release is made {}.", "Releases come {}.", "We release {}."),
        ("every second Tuesday", "on the first Monday of a month", "once a quarter",
         "whenever a fix is ready", "every Thursday"),
    ),
    "branches": (
        ("how branches are named", "the rule for branch names"),
        ("Branches are named `{}`.", "Name your branch `{}`.", "Branch names look like `{}`."),
        ("topic/short-title", "feature/number-title", "initials/title", "fix/title or add/title"),
    ),
    "reviews": (
        ("how many reviews a change needs", "reviews of changes"),
        ("A change needs {}.", "Before merging, there must be {}.", "Required: {}."),
        ("one review", "two reviews", "a review by somebody who did not write it",
         "one review and green tests"),
    ),
    "data": (
        ("where the data is kept", "the folder of the data"),
        ("Data is kept in `{}`.", "What it stores lies in `{}`.", "The data folder is `{}`."),
        ("data/", "var/", "records/", "storage/current/", "state/"),
    ),
    "width": (
        ("how long lines of code may be", "the limit on line length"),
        ("Lines have at most {} characters.", "Line length: {}.", "We break lines at {}."),
        ("79", "88", "99", "100", "120"),
    ),
    "contact": (
        ("whom to ask about the settings", "the person in charge of the settings"),
        ("Ask {} before you change the settings.", "{} looks after the settings.",
         "Settings are {}'s business."),
        ("Marta", "Jonas", "Aylin", "Pavel", "Noor", "Ines", "Tobias", "Hana", "Emeka", "Liv"),
    ),
    "logs": (
        ("how long logs are kept", "the deletion of logs"),
        ("Logs are kept for {}.", "Logs are deleted after {}.", "We keep logs for {}."),
        ("7 days", "14 days", "30 days", "three months", "one year"),
    ),
    "support": (
        ("which old version still gets fixes", "the oldest supported version"),
        ("The oldest version that gets fixes is {}.", "Fixes go back to version {}.",
         "Versions before {} are not supported."),
        ("1.2", "1.8", "2.0", "2.3", "3.1", "4.0"),
    ),
    "backup": (
        ("at what time data is backed up", "the time of the backup"),
        ("A backup runs at {}.", "Data is backed up at {}.", "The nightly backup starts at {}."),
        ("01:30", "02:00", "02:45", "03:15", "04:00", "23:30"),
    ),
}  # fmt: skip
"""By kind: what is asked for, as a clause and as a noun; how a page says it; the values."""

LOG_MESSAGES = {
    "INFO": (
        "started", "read {n} records", "wrote {n} records", "finished in {n} ms",
        "settings loaded", "nothing to do", "{fn} called {n} times", "user signed in",
    ),
    "WARNING": (
        "{fn} took {n} ms", "retry {d} of 5", "disk is {p} % full", "{d} entries without a date",
        "unknown key in settings", "slow answer from the database",
    ),
    "ERROR": (
        "{fn} failed: ValueError", "cannot open data/part{d}.txt", "connection lost after {n} ms",
        "{fn} failed: KeyError", "disk full", "record {n} is damaged",
    ),
}  # fmt: skip

CHANGES = (
    "add `{fn}`", "fix `{fn}` for empty input", "raise `{const}` to its present value",
    "speed up start-up", "write clearer error messages", "drop Python 3.9",
    "read settings from `{path}`", "document `{fn}`", "rename an option to `{key}`",
    "fix a crash at midnight", "sort the output", "add tests for `{fn}`",
    "correct the rounding", "make `{key}` optional", "accept lower-case input",
)  # fmt: skip


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
    for kind in r.sample(list(FACTS), kinds):
        _, sentences, values = FACTS[kind]
        lines[kind] = r.choice(sentences).format(r.choice(values).format(name=project.name))
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
        message = r.choice(LOG_MESSAGES[level]).format(
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
    pool = r.sample(CHANGES, 7)
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


SETTINGS_PLACES = ("config/{}", "{}", "settings/{}", "conf/{}", "etc/{}", "deploy/{}")
SETTINGS_STEMS = ("settings", "config", "options", "defaults", "app", "main", "base")


def settings_file(r: random.Random, project: Project) -> tuple[str, str]:
    """Path and text of a settings file in some format."""
    form = r.choice(("json", "toml", "ini", "yaml"))
    path = r.choice(SETTINGS_PLACES).format(f"{r.choice((*SETTINGS_STEMS, project.name))}.{form}")
    section = r.choice(("", project.name, "general", "app", "core"))
    return path, settings_text(form, project.settings, section)
