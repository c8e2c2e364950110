"""Rows of the family `recovering` in which something is looked for in the wrong place.

Not covered: wrong paths of tests and requests (`runs`).
"""

import json

from datagen.families.recovering import projects
from datagen.families.recovering.replies import replies
from datagen.families.recovering.surroundings import surroundings
from datagen.families.recovering.talk import (
    answer,
    fail,
    only,
    opening,
    perhaps,
    places,
    retry,
    said,
    words,
)
from datagen.families.recovering.texts import texts
from datagen.session import Session


def python_files(project: projects.Project) -> dict[str, str]:
    """The module, its tests, and a page about it."""
    page = f"# {project.domain.package}\n\nKeeps track of {project.domain.items}.\n"
    return {project.path: project.code.source, project.test_path: project.tests, "README.md": page}


def missing_module(session: Session) -> None:
    """The module is in another folder than the assistant thinks."""
    r = session.random
    project = projects.draw(r)
    code, slots = project.code, project.slots()
    session.files(python_files(project))
    kind = r.choice(("constant", "purpose"))
    opening(session, kind, ["read_file", "search", "list_directory"], slots)
    guesses = ["{m}.py", "src/{m}.py", "lib/{m}.py", "app/{m}.py"]
    if project.domain.package in said(session):
        guesses += ["{p}/core/{m}.py", "{p}/src/{m}.py"]
    wrong = r.choice(guesses).format(m=code.module, p=project.domain.package)
    slots |= {"wrong": wrong, "target": wrong}
    fail(session, ("read_file", {"path": wrong}), "no such file", perhaps(session, "read", slots))
    path = _find_module(session, project, kind, slots)
    if path:
        _read_and_answer(session, project, kind, path, slots)


def _find_module(
    session: Session, project: projects.Project, kind: str, slots: dict[str, str]
) -> str:
    """By a search or by listings; "" if the row has ended with the first of these calls."""
    code, package = project.code, project.domain.package
    if session.random.random() < 0.5:
        name = code.constant if kind == "constant" else f"def {code.function}"
        search = ("search", {"pattern": name})
        found = retry(session, "no_file_search", search, slots | {"pattern": name})
        return found.partition(":")[0] if found else ""
    folder = package if package in said(session) else "."
    more = slots | {"folder": "the project" if folder == "." else f"`{folder}`"}
    listing = retry(session, "no_file_list", ("list_directory", {"path": folder}), more)
    if listing is None:
        return ""
    base = f"{code.module}.py"
    while base not in listing.splitlines():
        inner = only(r"^(?!tests/)(.*)/$", listing)
        folder = inner if folder == "." else f"{folder}/{inner}"
        saying = perhaps(session, "list", slots | {"folder": folder})
        listing = session.call("list_directory", {"path": folder}, saying=saying)
    return f"{folder}/{base}"


def _read_and_answer(
    session: Session, project: projects.Project, kind: str, path: str, slots: dict[str, str]
) -> None:
    saying = perhaps(session, "read", slots | {"target": path})
    text = session.call("read_file", {"path": path}, saying=saying)
    value = only(rf"^{project.code.constant} = (.*)$", text)
    doc = only(r'^    """(.*)"""$', text)
    answer(session, kind, slots | {"path": path, "value": value, "doc": doc})


SETTING_FORMS = {"toml": "{} = {}", "ini": "{} = {}", "yaml": "{}: {}", "json": '"{}": {}'}


