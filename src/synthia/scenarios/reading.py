"""The family `reading`: a question about settings and pages is answered from the files.

Not covered: questions about code (`synthia.scenarios.reading_code`), changing what was read.
"""

import json
import re
from collections.abc import Sequence

from synthia.scenarios import projects, reading_code
from synthia.scenarios import projects_documents as documents
from synthia.scenarios import reading_texts as texts
from synthia.scenarios.phrasing import (
    about,
    code,
    counted,
    joined,
    look,
    only,
    opening,
    perhaps,
    setting_line,
    upper_first,
    words,
)
from synthia.scenarios.projects import Project
from synthia.scenarios.session import Session

SYNONYMS = {
    "timeout_seconds": "timeout", "log_level": "logging", "port": "host", "max_threads": "workers",
    "locale": "language", "retry_count": "retries", "admin_address": "admin", "proxy": "proxy",
    "cache_size": "cache", "dry_run": "dry", "temp_folder": "temp", "page_limit": "limit",
}  # fmt: skip
"""Keys that are asked for in vain, with a word that a file would have to hold."""


def read(session: Session, slots: dict[str, str], paths: Sequence[str], *, end: float = 0.35) -> list[str] | None:
    """Read one file or several in one turn; None if the row ends there."""
    slots = slots | {"paths": joined(paths)}
    if len(paths) == 1:
        saying = perhaps(session, texts.READ, slots | {"path": paths[0]})
    else:
        saying = perhaps(session, texts.READ_ALL, slots)
    return look(session, [("read_file", {"path": path}) for path in paths], saying, end=end)


def listed(session: Session, slots: dict[str, str], path: str = ".") -> str:
    """List a folder."""
    found = look(
        session, [("list_directory", {"path": path})], perhaps(session, texts.LIST, slots)
    )
    return found[0] if found else ""


def find_file(session: Session, slots: dict[str, str], path: str) -> None:
    """Find a file by listing one folder after the other."""
    folders = path.split("/")
    for depth, name in enumerate(folders):
        found = listed(session, slots, "/".join(folders[:depth]) or ".")
        if name not in [entry.rstrip("/") for entry in found.splitlines()]:
            raise AssertionError(f"{name} is not in {found!r}")


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
    opening(session, texts.ASK["setting_in" if known else "setting"], ["read_file", "list_directory"], slots, texts.TAILS)
    if not known and r.random() < 0.6:
        find_file(session, slots, path)
    elif not known:
        saying = perhaps(session, texts.SEARCH, slots | {"target": slots["key"]})
        found = look(session, [("search", {"pattern": slots["key"]})], saying)
        only(rf"^({re.escape(path)}):", found[0] if found else "")
    result = read(session, slots, [path])
    if result:
        line, value = setting_line(result[0], slots["key"])
        slots |= {"line": str(line), "value": value.strip('"')}
        session.say(words(session, texts.ANSWER["setting"], slots))


def setting_absent(session: Session) -> None:
    """A setting that the file does not have."""
    r = session.random
    project = projects.draw(r)
    path = with_settings(session, project)
    slots = about(project) | {"key": r.choice(list(SYNONYMS)), "path": path}
    known = r.random() < 0.6
    opening(session, texts.ASK["setting_in" if known else "setting"], ["read_file", "search"], slots, texts.TAILS)
    if not known:
        find_file(session, slots, path)
    result = read(session, slots, [path], end=0.2)
    if not result:
        return
    if slots["key"] in result[0]:
        raise AssertionError(f"{slots['key']} is set after all")
    slots["keys"] = code([key for key in project.settings if setting_line(result[0], key)])
    session.say(words(session, texts.ANSWER["no_setting"], slots))


ENVIRONMENTS = (("dev", "prod"), ("test", "live"), ("local", "server"), ("base", "night"),
                ("home", "office"), ("old", "new"), ("staging", "production"))  # fmt: skip


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
    session.files({
        one: documents.settings_text(form, first, section),
        two: documents.settings_text(form, second, section), **project.files,
    })  # fmt: skip
    slots = about(project) | {"one": one, "two": two}
    opening(session, texts.ASK["settings_compared"], ["read_file"], slots, texts.TAILS)
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
    session.say(words(session, texts.ANSWER[kind], slots))


