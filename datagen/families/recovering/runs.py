"""Rows of the family `recovering` in which something that is run fails: scripts, tests, requests.

Not covered: the Flask apps and puzzles that are run (`projects`).
"""

import json
import random
import re
from typing import Any

from datagen.families.recovering import apps, projects
from datagen.families.recovering.talk import (
    answer,
    fail,
    only,
    opening,
    perhaps,
    retry,
    summary,
    upper_first,
)
from datagen.session import Session

WHATS = ("total", "largest", "smallest", "mean")


def _statistic(what: str) -> str:
    return {
        "total": "sum(values)", "largest": "max(values)", "smallest": "min(values)",
        "mean": "round(sum(values) / len(values), 2)",
    }[what]  # fmt: skip


def _script(
    table: str, column: str, what: str, convert: str = "int({})", *, loop: bool = False
) -> str:
    field = convert.format(f'row["{column}"]')
    start = f'import csv\n\nwith open("{table}", newline="") as file:\n'
    if loop:  # a traceback through a comprehension differs between Python 3.11 and 3.12
        reading = f"    for row in csv.DictReader(file):\n        values.append({field})\n"
        start = start.replace("\n\n", "\n\nvalues = []\n", 1)
    else:
        reading = f"    values = [{field} for row in csv.DictReader(file)]\n"
    return f"{start}{reading}print({_statistic(what)})"


def failing_script(session: Session) -> None:
    """A script ends with a traceback: a wrong name, column, path, type, or a missing library."""
    kind = session.random.choice(("import", "library", "column", "types", "path"))
    if kind == "import":
        _wrong_import(session)
    else:
        _wrong_table(session, kind)


def _wrong_import(session: Session) -> None:
    r = session.random
    project = projects.draw(r)
    code, slots = project.code, project.slots()
    session.files({project.path: code.source, project.test_path: project.tests})
    words = code.function.split("_")
    bad = r.choice(
        (
            f"compute_{code.function}",
            f"get_{code.function}",
            "_".join(reversed(words)),
            f"{code.function}s",
        )
    )
    # The user names the thing loosely, so that a wrong guess is natural.
    spoken = code.example.replace(code.function, " ".join(words), 1)
    slots |= {"bad": bad, "example": spoken}
    opening(session, "evaluate", ["run_python", "search"], slots, need="path")
    module = f"{project.domain.package}.{code.module}"
    call = code.example.replace(code.function, bad, 1)
    program = f"from {module} import {bad}\n\nprint({call})"
    fail(
        session,
        ("run_python", {"code": program}),
        f"cannot import name '{bad}'",
        perhaps(session, "run", slots),
    )
    lookup = ("search", {"pattern": r.choice(("^def ", r"def \w+", "def ")), "path": project.path})
    found = retry(session, "import_name", lookup, slots, end=0.3)
    if found is None:
        return
    name = only(r"def (\w+)\(", found)
    program = f"from {module} import {name}\n\nprint({code.example})"
    if r.random() < 0.15:
        session.last_call("run_python", {"code": program}, saying=f"It is called `{name}`.")
        return
    shown = session.call(
        "run_python", {"code": program}, saying=f"The name is `{name}`." if r.random() < 0.5 else ""
    )
    answer(session, "evaluate", slots | {"example": code.example, "value": shown})


