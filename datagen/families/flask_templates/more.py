"""The other seven of the fourteen small Flask apps.

Not covered: the first seven, and what a template is (`datagen.families.flask_templates.apps`).
"""

from datagen.families.flask_templates.apps import Template

STORE = Template(
    system="You write compact, typed Python. Tests are part of every feature.",
    ask="I'd like a JSON key-value store over HTTP: PUT, GET and DELETE on /kv/<key>, a "
    "listing with an optional prefix, and it "
    "should survive restarts by writing store.json. Tests please.",
    app='''"""A key-value store that keeps its data in store.json."""

import json
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)
app.config["STORE"] = "store.json"


def load() -> dict[str, Any]:
    path = Path(app.config["STORE"])
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def save(data: dict[str, Any]) -> None:
    text = json.dumps(data, indent=2, sort_keys=True)
    Path(app.config["STORE"]).write_text(text + "\\n", encoding="utf-8")


@app.get("/kv")
def keys() -> ResponseReturnValue:
    prefix = request.args.get("prefix", "")
    return jsonify(sorted(key for key in load() if key.startswith(prefix)))


@app.put("/kv/<key>")
def put(key: str) -> ResponseReturnValue:
    data = load()
    status = 200 if key in data else 201
    data[key] = request.get_json()
    save(data)
    return jsonify(data[key]), status


@app.get("/kv/<key>")
def get(key: str) -> ResponseReturnValue:
    data = load()
    return jsonify(data[key]) if key in data else (jsonify(error="no such key"), 404)


@app.delete("/kv/<key>")
def delete(key: str) -> ResponseReturnValue:
    data = load()
    if key not in data:
        return jsonify(error="no such key"), 404
    del data[key]
    save(data)
    return "", 204
''',
    tests="""from app import app


def test_a_value_comes_back_and_goes():
    app.config["STORE"] = "test_store.json"
    client = app.test_client()
    assert client.put("/kv/door.front", json={"open": True}).status_code == 201
    assert client.get("/kv/door.front").get_json() == {"open": True}
    assert client.get("/kv?prefix=door").get_json() == ["door.front"]
    assert client.delete("/kv/door.front").status_code == 204
    assert client.get("/kv/door.front").status_code == 404
""",
    checks=(
        (
            "PUT",
            "/kv/lamp.hall",
            {"level": 40},
            201,
            "Now for real: store a value, then read it in a new process.",
        ),
        ("GET", "/kv/lamp.hall", None, 200, ""),
        ("GET", "/kv/lamp.attic", None, 404, ""),
    ),
    report="The store is done and it does survive restarts: each request started the app "
    "anew, and after the PUT "
    "({r[0].status}) the GET returned level {r[1].body[level]}. A missing key gives "
    "{r[2].status}.\n\nRoutes: `GET /kv?prefix=`, "
    "`PUT /kv/<key>` (201 new, 200 replaced), `GET /kv/<key>`, `DELETE /kv/<key>` "
    "(204). Tests: {passed} passed; they use a file "
    "of their own, test_store.json.",
)

CONVERTER = Template(
    ask="Could I have a unit converter as a web service? Lengths and weights would do: "
    "/convert?value=3&from=km&to=mi. Mixing a "
    "length with a weight has to be an error, so do unknown units.",
    write="Factors to one base unit per quantity keep this short.",
    app='''"""Convert lengths and weights."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

FACTORS = {
    "length": {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048},
    "weight": {"kg": 1.0, "g": 0.001, "lb": 0.45359237},
}
QUANTITY = {unit: name for name, units in FACTORS.items() for unit in units}


@app.get("/units")
def units() -> ResponseReturnValue:
    return jsonify({name: sorted(known) for name, known in FACTORS.items()})


@app.get("/convert")
def convert() -> ResponseReturnValue:
    value = request.args.get("value", type=float)
    source, target = request.args.get("from", ""), request.args.get("to", "")
    if value is None:
        return jsonify(error="value must be a number"), 400
    for unit in (source, target):
        if unit not in QUANTITY:
            return jsonify(error=f"unknown unit: {unit}"), 400
    if QUANTITY[source] != QUANTITY[target]:
        return jsonify(error=f"cannot convert {QUANTITY[source]} to {QUANTITY[target]}"), 400
    factors = FACTORS[QUANTITY[source]]
    result = round(value * factors[source] / factors[target], 6)
    return jsonify({"value": value, "from": source, "to": target, "result": result})
''',
    checks=(
        ("GET", "/convert?value=3&from=km&to=mi", None, 200, "Your own example:"),
        ("GET", "/convert?value=3&from=km&to=lb", None, 400, "Length to weight must fail."),
        ("GET", "/convert?value=3&from=parsec&to=m", None, 400, ""),
    ),
    report="3 km are {r[0].body[result]} mi according to `GET /convert`. Kilometres to "
    "pounds answer {r[1].status} with "
    '"{r[1].body[error]}", an unknown unit "{r[2].body[error]}"; a value that is no '
    "number is a 400 as well. `GET /units` lists "
    "what it knows: m, km, mi, ft and kg, g, lb. New units are one entry in `FACTORS`.",
    others=4,
)

