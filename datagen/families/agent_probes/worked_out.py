"""Probes whose gold call has an argument that stands nowhere: it follows from a result.

Not covered: arguments that can be copied (`calls`).
"""

from datagen.families.agent_probes.repository import Repository, ask, offer, repository, write
from datagen.session import Session


def lines(session: Session) -> None:
    """Lines around a place that a search found, or the last ones of a file that was counted."""
    repo = repository(session)
    r = repo.random
    write(session, repo)
    module, count = repo.modules[0], r.randint(2, 5)
    if r.random() < 0.5:
        ask(session, repo, "around", function=module.function, count=count)
        offer(session, "search", "read_file")
        found = session.call("search", {"pattern": f"def {module.function}"})
        line = int(found.split(":")[1])
        span = {"start_line": line - count, "end_line": line + count}
        session.last_call("read_file", {"path": module.path, **span})
        return
    path, count = f"logs/{repo.project.package}.log", r.randint(6, 25)
    log = [
        f"{number:05} {r.choice(('ok', 'retry', 'slow'))}" for number in range(r.randint(60, 400))
    ]
    session.files({path: "\n".join(log) + "\n"})
    ask(session, repo, "last_lines", path=path, count=count)
    offer(session, "count_lines", "read_file")
    size = int(session.call("count_lines", {"path": path}))
    session.last_call("read_file", {"path": path, "start_line": size - count + 1, "end_line": size})


def values(session: Session) -> None:
    """A number from a number, a file from a listing, a test from a run."""
    repo = repository(session)
    r = repo.random
    kind = r.choice(("twice", "plus", "oldest", "newest", "failing"))
    module = r.choice(repo.modules)
    write(session, repo, failing=module if kind == "failing" else None)
    if kind in ("twice", "plus"):
        path, key, count = "config/dev.json", r.choice(list(repo.settings)), r.randint(6, 60)
        ask(session, repo, kind, path=path, key=key, count=count)
        offer(session, "json_get", "json_set")
        found = int(session.call("json_get", {"path": path, "key": key}))
        value = 2 * found if kind == "twice" else found + count
        session.last_call("json_set", {"path": path, "key": key, "value": value})
    elif kind == "failing":
        ask(session, repo, kind)
        offer(session, "run_tests")
        said = session.call("run_tests", {})
        if said.count("FAILED") != 1 or f"FAILED {module.test}" not in said:
            raise AssertionError(said)
        session.last_call("run_tests", {"path": module.test})
    else:
        _dated(session, repo, kind)


def _dated(session: Session, repo: Repository, kind: str) -> None:
    """The oldest log is deleted, or the newest read; their names do not sort by date."""
    r = repo.random
    months = r.sample(range(1, 13), 4)
    days = {month: r.randint(13, 28) for month in months}  # no month
    names = {month: f"{days[month]:02}-{month:02}-2025.log" for month in months}
    session.files({f"logs/{name}": f"started on {name[:10]}\n" for name in names.values()})
    ask(session, repo, kind)
    tool = "delete_file" if kind == "oldest" else "read_file"
    offer(session, "list_directory", tool)
    session.call("list_directory", {"path": "logs"})
    month = min(months) if kind == "oldest" else max(months)
    session.last_call(tool, {"path": f"logs/{names[month]}"})
