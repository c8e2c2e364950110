"""The part of the family `reading` that asks about pages, logs and the whole project.

Not covered: settings (`datagen.families.reading`) and functions (`functions`).
"""

import json
import re

from datagen.families.reading.steps import (
    find_file,
    listed,
    read,
)
from datagen.families.reading.texts import texts
from datagen.phrasing import (
    about,
    code,
    counted,
    joined,
    look,
    only,
    opening,
    perhaps,
    upper_first,
    words,
)
from datagen.session import Session
from datagen.worlds import documents, projects


def topic_of(kind: str) -> dict[str, str]:
    """What is asked for, as a clause and as a noun."""
    clause, noun = documents.words.facts[kind].clause, documents.words.facts[kind].noun
    return {"clause": clause, "noun": noun}


def readme_question(session: Session) -> None:
    """A fact that the README states, or another page of the documentation."""
    r = session.random
    project = projects.draw(r)
    page, lines = documents.readme(r, project, r.randint(5, 8))
    kind = r.choice(list(lines))
    session.files({**project.files, "README.md": page})
    slots = about(project) | topic_of(kind) | {"path": "README.md"}
    opening(session, texts.ask["readme"], ["read_file"], slots, texts.tails)
    if "README" not in session.messages[-1]["content"] or r.random() < 0.3:
        listed(session, slots)
    result = read(session, slots, ["README.md"])
    if result:
        slots["line"] = only(rf"^- ({re.escape(lines[kind])})$", result[0])
        session.say(words(session, texts.answer["readme"], slots))


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
    opening(session, texts.ask["readme"], ["read_file", "list_directory"], slots, texts.tails)
    listed(session, slots)
    listed(session, slots, folder)
    result = read(session, slots, paths)
    if not result:
        return
    hits = [path for path, text in zip(paths, result, strict=True) if lines[asked] in text]
    points = [
        f'"{line}"' for text in result for line in re.findall(r"^- (.*)$", text, re.MULTILINE)
    ]
    slots["points"] = ", ".join(points[:3]) + (" and others" if len(points) > 3 else "")
    if hits:
        slots |= {"path": hits[0], "line": lines[asked]}
    session.say(words(session, texts.answer["readme" if hits else "no_readme"], slots))


def log_question(session: Session) -> None:
    """How many errors a log holds, or which is the first."""
    r = session.random
    project = projects.draw(r)
    path = r.choice(("logs/{}.log", "{}.log", "log/{}.txt", "var/{}.log", "logs/{}-night.log"))
    path = path.format(r.choice((project.name, "run", "import", "worker", "app", "job")))
    session.files({path: documents.log_text(r, project, r.randint(8, 18)), **project.files})
    kind = r.choice(("log_count", "log_first"))
    slots = about(project) | {"path": path}
    opening(session, texts.ask[kind], ["read_file", "search"], slots, texts.tails)
    result = read(session, slots, [path])
    if not result:
        return
    lines = result[0].splitlines()
    errors = [at for at, line in enumerate(lines, start=1) if line.split()[1] == "ERROR"]
    warned = counted(sum(line.split()[1] == "WARNING" for line in lines), "warning")
    slots |= {"total": str(len(lines)), "errors": counted(len(errors), "error"), "warnings": warned}
    slots["warned"] = f"there {'is' if warned == '1 warning' else 'are'} {warned}"
    if not errors:
        session.say(words(session, texts.answer["no_error"], slots))
        return
    clock, _, module, message = lines[errors[0] - 1].split(" ", 3)
    slots |= {"number": str(errors[0]), "text": lines[errors[0] - 1], "clock": clock}
    slots |= {"module": module.rstrip(":"), "message": message, "last": lines[errors[-1] - 1]}
    session.say(words(session, texts.answer[kind], slots))


def changes_of_version(session: Session) -> None:
    """What a version brought, from the list of changes."""
    r = session.random
    project = projects.draw(r)
    path = r.choice(("CHANGELOG.md", "CHANGES.md", "docs/changes.md", "NEWS.md", "HISTORY.md"))
    text, versions = documents.changes_text(r, project, "settings.toml")
    page, _ = documents.readme(r, project, 3)
    session.files({path: text, "README.md": page, **project.files})
    slots = about(project) | {"version": r.choice(list(versions)), "path": path}
    opening(session, texts.ask["changes"], ["read_file", "list_directory"], slots, texts.tails)
    find_file(session, slots, path)
    result = read(session, slots, [path])
    if not result:
        return
    part = only(rf"(?s)^## {re.escape(slots['version'])} (.*?)(?:\n## |\Z)", result[0])
    entries = re.findall(r"^- (.*)$", part, re.MULTILINE)
    slots |= {
        "date": part[1:11],
        "entries": "; ".join(entries),
        "count": counted(len(entries), "change"),
    }
    session.say(words(session, texts.answer["changes"], slots))


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
    opening(session, texts.ask["page_against_code"], ["read_file", "search"], slots, texts.tails)
    saying = perhaps(session, texts.search, slots | {"target": constant.name})
    look(session, [("search", {"pattern": rf"\b{constant.name}\b"})], saying)
    result = read(session, slots, ["README.md", constant.path])
    if not result:
        return
    value = only(rf"^{constant.name} = (.*)$", result[1])
    only(rf"^- ({re.escape(line)})$", result[0])
    number = result[1].splitlines().index(f"{constant.name} = {value}") + 1
    slots |= {"value": value, "stated": stated, "number": str(number)}
    kind = "page_right" if json.dumps(value) == json.dumps(stated) else "page_wrong"
    session.say(words(session, texts.answer[kind], slots))


def project_overview(session: Session) -> None:
    """What a project consists of: the folder is listed, then its modules are read together."""
    r = session.random
    project = projects.draw(r)
    page, _ = documents.readme(r, project, 2)
    session.files({"README.md": page, **project.files})
    slots = about(project) | {"tests": project.tests}
    opening(session, texts.ask["overview"], ["read_file", "list_directory"], slots, texts.tails)
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
    session.say(words(session, texts.answer["overview"], slots))


SCENARIOS = (
    readme_question,
    page_of_several,
    log_question,
    changes_of_version,
    page_against_code,
    project_overview,
)
