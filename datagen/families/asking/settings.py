"""The part of the family `asking` that concerns values and settings.

Not covered: functions (`functions`), and pages (`pages`).
"""

import re

from datagen.families.asking.steps import FIRST_LOOK, answered, edit, request
from datagen.families.asking.texts import texts
from datagen.families.searching import steps as searching_steps
from datagen.phrasing import (
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
    if r.random() < 0.4:
        searching_steps.look_at_folders(session, slots, f".{form}")
    known = session.knows(f".{form}")
    arguments = {"pattern": rf"\b{key}\b", **({"glob": f"*.{form}"} if known else {})}
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
