"""The part of the family `reading` that asks about constants, modules and tests.

Not covered: what a function does (`datagen.families.reading.functions`).
"""

import re

from datagen.families.reading.functions import function_meaning_of, pick
from datagen.families.reading.steps import list_modules, listed, locate, read_all, read_one, start
from datagen.families.reading.texts import texts
from datagen.phrasing import (
    code,
    joined,
    look,
    only,
    opening,
    perhaps,
    shuffled,
    words,
)
from datagen.session import Session
from datagen.worlds import projects
from datagen.worlds.projects import Constant, Function, functions


def constant_value(session: Session) -> None:
    """The value of a constant, and where it is set."""
    project, slots = start(session)
    constant = session.random.choice(projects.constants(project.files))
    slots["const"] = constant.name
    opening(session, texts.ask["constant"], ["read_file", "search"], slots, texts.tails)
    if session.random.random() < 0.5:
        path = locate(session, slots, constant.name, rf"^{constant.name}\b")
        text = read_one(session, slots, path)
        found = {path: text} if text else None
    else:
        list_modules(session, slots, project)
        found = read_all(session, slots, shuffled(session.random, project.modules))
    if found:
        here = next(each for each in projects.constants(found) if each.name == constant.name)
        slots |= {"path": here.path, "line": str(here.line), "value": here.value}
        session.say(words(session, texts.answer["constant"], slots))


def two_constants(session: Session) -> None:
    """Two constants, in two modules where there are two."""
    project, slots = start(session)
    r = session.random
    known = projects.constants(project.files)
    if len(known) < 2:
        function_meaning_of(session, project, slots | {"fn": pick(session, project).name})
        return
    one, two = r.sample(known, 2)
    slots |= {"one": one.name, "two": two.name}
    opening(session, texts.ask["two_constants"], ["read_file", "search"], slots, texts.tails)
    if r.random() < 0.6:
        saying = perhaps(session, texts.search, slots | {"target": f"{one.name}|{two.name}"})
        look(session, [("search", {"pattern": f"^({one.name}|{two.name}) ="})], saying)
    else:
        list_modules(session, slots, project)
    paths = list(dict.fromkeys((one.path, two.path)))
    found = read_all(session, slots, paths)
    if found:
        read_now = {each.name: each for each in projects.constants(found)}
        for place, name in (("one", one.name), ("two", two.name)):
            here = read_now[name]
            slots |= {f"value_{place}": here.value, f"path_{place}": here.path}
            slots[f"line_{place}"] = str(here.line)
        session.say(words(session, texts.answer["two_constants"], slots))


def defining_module(session: Session) -> None:
    """Which module defines a name: all of them are read."""
    project, slots = start(session)
    r = session.random
    names: list[Function | Constant] = [
        *functions(project.files),
        *projects.constants(project.files),
    ]
    thing = r.choice(names)
    slots["thing"] = thing.name
    opening(session, texts.ask["defined"], ["read_file", "list_directory"], slots, texts.tails)
    list_modules(session, slots, project)
    found = read_all(session, slots, shuffled(r, project.modules))
    if found:
        known: list[Function | Constant] = [*functions(found), *projects.constants(found)]
        here = next(each for each in known if each.name == thing.name)
        text = found[here.path].splitlines()[here.line - 1]
        importing = f"from {projects.module_name(here.path)} import {here.name}"
        slots |= {"path": here.path, "line": str(here.line), "text": text, "importing": importing}
        session.say(words(session, texts.answer["defined"], slots))


def imports_between(session: Session) -> None:
    """What one module uses of another."""
    project, slots = start(session)
    pair = [
        (user, owner)
        for user in project.modules
        for owner in project.modules
        if f"from {projects.module_name(owner)} import" in project.files[user]
    ]
    if not pair:
        function_meaning_of(session, project, slots | {"fn": pick(session, project).name})
        return
    one, two = session.random.choice(pair)
    slots |= {"one": one, "two": two}
    opening(session, texts.ask["imports"], ["read_file"], slots, texts.tails)
    found = read_all(session, slots, shuffled(session.random, [one, two]))
    if found:
        names = only(rf"^from {projects.module_name(two)} import (.*)$", found[one]).split(", ")
        details = []
        known: list[Function | Constant] = [*functions(found), *projects.constants(found)]
        for each in known:
            if each.name in names and each.path == two:
                is_function = isinstance(each, Function)
                said = (
                    f'has the docstring "{" ".join(each.doc.split()).rstrip(".")}"'
                    if isinstance(each, Function)
                    else f"is `{each.value}`"
                )
                details.append(f"{'the function ' if is_function else ''}`{each.name}` {said}")
        slots |= {"names": code(names), "details": joined(details).rstrip(".")}
        session.say(words(session, texts.answer["imports"], slots))


def tested_functions(session: Session) -> None:
    """Which functions of a module the tests call: both files are read together."""
    project, slots = start(session)
    path = session.random.choice(project.modules)
    slots |= {"path": path, "tests": project.tests}
    opening(session, texts.ask["tested"], ["read_file"], slots, texts.tails)
    if project.tests not in session.messages[-1]["content"]:
        listed(session, slots, project.tests.rpartition("/")[0] or ".")
    found = read_all(session, slots, shuffled(session.random, [path, project.tests]))
    if found:
        names = [each.name for each in functions({path: found[path]})]
        names = names or re.findall(r"^class (\w+)", found[path], re.MULTILINE)
        called = [name for name in names if re.search(rf"\b{name}\(", _body(found[project.tests]))]
        missing = [name for name in names if name not in called]
        kind = "some_untested" if called else "none_tested"
        slots |= {
            "tested": code(called) if called else "",
            "missing": code(missing) if missing else "",
        }
        session.say(words(session, texts.answer[kind if missing else "all_tested"], slots))


def _body(tests: str) -> str:
    """Tests without the lines that define them: their names hold those of functions."""
    return re.sub(r"^def .*$", "", tests, flags=re.MULTILINE)


SCENARIOS = (
    constant_value,
    two_constants,
    defining_module,
    imports_between,
    tested_functions,
)
