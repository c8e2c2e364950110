"""The part of the family `reading` that asks about settings.

Not covered: pages (`pages`), functions (`functions`), other code (`modules`).
"""

import re

from datagen.families.reading.steps import find_file, listed, read
from datagen.families.reading.texts import texts
from datagen.phrasing import (
    about,
    code,
    counted,
    look,
    only,
    opening,
    perhaps,
    setting_line,
    words,
)
from datagen.session import Session
from datagen.worlds import documents, projects
from datagen.worlds.projects import Project

UNKNOWN_KEYS = (
    "timeout_seconds",
    "log_level",
    "port",
    "max_threads",
    "locale",
    "retry_count",
    "admin_address",
    "proxy",
    "cache_size",
    "dry_run",
    "temp_folder",
    "page_limit",
    "history_length",
    "start_page",
    "upload_folder",
    "session_minutes",
)
"""Keys that are asked for in vain."""


def with_settings(session: Session, project: Project) -> str:
    """Write the project with README and a settings file; returns the path of the latter."""
    r = session.random
    path, text = documents.settings_file(r, project)
    page, _ = documents.readme(r, project, 3)
    session.files({**project.files, path: text, "README.md": page})
    return path


def setting_value(session: Session) -> None:
    """The value of a setting."""
    r = session.random
    project = projects.draw(r)
    path = with_settings(session, project)
    slots = about(project) | {"key": r.choice(list(project.settings)), "path": path}
    known = r.random() < 0.4
    opening(
        session,
        texts.ask["setting_in" if known else "setting"],
        ["read_file", "list_directory"],
        slots,
        texts.tails,
    )
    if not known and r.random() < 0.6:
        find_file(session, slots, path)
    elif not known:
        saying = perhaps(session, texts.search, slots | {"target": slots["key"]})
        found = look(session, [("search", {"pattern": slots["key"]})], saying)
        only(rf"^({re.escape(path)}):", found[0] if found else "")
    result = read(session, slots, [path])
    if result:
        line, value = setting_line(result[0], slots["key"])
        slots |= {"line": str(line), "value": value.strip('"')}
        session.say(words(session, texts.answer["setting"], slots))


def setting_absent(session: Session) -> None:
    """A setting that the file does not have."""
    r = session.random
    project = projects.draw(r)
    path = with_settings(session, project)
    slots = about(project) | {"key": r.choice(UNKNOWN_KEYS), "path": path}
    known = r.random() < 0.6
    opening(
        session,
        texts.ask["setting_in" if known else "setting"],
        ["read_file", "search"],
        slots,
        texts.tails,
    )
    if not known:
        find_file(session, slots, path)
    result = read(session, slots, [path], end=0.2)
    if not result:
        return
    if slots["key"] in result[0]:
        raise AssertionError(f"{slots['key']} is set after all")
    slots["keys"] = code([key for key in project.settings if setting_line(result[0], key)])
    session.say(words(session, texts.answer["no_setting"], slots))


ENVIRONMENTS = (
    ("dev", "prod"),
    ("test", "live"),
    ("local", "server"),
    ("base", "night"),
    ("home", "office"),
    ("old", "new"),
    ("staging", "production"),
)


def settings_compared(session: Session) -> None:
    """Two settings files that differ in a few keys."""
    r = session.random
    project = projects.draw(r)
    form, names = r.choice(("json", "toml", "ini", "yaml")), r.choice(ENVIRONMENTS)
    place = r.choice(("config/{}.{}", "{}.{}", "settings/{}.{}", "env/{}.{}", "config/app-{}.{}"))
    one, two = (place.format(name, form) for name in names)
    extra = {"workers": r.randint(1, 8), "log_level": r.choice(("debug", "info"))}
    first = {**project.settings, **extra}
    second = dict(first)
    for key in r.sample(list(project.settings), r.randint(1, 2)):
        other = projects.other_setting(project, key, r)
        second[key] = second[key] if other is None else other
    if r.random() < 0.6:
        second["log_level"] = "warning"
    section = r.choice(("", project.name, "app"))
    session.files(
        {
            one: documents.settings_text(form, first, section),
            two: documents.settings_text(form, second, section),
            **project.files,
        }
    )
    slots = about(project) | {"one": one, "two": two}
    opening(session, texts.ask["settings_compared"], ["read_file"], slots, texts.tails)
    if "/" in one and r.random() < 0.3:
        listed(session, slots, one.partition("/")[0])
    result = read(session, slots, [one, two])
    if not result:
        return
    differences = []
    for key in first:
        before, after = (setting_line(text, key)[1] for text in result)
        if before != after:
            differences.append(f"`{key}` is {before} and {after}")
    slots |= {"count": counted(len(differences), "key"), "differences": "; ".join(differences)}
    slots |= {"differences": slots["differences"] or "nothing"}
    kind = "settings_compared" if differences else "no_difference"
    session.say(words(session, texts.answer[kind], slots))
