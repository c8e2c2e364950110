"""The family `asking`: a request lacks something, so the assistant looks and asks one question.

In about half of the rows the user answers, and the assistant does what was meant.

Not covered: changes that more than one module follows (`datagen.families.asking.asking_more`).
"""

import re

from datagen.families.asking import asking_more
from datagen.families.asking.asking_more import answered, edit, request
from datagen.families.asking.texts import texts
from datagen.phrasing import (
    SYSTEMS,
    about,
    code,
    counted,
    joined,
    look,
    perhaps,
    setting_line,
    words,
)
from datagen.session import Session
from datagen.worlds import documents, projects
from datagen.worlds.projects import Function, Project

FIRST_LOOK = 0.12
"""The share of rows that end with the first look, before the question."""


def new_value(session: Session) -> None:
    """A constant is to be changed: to what?"""
    r = session.random
    project = projects.draw(r)
    while not (numbers := projects.numbers(project.files)):
        project = projects.draw(r)
    constant = r.choice(numbers)
    session.files({**project.files, "README.md": documents.readme(r, project, 3)[0]})
    slots = about(project) | {"const": constant.name, "path": constant.path}
    request(session, "value", slots, ["search", "apply_patch", "read_file"])
    found = look(
        session,
        [("search", {"pattern": rf"\b{constant.name}\b"})],
        perhaps(session, texts.look, slots),
        end=FIRST_LOOK,
    )
    if not found:
        return
    places = re.findall(rf"^(.*?):(\d+): {constant.name} = (.*)$", found[0], re.MULTILINE)
    path, line, value = places[0]
    slots |= {"path": path, "line": line, "value": value, "new": projects.other_number(value, r)}
    if not answered(session, "value", slots):
        return
    result = look(session, [("read_file", {"path": path})])
    old = f"{result[0] if result else ''}\n"
    new = old.replace(f"{constant.name} = {value}\n", f"{constant.name} = {slots['new']}\n")
    if edit(session, path, old, new, slots):
        session.say(words(session, texts.done["value"], slots))


def which_file(session: Session) -> None:
    """A setting is to be changed that several files have: in which?"""
    r = session.random
    project = projects.draw(r)
    form = r.choice(("json", "toml", "ini", "yaml"))
    place = r.choice(("config/{}.{}", "settings/{}.{}", "env/{}.{}", "{}.{}", "conf/app-{}.{}"))
    names = r.choice((("dev", "staging", "prod"), ("local", "live"), ("north", "south"), ("test", "live"),
                      ("small", "medium", "large"), ("home", "office", "server")))  # fmt: skip
    numeric = [key for key, spec in project.settings_spec.items() if ".." in spec]
    key = r.choice(numeric or ["timeout_seconds"])
    values = [
        int(projects.drawn_from(project.settings_spec.get(key, "5..60"), r, "|")) for _ in names
    ]
    files = {
        place.format(name, form): documents.settings_text(
            form, {**project.settings, "profile": name, key: value}, "")
        for name, value in zip(names, values, strict=True)
    }  # fmt: skip
    session.files({**files, **project.files})
    slots = about(project) | {"key": key, "new": str(max(values) + r.choice((1, 2, 4, 5, 10)))}
    request(session, "setting_file", slots, ["search", "apply_patch", "read_file"])
    arguments = {"pattern": rf"\b{key}\b", **({"glob": f"*.{form}"} if r.random() < 0.6 else {})}
    found = look(session, [("search", arguments)], perhaps(session, texts.look, slots))
    was = {}
    for line in found[0].splitlines() if found else []:
        path, _, rest = line.partition(":")
        if path in files:
            was[path] = setting_line(rest.partition(": ")[2], key)[1]
    path = r.choice(list(was))
    slots |= {"paths": joined(list(was)), "count": counted(len(was), "file"), "path": path,
              "values": joined([f"{value} in {each}" for each, value in was.items()]),
              "value": was[path]}  # fmt: skip
    if not answered(session, "setting_file", slots):
        return
    result = look(session, [("read_file", {"path": path})])
    old = f"{result[0] if result else ''}\n"
    new = re.sub(rf'^(\W*{key}"?(?: =|:) )\d+', rf"\g<1>{slots['new']}", old, flags=re.MULTILINE)
    if edit(session, path, old, new, slots):
        session.say(words(session, texts.done["setting_file"], slots))


