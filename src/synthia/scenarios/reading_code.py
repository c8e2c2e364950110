"""The part of the family `reading` that asks about code.

Not covered: settings and pages (`synthia.scenarios.reading`).
"""

import re

from synthia.scenarios import projects
from synthia.scenarios import projects_documents as documents
from synthia.scenarios import reading_texts as texts
from synthia.scenarios.phrasing import (
    about,
    code,
    joined,
    look,
    only,
    opening,
    perhaps,
    shuffled,
    words,
)
from synthia.scenarios.projects import Function, Project, functions
from synthia.scenarios.session import Session


def start(session: Session) -> tuple[Project, dict[str, str]]:
    """Draw a project and write it, sometimes with a README and a settings file."""
    r = session.random
    project = projects.draw(r)
    files = dict(project.files)
    if r.random() < 0.6:
        files["README.md"] = documents.readme(r, project, 3)[0]
    if r.random() < 0.4:
        path, text = documents.settings_file(r, project)
        files[path] = text
    session.files(files)
    return project, about(project)


def locate(session: Session, slots: dict[str, str], name: str, pattern: str) -> str:
    """Find the module that defines something by a search; returns its path."""
    glob = {"glob": "*.py"} if session.random.random() < 0.5 else {}
    saying = perhaps(session, texts.SEARCH, slots | {"target": name})
    found = look(session, [("search", {"pattern": pattern, **glob})], saying)
    return only(r"^(.*?):\d+: ", found[0] if found else "")


def read(session: Session, slots: dict[str, str], path: str, *, end: float = 0.35) -> str | None:
    """Read one file; None if the row ends there."""
    saying = perhaps(session, texts.READ, slots | {"path": path})
    result = look(session, [("read_file", {"path": path})], saying, end=end)
    return result[0] if result else None


def read_all(
    session: Session, slots: dict[str, str], paths: list[str], *, end: float = 0.35
) -> dict[str, str] | None:
    """Read several files in one turn; None if the row ends there."""
    saying = perhaps(session, texts.READ_ALL, slots | {"paths": joined(paths)})
    result = look(session, [("read_file", {"path": path}) for path in paths], saying, end=end)
    return dict(zip(paths, result, strict=True)) if result else None


def described(function: Function) -> dict[str, str]:
    """What can be said of a function, as slots."""
    shown = [
        f"`{each.arg}: {projects.written(each.annotation, function.text)}`"
        for each in function.parameters
        if each.annotation
    ]
    header = " ".join(function.source.partition('"""')[0].split())
    raising = [each for each in projects.outcomes(function) if "raises" in each]
    return {
        "fn": function.name, "path": function.path, "line": str(function.line),
        "doc": " ".join(function.doc.split()),
        "plain": ", ".join(each.arg for each in function.parameters),
        "parameters": joined(shown) if shown else "no arguments", "returns": function.returns,
        "header": header, "results": joined(projects.outcomes(function)) or "returns nothing",
        "raising": joined(raising) if raising else "",
    }  # fmt: skip


def pick(session: Session, project: Project) -> Function:
    """One of the project's functions."""
    return session.random.choice(functions(project.files))


def read_function(
    session: Session, slots: dict[str, str], project: Project, *, end: float = 0.35
) -> dict[str, str] | None:
    """Find and read {fn}, the whole file or its lines; what it shows, as slots."""
    r = session.random
    name = slots["fn"]
    way = r.random()
    if way < 0.3:
        paths = shuffled(r, project.modules)
        found = read_all(session, slots, paths, end=end)
        texts_read = found
    else:
        path = locate(session, slots, name, rf"def {name}\b")
        if way < 0.55:
            function = next(each for each in functions(project.files) if each.name == name)
            span = {"start_line": function.line, "end_line": function.end}
            saying = perhaps(session, texts.READ, slots | {"path": path})
            part = look(session, [("read_file", {"path": path, **span})], saying, end=end)
            lines = "\n" * (function.line - 1)
            texts_read = {path: lines + part[0] + "\n"} if part else None
        else:
            text = read(session, slots, path, end=end)
            texts_read = {path: text} if text else None
    if texts_read is None:
        return None
    return described(next(each for each in functions(texts_read) if each.name == name))


def function_meaning(session: Session) -> None:
    """What a function does and returns."""
    project, slots = start(session)
    slots["fn"] = pick(session, project).name
    opening(session, texts.ASK["function"], ["read_file", "search"], slots, texts.TAILS)
    if shown := read_function(session, slots, project):
        session.say(words(session, texts.ANSWER["function"], slots | shown))


