"""Rows of the family `recovering` in which the arguments of a call do not fit the tool's schema.

Not covered: failures of calls whose arguments fit.
"""

import json
import re
from typing import Any

from datagen.families.recovering import apps, projects
from datagen.families.recovering.talk import (
    answer,
    counted,
    fail,
    joined,
    only,
    opening,
    perhaps,
    places,
    retry,
)
from datagen.session import Session


def _reason(result: str, tool: str) -> str:
    return result.removeprefix(f"Error: invalid arguments for {tool}: ").removeprefix("$.")


def _again(
    session: Session,
    tool: str,
    bad: dict[str, Any],
    good: dict[str, Any],
    form: str,
    saying: str,
    slots: dict[str, str],
) -> str | None:
    """The malformed call, then the right one; `form` says what is right about it."""
    result = fail(session, (tool, bad), "invalid arguments", perhaps(session, saying, slots))
    reason = _reason(result, tool)
    return retry(session, "schema", (tool, good), slots | {"reason": reason, "good": form})


def wrong_arguments(session: Session) -> None:
    """An argument of the wrong type, or a value that is not among the allowed ones."""
    kinds = (
        _line_as_text,
        _method_in_lower_case,
        _body_as_text,
        _list_of_keywords,
        _content_as_object,
    )
    session.random.choice(kinds)(session)


def missing_arguments(session: Session) -> None:
    """A required argument is not there, or under another name."""
    kinds = (_pattern_elsewhere, _no_message, _path_elsewhere, _code_elsewhere)
    session.random.choice(kinds)(session)


def _project(session: Session) -> tuple[projects.Project, dict[str, str]]:
    project = projects.draw(session.random)
    session.files({project.path: project.code.source, project.test_path: project.tests})
    slots = project.slots() | {"target": project.path, "pattern": project.code.constant}
    return project, slots


def _line_as_text(session: Session) -> None:
    r = session.random
    project, slots = _project(session)
    lines = project.code.source.splitlines()
    start = r.choice([1, 3, 6])
    end = r.randint(max(start + 1, 6), len(lines))
    slots |= {"start": str(start), "end": str(end)}
    opening(session, "lines", ["read_file"], slots)
    bad: dict[str, Any] = {"path": project.path, "start_line": start, "end_line": end}
    bad[r.choice(("start_line", "end_line"))] = str(start if r.random() < 0.5 else end)
    if r.random() < 0.3:
        bad |= {"start_line": str(start), "end_line": str(end)}
    good = {"path": project.path, "start_line": start, "end_line": end}
    text = _again(session, "read_file", bad, good, "whole numbers as line numbers", "read", slots)
    if text is None:
        return
    names = re.findall(r"^def (\w+)|^([A-Z_]+) =", text, re.MULTILINE)
    found = [f"`{one or other}`" for one, other in names]
    first = next(line for line in text.splitlines() if line).strip()
    answer(session, "lines", slots | {"first": first, "names": joined(found) if found else "none"})


def _method_in_lower_case(session: Session) -> None:
    project, slots = _project(session)
    app = apps.flask_app(project.domain, session.random)
    route = f"{app.prefix}/{project.domain.items}"
    session.files({"app.py": app.source})
    slots |= {"route": route}
    opening(session, "get_list", ["http_request"], slots)
    bad = {"method": "get", "path": route}
    form = "the method in capitals, GET"
    told = _again(session, "http_request", bad, bad | {"method": "GET"}, form, "request", slots)
    if told is None:
        return
    status, _, body = told.partition("\n")
    rows = json.loads(body)
    count = f"{len(rows)} {project.domain.item if len(rows) == 1 else project.domain.items}"
    answer(session, "get_list", slots | {"status": status.rpartition(" ")[0], "count": count})


def _body_as_text(session: Session) -> None:
    r = session.random
    project, slots = _project(session)
    d = project.domain
    app = apps.flask_app(d, r)
    session.files({"app.py": app.source})
    body = {d.label: r.choice(d.names), d.measure: r.randint(2, 200)}
    route = f"{app.prefix}/{d.items}"
    slots |= {"route": route, "name": str(body[d.label]), "number": str(body[d.measure])}
    opening(session, "post", ["http_request", "search"], slots)
    call = {"method": "POST", "path": route}
    if "{route}" and route not in session.messages[-1]["content"]:
        found = session.call(
            "search",
            {"pattern": "@app", "path": "app.py"},
            saying=perhaps(session, "search", slots),
        )
        only(rf'post\("({route})"\)', found)
    good = call | {"json": body}
    bad = call | {"json": json.dumps(body)}
    told = _again(session, "http_request", bad, good, "the body as an object", "request", slots)
    if told is None:
        return
    status, _, text = told.partition("\n")
    status = status.rpartition(" ")[0]
    answer(session, "post", slots | {"status": status, "number": str(json.loads(text)["id"])})