def readme_line(session: Session) -> None:
    """A fact is to be added to the README: what is it?"""
    r = session.random
    project = projects.draw(r)
    page, stated = documents.readme(r, project, r.randint(3, 5))
    kind = r.choice([each for each in documents.words.facts if each not in stated])
    fact = documents.words.facts[kind]
    sentence, value = r.choice(fact.sentences), r.choice(fact.values)
    line = sentence.format(value.format(name=project.name))
    session.files({**project.files, "README.md": page})
    slots = about(project) | {"clause": fact.clause, "noun": fact.noun, "new": line}
    request(session, "readme", slots, ["read_file", "apply_patch"])
    calls = [("read_file", {"path": "README.md"})]
    result = look(session, calls, perhaps(session, texts.look, slots), end=FIRST_LOOK)
    if not result:
        return
    if line in result[0]:
        raise AssertionError("the README says it already")
    if not answered(session, "readme", slots):
        return
    old = f"{result[0]}\n"
    if edit(session, "README.md", old, f"{old}- {line}\n", slots):
        session.say(words(session, texts.done["readme"], slots))


def _with_functions(project: Project) -> dict[str, list[Function]]:
    """The modules that have more than one function, with these."""
    found = {path: projects.functions({path: project.files[path]}) for path in project.modules}
    return {path: known for path, known in found.items() if len(known) > 1}


def docstring_of_which(session: Session) -> None:
    """A docstring is to be corrected in a file with several functions: which, and how?"""
    r = session.random
    project = projects.draw(r)
    while not (several := _with_functions(project)):
        project = projects.draw(r)
    path = r.choice(list(several))
    known = several[path]
    chosen = r.choice(known)
    session.files(project.files)
    slots = about(project) | {"path": path, "fn": chosen.name, "new": r.choice(texts.docstrings)}
    request(session, "docstring", slots, ["read_file", "apply_patch"])
    calls = [("read_file", {"path": path})]
    result = look(session, calls, perhaps(session, texts.look, slots), end=FIRST_LOOK)
    if not result:
        return
    names = [each.name for each in projects.functions({path: result[0] if result else ""})]
    slots |= {"functions": code(names), "functions_or": code(names).replace(" and ", " or "),
              "count": counted(len(names), "function")}  # fmt: skip
    if not answered(session, "docstring", slots):
        return
    old = f"{result[0] if result else ''}\n"
    source = chosen.source.replace(f'"""{chosen.doc}"""', f'"""{slots["new"]}"""')
    if edit(session, path, old, old.replace(chosen.source, source), slots):
        session.say(words(session, texts.done["docstring"], slots))


def old_entries(session: Session) -> None:
    """Old entries are to go from a file: from which date on are they kept?"""
    r = session.random
    path, head, rows = r.choice(texts.entry_kinds)
    dates = sorted(
        {
            f"20{r.randint(21, 25)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
            for _ in range(r.randint(6, 10))
        }
    )
    comma = "," if head else " "
    lines = [f"{date}{comma}{r.choice(rows)}" for date in dates]
    project = projects.draw(r)
    text = "\n".join(([head] if head else []) + lines) + "\n"
    session.files({path: text, **dict(list(project.files.items())[:1])})
    slots = about(project) | {"path": path}
    request(session, "entries", slots, ["read_file", "write_file"])
    result = look(session, [("read_file", {"path": path})], perhaps(session, texts.look, slots))
    entries = [line for line in (result[0] if result else "").splitlines() if line[:2] == "20"]
    limit = r.choice(
        (
            dates[r.randint(2, len(dates) - 2)],
            f"{dates[len(dates) // 2][:4]}-{r.randint(1, 12):02}-01",
        )
    )
    kept = [line for line in entries if line[:10] >= limit]
    if not kept or len(kept) == len(entries):
        limit = dates[2]
        kept = [line for line in entries if line[:10] >= limit]
    slots |= {"first": entries[0][:10], "last": entries[-1][:10], "limit": limit}
    slots |= {"count": f"{len(entries)} entries", "left": f"{len(kept)}", "oldest": kept[0][:10]}
    slots["gone"] = counted(len(entries) - len(kept), "line")
    if not answered(session, "entries", slots):
        return
    new = "\n".join(([head] if head else []) + kept) + "\n"
    if edit(session, path, text, new, slots, whole=0.7):
        session.say(words(session, texts.done["entries"], slots))