LOANS = Template(
    ask="A lending app for a village library, please. Books, members, loans. A member "
    "may have at most two books, and a book can "
    "only be lent once at a time. Returning must be possible. Put the rules in a "
    "module of their own.",
    app='''"""Web routes of a village library."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

import lending

app = Flask(__name__)


@app.errorhandler(lending.Refused)
def refused(error: lending.Refused) -> ResponseReturnValue:
    return jsonify(error=str(error)), error.status


@app.get("/books")
def books() -> ResponseReturnValue:
    return jsonify(lending.overview())


@app.post("/books/<int:book>/loan")
def lend(book: int) -> ResponseReturnValue:
    member = (request.get_json(silent=True) or {}).get("member", "")
    lending.lend(book, member)
    return jsonify(book=book, member=member), 201


@app.delete("/books/<int:book>/loan")
def give_back(book: int) -> ResponseReturnValue:
    lending.give_back(book)
    return "", 204
''',
    checks=(
        ("POST", "/books/4/loan", {"member": "Ines"}, 201, "A loan that is allowed."),
        (
            "POST",
            "/books/1/loan",
            {"member": "Ines"},
            409,
            "Book 1 is out, so this must be refused.",
        ),
        ("POST", "/books/4/loan", {"member": "Milo"}, 409, "Milo has two books already."),
    ),
    report="The library app has its rules in lending.py and its routes in app.py: `GET "
    "/books`, `POST /books/<id>/loan` with a "
    "`member`, `DELETE /books/<id>/loan` to return.\n\nLending book "
    "{r[0].body[book]} to {r[0].body[member]} answers {r[0].status}. The "
    'other two requests were refused with {r[1].status}: "{r[1].body[error]}" and '
    '"{r[2].body[error]}".',
    others=0,
)
LENDING = '''"""Who has which book, and what is allowed."""

LIMIT = 2
MEMBERS = {"Ines", "Milo", "Tove"}
BOOKS = {1: "Weather Signs", 2: "Apple Trees", 3: "Old Maps", 4: "Bread at Home"}
LOANS = {1: "Milo", 3: "Milo"}


class Refused(Exception):
    """A rule forbids it."""

    def __init__(self, text: str, status: int = 409) -> None:
        super().__init__(text)
        self.status = status


def overview() -> list[dict[str, object]]:
    return [{"id": key, "title": BOOKS[key], "member": LOANS.get(key)} for key in BOOKS]


def lend(book: int, member: str) -> None:
    if book not in BOOKS or member not in MEMBERS:
        raise Refused("unknown book or member", 404)
    if book in LOANS:
        raise Refused("book is lent already")
    if list(LOANS.values()).count(member) >= LIMIT:
        raise Refused(f"{member} has {LIMIT} books already")
    LOANS[book] = member


def give_back(book: int) -> None:
    if book not in LOANS:
        raise Refused("book is not lent")
    del LOANS[book]
'''

