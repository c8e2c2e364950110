"""Probes whose gold call changes a file that was read: by an exact string, or by a diff.

Not covered: other forms of the same change (`datagen.changed_lines`).
"""

from datagen import changed_lines
from datagen.families.agent_probes.repository import (
    Module,
    Repository,
    ask,
    offer,
    repository,
    write,
)
from datagen.session import Session


def _asked(session: Session, repo: Repository, module: Module, kind: str) -> tuple[str, str]:
    """Ask for a change; what is to be replaced in the module's text, and by what."""
    r = repo.random
    path, function = module.path, module.function
    if kind == "constant":
        new = module.number + r.randint(5, 400)
        ask(session, repo, kind, path=path, const=module.constant, old=module.number, new=new)
        return f"{module.constant} = {module.number}", f"{module.constant} = {new}"
    if kind == "inclusive":
        ask(session, repo, kind, path=path, function=function)
        return "if item < limit]", "if item <= limit]"
    if kind == "default":
        new = module.limit + r.randint(1, 300)
        ask(session, repo, kind, path=path, function=function, old=module.limit, new=new)
        return f"limit: int = {module.limit}", f"limit: int = {new}"
    words = f"{function} exceeds {module.constant}"
    ask(session, repo, "message", path=path, old=module.complaint, new=words)
    return f'"{module.complaint}"', f'"{words}"'


def _read(session: Session, module: Module) -> str:
    """Read the module first."""
    saying = session.random.choice(
        ("", f"Let me look at {module.path} first.", "Reading it first.")
    )
    session.call("read_file", {"path": module.path}, saying=saying)
    return module.text


def exact_edit(session: Session) -> None:
    """A line is changed by the tool that replaces an exact string."""
    repo = repository(session)
    write(session, repo)
    module = repo.modules[0]
    kind = repo.random.choice(("constant", "inclusive", "default", "message"))
    old, new = _asked(session, repo, module, kind)
    offer(session, "edit_file", "read_file")
    (line,) = (each.strip() for each in _read(session, module).splitlines() if old in each)
    changed = line.replace(old, new)
    arguments = {"path": module.path, "old_string": line, "new_string": changed}
    session.last_call("edit_file", arguments)


def patch(session: Session) -> None:
    """One or two lines are changed by a unified diff."""
    repo = repository(session)
    write(session, repo)
    module = repo.modules[0]
    kind = repo.random.choice(("constant", "inclusive", "default", "message", "renamed", "renamed"))
    if kind == "renamed":
        old, new = module.constant, f"{module.constant}_ALLOWED"
        ask(session, repo, "constant_renamed", path=module.path, const=old, new=new)
    else:
        old, new = _asked(session, repo, module, kind)
    offer(session, "apply_patch", "read_file")
    text = _read(session, module)
    diff = changed_lines.diff(module.path, text, text.replace(old, new))
    session.last_call("apply_patch", {"patch": diff})