def value_of_new_setting(session: Session) -> None:
    """A setting is to be added: with which value?"""
    r = session.random
    project = projects.draw(r)
    form = r.choice(("json", "toml", "ini", "yaml"))
    path = r.choice(documents.words.settings_places).format(
        f"{r.choice(documents.words.settings_stems)}.{form}"
    )
    key, values = r.choice(texts.new_keys)
    value = r.choice(values)
    section = r.choice(("", project.name, "app"))
    old = documents.settings_text(form, project.settings, section)
    new = documents.settings_text(form, {**project.settings, key: value}, section)
    session.files({path: old, **project.files})
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    slots = about(project) | {"path": path, "key": key, "new": shown}
    request(session, "new_setting", slots, ["read_file", "apply_patch"])
    result = look(session, [("read_file", {"path": path})], perhaps(session, texts.look, slots))
    keys = [each for each in project.settings if result and setting_line(result[0], each)]
    slots |= {"keys": code(keys), "last": f"`{keys[-1]}`"}
    if answered(session, "new_setting", slots) and edit(session, path, old, new, slots):
        session.say(words(session, texts.done["new_setting"], slots))


FORMS = {"json": "JSON", "toml": "TOML", "ini": "INI", "yaml": "YAML"}


def target_format(session: Session) -> None:
    """A settings file is to be converted: into which format?"""
    r = session.random
    project = projects.draw(r)
    form, target = r.sample(list(FORMS), 2)
    path = r.choice(documents.words.settings_places).format(
        f"{r.choice(documents.words.settings_stems)}.{form}"
    )
    new_path = f"{path.rpartition('.')[0]}.{target}"
    text = documents.settings_text(form, project.settings, project.name)
    session.files({path: text, **project.files})
    slots = about(project) | {
        "path": path,
        "form": FORMS[form],
        "target": FORMS[target],
        "new_path": new_path,
    }
    others = [FORMS[each] for each in FORMS if each != form]
    slots |= {"choices": joined(others).replace(" and ", " or "), "choices_and": joined(others)}
    request(session, "format", slots, ["read_file", "write_file"])
    result = look(session, [("read_file", {"path": path})], perhaps(session, texts.look, slots))
    keys = [each for each in project.settings if result and setting_line(result[0], each)]
    slots["count"] = counted(len(keys), "key")
    if not answered(session, "format", slots):
        return
    content = documents.settings_text(target, project.settings, project.name)
    calls = [("write_file", {"path": new_path, "content": content})]
    if look(session, calls, perhaps(session, texts.edit, slots), end=0.55):
        session.say(words(session, texts.done["format"], slots))


def no_tool_for_it(session: Session) -> None:
    """Something is wanted that no tool can do: declined, with what could be done instead."""
    r = session.random
    project = projects.draw(r)
    session.files(project.files)
    task, cannot, instead, tools = r.choice(texts.no_tool)
    slots = about(project) | {"task": task.format(name=project.name), "cannot": cannot}
    slots |= {"instead": instead, "instead_alt": instead}
    session.offer(*tools)
    if r.random() < 0.25:
        session.system(words(session, SYSTEMS, slots))
    session.user(words(session, texts.wanted, slots))
    session.say(words(session, texts.declined, slots))


SCENARIOS = (
    new_value,
    asking_more.behaviour_of_empty,
    which_file,
    no_tool_for_it,
    asking_more.new_name,
    readme_line,
    asking_more.status_code,
    asking_more.target_module,
    docstring_of_which,
    old_entries,
    value_of_new_setting,
    target_format,
)