def _list_of_keywords(session: Session) -> None:
    project, slots = _project(session)
    name = f"test_{session.random.choice(project.code.test_names)}"
    slots |= {"test": name}
    opening(session, "test_keyword", ["run_tests"], slots)
    good = {"keyword": name}
    told = _again(
        session, "run_tests", {"keyword": [name]}, good, "the name as plain text", "test", slots
    )
    if told is not None:
        answer(
            session, "tests", slots | {"summary": only(r"^(1 passed.*)$", told), "test_path": name}
        )


def _content_as_object(session: Session) -> None:
    r = session.random
    project, slots = _project(session)
    values = projects.settings(project.domain, r)
    key = r.choice(list(values))
    folder, stem = (
        r.choice(("config", "fixtures", "samples")),
        r.choice(("extra", "local", "override", key)),
    )
    target = f"{folder}/{stem}.json"
    slots |= {"key": key, "value": json.dumps(values[key]), "target": target}
    opening(session, "write_json", ["write_file"], slots)
    bad = {"path": target, "content": {key: values[key]}}
    good = {"path": target, "content": json.dumps({key: values[key]}, indent=2) + "\n"}
    told = _again(session, "write_file", bad, good, "the content as text", "write", slots)
    if told is not None:
        only(rf"^Created ({target}) ", told)
        answer(session, "written", slots)


def _pattern_elsewhere(session: Session) -> None:
    r = session.random
    _, slots = _project(session)
    opening(session, "word", ["search"], slots)
    pattern = slots["constant"]
    bad = r.choice(({"query": pattern}, {"regex": pattern}, {"text": pattern}, {"path": "."}))
    told = _again(session, "search", dict(bad), {"pattern": pattern}, "`pattern`", "search", slots)
    if told is not None:
        answer(session, "places", places(told))


def _no_message(session: Session) -> None:
    r = session.random
    project, slots = _project(session)
    session.repository()
    source = project.code.source
    session.files(
        {
            project.path: source.replace(
                '"""\n', f'"""\n\n# {project.domain.unit}: see the contract\n', 1
            )
        }
    )
    verb = r.choice(("Note the unit of", "Explain the unit of", "Comment on", "Document"))
    message = f"{verb} {project.code.constant}"
    slots |= {"message": message}
    opening(session, "commit", ["git_commit", "git_status"], slots)
    if r.random() < 0.5:
        told = session.call("git_status", {})
        only(rf"^ M ({project.path})$", told)
    bad = r.choice(({}, {"msg": message}, {"text": message}, {"title": message}))
    told2 = _again(
        session, "git_commit", dict(bad), {"message": message}, "`message`", "commit", slots
    )
    if told2 is not None:
        answer(session, "commit", slots | {"commit": only(r"^\[main (\w+)\]", told2)})


def _path_elsewhere(session: Session) -> None:
    r = session.random
    project, slots = _project(session)
    code = project.code
    if r.random() < 0.5:
        slots |= {"module": project.path}
        opening(session, "constant", ["read_file"], slots)
        bad = {r.choice(("file", "filename", "file_path", "name")): project.path}
        told = _again(session, "read_file", bad, {"path": project.path}, "`path`", "read", slots)
        if told is not None:
            answer(session, "constant", slots | {"value": only(rf"^{code.constant} = (.*)$", told)})
        return
    slots |= {"folder": project.domain.package}
    opening(session, "listing", ["list_directory"], slots)
    bad = r.choice(({}, {"folder": project.domain.package}, {"directory": project.domain.package}))
    good = {"path": project.domain.package}
    told = _again(session, "list_directory", dict(bad), good, "`path`", "list", slots)
    if told is not None:
        names = told.splitlines()
        count = counted(len(names), "file")
        answer(session, "listing", slots | {"names": joined(names), "count": count})


def _code_elsewhere(session: Session) -> None:
    r = session.random
    project, slots = _project(session)
    code = project.code
    opening(session, "evaluate", ["run_python"], slots, need="path")
    program = f"from {project.domain.package}.{code.module} import {code.function}\n\nprint({code.example})"
    bad = {r.choice(("script", "source", "program", "python")): program}
    told = _again(session, "run_python", bad, {"code": program}, "`code`", "run", slots)
    if told is not None:
        answer(session, "evaluate", slots | {"value": told})
