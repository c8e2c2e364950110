"""The part of the family `asking` that concerns functions: names, behaviour, places, docstrings.

Not covered: values and settings (`settings`), and pages (`pages`).
"""

import re

from datagen.families.asking.steps import FIRST_LOOK, answered, edit, request
from datagen.families.asking.texts import texts
from datagen.families.searching import moves as searching_moves, steps as searching_steps
from datagen.phrasing import (
    about,
    code,
    counted,
    joined,
    look,
    only,
    perhaps,
    words,
)
from datagen.session import Call, Session
from datagen.worlds import documents, projects
from datagen.worlds.projects import Function, Project

EMPTY = {"str": '""', "list": "[]", "dict": "{}"}


def new_name(session: Session) -> None:
    """Something is to be renamed: how?"""
    r = session.random
    project = projects.draw(r)
    old, new = r.choice(projects.new_names(project))
    session.files(project.files)
    slots = about(project) | {"old": old, "new": new, "target": old}
    request(session, "rename", slots, ["search", "apply_patch", "run_tests"])
    pattern = rf"(\b|_){old}\b"
    found = look(session, [("search", {"pattern": pattern})], perhaps(session, texts.look, slots))
    result = found[0] if found else ""
    slots |= searching_steps.summary(result)
    if not answered(session, "rename", slots):
        return
    changed = searching_steps.change(
        session, slots, list(searching_steps.places(result)),
        lambda text: projects.tidy(re.sub(pattern, rf"\g<1>{new}", text)),
    )  # fmt: skip
    if changed:
        proof = searching_steps.run_tests(session, slots)
        session.say(words(session, texts.done["rename"], slots | {"proof": proof}))


def guardable(project: Project) -> list[tuple[Function, str, str]]:
    """Functions whose first argument may be an empty text or list, with the argument and its type."""
    found = []
    for function in projects.functions(project.files):
        parameters = function.parameters
        if not parameters or parameters[0].annotation is None:
            continue
        kind = projects.written(parameters[0].annotation, function.text).partition("[")[0]
        required = len(function.node.args.args) - len(function.node.args.defaults)
        handled = f"not {parameters[0].arg}" in function.source
        if kind in EMPTY and required == 1 and not handled:
            found.append((function, parameters[0].arg, kind))
    return found


DEFAULTS = {"str": '""', "int": "0", "float": "0.0", "bool": "False", "list": "[]", "dict": "{}"}


def behaviour_of_empty(session: Session) -> None:
    """A function should handle an empty argument: by an error or by a result?"""
    r = session.random
    project = projects.draw(r)
    while not guardable(project):
        project = projects.draw(r)
    function, argument, kind = r.choice(guardable(project))
    default = DEFAULTS.get(function.returns.partition("[")[0].partition(" ")[0], "None")
    session.files(project.files)
    slots = about(project) | {"fn": function.name, "arg": argument, "path": function.path,
                              "default": default}  # fmt: skip
    request(session, "behaviour", slots, ["search", "read_file", "apply_patch", "run_python"])
    pattern = {"pattern": rf"def {function.name}\b"}
    look(session, [("search", pattern)], perhaps(session, texts.look, slots))
    result = look(session, [("read_file", {"path": function.path})])
    if not result or function.source not in result[0]:
        raise AssertionError(f"{function.name} is not in {function.path}")
    reply = "raise" if r.random() < 0.5 or default == "None" else "return"
    if not answered(session, "behaviour", slots, reply):
        return
    old = f"{result[0]}\n"
    action = f'raise ValueError("{argument} is empty")' if reply == "raise" else f"return {default}"
    doc = f'"""{function.doc}"""\n'
    source = function.source.replace(doc, f"{doc}    if not {argument}:\n        {action}\n", 1)
    if not edit(session, function.path, old, old.replace(function.source, source), slots, end=0.5):
        return
    run = f"from {projects.module_name(function.path)} import {function.name}\n\n"
    call = f"{function.name}({EMPTY[kind]})"
    if reply == "raise":
        run += f"try:\n    {call}\nexcept ValueError as error:\n    print(error)\n"
    else:
        run += f"print(repr({call}))\n"
    shown = look(session, [("run_python", {"code": run})], perhaps(session, texts.verify, slots))
    expected = f"{argument} is empty" if reply == "raise" else default
    if not shown or shown[0].replace("'", '"') != expected:
        raise AssertionError(f"{call} gives {shown}, not {expected}")
    session.say(words(session, texts.done[reply], slots | {"shown": shown[0]}))


