"""The family `committing`: changes are made, looked at, and committed.

Not covered: branches and the history; the tools offer neither.
"""

import re

from datagen.families.committing.changes import draw_change
from datagen.families.committing.texts import texts
from datagen.families.searching.texts import texts as searching_texts
from datagen.patches import diff
from datagen.phrasing import (
    about,
    counted,
    joined,
    look,
    only,
    opening,
    perhaps,
    words,
)
from datagen.session import Call, Session
from datagen.worlds import documents, projects
from datagen.worlds.projects import Project


def start(session: Session) -> tuple[Project, dict[str, str]]:
    """Draw a project and make it a repository with one commit."""
    r = session.random
    project = projects.draw(r)
    path, text = documents.settings_file(r, project)
    page, _ = documents.readme(r, project, 3)
    files = {**project.files, path: text, "README.md": page}
    session.files(files)
    session.repository()
    return project, files


def write(session: Session, path: str, text: str) -> None:
    """The user changes a file after the first commit."""
    full = session.bench.path(path)
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_text(text, encoding="utf-8")
    session.initial[f"{path} (changed)"] = text


def status(session: Session, *, end: float = 0.0) -> str | None:
    """Look at the status."""
    result = look(session, [("git_status", {})], perhaps(session, texts.status, {}), end=end)
    return result[0] if result else None


def show_diff(session: Session, path: str = "", *, end: float = 0.0) -> str | None:
    """Look at the diff, of one file or of all."""
    arguments = {"path": path} if path else {}
    result = look(session, [("git_diff", arguments)], perhaps(session, texts.diff, {}), end=end)
    return result[0] if result else None


def both(session: Session) -> str:
    """Look at status and diff in one turn; returns the diff."""
    calls: list[Call] = [("git_status", {}), ("git_diff", {})]
    result = look(session, calls, perhaps(session, texts.status, {}))
    return result[1] if result else ""


def commit(session: Session, slots: dict[str, str]) -> None:
    """Commit with {message}, and say so."""
    saying = perhaps(session, texts.message, slots)
    result = look(session, [("git_commit", {"message": slots["message"]})], saying, end=0.4)
    if result:
        slots |= {"commit": only(r"^\[main (\w+)\]", result[0])}
        slots |= {"files": only(r"^(\d+ files?) changed$", result[0])}
        session.say(words(session, texts.committed, slots))


def changes_of(result: str) -> str:
    """What a diff does, as a sentence that counts its lines by file."""
    said = []
    for part in result.split("diff --git ")[1:]:
        path = only(r"^\+\+\+ b/(.*)$", part)
        plus = re.findall(r"^\+(?!\+\+ )(.*)$", part, re.MULTILINE)
        minus = re.findall(r"^-(?!-- )(.*)$", part, re.MULTILINE)
        if len(plus) == len(minus) == 1:
            said.append(f"In {path}, `{minus[0].strip()}` becomes `{plus[0].strip()}`.")
        else:
            lines = [f"{counted(len(plus), 'new line')}"] if plus else []
            lines += [f"{counted(len(minus), 'removed line')}"] if minus else []
            if len(plus) == 1 and not minus:
                said.append(f"{path} has 1 new line, `{plus[0].strip()}`.")
                continue
            first = next((line for line in plus if line.strip()), "").strip()
            said.append(
                f"{path} has {joined(lines)}" + (f", beginning with `{first}`." if first else ".")
            )
    return " ".join(said)


def change_and_commit(session: Session) -> None:
    """A small change is made, looked at and committed."""
    r = session.random
    project, files = start(session)
    change = draw_change(r, project, files)
    slots = about(project) | {
        "task": change.task,
        "did": change.did,
        "path": change.path,
        "message": change.message,
    }
    opening(session, texts.change, ["read_file", "apply_patch", "git_commit", "git_diff"], slots)
    if r.random() < 0.25:
        status(session)
    if change.path not in change.task:
        name = only(r"`(\w+)`", change.task)
        saying = perhaps(session, texts.search, slots | {"target": name})
        look(session, [("search", {"pattern": rf"^{name}\b"})], saying)
    look(session, [("read_file", {"path": change.path})], perhaps(session, texts.read, slots))
    patch = diff(change.path, change.old, change.new)
    if not look(
        session, [("apply_patch", {"patch": patch})], perhaps(session, texts.patch, slots), end=0.1
    ):
        return
    asked = session.messages[1 if session.messages[0]["role"] == "system" else 0]["content"]
    if "diff" in asked or r.random() < 0.4:
        show_diff(session, change.path if r.random() < 0.5 else "")
    commit(session, slots)