EXPENSES = Template(
    ask="Four of us share a flat and I want to split expenses. Write a Flask API: record "
    "who paid what (amounts in cents) and GET "
    "/balances to see who owes or gets money. The cents must add up to zero, also "
    "for odd amounts. Test that.",
    write="Working in whole cents: the remainder of a division goes to the first people.",
    app='''"""Split shared expenses evenly, in cents."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

PEOPLE = ["Ada", "Ben", "Caro", "Dev"]
EXPENSES = [{"payer": "Ada", "cents": 1001, "what": "groceries"}]


def balances() -> dict[str, int]:
    """What each person gets back (positive) or owes (negative)."""
    result = dict.fromkeys(PEOPLE, 0)
    for expense in EXPENSES:
        share, rest = divmod(expense["cents"], len(PEOPLE))
        for index, person in enumerate(PEOPLE):
            result[person] -= share + (1 if index < rest else 0)
        result[expense["payer"]] += expense["cents"]
    return result


@app.get("/balances")
def show_balances() -> ResponseReturnValue:
    return jsonify(balances())


@app.post("/expenses")
def add_expense() -> ResponseReturnValue:
    data = request.get_json(silent=True) or {}
    payer, cents = data.get("payer"), data.get("cents")
    if payer not in PEOPLE:
        return jsonify(error="payer is not in the group"), 400
    if not isinstance(cents, int) or cents <= 0:
        return jsonify(error="cents must be a positive whole number"), 400
    EXPENSES.append({"payer": payer, "cents": cents, "what": data.get("what", "")})
    return jsonify(balances()), 201
''',
    tests="""import pytest

from app import EXPENSES, app, balances


@pytest.mark.parametrize("cents", [1, 2, 3, 1003, 9999])
def test_balances_add_up_to_zero(cents: int):
    EXPENSES.append({"payer": "Dev", "cents": cents, "what": "test"})
    assert sum(balances().values()) == 0


def test_stranger_cannot_pay():
    body = {"payer": "Zoe", "cents": 500}
    assert app.test_client().post("/expenses", json=body).status_code == 400
""",
    test="Do the cents add up?",
    tests_first=True,
    checks=(
        ("POST", "/expenses", {"payer": "Caro", "cents": 2599, "what": "cleaning"}, 201, ""),
        (
            "POST",
            "/expenses",
            {"payer": "Ben", "cents": 12.5},
            400,
            "An amount that is not in whole cents:",
        ),
    ),
    report="`POST /expenses` (payer, cents, what) records an expense and `GET /balances` "
    "shows the balances; positive means the "
    "person gets money back. All {passed} tests pass, the sums are zero for odd "
    "amounts too.\n\nAfter 2599 cents paid by Caro: Ada "
    "{r[0].body[Ada]}, Ben {r[0].body[Ben]}, Caro {r[0].body[Caro]}, Dev "
    "{r[0].body[Dev]}. Fractions of a cent are refused with "
    "{r[1].status}.",
)

OPERATIONS = Template(
    ask="Set up a Flask skeleton for me with a health check, simple metrics (requests "
    "per endpoint), JSON error handlers for 404 and "
    "405, and one blueprint under /api with a ping route, in its own file.",
    app='''"""The app: health, metrics, error handlers, and the API blueprint."""

from collections import Counter

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

import api

app = Flask(__name__)
app.register_blueprint(api.bp, url_prefix="/api")
REQUESTS: Counter[str] = Counter()


@app.before_request
def count() -> None:
    REQUESTS[request.endpoint or "unknown"] += 1


@app.errorhandler(404)
@app.errorhandler(405)
def as_json(error: HTTPException) -> ResponseReturnValue:
    return jsonify(error=error.name, status=error.code), error.code or 500


@app.get("/health")
def health() -> ResponseReturnValue:
    return jsonify(status="ok")


@app.get("/metrics")
def metrics() -> ResponseReturnValue:
    return jsonify(total=sum(REQUESTS.values()), endpoints=REQUESTS)
''',
    checks=(
        ("GET", "/health", None, 200, "Health first."),
        ("GET", "/metrics", None, 200, ""),
        ("POST", "/api/ping", {}, 405, "Ping only knows GET, so a POST shows the error handler."),
    ),
    report="The skeleton stands in two files.\n\n- app.py: `GET /health` (answers "
    "`{r[0].body[status]}`), `GET /metrics`, handlers for 404 "
    "and 405\n- api.py: the blueprint, `GET /api/ping`\n\n`/metrics` counts per "
    "endpoint; its first answer has a total of "
    "{r[1].body[total]}, its own request. A POST to `/api/ping` gives {r[2].status} "
    'as JSON: "{r[2].body[error]}". The counts are per '
    "process, so with several workers each has its own.",
    others=2,
)
API = '''"""Routes below /api."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

bp = Blueprint("api", __name__)


@bp.get("/ping")
def ping() -> ResponseReturnValue:
    return jsonify(pong=True)
'''

