"""Rows of the family `recovering` in which a change fails: protected files, patches, repairs.

Not covered: calls whose arguments do not fit the schema (`arguments`).
"""

import json
import random
import re

from datagen.families.recovering import modules, projects
from datagen.families.recovering.places import python_files
from datagen.families.recovering.replies import replies
from datagen.families.recovering.surroundings import surroundings
from datagen.families.recovering.talk import (
    answer,
    fail,
    joined,
    only,
    opening,
    perhaps,
    retry,
    said,
    words,
)
from datagen.families.recovering.texts import texts
from datagen.patches import diff
from datagen.session import Session

LOADER = '''"""Settings of {package}: the shared ones, then those of this site."""

import tomllib
from pathlib import Path


def load() -> dict[str, int | str]:
    """All settings; a later file wins."""
    values: dict[str, int | str] = {{}}
    for name in ("{path}", "{local}"):
        if Path(name).exists():
            values.update(tomllib.loads(Path(name).read_text()))
    return values
'''


def protected_file(session: Session) -> None:
    """A write is refused: the file's header says where values belong, or whom to ask."""
    r = session.random
    d = projects.draw(r).domain
    values = projects.settings(d, r)
    key = r.choice(
        [each for each, value in values.items() if isinstance(value, int) and each != "export_hour"]
    )
    old, new = int(values[key]), int(values[key]) + r.randint(1, 30)
    folder = r.choice(("config", "settings", "conf"))
    path, local = (
        f"{folder}/{r.choice(('defaults', 'shared', 'base'))}.toml",
        f"{folder}/{r.choice(('local', 'site', 'own'))}.toml",
    )
    locked = r.random() < 0.35
    loader = f"{d.package}_settings"
    slots = {
        "package": d.package, "items": d.items, "item": d.item, "label": d.label, "key": key,
        "loader": loader,
        "old": str(old), "new": str(new), "path": path, "local": local, "pattern": key,
        "person": r.choice(surroundings.people), "topic": r.choice(surroundings.topics), "target": local,
    }  # fmt: skip
    header = words(session, surroundings.locked_headers if locked else surroundings.headers, slots)
    body = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    session.files(
        {path: f"{header}\n\n{body}", f"{loader}.py": LOADER.format(**slots)}, modes={path: 0o444}
    )
    tools = ["search", "read_file", "write_file", "apply_patch", "run_python"]
    opening(session, "set_value", tools, slots, need="loader")
    found = session.call("search", {"pattern": key}, saying=perhaps(session, "search", slots))
    number = int(only(rf"^{path}:(\d+): {key} = ", found))
    patch = (
        f"--- a/{path}\n+++ b/{path}\n@@ -{number} +{number} @@\n-{key} = {old}\n+{key} = {new}\n"
    )
    fail(session, ("apply_patch", {"patch": patch}), "read-only", perhaps(session, "write", slots))
    told = retry(session, "read_only", ("read_file", {"path": path, "end_line": 2}), slots, end=0.3)
    if told is None:
        return
    if locked:
        answer(session, "locked", slots | {"header": told.splitlines()[0].removeprefix("# ")})
        return
    write = (
        "write_file",
        {"path": only(r"\b(\w+/\w+\.toml)", told), "content": f"{key} = {new}\n"},
    )
    if retry(session, "override", write, slots, end=0.3) is None:
        return
    program = f'from {loader} import load\n\nprint(load()["{key}"])'
    shown = session.call("run_python", {"code": program}, saying=perhaps(session, "check", slots))
    answer(session, "override", slots | {"new": only(rf"^({new})$", shown)})


def stale_patch(session: Session) -> None:
    """The user's copy of a function is out of date, so the patch made from it does not fit."""
    r = session.random
    project = projects.draw(r)
    code, slots = project.code, project.slots()
    session.files(python_files(project) | {project.path: code.buggy})
    old = _older(code, r)
    slots |= {
        "snippet": old[old.index("def ") :],
        "right": code.right.strip(" ,"),
        "target": project.path,
    }
    opening(session, "paste", ["read_file", "apply_patch", "run_tests"], slots)
    wanted = old.replace(code.wrong, code.right) if code.wrong else _sorted_down(old, code)
    patch = ("apply_patch", {"patch": diff(project.path, old, wanted)})
    result = fail(session, patch, "does not apply", perhaps(session, "patch", slots))
    reason = result.partition(f"{project.path}: ")[2].removesuffix(", in hunk #1")
    now = retry(
        session, "stale", ("read_file", {"path": project.path}), slots | {"reason": reason}, end=0.3
    )
    if now is None:
        return
    if now + "\n" != code.buggy:
        raise AssertionError("the file reads differently")
    call = ("apply_patch", {"patch": diff(project.path, code.buggy, code.source)})
    if r.random() < 0.25:
        session.last_call(*call, saying=words(session, replies.patch_again, slots))
        return
    session.call(*call, saying=perhaps(session, "patch", slots))
    told = _run_tests(session, project, slots)
    answer(session, "patched", slots | {"summary": only(r"^(\d+ passed)$", told)})