def missing_settings(session: Session) -> None:
    """The settings file has another extension, or its folder another name."""
    r = session.random
    project = projects.draw(r)
    values = projects.settings(project.domain, r)
    kind = r.choice(list(SETTING_FORMS))
    folder, stem = (
        r.choice(("config", "settings", "conf")),
        r.choice(("defaults", "production", "app", "main")),
    )
    lines = [SETTING_FORMS[kind].format(key, json.dumps(value)) for key, value in values.items()]
    text = "{\n  " + ",\n  ".join(lines) + "\n}\n" if kind == "json" else "\n".join(lines) + "\n"
    if kind == "ini":
        text = f"[{project.domain.package}]\n{text.replace(chr(34), '')}"
    path = f"{folder}/{stem}.{kind}"
    session.files({path: text, f"{folder}/logging.txt": "level: info\n", **python_files(project)})
    if r.random() < 0.7:
        wrong = f"{folder}/{stem}.{r.choice([each for each in SETTING_FORMS if each != kind])}"
        looked = folder
    else:
        wrong = f"{r.choice(('etc', 'cfg', 'configs', 'env'))}/{stem}.{kind}"
        looked = "."
    slots = project.slots() | {"wrong": wrong, "target": wrong, "key": r.choice(list(values)), "path": path,
                               "folder": "the project" if looked == "." else f"`{looked}`"}  # fmt: skip
    opening(session, "setting", ["read_file", "list_directory"], slots)
    fail(session, ("read_file", {"path": wrong}), "no such file", perhaps(session, "read", slots))
    found = retry(session, "no_file_list", ("list_directory", {"path": looked}), slots)
    if found is None:
        return
    if looked == ".":
        only(rf"^({folder}/)$", found)
        found = session.call(
            "list_directory",
            {"path": folder},
            saying=perhaps(session, "list", slots | {"folder": folder}),
        )
    name = only(rf"^({stem}\.\w+)$", found)
    text = session.call(
        "read_file",
        {"path": f"{folder}/{name}"},
        saying=perhaps(session, "read", slots | {"target": path}),
    )
    value = only(rf'^\W*{slots["key"]}"?(?: =|:) (.*?),?$', text)
    answer(session, "setting", slots | {"value": value})


def missing_page(session: Session) -> None:
    """A page of the documentation: singular for plural, or a wrong extension."""
    r = session.random
    project = projects.draw(r)
    folder, topic = r.choice(("docs", "guides", "notes", "manuals")), r.choice(surroundings.topics)
    facts = {
        "person in charge": r.choice(surroundings.people), "deadline": f"{r.randint(2, 30)} days",
        "room": f"{r.randint(1, 4)}.{r.randint(10, 40)}",
        "review": f"every {r.choice(('Monday', 'Tuesday', 'Friday'))}",
        "version": f"{r.randint(1, 9)}.{r.randint(0, 9)}", "channel": f"#{project.domain.package}-{topic}",
    }  # fmt: skip
    chosen = r.sample(list(facts), 3)
    path = f"{folder}/{topic}.md"
    page = f"# {topic.capitalize()} of {project.domain.package}\n\n" + "".join(
        f"- {key}: {facts[key]}\n" for key in chosen
    )
    others = {
        f"{folder}/{each}.md": f"# {each.capitalize()}\n"
        for each in r.sample([t for t in surroundings.topics if t != topic], 2)
    }
    session.files({path: page, **others, **python_files(project)})
    if plural := r.random() < 0.6:
        wrong = f"{folder[:-1]}/{topic}.md"
    else:
        wrong = f"{folder}/{topic}{r.choice(('.txt', '.rst', 's.md', '-notes.md'))}"
    slots = project.slots() | {
        "wrong": wrong, "target": wrong, "topic": topic, "path": path, "field": r.choice(chosen),
        "folder": "the project" if plural else f"`{folder}`",
    }  # fmt: skip
    opening(session, "fact", ["read_file", "list_directory"], slots)
    fail(session, ("read_file", {"path": wrong}), "no such file", perhaps(session, "read", slots))
    found = retry(
        session, "no_file_list", ("list_directory", {"path": "." if plural else folder}), slots
    )
    if found is None:
        return
    only(rf"^({folder}/|{topic}\.md)$", found)
    text = session.call(
        "read_file", {"path": path}, saying=perhaps(session, "read", slots | {"target": path})
    )
    answer(session, "fact", slots | {"value": only(rf"^- {slots['field']}: (.*)$", text)})