CATALOGUE = Template(
    ask="As a demo for a talk: an endpoint over a fixed list of mountains that supports "
    "filtering by country, a minimum height, sorting "
    "and paging in one request. Bad parameters should give a helpful 400.",
    app='''"""Mountains: filter, sort, page."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

FIELDS = ("name", "country", "height")
ROWS = (
    ("Eiger", "CH", 3967), ("Ortler", "IT", 3905), ("Rysy", "PL", 2501), ("Snezka", "CZ", 1603),
    ("Dom", "CH", 4545), ("Marmolada", "IT", 3343), ("Saentis", "CH", 2502), ("Triglav", "SI", 2864),
)
MOUNTAINS = [dict(zip(FIELDS, row, strict=True)) for row in ROWS]


@app.get("/mountains")
def mountains() -> ResponseReturnValue:
    country = request.args.get("country")
    numbers = {"min_height": 0, "page": 1, "size": 5}
    for name in numbers:
        text = request.args.get(name, str(numbers[name]))
        if not text.isdecimal():
            return jsonify(error=f"{name} must be a whole number"), 400
        numbers[name] = int(text)
    lowest, page, size = numbers.values()
    field = request.args.get("sort", "name")
    key = field.removeprefix("-")
    if key not in FIELDS:
        return jsonify(error=f"sort must be one of {', '.join(FIELDS)}, or -field"), 400
    if page < 1 or not 1 <= size <= 50:
        return jsonify(error="page starts at 1, and size is 1 to 50"), 400
    found = [
        each
        for each in MOUNTAINS
        if each["height"] >= lowest and country in (None, each["country"])
    ]
    found.sort(key=lambda each: each[key], reverse=field.startswith("-"))
    start = (page - 1) * size
    return jsonify(items=found[start : start + size], total=len(found), page=page)
''',
    checks=(
        (
            "GET",
            "/mountains?country=CH&sort=-height&size=2",
            None,
            200,
            "Everything in one request:",
        ),
        ("GET", "/mountains?min_height=3000&page=2&size=3", None, 200, ""),
        ("GET", "/mountains?sort=colour", None, 400, "And a field that does not exist."),
        ("GET", "/mountains?size=many", None, 400, ""),
    ),
    report="`GET /mountains` takes `country`, `min_height`, `sort` (with a leading `-` for "
    "descending), `page` and `size`, all optional.\n\n"
    "- Swiss ones by height: {r[0].body[total]} in total, "
    "{r[0].body[items][0][name]} first\n- From 3000 m, page 2 of size 3: "
    "{r[1].body[items][0][name]} is the first of the rest, {r[1].body[total]} in "
    'total\n- `sort=colour`: {r[2].status}, "{r[2].body[error]}"\n\n'
    '`size=many` is refused as well: {r[3].status}, "{r[3].body[error]}".',
    others=3,
)

COUNTER = Template(
    system="You are the assistant of a web programming course.",
    ask="Show my students how sessions work: a Flask app where every visitor has a "
    "counter in the session cookie, with routes to see it, "
    "raise it by a step and reset it. Include a test that two clients don't share the counter.",
    write="The counter lives in the signed session cookie, not on the server.",
    app='''"""A counter for each visitor, kept in the session cookie."""

from flask import Flask, jsonify, request, session
from flask.typing import ResponseReturnValue

app = Flask(__name__)
app.secret_key = "only for class"


@app.get("/counter")
def show() -> ResponseReturnValue:
    return jsonify(count=session.get("count", 0))


@app.post("/counter")
def raise_counter() -> ResponseReturnValue:
    step = (request.get_json(silent=True) or {}).get("step", 1)
    if not isinstance(step, int) or not 1 <= step <= 10:
        return jsonify(error="step must be a whole number from 1 to 10"), 400
    session["count"] = session.get("count", 0) + step
    return jsonify(count=session["count"])


@app.delete("/counter")
def reset() -> ResponseReturnValue:
    session.pop("count", None)
    return "", 204
''',
    tests="""from app import app


def test_counter_belongs_to_one_client():
    one, other = app.test_client(), app.test_client()
    one.post("/counter")
    assert one.post("/counter", json={"step": 4}).get_json() == {"count": 5}
    assert other.get("/counter").get_json() == {"count": 0}


def test_reset():
    client = app.test_client()
    client.post("/counter")
    assert client.delete("/counter").status_code == 204
    assert client.get("/counter").get_json() == {"count": 0}
""",
    test="The tests keep cookies, so they show the sessions.",
    checks=(
        (
            "POST",
            "/counter",
            {"step": 3},
            200,
            "One request against the running app, without a cookie.",
        ),
        ("POST", "/counter", {"step": 50}, 400, ""),
    ),
    report="app.py and test_app.py are ready; {passed} tests pass, among them the one with "
    "two clients.\n\n- `GET /counter` shows the count\n"
    "- `POST /counter` adds `step` (default 1, at most 10)\n- `DELETE /counter` "
    "resets it\n\nA first visitor who adds 3 gets "
    '{r[0].body[count]}; a step of 50 gives {r[1].status}, "{r[1].body[error]}". For '
    "the students: the cookie is signed, not encrypted, and "
    "the secret key in the code must be replaced outside class.",
)