def function_raises(session: Session) -> None:
    """Which errors a function raises, or that it raises none."""
    project, slots = start(session)
    raising = [each for each in functions(project.files) if "raise " in each.source]
    chosen = pick(session, project)
    if raising and session.random.random() < 0.7:
        chosen = session.random.choice(raising)
    slots["fn"] = chosen.name
    opening(session, texts.ASK["raises"], ["read_file", "search"], slots, texts.TAILS)
    if shown := read_function(session, slots, project):
        kind = "raises" if shown["raising"] else "no_raise"
        session.say(words(session, texts.ANSWER[kind], slots | shown))


def function_signature(session: Session) -> None:
    """How a function is called."""
    project, slots = start(session)
    slots["fn"] = pick(session, project).name
    opening(session, texts.ASK["signature"], ["read_file", "search"], slots, texts.TAILS)
    if shown := read_function(session, slots, project):
        session.say(words(session, texts.ANSWER["signature"], slots | shown))


def outcome_of_call(session: Session) -> None:
    """What a call gives: the code is read, then run."""
    project, slots = start(session)
    r = session.random
    known = projects.examples(project)
    if not known:
        known = [(pick(session, project), "", "")]
    function, call, expected = r.choice(known)
    if not call:
        function_meaning_of(session, project, slots | {"fn": function.name})
        return
    slots |= {"fn": function.name, "call": call}
    opening(session, texts.ASK["outcome"], ["read_file", "run_python", "search"], slots)
    shown = read_function(session, slots, project, end=0.1)
    if shown is None:
        return
    run = f"from {projects.module_name(function.path)} import {function.name}\n\nprint({call})\n"
    run = run.replace(f"print({call})", f"print(repr({call}))")
    saying = perhaps(session, ("I'll run it to be sure.", "Let me check that by running it.",
        "Now the call itself.", "I'll confirm it with a call.", "Let me try `{call}`.",
        "The code is clear; I'll still run it.", "Running the call."), slots)  # fmt: skip
    result = look(session, [("run_python", {"code": run})], saying, end=0.3)
    if result:
        slots["value"] = result[0]
        session.say(words(session, texts.ANSWER["outcome"], slots | shown))


def function_meaning_of(session: Session, project: Project, slots: dict[str, str]) -> None:
    """As `function_meaning`, for a function that is given."""
    opening(session, texts.ASK["function"], ["read_file", "search"], slots, texts.TAILS)
    if shown := read_function(session, slots, project):
        session.say(words(session, texts.ANSWER["function"], slots | shown))


def constant_value(session: Session) -> None:
    """The value of a constant, and where it is set."""
    project, slots = start(session)
    constant = session.random.choice(projects.constants(project.files))
    slots["const"] = constant.name
    opening(session, texts.ASK["constant"], ["read_file", "search"], slots, texts.TAILS)
    if session.random.random() < 0.5:
        path = locate(session, slots, constant.name, rf"^{constant.name}\b")
        text = read(session, slots, path)
        found = {path: text} if text else None
    else:
        if "/" in constant.path:
            folder = constant.path.rpartition("/")[0]
            saying = perhaps(session, texts.LIST, slots)
            look(session, [("list_directory", {"path": folder})], saying)
        found = read_all(session, slots, shuffled(session.random, project.modules))
    if found:
        here = next(each for each in projects.constants(found) if each.name == constant.name)
        slots |= {"path": here.path, "line": str(here.line), "value": here.value}
        session.say(words(session, texts.ANSWER["constant"], slots))


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
    opening(session, texts.ASK["two_constants"], ["read_file", "search"], slots, texts.TAILS)
    if r.random() < 0.6:
        saying = perhaps(session, texts.SEARCH, slots | {"target": f"{one.name}|{two.name}"})
        look(session, [("search", {"pattern": f"^({one.name}|{two.name}) ="})], saying)
    else:
        saying = perhaps(session, texts.LIST, slots)
        look(session, [("list_directory", {"path": one.path.rpartition("/")[0] or "."})], saying)
    paths = list(dict.fromkeys((one.path, two.path)))
    found = read_all(session, slots, paths)
    if found:
        read_now = {each.name: each for each in projects.constants(found)}
        for place, name in (("one", one.name), ("two", two.name)):
            here = read_now[name]
            slots |= {f"value_{place}": here.value, f"path_{place}": here.path}
            slots[f"line_{place}"] = str(here.line)
        session.say(words(session, texts.ANSWER["two_constants"], slots))