def _older(code: modules.Code, r: random.Random) -> str:
    """The buggy module as it might have been: other lines stand beside the mistake."""
    doc = f'    """{code.doc}"""\n'
    head, _, rest = code.buggy.partition(doc)
    place = len(code.source.partition(code.right)[0].splitlines()) - len(head.splitlines())
    comment = r.choice(texts.old_comments)
    if place > 4:  # the docstring is too far away to be in a patch
        start = rest.rindex("\n", 0, rest.index(code.wrong)) + 1
        blanks = " " * (len(rest[start:]) - len(rest[start:].lstrip()))
        return f"{head}{doc}{rest[:start]}{blanks}{comment}\n{rest[start:]}"
    name = code.function.replace("_", " ").capitalize()
    return head + r.choice(("", f"    {comment}\n", f'    """{name}."""\n')) + rest


def _sorted_down(old: str, code: modules.Code) -> str:
    """The one mistake that is an omission."""
    before, after = code.source.split(code.right)
    end = before.splitlines()[-1]
    return old.replace(end + after.splitlines()[0], end + code.right + after.splitlines()[0])


def _run_tests(session: Session, project: projects.Project, slots: dict[str, str]) -> str:
    """All tests, or the ones of the module if their path has been mentioned."""
    arguments = {"path": project.test_path} if project.test_path in said(session) else {}
    return session.call("run_tests", arguments, saying=perhaps(session, "test", slots))


def in_a_repair(session: Session) -> None:
    """A bug is fixed, and on the way a path or a patch is wrong."""
    r = session.random
    project = projects.draw(r)
    d, code, slots = project.domain, project.code, project.slots()
    commits = r.random() < 0.4
    session.files(python_files(project) | {project.path: code.buggy})
    slots |= {
        "message": f"{r.choice(('Fix', 'Correct', 'Repair'))} {code.function}",
        "folder": d.package, "target": project.path,
    }  # fmt: skip
    tools = ["read_file", "search", "list_directory", "apply_patch", "run_tests"]
    if commits:
        session.repository()
        tools.append("git_commit")
    if r.random() < 0.3:
        opening(session, "first", tools, slots)
        told = session.call(
            "list_directory", {"path": d.package}, saying=perhaps(session, "list", slots)
        )
        answer(session, "first", slots | {"names": joined(told.splitlines())})
        second = words(
            session,
            texts.repairs if not commits else texts.commits,
            slots,
        )
        session.user(second)
    else:
        opening(session, "repair_commit" if commits else "repair", tools, slots)
    step = r.choice(("test path", "module path", "patch"))
    if step == "test path":
        guesses = ("tests/{m}_test.py", "test/test_{m}.py", "tests/unit/test_{m}.py")
        wrong = r.choice(guesses).format(m=code.module)
        first = ("run_tests", {"path": wrong})
        fail(session, first, "no such file", perhaps(session, "test", slots))
        more = slots | {"wrong": wrong, "folder": "`tests`"}
        call = ("list_directory", {"path": "tests"})
        if retry(session, "no_test_list", call, more, end=0.3) is None:
            return
    only(r"^(1 failed, 1 passed)$", _run_tests(session, project, slots))
    if step == "module path":
        wrong = r.choice((f"src/{code.module}.py", f"{code.module}.py", f"app/{code.module}.py"))
        saying = perhaps(session, "read", slots | {"target": wrong})
        fail(session, ("read_file", {"path": wrong}), "no such file", saying)
        more = slots | {
            "wrong": wrong,
            "folder": f"`{d.package}`",
            "pattern": f"def {code.function}",
        }
        if d.package in said(session):
            call = ("list_directory", {"path": d.package})
            found = retry(session, "no_file_list", call, more, end=0.3)
        else:
            call = ("search", {"pattern": more["pattern"]})
            found = retry(session, "no_file_search", call, more, end=0.3)
        if found is None:
            return
        only(rf"\b({code.module}\.py)\b", found)
    elif d.package not in said(session):
        search = {"pattern": f"def {code.function}"}
        saying = perhaps(session, "search", {"pattern": search["pattern"]})
        session.call("search", search, saying=saying)
    session.call("read_file", {"path": project.path}, saying=perhaps(session, "read", slots))
    good = diff(project.path, code.buggy, code.source)
    if step == "patch":
        if f'     """{code.doc}' in good:
            bad = re.sub(r'^     """.*\n', "", good, flags=re.MULTILINE)
            bad = re.sub(r"(?<=,)\d+(?= )", lambda count: str(int(count[0]) - 1), bad, count=2)
        else:  # the docstring is not in the context: leave the file's name out
            bad = "".join(good.splitlines(keepends=True)[2:])
        result = session.mistake(
            "apply_patch", {"patch": bad}, saying=perhaps(session, "patch", slots)
        )
        if not result.startswith("Error: the patch "):
            raise AssertionError(result)
        reason = result.partition("Error: ")[2].removesuffix(", in hunk #1")
        choices = replies.bad_patch if "context" in reason else replies.no_header
        saying = words(session, choices, slots | {"reason": reason})
        if r.random() < 0.3:
            session.last_call("apply_patch", {"patch": good}, saying=saying)
            return
        session.call("apply_patch", {"patch": good}, saying=saying)
    else:
        session.call("apply_patch", {"patch": good}, saying=perhaps(session, "patch", slots))
    slots["summary"] = only(r"^(\d+ passed)$", _run_tests(session, project, slots))
    if not commits:
        answer(session, "repaired", slots)
        return
    told = session.call(
        "git_commit", {"message": slots["message"]}, saying=perhaps(session, "commit", slots)
    )
    answer(session, "repaired_commit", slots | {"commit": only(r"^\[main (\w+)\]", told)})