def _wrong_table(session: Session, kind: str) -> None:
    r = session.random
    project = projects.draw(r)
    d, slots = project.domain, project.slots()
    rows = projects.table(d, r, r.randint(4, 9))
    folder = r.choice(("data", "exports", "tables", "reports"))
    table = f"{folder}/{d.items}.csv"
    column = f"{d.measure}_{d.unit}" if kind == "column" else d.measure
    session.files({table: projects.csv_text(d, rows).replace(f",{d.measure}\n", f",{column}\n", 1),
                   f"{folder}/readme.txt": f"{upper_first(d.items)} of one month.\n"})  # fmt: skip
    # Of these, only sums fail on texts.
    what = r.choice(("total", "mean") if kind == "types" else WHATS)
    named = f"{d.items}.csv" if kind == "path" else table
    slots |= {
        "what": what,
        "table": named,
        "wrong": named,
        "bad": d.measure,
        "folder": f"`{folder}`",
    }
    opening(session, "statistic", ["run_python", "read_file", "list_directory"], slots)
    right = _script(table, column, what, loop=kind == "column")
    call: tuple[str, dict[str, Any]]
    if kind == "library":
        slots["bad"] = "pandas"
        wrong = f'import pandas as pd\n\ntable = pd.read_csv("{table}")\n'
        wrong += f'print(table["{column}"].{_pandas(what)}())'
        expected, call = "No module named 'pandas'", ("run_python", {"code": right})
    elif kind == "types":
        wrong, expected = _script(table, column, what, "{}"), "unsupported operand"
        call = ("run_python", {"code": _script(table, column, what)})
    elif kind == "column":
        wrong, expected = _script(table, d.measure, what, loop=True), f"KeyError: '{d.measure}'"
        call = ("read_file", {"path": table, "end_line": 2})
    else:
        wrong, expected = _script(named, column, what), "No such file or directory"
        call = ("list_directory", {"path": "."})
        slots["folder"] = "the project"
    why = {"library": "no_module", "types": "text_sum", "column": "no_key", "path": "no_table"}[
        kind
    ]
    fail(session, ("run_python", {"code": wrong}), expected, perhaps(session, "run", slots))
    shown = retry(session, why, (call[0], dict(call[1])), slots)
    if shown is None:
        return
    if kind == "path":
        only(rf"^({folder}/)$", shown)
        shown = session.call(
            "list_directory",
            {"path": folder},
            saying=perhaps(session, "list", slots | {"folder": folder}),
        )
        only(rf"^({d.items}\.csv)$", shown)
    elif kind == "column":
        only(rf"^{d.label},({column})$", shown)
    if kind in ("path", "column"):
        saying = f"The column is called `{column}`." if kind == "column" else f"It is {table}."
        shown = session.call(
            "run_python", {"code": right}, saying=saying if r.random() < 0.6 else ""
        )
    answer(session, "statistic", slots | {"table": table, "value": only(r"^([\d.]+)$", shown)})


def _pandas(what: str) -> str:
    return {"total": "sum", "largest": "max", "smallest": "min", "mean": "mean"}[what]


def wrong_test_path(session: Session) -> None:
    """Tests are asked for by a path or a keyword that is not there."""
    r = session.random
    project = projects.draw(r)
    code, slots = project.code, project.slots()
    broken = r.random() < 0.35
    layout = r.choice(
        ("tests/test_{m}.py", "tests/unit/test_{m}.py", "tests/{m}_test.py", "checks/test_{m}.py")
    )
    test_path = layout.format(m=code.module)
    folder = test_path.rpartition("/")[0]
    session.files({project.path: code.buggy if broken else code.source, test_path: project.tests})
    guesses = (
        "tests/test_{m}.py",
        "test/test_{m}.py",
        "tests/{m}_test.py",
        "tests/test_{f}.py",
        "test_{m}.py",
    )
    known = [guess.format(m=code.module, f=code.function) for guess in guesses]
    wrong = r.choice([guess for guess in known if guess != test_path])
    slots |= {"wrong": wrong, "test_path": test_path, "folder": f"`{folder}`"}
    opening(session, "test_file", ["run_tests", "search", "list_directory"], slots)
    keyword = r.random() < 0.25
    if keyword:
        slots["bad"] = r.choice(
            [f"{code.module}_module", "smoke", f"{code.function}_works", "unit"]
        )
        fail(
            session,
            ("run_tests", {"keyword": slots["bad"]}),
            "deselected",
            perhaps(session, "test", slots),
        )
        found = retry(
            session, "no_keyword", ("search", {"pattern": "def test_", "glob": "*test*.py"}), slots
        )
    else:
        fail(
            session, ("run_tests", {"path": wrong}), "no such file", perhaps(session, "test", slots)
        )
        if folder != "tests" or r.random() < 0.5:
            pattern = rf"{code.module}\b.* import"
            call = ("search", {"pattern": pattern, "glob": "*test*.py"})
            found = retry(session, "no_test_search", call, slots)
        else:
            found = retry(session, "no_test_list", ("list_directory", {"path": folder}), slots)
    if found is None:
        return
    if test_path.rpartition("/")[2] not in found:
        raise AssertionError(f"{test_path} does not show in {found!r}")
    told = session.call("run_tests", {"path": test_path}, saying=perhaps(session, "test", slots))
    if not broken:
        answer(session, "tests", slots | {"summary": only(r"^(2 passed)$", told)})
        return
    failed = only(r"^FAILED \S+::(\w+)", told)
    line = only(rf"^    ({re.escape(code.tests[1])})$", told)
    answer(session, "failing", slots | {"summary": summary(told), "failed": failed, "line": line})