def empty_search(session: Session) -> None:
    """A search without a match: another case, another folder, other files, another spelling."""
    r = session.random
    project = projects.draw(r)
    d, code, slots = project.domain, project.code, project.slots()
    values = projects.settings(d, r)
    config = f"config/{d.package}.toml"
    body = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    page = f"docs/{r.choice(surroundings.topics)}.md"
    notes = f"# Notes\n\nKeep {code.constant} in step with the contract.\n"
    session.files({config: body, page: notes, **python_files(project)})
    kinds = ("case", "folder", "glob", "naming", "broader")
    kind = r.choice(kinds if "_" in code.constant else kinds[1:])
    if kind == "case":
        ask, first, better = (
            "lower_case",
            {"pattern": code.constant.lower()},
            {"pattern": f"(?i){code.constant.lower()}"},
        )
        slots["spoken"] = r.choice(
            (code.constant.lower(), f"the {code.constant.lower().replace('_', ' ')}")
        )
    elif kind == "folder":
        ask, first, better = (
            "word",
            {"pattern": code.constant, "path": "tests"},
            {"pattern": code.constant},
        )
    elif kind == "glob":
        key = r.choice(list(values))
        ask, first, better = "setting_place", {"pattern": key, "glob": "*.py"}, {"pattern": key}
        slots["key"] = key
    elif kind == "naming":
        spoken = code.function.replace("_", " ")
        slots["spoken"] = r.choice((f"the {spoken}", f'"{spoken}"', spoken))
        ask, first, better = (
            "lower_case",
            {"pattern": spoken},
            {"pattern": spoken.replace(" ", ".")},
        )
    else:
        slots["absent"], narrow, broad = r.choice(surroundings.absent)
        ask, first, better = "nothing", {"pattern": narrow}, {"pattern": broad}
        slots["broader"] = broad
    slots |= {"pattern": first["pattern"], "folder": "tests", "glob": "*.py"}
    opening(session, ask, ["search", "list_directory"], slots)
    fail(session, ("search", dict(first)), "No matches.", perhaps(session, "search", slots))
    found = retry(session, f"empty_{kind}", ("search", dict(better)), slots)
    if found is None:
        return
    if kind == "broader":
        only(r"^(No matches\.)$", found)
        answer(session, "none", slots)
    elif kind == "glob":
        place, _, line = found.partition(": ")
        answer(
            session, "setting_place", slots | {"place": place, "value": line.partition(" = ")[2]}
        )
    else:
        answer(session, "places", places(found))


def two_failures(session: Session) -> None:
    """Two calls fail before one works."""
    r = session.random
    project = projects.draw(r)
    d, code, slots = project.domain, project.code, project.slots()
    deep = f"{d.package}/{r.choice(('core', 'rules', 'logic', 'model'))}"
    common = f'"""Names for {d.items}."""\n\nKIND = "{d.item}"\n'
    session.files({f"{deep}/{code.module}.py": code.source, f"{deep}/common.py": common})
    kind = r.choice(("constant", "purpose"))
    opening(session, kind, ["read_file", "list_directory", "search"], slots)
    slots |= {"target": slots["module"], "pattern": code.constant}
    folders = ["", "src/", f"{d.package}/" if d.package in said(session) else "app/"]
    wrong = f"{r.choice(folders)}{code.module}.py"
    tool = r.choice(texts.tool_names["read_file"])
    first = perhaps(session, "read", slots)
    if r.random() < 0.4:
        fail(session, (tool, {"path": wrong}), "unknown tool", first)
        saying = words(session, replies.unknown, slots | {"name": tool, "tool": "read_file"})
        fail(session, ("read_file", {"path": wrong}), "no such file", saying)
    else:
        fail(session, ("read_file", {"path": wrong}), "no such file", first)
        other = f"{r.choice(('lib', 'code', 'python', d.items))}/{code.module}.py"
        saying = words(session, replies.second_guess, slots | {"wrong": wrong, "other": other})
        fail(session, ("read_file", {"path": other}), "no such file", saying)
        wrong = other
    slots["wrong"] = wrong
    path = _find_module(session, project, kind, slots)
    if path:
        _read_and_answer(session, project, kind, path, slots)