def topic_of(kind: str) -> dict[str, str]:
    """What is asked for, as a clause and as a noun."""
    clause, noun = documents.FACTS[kind][0]
    return {"clause": clause, "noun": noun}


def readme_question(session: Session) -> None:
    """A fact that the README states, or another page of the documentation."""
    r = session.random
    project = projects.draw(r)
    page, lines = documents.readme(r, project, r.randint(5, 8))
    kind = r.choice(list(lines))
    session.files({**project.files, "README.md": page})
    slots = about(project) | topic_of(kind) | {"path": "README.md"}
    opening(session, texts.ASK["readme"], ["read_file"], slots, texts.TAILS)
    if r.random() < 0.4:
        listed(session, slots)
    result = read(session, slots, ["README.md"])
    if result:
        slots["line"] = only(rf"^- ({re.escape(lines[kind])})$", result[0])
        session.say(words(session, texts.ANSWER["readme"], slots))


def page_of_several(session: Session) -> None:
    """A fact that one of several pages states, or none of them: they are read together."""
    r = session.random
    project = projects.draw(r)
    lines = documents.facts(r, project, 9)
    asked, kinds = r.choice(list(lines)), list(lines)
    stated = r.random() < 0.5
    kinds = kinds if stated else [kind for kind in kinds if kind != asked]
    folder = r.choice(("docs", "guide", "handbook", "pages"))
    names = r.sample(("usage", "rules", "hosting", "faq", "team", "install", "operations"), 2)
    paths = ["README.md", *(f"{folder}/{name}.md" for name in names)]
    files = {
        path: f"# {title}\n\n" + "".join(f"- {lines[kind]}\n" for kind in kinds[place::3])
        for place, (path, title) in enumerate(zip(paths, (project.name, *names), strict=True))
    }
    session.files({**files, **project.files})
    slots = about(project) | topic_of(asked) | {"paths": joined(paths)}
    opening(session, texts.ASK["readme"], ["read_file", "list_directory"], slots, texts.TAILS)
    listed(session, slots)
    listed(session, slots, folder)
    result = read(session, slots, paths)
    if not result:
        return
    hits = [path for path, text in zip(paths, result, strict=True) if lines[asked] in text]
    points = [f'"{line}"' for text in result for line in re.findall(r"^- (.*)$", text, re.MULTILINE)]
    slots["points"] = ", ".join(points[:3]) + (" and others" if len(points) > 3 else "")
    if hits:
        slots |= {"path": hits[0], "line": lines[asked]}
    session.say(words(session, texts.ANSWER["readme" if hits else "no_readme"], slots))


def log_question(session: Session) -> None:
    """How many errors a log holds, or which is the first."""
    r = session.random
    project = projects.draw(r)
    path = r.choice(("logs/{}.log", "{}.log", "log/{}.txt", "var/{}.log", "logs/{}-night.log"))
    path = path.format(r.choice((project.name, "run", "import", "worker", "app", "job")))
    session.files({path: documents.log_text(r, project, r.randint(8, 18)), **project.files})
    kind = r.choice(("log_count", "log_first"))
    slots = about(project) | {"path": path}
    opening(session, texts.ASK[kind], ["read_file", "search"], slots, texts.TAILS)
    result = read(session, slots, [path])
    if not result:
        return
    lines = result[0].splitlines()
    errors = [at for at, line in enumerate(lines, start=1) if line.split()[1] == "ERROR"]
    warned = counted(sum(line.split()[1] == "WARNING" for line in lines), "warning")
    slots |= {"total": str(len(lines)), "errors": counted(len(errors), "error"), "warnings": warned}
    slots["warned"] = f"there {'is' if warned == '1 warning' else 'are'} {warned}"
    if not errors:
        session.say(words(session, texts.ANSWER["no_error"], slots))
        return
    clock, _, module, message = lines[errors[0] - 1].split(" ", 3)
    slots |= {"number": str(errors[0]), "text": lines[errors[0] - 1], "clock": clock}
    slots |= {"module": module.rstrip(":"), "message": message, "last": lines[errors[-1] - 1]}
    session.say(words(session, texts.ANSWER[kind], slots))