def target_module(session: Session) -> None:
    """A function is to be moved: where?"""
    r = session.random
    project = projects.draw(r)
    while not searching_moves.movable(project.files):
        project = projects.draw(r)
    function = r.choice(searching_moves.movable(project.files))
    taken = {path.rpartition("/")[2].removesuffix(".py") for path in project.files}
    others = [name for key, names in project.others.items() if key in taken for name in names]
    free = [
        name
        for name in (*others, "helpers", "shared", "basics")
        if name not in taken | {function.name}
    ]
    folder = function.path.rpartition("/")[0]
    target = f"{folder}/{r.choice(free)}.py".lstrip("/")
    session.files(project.files)
    slots = about(project) | {"fn": function.name, "path": function.path, "module": target}
    request(session, "move", slots, ["list_directory", "search", "apply_patch", "run_tests"])
    calls: list[Call] = [
        ("list_directory", {"path": "."}),
        ("search", {"pattern": rf"\b{function.name}\b"}),
    ]
    result = look(session, calls, perhaps(session, texts.look, slots))
    listing = result[0] if result else ""
    if folder:
        inside = look(session, [("list_directory", {"path": folder})])
        listing = inside[0] if inside else ""
    modules = re.findall(r"^(?!test_)\w+\.py$", listing, re.MULTILINE)
    users = list(searching_steps.places(result[1] if result else ""))
    slots |= {
        "modules": code(modules),
        "where": joined([each for each in users if each != function.path] or users),
    }
    if not answered(session, "move", slots):
        return
    new = searching_moves.move(project.files, function, target)
    paths = [path for path in new if path != target]
    slots |= {"paths": joined(paths), "files": counted(len(paths), "file")}
    look(session, [("read_file", {"path": path}) for path in paths])
    changed = {path: (project.files[path], new[path]) for path in paths}
    edits: list[Call] = [("write_file", {"path": target, "content": new[target]})]
    edits += searching_steps.patches(session, changed)
    if look(session, edits, perhaps(session, texts.edit, slots), end=0.5):
        proof = searching_steps.run_tests(session, slots)
        session.say(words(session, texts.done["move"], slots | {"proof": proof}))


def status_code(session: Session) -> None:
    """An error is to be returned: with which status?"""
    r = session.random
    thing, names = r.choice(texts.things)
    project = projects.draw(r)
    base, held = f"/{thing}s", f"{thing}s".upper()
    numbers = r.sample(range(1, 40), 3)
    entries = ", ".join(f'{number}: "{name}"' for number, name in zip(numbers, names, strict=True))
    look_up = f"{held}[number]"
    view = (
        f'@app.get("{base}/<int:number>")\ndef show_{thing}(number: int) -> dict[str, str]:\n'
        f'    """Return one {thing}."""\n    return {{"{thing}": {look_up}}}\n'
    )
    old = (
        f"from flask import Flask\n\napp = Flask(__name__)\n{held} = {{{entries}}}\n\n\n"
        f'@app.get("{base}")\ndef list_{thing}s() -> dict[str, list[str]]:\n'
        f'    """Return all {thing}s."""\n    return {{"{thing}s": list({held}.values())}}\n\n\n{view}'
    )
    session.files({"app.py": old, "README.md": documents.readme(r, project, 3)[0]})
    status = r.choice(("404", "404", "404", "410", "400", "422"))
    message = r.choice(texts.messages).format(thing=thing)
    slots = about(project) | {"thing": thing, "route": f"{base}/<number>", "code": look_up,
                              "status": status, "message": message, "path": "app.py"}  # fmt: skip
    request(session, "status", slots, ["read_file", "apply_patch", "http_request"])
    result = look(session, [("read_file", {"path": "app.py"})], perhaps(session, texts.look, slots))
    if not result or look_up not in result[0]:
        raise AssertionError(f"{look_up} is not in app.py")
    if not answered(session, "status", slots):
        return
    refusal = f'    if number not in {held}:\n        return {{"error": "{message}"}}, {status}\n'
    checked = view.replace("-> dict[str, str]", "-> dict[str, str] | tuple[dict[str, str], int]")
    checked = checked.replace("    return", f"{refusal}    return")
    if not edit(session, "app.py", old, old.replace(view, checked), slots, end=0.5):
        return
    slots["tried"] = f"{base}/{r.randint(70, 99)}"
    shown = look(
        session,
        [("http_request", {"method": "GET", "path": slots["tried"]})],
        perhaps(session, texts.verify, slots),
    )
    if shown:
        slots["first_line"] = only(r"\A(\d+ [A-Z ]+) application", shown[0])
        only(rf'^(\{{"error":"{message}"\}})$', shown[0])
        session.say(words(session, texts.done["status"], slots))


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
