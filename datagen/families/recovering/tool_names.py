"""Rows of the family `recovering` in which a tool is called that is not there.

Not covered: tools that are called with wrong arguments (`arguments`).
"""

from datagen.families.recovering import projects
from datagen.families.recovering.places import python_files
from datagen.families.recovering.talk import (
    answer,
    fail,
    joined,
    only,
    opening,
    perhaps,
    places,
    retry,
    summary,
)
from datagen.families.recovering.texts import texts
from datagen.session import Session


def unknown_tool(session: Session) -> None:
    """A tool is called that is not there; one that is there can do it, or part of it."""
    r = session.random
    project = projects.draw(r)
    code, slots = project.code, project.slots()
    session.files(python_files(project))
    tool = r.choice(list(texts.tool_names))
    name = r.choice(texts.tool_names[tool])
    slots |= {
        "name": name, "tool": tool, "folder": f"{project.domain.package}/", "pattern": code.constant,
        "target": project.path,
        "message": f"{r.choice(('Adjust', 'Revise', 'Update'))} {code.constant}",
    }  # fmt: skip
    if tool == "push":
        session.repository()
        changed = code.source.replace(f"{code.constant} =", f"# reviewed\n{code.constant} =")
        session.files({project.path: changed})
        opening(session, "push", ["git_status", "git_commit"], slots)
        told = session.call("git_status", {}, saying="")
        only(rf"^ M ({project.path})$", told)
        fail(session, (name, {"message": slots["message"]}), "unknown tool")
        told2 = retry(session, "no_push", ("git_commit", {"message": slots["message"]}), slots)
        if told2:
            answer(session, "no_push", slots | {"commit": only(r"^\[main (\w+)\]", told2)})
        return
    program = f"from {project.domain.package}.{code.module} import {code.function}\n\nprint({code.example})"
    folder = {"path": project.domain.package}
    calls = {
        "search": ("word", {"pattern": code.constant}, {"query": code.constant}, "search"),
        "read_file": ("constant", {"path": project.path}, {"file": project.path}, "read"),
        "list_directory": ("listing", folder, folder, "list"),
        "run_tests": (
            "test_file",
            {"path": project.test_path},
            {"args": project.test_path},
            "test",
        ),
        "run_python": ("evaluate", {"code": program}, {"command": code.example}, "run"),
    }
    ask, good, bad, saying = calls[tool]
    if ask == "constant":
        slots["module"] = project.path
    others = r.sample(["git_status", "write_file", "git_diff", "http_request"], 2)
    need = "path" if ask == "evaluate" else ""
    opening(session, ask, [tool, *others], slots, need=need)
    fail(session, (name, dict(bad)), "unknown tool", perhaps(session, saying, slots))
    result = retry(session, "unknown", (tool, dict(good)), slots)
    if result is None:
        return
    if tool == "search":
        answer(session, "places", places(result))
    elif tool == "read_file":
        answer(session, "constant", slots | {"value": only(rf"^{code.constant} = (.*)$", result)})
    elif tool == "list_directory":
        names = result.splitlines()
        count = "1 entry" if len(names) == 1 else f"{len(names)} entries"
        answer(session, "listing", slots | {"names": joined(names), "count": count})
    elif tool == "run_tests":
        answer(session, "tests", slots | {"summary": summary(result)})
    else:
        answer(session, "evaluate", slots | {"value": result})