def commit_existing(session: Session) -> None:
    """The user's changes are looked at, and committed with a message that fits them."""
    r = session.random
    project, files = start(session)
    change = draw_change(r, project, files)
    write(session, change.path, change.new)
    slots = about(project) | {"place": change.path, "message": change.message, "did": change.did}
    opening(session, texts.commit, ["git_status", "git_diff", "git_commit"], slots)
    order = r.random()
    if order < 0.25:
        found: str | None = both(session)
    else:
        if order < 0.8:
            mark = status(session)
            if mark != f" M {change.path}":
                raise AssertionError(f"unexpected status: {mark}")
        found = show_diff(session, change.path if r.random() < 0.3 else "", end=0.1)
    if found is None:
        return
    if not changes_of(found):
        raise AssertionError(f"no changes in {found!r}")
    commit(session, slots)


def uncommitted_work(session: Session) -> None:
    """What is changed and new since the last commit."""
    r = session.random
    project, files = start(session)
    change = draw_change(r, project, files)
    write(session, change.path, change.new)
    if r.random() < 0.5:
        script = f"{r.choice(searching_texts.scripts)}.py"
        write(session, script, f'print("{r.choice(searching_texts.messages)}")\n')
    slots = about(project)
    opening(session, texts.uncommitted, ["git_status", "git_diff"], slots)
    found = status(session, end=0.25)
    if found is None:
        return
    entries = {line[3:]: line[:2] for line in found.splitlines()}
    changes = ""
    if r.random() < 0.6:
        shown = show_diff(session, end=0.15)
        if shown is None:
            return
        changes = changes_of(shown)
    kinds = {" M": "changed", "??": "new and not tracked yet"}
    listed = joined([f"{path} is {kinds[mark]}" for path, mark in entries.items()])
    slots |= {"list": listed, "count": counted(len(entries), "file"), "changes": changes}
    session.say(words(session, texts.open, slots).strip())


def review_of_diff(session: Session) -> None:
    """A diff is read before the user commits; some hold what should not stay."""
    r = session.random
    project, files = start(session)
    change = draw_change(r, project, files)
    new = change.new
    leftover = ""
    if change.path.endswith(".py") and r.random() < 0.6:
        spot = r.choice(
            [line for line in new.splitlines() if line.startswith("    return ")] or [""]
        )
        leftover = r.choice((
            'print("here")', 'print("DEBUG", locals())', "# TODO: remove this", "breakpoint()",
            'print("xxx")', "# FIXME: ask again", 'print("got to this line")', "# temporary!",
        ))  # fmt: skip
        if spot:
            new = new.replace(spot, f"    {leftover}\n{spot}", 1)
        else:
            leftover = ""
    write(session, change.path, new)
    slots = about(project) | {"message": change.message}
    opening(session, texts.review, ["git_diff", "read_file"], slots)
    way = r.random()
    if way < 0.3:
        status(session)
    found = both(session) if way > 0.8 else show_diff(session, end=0.35)
    if found is None:
        return
    slots["changes"] = changes_of(found)
    if leftover:
        only(rf"^\+ *({re.escape(leftover)})$", found)
        slots["leftover"] = f"the line `{leftover}` in {change.path}"
    session.say(words(session, texts.leftover if leftover else texts.fine, slots))


def nothing_changed(session: Session) -> None:
    """There is nothing to commit, and no commit is made."""
    r = session.random
    project, files = start(session)
    slots = about(project) | {"place": r.choice(list(files))}
    asked = r.random() < 0.3
    request = texts.uncommitted if asked else texts.commit
    opening(session, request, ["git_status", "git_commit"], slots)
    found = status(session)
    if found != "nothing to commit":
        raise AssertionError(f"something is changed: {found}")
    session.say(words(session, texts.clean if asked else texts.no_commit, slots))


SCENARIOS = (
    change_and_commit,
    commit_existing,
    uncommitted_work,
    review_of_diff,
    nothing_changed,
)
