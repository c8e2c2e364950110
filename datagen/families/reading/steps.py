"""Steps that the rows of `reading` share: finding files and reading them.

Not covered: what is asked (`datagen.families.reading` and its parts).
"""

from collections.abc import Sequence

from datagen.families.reading.texts import texts
from datagen.phrasing import (
    about,
    look,
    naming,
    only,
    perhaps,
)
from datagen.session import Session
from datagen.worlds import documents, projects
from datagen.worlds.projects import Project


def read(
    session: Session, slots: dict[str, str], paths: Sequence[str], *, end: float = 0.35
) -> list[str] | None:
    """Read one file or several in one turn; None if the row ends there."""
    slots = slots | {"paths": naming(session, paths)}
    if len(paths) == 1:
        saying = perhaps(session, texts.read, slots | {"path": paths[0]})
    else:
        saying = perhaps(session, texts.read_all, slots)
    return look(session, [("read_file", {"path": path}) for path in paths], saying, end=end)


def listed(session: Session, slots: dict[str, str], path: str = ".") -> str:
    """List a folder."""
    found = look(session, [("list_directory", {"path": path})], perhaps(session, texts.list, slots))
    return found[0] if found else ""


def find_file(session: Session, slots: dict[str, str], path: str) -> None:
    """Find a file by listing one folder after the other."""
    folders = path.split("/")
    for depth, name in enumerate(folders):
        found = listed(session, slots, "/".join(folders[:depth]) or ".")
        if name not in [entry.rstrip("/") for entry in found.splitlines()]:
            raise AssertionError(f"{name} is not in {found!r}")


def list_modules(session: Session, slots: dict[str, str], project: Project) -> None:
    """List the project's folder, and the package if there is one."""
    listed(session, slots)
    if "/" in project.modules[0]:
        listed(session, slots, project.modules[0].partition("/")[0])


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
    saying = perhaps(session, texts.search, slots | {"target": name})
    found = look(session, [("search", {"pattern": pattern, **glob})], saying)
    return only(r"^(.*?):\d+: ", found[0] if found else "")


def read_one(
    session: Session, slots: dict[str, str], path: str, *, end: float = 0.35
) -> str | None:
    """Read one file; None if the row ends there."""
    saying = perhaps(session, texts.read, slots | {"path": path})
    result = look(session, [("read_file", {"path": path})], saying, end=end)
    return result[0] if result else None


def read_all(
    session: Session, slots: dict[str, str], paths: list[str], *, end: float = 0.35
) -> dict[str, str] | None:
    """Read several files in one turn; None if the row ends there."""
    slots = slots | {"paths": naming(session, paths), "path": paths[0]}
    saying = perhaps(session, texts.read if len(paths) == 1 else texts.read_all, slots)
    result = look(session, [("read_file", {"path": path}) for path in paths], saying, end=end)
    return dict(zip(paths, result, strict=True)) if result else None
