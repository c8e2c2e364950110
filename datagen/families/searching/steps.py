"""Steps that the rows of `searching` share: searching, changing what was found, checking.

Not covered: what is asked for (`datagen.families.searching`, `reports`).
"""

import re
from collections.abc import Callable, Mapping

from datagen.families.searching.texts import texts
from datagen.patches import diff
from datagen.phrasing import about, counted, joined, look, perhaps, words
from datagen.session import Call, Session
from datagen.worlds import documents, projects
from datagen.worlds.projects import Project

Slots = dict[str, str]


def start(session: Session, more: Mapping[str, str]) -> tuple[Project, Slots]:
    """Draw a project, write it with a README and more files."""
    project = projects.draw(session.random)
    page, _ = documents.readme(session.random, project, 3)
    session.files({**project.files, "README.md": page, **more})
    return project, about(project)


def places(result: str) -> dict[str, list[int]]:
    """The lines that a search names, by path."""
    found: dict[str, list[int]] = {}
    for line in result.splitlines():
        if hit := re.match(r"(.*?):(\d+): ", line):
            found.setdefault(hit[1], []).append(int(hit[2]))
    return found


def summary(result: str, noun: str = "line") -> Slots:
    """What a search's result says, as slots."""
    found = places(result)
    total = sum(map(len, found.values()))
    where = [f"{counted(len(lines), noun)} in {path}" for path, lines in found.items()]
    return {
        "count": counted(total, noun), "files": counted(len(found), "file"),
        "where": joined(where) if where else "", "paths": joined(list(found)) if found else "",
        "are": "is" if total == 1 else "are",
    }  # fmt: skip


def search(
    session: Session, slots: Slots, pattern: str, glob: str = "", *, end: float = 0.0
) -> str | None:
    """Search for a pattern; None if the row ends there.

    Only files of a kind that is known by then: a listing may show it first.
    """
    kind = glob.rpartition(".")[2]
    if kind and not session.knows(f".{kind}"):
        if session.random.random() < 0.6:
            look_at_folders(session, slots, f".{kind}")
        glob = glob if session.knows(f".{kind}") else ""
    arguments = {"pattern": pattern, **({"glob": glob} if glob else {})}
    saying = perhaps(session, texts.search, slots)
    result = look(session, [("search", arguments)], saying, end=end)
    return result[0] if result else None


def look_at_folders(session: Session, slots: Slots, kind: str) -> None:
    """List the top folder, and those in it until there is a file of the kind."""
    saying = perhaps(session, texts.list_first, slots)
    listed = look(session, [("list_directory", {"path": "."})], saying)
    for name in listed[0].splitlines() if listed else []:
        if name.endswith("/") and name != "tests/" and not session.knows(kind):
            look(session, [("list_directory", {"path": name.rstrip("/")})])


def change(session: Session, slots: Slots, paths: list[str], edit: Callable[[str], str]) -> bool:
    """Read the files, perhaps, and change them by a patch or by writing them; False at the end."""
    r = session.random
    texts_now = {path: (session.bench.root / path).read_text(encoding="utf-8") for path in paths}
    size = sum(map(len, texts_now.values()))
    short = size < 1500
    if size < 2600:
        saying = perhaps(session, texts.read, slots)
        look(session, [("read_file", {"path": path}) for path in paths], saying)
    else:
        calls: list[Call] = []
        for path, text in texts_now.items():
            lines = [at for at, (one, two) in enumerate(
                zip(text.splitlines(), edit(text).splitlines(), strict=False), start=1)
                if one != two] or [1]  # fmt: skip
            first, last = max(1, min(lines) - 3), max(lines) + 4
            calls.append(("read_file", {"path": path, "start_line": first, "end_line": last}))
        look(session, calls, perhaps(session, texts.read, slots))
    saying = perhaps(session, texts.edit, slots)
    if short and r.random() < 0.2:
        edits: list[Call] = [
            ("write_file", {"path": path, "content": edit(text)})
            for path, text in texts_now.items()
        ]
    else:
        edits = patches(session, {path: (text, edit(text)) for path, text in texts_now.items()})
    return look(session, edits, saying, end=0.38) is not None


def patches(session: Session, changed: Mapping[str, tuple[str, str]]) -> list[Call]:
    """Calls that patch files: all by one patch, or each by its own."""
    parts = [(path, diff(path, old, new)) for path, (old, new) in changed.items()]
    if len(parts) > 1 and session.random.random() < 0.7:
        parts = [("", "".join(f"diff --git a/{path} b/{path}\n{part}" for path, part in parts))]
    return [("apply_patch", {"patch": part}) for _, part in parts]


def run_tests(session: Session, slots: Slots) -> str:
    """Run all tests, which must pass; returns a sentence about it."""
    result = look(session, [("run_tests", {})], perhaps(session, texts.test, slots))
    last = result[0].splitlines()[-1] if result else ""
    if "passed" not in last or "failed" in last or "error" in last:
        raise AssertionError(f"the tests should pass: {result}")
    return words(session, texts.passed, {"summary": last})


def none_left(session: Session, slots: Slots, pattern: str, glob: str = "") -> str:
    """Search again; returns a sentence about it."""
    arguments = {"pattern": pattern, **({"glob": glob} if glob else {})}
    result = look(session, [("search", arguments)], perhaps(session, texts.check, slots))
    if result != ["No matches."]:
        raise AssertionError(f"{pattern} is left: {result}")
    return words(session, texts.left, slots)