def changes_of_version(session: Session) -> None:
    """What a version brought, from the list of changes."""
    r = session.random
    project = projects.draw(r)
    path = r.choice(("CHANGELOG.md", "CHANGES.md", "docs/changes.md", "NEWS.md", "HISTORY.md"))
    text, versions = documents.changes_text(r, project, "settings.toml")
    page, _ = documents.readme(r, project, 3)
    session.files({path: text, "README.md": page, **project.files})
    slots = about(project) | {"version": r.choice(list(versions)), "path": path}
    opening(session, texts.ASK["changes"], ["read_file", "list_directory"], slots, texts.TAILS)
    find_file(session, slots, path)
    result = read(session, slots, [path])
    if not result:
        return
    part = only(rf"(?s)^## {re.escape(slots['version'])} (.*?)(?:\n## |\Z)", result[0])
    entries = re.findall(r"^- (.*)$", part, re.MULTILINE)
    slots |= {"date": part[1:11], "entries": "; ".join(entries), "count": counted(len(entries), "change")}
    session.say(words(session, texts.ANSWER["changes"], slots))


def page_against_code(session: Session) -> None:
    """A value that the README states: the code may have another by now."""
    r = session.random
    project = projects.draw(r)
    numbers = [
        each for each in projects.constants(project.files)
        if re.fullmatch(r"[\d.]+", each.value)
    ]  # fmt: skip
    if not numbers:
        numbers = projects.constants(project.files)
    constant = r.choice(numbers)
    stated = constant.value
    if r.random() < 0.5 and re.fullmatch(r"[\d.]+", stated):
        stated = projects.other_number(stated, r)
    line = r.choice((
        "`{}` is {} unless you change it.", "The default of `{}` is {}.", "`{}`: {}.",
        "By default, `{}` is {}.", "We keep `{}` at {}.", "`{}` has the value {}.",
    )).format(constant.name, stated)  # fmt: skip
    page, _ = documents.readme(r, project, 3)
    session.files({"README.md": f"{page}- {line}\n", **project.files})
    slots = about(project) | {"const": constant.name, "path": constant.path, "line": line}
    opening(session, texts.ASK["page_against_code"], ["read_file", "search"], slots, texts.TAILS)
    if r.random() < 0.6:
        saying = perhaps(session, texts.SEARCH, slots | {"target": constant.name})
        look(session, [("search", {"pattern": rf"\b{constant.name}\b"})], saying)
    result = read(session, slots, ["README.md", constant.path])
    if not result:
        return
    value = only(rf"^{constant.name} = (.*)$", result[1])
    only(rf"^- ({re.escape(line)})$", result[0])
    number = result[1].splitlines().index(f"{constant.name} = {value}") + 1
    slots |= {"value": value, "stated": stated, "number": str(number)}
    kind = "page_right" if json.dumps(value) == json.dumps(stated) else "page_wrong"
    session.say(words(session, texts.ANSWER[kind], slots))


def project_overview(session: Session) -> None:
    """What a project consists of: the folder is listed, then its modules are read together."""
    r = session.random
    project = projects.draw(r)
    page, _ = documents.readme(r, project, 2)
    session.files({"README.md": page, **project.files})
    slots = about(project) | {"tests": project.tests}
    opening(session, texts.ASK["overview"], ["read_file", "list_directory"], slots, texts.TAILS)
    modules = project.modules
    listed(session, slots)
    if "/" in modules[0]:
        listed(session, slots, modules[0].partition("/")[0])
    paths = ["README.md", *modules] if r.random() < 0.6 else modules
    result = read(session, slots, paths)
    if not result:
        return
    details = []
    for path, text in zip(paths, result, strict=True):
        if path.endswith(".py"):
            names = [each.name for each in projects.functions({path: text})]
            held = [each.name for each in projects.constants({path: text})]
            held += re.findall(r"^class (\w+)", text, re.MULTILINE)
            details.append(f"{path} has {code([*names, *held])}")
    slots |= {"details": f"{upper_first('; '.join(details))}.", "first": modules[0],
              "count": counted(len(modules), "module")}  # fmt: skip
    session.say(words(session, texts.ANSWER["overview"], slots))


SCENARIOS = (
    setting_value,
    settings_compared,
    readme_question,
    page_of_several,
    log_question,
    page_against_code,
    changes_of_version,
    setting_absent,
    project_overview,
    *reading_code.SCENARIOS,
)
