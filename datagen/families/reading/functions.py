"""The part of the family `reading` that asks what a function does.

Not covered: constants and imports (`datagen.families.reading.modules`).
"""

import re

from datagen.families.reading.steps import list_modules, locate, read_all, read_one, start
from datagen.families.reading.texts import texts
from datagen.phrasing import (
    joined,
    look,
    opening,
    perhaps,
    shuffled,
    words,
)
from datagen.session import Session
from datagen.worlds import projects
from datagen.worlds.projects import Function, Project, functions


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
        list_modules(session, slots, project)
        paths = shuffled(r, project.modules)
        found = read_all(session, slots, paths, end=end)
        texts_read = found
    else:
        path = locate(session, slots, name, rf"def {name}\b")
        if way < 0.55:
            function = next(each for each in functions(project.files) if each.name == name)
            span = {"start_line": function.line, "end_line": function.end}
            saying = perhaps(session, texts.read, slots | {"path": path})
            part = look(session, [("read_file", {"path": path, **span})], saying, end=end)
            lines = "\n" * (function.line - 1)
            texts_read = {path: lines + part[0] + "\n"} if part else None
        else:
            text = read_one(session, slots, path, end=end)
            texts_read = {path: text} if text else None
    if texts_read is None:
        return None
    return described(next(each for each in functions(texts_read) if each.name == name))


def function_meaning_of(session: Session, project: Project, slots: dict[str, str]) -> None:
    """As `function_meaning`, for a function that is given."""
    opening(session, texts.ask["function"], ["read_file", "search"], slots, texts.tails)
    if shown := read_function(session, slots, project):
        session.say(words(session, texts.answer["function"], slots | shown))


def function_meaning(session: Session) -> None:
    """What a function does and returns."""
    project, slots = start(session)
    slots["fn"] = pick(session, project).name
    opening(session, texts.ask["function"], ["read_file", "search"], slots, texts.tails)
    if shown := read_function(session, slots, project):
        session.say(words(session, texts.answer["function"], slots | shown))


def function_raises(session: Session) -> None:
    """Which errors a function raises, or that it raises none."""
    project, slots = start(session)
    raising = [each for each in functions(project.files) if "raise " in each.source]
    chosen = pick(session, project)
    if raising and session.random.random() < 0.7:
        chosen = session.random.choice(raising)
    slots["fn"] = chosen.name
    opening(session, texts.ask["raises"], ["read_file", "search"], slots, texts.tails)
    if shown := read_function(session, slots, project):
        kind = "raises" if shown["raising"] else "no_raise"
        session.say(words(session, texts.answer[kind], slots | shown))


def function_signature(session: Session) -> None:
    """How a function is called."""
    project, slots = start(session)
    slots["fn"] = pick(session, project).name
    opening(session, texts.ask["signature"], ["read_file", "search"], slots, texts.tails)
    if shown := read_function(session, slots, project):
        session.say(words(session, texts.answer["signature"], slots | shown))


def outcome_of_call(session: Session) -> None:
    """What a call gives: the code is read, then run."""
    project, slots = start(session)
    r = session.random
    known = projects.examples(project)
    if not known:
        known = [(pick(session, project), "", "")]
    function, call, _ = r.choice(known)
    if not call:
        function_meaning_of(session, project, slots | {"fn": function.name})
        return
    slots |= {"fn": function.name, "call": call}
    opening(session, texts.ask["outcome"], ["read_file", "run_python", "search"], slots)
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
        session.say(words(session, texts.answer["outcome"], slots | shown))


def part_of_file(session: Session) -> None:
    """What stands at certain lines: only these are read."""
    project, slots = start(session)
    r = session.random
    function = pick(session, project)
    line = r.randint(function.line, function.end)
    slots |= {"path": function.path, "line": str(line)}
    slots |= {"start": str(function.line), "end": str(function.end)}
    opening(session, texts.ask["part"], ["read_file"], slots, texts.tails)
    asked = session.messages[-1]["content"]
    known = str(function.end) in re.findall(r"\d+", asked) and slots["start"] in asked
    length = len(project.files[function.path].splitlines())
    first = function.line if known else max(1, line - r.randint(12, 18))
    last = function.end if known else min(length, line + r.randint(12, 18))
    call = ("read_file", {"path": function.path, "start_line": first, "end_line": last})
    saying = perhaps(session, texts.read, slots)
    if result := look(session, [call], saying, end=0.3):
        if f"def {function.name}(" not in result[0]:
            raise AssertionError(f"{function.name} is not in {result[0]!r}")
        session.say(words(session, texts.answer["part"], slots | described(function)))


SCENARIOS = (
    function_meaning,
    function_raises,
    function_signature,
    outcome_of_call,
    part_of_file,
)