def _app(session: Session) -> tuple[apps.App, dict[str, str], int]:
    r: random.Random = session.random
    project = projects.draw(r)
    app = apps.flask_app(project.domain, r)
    session.files({"app.py": app.source, project.path: project.code.source})
    number = r.randint(1, len(app.rows))
    slots = project.slots() | {"number": str(number), "pattern": "@app", "path": "app.py"}
    return app, slots, number


def wrong_route(session: Session) -> None:
    """A request to a path that the app does not have."""
    r = session.random
    app, slots, number = _app(session)
    item, items = slots["item"], slots["items"]
    right = f"{app.prefix}/{items}/{number}"
    guesses = (
        f"{app.prefix}/{item}/{number}", f"/{items}/{number}", f"/api/v1/{items}/{number}",
        f"/{item}/{number}", f"/get_{item}/{number}",
    )  # fmt: skip
    wrong = r.choice([guess for guess in guesses if guess != right])
    slots |= {"wrong": wrong, "address": right}
    opening(session, "entry", ["http_request", "search", "read_file"], slots)
    call = {"method": "GET", "path": wrong}
    fail(session, ("http_request", call), "404 NOT FOUND", perhaps(session, "request", slots))
    found = retry(session, "not_found", _lookup(session), slots)
    if found is None:
        return
    only(rf'get\("{app.prefix}/{items}/(<int:number>)"\)', found)
    told = session.call(
        "http_request", {"method": "GET", "path": right}, saying=perhaps(session, "request", slots)
    )
    status, _, body = told.partition("\n")
    entry = json.loads(body)
    shown = {
        "status": status.rpartition(" ")[0],
        "name": entry[slots["label"]],
        "value": str(entry[slots["measure"]]),
    }
    answer(session, "entry", slots | shown)


def wrong_method(session: Session) -> None:
    """A request with a method that the route does not take."""
    r = session.random
    app, slots, number = _app(session)
    wrong = r.choice([each for each in ("POST", "PUT", "PATCH") if each != app.changing])
    address = f"{app.prefix}/{slots['items']}/{number}"
    value = r.randint(200, 400)
    slots |= {"method": wrong, "address": address, "value": str(value)}
    body = {slots["measure"]: value}
    tools = ["http_request", "search", "read_file"]
    opening(session, "change_entry", tools, slots, need="address")
    if r.random() < 0.4:
        shown = session.call(
            "http_request",
            {"method": "GET", "path": address},
            saying=perhaps(session, "request", slots),
        )
        only(r"^(200 OK)", shown)
    call = {"method": wrong, "path": address, "json": body}
    fail(
        session,
        ("http_request", call),
        "405 METHOD NOT ALLOWED",
        perhaps(session, "request", slots),
    )
    found = retry(session, "not_allowed", _lookup(session), slots)
    if found is None:
        return
    method = only(rf'(put|patch)\("{app.prefix}/{slots["items"]}/<int:number>"\)', found).upper()
    good = {"method": method, "path": address, "json": body}
    told = session.call("http_request", good, saying=perhaps(session, "request", slots))
    status, _, text = told.partition("\n")
    stored = str(json.loads(text)[slots["measure"]])
    answer(
        session,
        "changed",
        slots | {"method": method, "status": status.rpartition(" ")[0], "value": stored},
    )


def _lookup(session: Session) -> tuple[str, dict[str, str]]:
    return session.random.choice((
        ("search", {"pattern": "@app", "path": "app.py"}),
        ("search", {"pattern": r"@app\.", "glob": "app.py"}),
        ("search", {"pattern": r"@app\.(get|post|put|patch)", "path": "app.py"}),
        ("read_file", {"path": "app.py"}),
    ))  # fmt: skip