def defining_module(session: Session) -> None:
    """Which module defines a name: all of them are read."""
    project, slots = start(session)
    r = session.random
    names = [*functions(project.files), *projects.constants(project.files)]
    thing = r.choice(names)
    slots["thing"] = thing.name
    opening(session, texts.ASK["defined"], ["read_file", "list_directory"], slots, texts.TAILS)
    folder = thing.path.rpartition("/")[0]
    for place in [".", folder] if folder else ["."]:
        saying = perhaps(session, texts.LIST, slots)
        look(session, [("list_directory", {"path": place})], saying)
    found = read_all(session, slots, shuffled(r, project.modules))
    if found:
        known = [*functions(found), *projects.constants(found)]
        here = next(each for each in known if each.name == thing.name)
        text = found[here.path].splitlines()[here.line - 1]
        importing = f"from {projects.module_name(here.path)} import {here.name}"
        slots |= {"path": here.path, "line": str(here.line), "text": text, "importing": importing}
        session.say(words(session, texts.ANSWER["defined"], slots))


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
    opening(session, texts.ASK["imports"], ["read_file"], slots, texts.TAILS)
    found = read_all(session, slots, shuffled(session.random, [one, two]))
    if found:
        names = only(rf"^from {projects.module_name(two)} import (.*)$", found[one]).split(", ")
        details = []
        for each in [*functions(found), *projects.constants(found)]:
            if each.name in names and each.path == two:
                is_function = isinstance(each, Function)
                said = f"has the docstring \"{' '.join(each.doc.split())}\"" if isinstance(each, Function) else f"is `{each.value}`"
                details.append(f"{'the function ' if is_function else ''}`{each.name}` {said}")
        slots |= {"names": code(names), "details": joined(details).rstrip(".")}
        session.say(words(session, texts.ANSWER["imports"], slots))


def part_of_file(session: Session) -> None:
    """What stands at certain lines: only these are read."""
    project, slots = start(session)
    r = session.random
    function = pick(session, project)
    line = r.randint(function.line, function.end)
    slots |= {"path": function.path, "line": str(line)}
    slots |= {"start": str(function.line), "end": str(function.end)}
    opening(session, texts.ASK["part"], ["read_file"], slots, texts.TAILS)
    asked = session.messages[-1]["content"]
    known = str(function.end) in re.findall(r"\d+", asked) and slots["start"] in asked
    length = len(project.files[function.path].splitlines())
    first = function.line if known else max(1, line - r.randint(12, 18))
    last = function.end if known else min(length, line + r.randint(12, 18))
    call = ("read_file", {"path": function.path, "start_line": first, "end_line": last})
    saying = perhaps(session, texts.READ, slots)
    if result := look(session, [call], saying, end=0.3):
        if f"def {function.name}(" not in result[0]:
            raise AssertionError(f"{function.name} is not in {result[0]!r}")
        session.say(words(session, texts.ANSWER["part"], slots | described(function)))


def tested_functions(session: Session) -> None:
    """Which functions of a module the tests call: both files are read together."""
    project, slots = start(session)
    path = session.random.choice(project.modules)
    slots |= {"path": path, "tests": project.tests}
    opening(session, texts.ASK["tested"], ["read_file"], slots, texts.TAILS)
    found = read_all(session, slots, shuffled(session.random, [path, project.tests]))
    if found:
        names = [each.name for each in functions({path: found[path]})]
        names = names or re.findall(r"^class (\w+)", found[path], re.MULTILINE)
        called = [name for name in names if re.search(rf"\b{name}\(", _body(found[project.tests]))]
        missing = [name for name in names if name not in called]
        kind = "some_untested" if called else "none_tested"
        slots |= {"tested": code(called) if called else "", "missing": code(missing) if missing else ""}
        session.say(words(session, texts.ANSWER[kind if missing else "all_tested"], slots))


def _body(tests: str) -> str:
    """Tests without the lines that define them: their names hold those of functions."""
    return re.sub(r"^def .*$", "", tests, flags=re.MULTILINE)


SCENARIOS = (
    function_meaning,
    outcome_of_call,
    constant_value,
    defining_module,
    function_raises,
    two_constants,
    imports_between,
    part_of_file,
    tested_functions,
    function_signature,
)
