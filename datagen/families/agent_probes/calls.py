"""Probes whose gold turn calls several tools at once, or one among twenty.

Not covered: edits, and arguments that are worked out (`changes`, `worked_out`).
"""

from typing import Any

from datagen.families.agent_probes.repository import Repository, ask, offer, repository, write
from datagen.families.probing.scenes import app, csv_text
from datagen.session import Call, Session

MANY = 20
"""Tools that are offered where one has to be chosen."""


def several_files(session: Session) -> None:
    """Two or three files to be read in one turn."""
    repo = repository(session)
    r = repo.random
    write(session, repo)
    module, other = repo.modules[:2]
    pool = [module.path, module.test, other.path, "README.md", "config/dev.json"]
    paths = [module.path, *r.sample(pool[1:], r.choice((1, 1, 2)))]
    slots = dict(zip(("one", "two", "three"), paths, strict=False))
    ask(session, repo, "two_files" if len(paths) == 2 else "three_files", **slots)
    offer(session, "read_file")
    session.last_calls([("read_file", {"path": path}) for path in paths])


def several_actions(session: Session) -> None:
    """Two independent calls in one turn."""
    repo = repository(session)
    r = repo.random
    write(session, repo)
    one, two = repo.modules[:2]
    dev, prod, key = "config/dev.json", "config/prod.json", r.choice(list(repo.settings))
    routes = [f"/api/{route}" for route in repo.project.routes.split()]
    old = [f"{repo.project.package}/{name}_old.py" for name in ("compat", "legacy")]
    ways: dict[str, tuple[dict[str, Any], list[Call]]] = {
        "both_values": ({"key": key, "one": dev, "two": prod},
                        [("json_get", {"path": path, "key": key}) for path in (dev, prod)]),
        "both_deleted": ({"one": old[0], "two": old[1]},
                         [("delete_file", {"path": path}) for path in old]),
        "both_counted": ({"one": one.path, "two": two.test},
                         [("count_lines", {"path": path}) for path in (one.path, two.test)]),
        "both_defined": ({"one": one.function, "two": two.function},
                         [("find_definition", {"name": each.function}) for each in (one, two)]),
        "both_requested": ({"one": routes[0], "two": routes[1]},
                           [("http_request", {"method": "GET", "path": path}) for path in routes]),
        "status_and_tests": ({"path": one.test},
                             [("run_tests", {"path": one.test}), ("git_status", {})]),
    }  # fmt: skip
    kind = r.choice(list(ways))
    slots, calls = ways[kind]
    if kind == "both_deleted":
        session.files(dict.fromkeys(old, "# nothing imports this\n"))
    if kind == "both_requested":
        session.files({"app.py": _app(repo)})
    if kind == "status_and_tests":
        session.repository()
        session.files({two.path: two.text + "\n# TODO: split this up\n"})
    ask(session, repo, kind, **slots)
    offer(session, *dict.fromkeys(name for name, _ in calls))
    session.last_calls(calls)


def _app(repo: Repository) -> str:
    """An app with a route for each thing that the project has routes for."""
    first, second = repo.project.routes.split()
    more = f'@app.get("/api/{second}")\ndef others() -> Response:\n    return jsonify([])\n'
    return app(first, "/api", ["alpha", "beta"]) + "\n\n" + more


def known_among_twenty(session: Session) -> None:
    """One of the tools of the training rows, among twenty."""
    repo = repository(session)
    r = repo.random
    write(session, repo)
    module = r.choice(repo.modules)
    package, keyword = repo.project.package, module.function
    message = f"Cap {r.choice(list(repo.settings))} at {r.randint(5, 90)}"
    code = f"print(sum(range({r.randint(11, 90)})) % {r.randint(3, 9)})"
    route = f"/api/{repo.project.routes.split()[0]}"
    ways: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "run_tests": ({"keyword": keyword}, {"keyword": keyword}),
        "search": ({}, {"pattern": "TODO", "glob": "*.py"}),
        "http_request": ({"route": route}, {"method": "GET", "path": route}),
        "git_commit": ({"message": message}, {"message": message}),
        "run_python": ({"code": code}, {"code": code}),
        "list_directory": ({}, {"path": package}),
    }
    tool = r.choice(list(ways))
    slots, arguments = ways[tool]
    if tool == "git_commit":
        session.repository()
    session.files({module.path: module.text + "\n# TODO: split this up\n"})
    if tool == "http_request":
        session.files({"app.py": _app(repo)})
    ask(session, repo, tool, **slots)
    offer(session, tool, count=MANY)
    session.last_call(tool, arguments)


def new_among_twenty(session: Session) -> None:
    """A tool that no training row offers, among twenty."""
    repo = repository(session)
    r = repo.random
    write(session, repo)
    module, other = repo.modules[:2]
    key, package = r.choice(list(repo.settings)), repo.project.package
    value, count = r.randint(130, 900), r.choice((2, 4))
    many, renamed = r.randint(3, 40), f"{package}/{r.choice(('core', 'internal'))}_{value}.py"
    copy, folder = f"backup/dev_{value}.json", f"{package}/plugins_{value}"
    ways: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "file_hash": ({"path": module.path}, {"path": module.path, "algorithm": "sha256"}),
        "rename_file": ({"old": other.path, "new": renamed},
                        {"old_path": other.path, "new_path": renamed}),
        "tail": ({"path": "logs/app.log", "count": many}, {"path": "logs/app.log", "lines": many}),
        "json_set": ({"path": "config/dev.json", "key": key, "value": value},
                     {"path": "config/dev.json", "key": key, "value": value}),
        "compare_files": ({"one": module.test, "two": other.test},
                          {"first": module.test, "second": other.test}),
        "git_log": ({"count": many}, {"limit": many}),
        "list_routes": ({"path": "app.py"}, {"path": "app.py"}),
        "replace_text": ({"path": module.path, "old": module.constant, "new": f"{module.constant}_2"},
                         {"path": module.path, "old": module.constant, "new": f"{module.constant}_2"}),
        "find_definition": ({"name_of": module.function}, {"name": module.function}),
        "copy_file": ({"old": "config/dev.json", "new": copy},
                      {"source": "config/dev.json", "destination": copy}),
        "make_directory": ({"path": folder}, {"path": folder}),
        "format_json": ({"path": "config/prod.json", "count": count},
                        {"path": "config/prod.json", "indent": count}),
    }  # fmt: skip
    tool = r.choice(list(ways))
    slots, arguments = ways[tool]
    lines = [("GET", number, r.randint(2, 90)) for number in range(60)]
    session.files(
        {"logs/app.log": csv_text(("method", "request", "ms"), lines), "app.py": _app(repo)}
    )
    if tool == "git_log":
        session.repository()
    ask(session, repo, tool, **slots)
    offer(session, tool, count=MANY)
    session.last_call(tool, arguments)
