"""Fourteen small Flask apps: what a user asks for, the code, requests that try it, and the report.

A report's slots are read from the responses in their order: {r[0].status} is the status of the first,
{r[1].body[error]} a value of the second; {passed} is the number of tests that passed.

Not covered: writing and trying them (`synthia.scenarios.flask_templates`).
"""

from dataclasses import dataclass
from typing import Any

Check = tuple[str, str, dict[str, Any] | None, int, str]
"""Method, path, body, the status it must give, and a sentence before the request or ""."""


@dataclass(frozen=True)
class Template:
    """One app and the conversation around it."""

    ask: str
    app: str
    checks: tuple[Check, ...]
    report: str
    write: str = ""
    """A sentence before app.py is written."""
    tests: str = ""
    test: str = ""
    """A sentence before the tests are run."""
    system: str = ""
    tests_first: bool = False
    others: int = 1


TODO = Template(
    ask="Build me a small to-do API in app.py: list the entries, add one, mark one as done, delete one. "
    "In memory is fine, start with two example entries.",
    write="I'll write the app with two entries to begin with.",
    app='''"""A to-do list, in memory."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

TODOS = {
    1: {"id": 1, "text": "Water the plants", "done": False},
    2: {"id": 2, "text": "Return the ladder", "done": True},
}


@app.get("/todos")
def list_todos() -> ResponseReturnValue:
    return jsonify(list(TODOS.values()))


@app.post("/todos")
def add_todo() -> ResponseReturnValue:
    data = request.get_json(silent=True) or {}
    text = str(data.get("text", "")).strip()
    if not text:
        return jsonify(error="text is required"), 400
    todo = {"id": max(TODOS, default=0) + 1, "text": text, "done": False}
    TODOS[todo["id"]] = todo
    return jsonify(todo), 201


@app.post("/todos/<int:todo_id>/done")
def finish_todo(todo_id: int) -> ResponseReturnValue:
    if todo_id not in TODOS:
        return jsonify(error="no such todo"), 404
    TODOS[todo_id]["done"] = True
    return jsonify(TODOS[todo_id])


@app.delete("/todos/<int:todo_id>")
def delete_todo(todo_id: int) -> ResponseReturnValue:
    if TODOS.pop(todo_id, None) is None:
        return jsonify(error="no such todo"), 404
    return "", 204
''',
    checks=(
        ("POST", "/todos", {"text": "Buy stamps"}, 201, "Does adding work?"),
        ("POST", "/todos/1/done", None, 200, ""),
        ("DELETE", "/todos/9", None, 404, "And an id that is not there:"),
    ),
    report="The to-do API is in app.py.\n\n- `GET /todos` lists everything\n- `POST /todos` with `text` adds an entry "
    "(400 without text)\n- `POST /todos/<id>/done` marks it as done\n- `DELETE /todos/<id>` removes it, answering 204\n\n"
    "Tried: the new entry got id {r[0].body[id]} ({r[0].status}), entry 1 is now done, and deleting id 9 gives "
    '{r[2].status} with "{r[2].body[error]}".',
)

NOTES = Template(
    ask="I want to keep notes with tags over HTTP. Can you make a Flask app where I can create notes, list them, "
    "filter by tag (?tag=...), and see how often each tag is used? Add a test or two.",
    app='''"""Notes with tags."""

from collections import Counter

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

NOTES = [
    {"id": 1, "text": "Try the rye recipe", "tags": ["food", "weekend"]},
    {"id": 2, "text": "Ask about the lease", "tags": ["home"]},
    {"id": 3, "text": "Compost needs turning", "tags": ["garden", "weekend"]},
]


@app.get("/notes")
def list_notes() -> ResponseReturnValue:
    tag = request.args.get("tag")
    return jsonify([note for note in NOTES if tag is None or tag in note["tags"]])


@app.post("/notes")
def create_note() -> ResponseReturnValue:
    data = request.get_json(silent=True) or {}
    tags = data.get("tags", [])
    if not data.get("text") or not isinstance(tags, list):
        return jsonify(error="text is required, and tags must be a list"), 400
    note = {"id": len(NOTES) + 1, "text": data["text"], "tags": sorted(set(tags))}
    NOTES.append(note)
    return jsonify(note), 201


@app.get("/tags")
def count_tags() -> ResponseReturnValue:
    return jsonify(Counter(tag for note in NOTES for tag in note["tags"]))
''',
    tests="""from app import app


def test_filter_by_tag():
    notes = app.test_client().get("/notes?tag=weekend").get_json()
    assert [note["id"] for note in notes] == [1, 3]


def test_new_note_counts_in_tags():
    client = app.test_client()
    note = {"text": "Sharpen the shears", "tags": ["garden", "garden"]}
    assert client.post("/notes", json=note).status_code == 201
    assert client.get("/tags").get_json()["garden"] == 2
""",
    test="Now the two tests.",
    tests_first=True,
    checks=(
        (
            "GET",
            "/tags",
            None,
            200,
            "The tests use the test client; here is a real request as well.",
        ),
        ("POST", "/notes", {"tags": ["home"]}, 400, ""),
    ),
    report="Your notes app is ready, and {passed} tests pass.\n\nRoutes:\n- `GET /notes`, optionally `?tag=weekend`\n"
    "- `POST /notes` with `text` and a list of `tags`; duplicate tags are merged\n- `GET /tags` counts the use of each tag\n\n"
    "With the example notes `weekend` is used {r[0].body[weekend]} times. A note without text is refused: {r[1].status}, "
    '"{r[1].body[error]}". The notes are lost when the process ends.',
    others=2,
)

SHORTENER = Template(
    system="You build small Flask services. Keep everything in app.py unless asked otherwise.",
    ask="URL shortener please: POST /links with a url returns a short code, GET /<code> redirects, and I'd like to see "
    "the number of hits per link. Codes must be predictable, so derive them from a counter.",
    write="Base 36 of a counter gives short and predictable codes.",
    app='''"""A URL shortener whose codes count up in base 36."""

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LINKS = {"rs": {"url": "https://example.org/handbook", "hits": 0}}
FIRST = 1000


def encode(number: int) -> str:
    """Write a number in base 36."""
    code = ""
    while number:
        number, digit = divmod(number, 36)
        code = DIGITS[digit] + code
    return code or "0"


@app.post("/links")
def create_link() -> ResponseReturnValue:
    url = (request.get_json(silent=True) or {}).get("url", "")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return jsonify(error="url must start with http:// or https://"), 400
    code = encode(FIRST + len(LINKS))
    LINKS[code] = {"url": url, "hits": 0}
    return jsonify(code=code, url=url), 201


@app.get("/links/<code>")
def show_link(code: str) -> ResponseReturnValue:
    if code not in LINKS:
        return jsonify(error="unknown code"), 404
    return jsonify(LINKS[code])


@app.get("/<code>")
def follow(code: str) -> ResponseReturnValue:
    if code not in LINKS:
        return jsonify(error="unknown code"), 404
    LINKS[code]["hits"] += 1
    return redirect(LINKS[code]["url"])
''',
    checks=(
        ("POST", "/links", {"url": "https://example.org/recipes/bread"}, 201, "First a new link."),
        ("GET", "/rs", None, 302, "Then the redirect of the example link."),
        ("POST", "/links", {"url": "recipes/bread"}, 400, ""),
    ),
    report="Done. `POST /links` answered {r[0].status} with the code `{r[0].body[code]}`, `GET /rs` redirects "
    '({r[1].status}), and a url without a scheme gives {r[2].status}: "{r[2].body[error]}".\n\n`GET /links/<code>` shows the '
    "url and its hits; every redirect adds one. Codes are 1000 plus the number of links, in base 36.",
)

POLL = Template(
    ask="Please write a poll app for our team lunch. One question, fixed options, POST a vote, GET the results with "
    "percentages. A vote for something that isn't an option should be an error.",
    app='''"""A poll with one question."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

QUESTION = "Where do we eat on Friday?"
VOTES = {"noodles": 3, "pizza": 4, "salad bar": 1}


def results() -> list[dict[str, object]]:
    """The options, most votes first, with their share in percent."""
    total = sum(VOTES.values())
    ranked = sorted(VOTES.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "option": option,
            "votes": votes,
            "percent": round(100 * votes / total, 1) if total else 0.0,
        }
        for option, votes in ranked
    ]


@app.get("/poll")
def show_poll() -> ResponseReturnValue:
    return jsonify(question=QUESTION, options=sorted(VOTES))


@app.get("/poll/results")
def show_results() -> ResponseReturnValue:
    return jsonify(results())


@app.post("/poll/votes")
def vote() -> ResponseReturnValue:
    option = (request.get_json(silent=True) or {}).get("option")
    if option not in VOTES:
        return jsonify(error=f"option must be one of: {', '.join(sorted(VOTES))}"), 400
    VOTES[option] += 1
    return jsonify(results()), 201
''',
    checks=(
        ("GET", "/poll/results", None, 200, "Let me see the results before a vote."),
        ("POST", "/poll/votes", {"option": "noodles"}, 201, ""),
        ("POST", "/poll/votes", {"option": "steak"}, 400, "Now an option that does not exist."),
    ),
    report="The poll runs. Three routes: `GET /poll` (question and options), `GET /poll/results` (sorted by votes, with "
    'percentages) and `POST /poll/votes` with `{{"option": ...}}`.\n\nBefore voting, {r[0].body[0][option]} leads with '
    "{r[0].body[0][percent]} %. A vote for noodles answers {r[1].status} and puts noodles at {r[1].body[0][votes]} votes. "
    'Voting for steak gives {r[2].status}: "{r[2].body[error]}".',
    others=3,
)

INVENTORY = Template(
    ask="We need a mini inventory service. Items have a sku and a quantity. Orders take stock out and must be refused "
    "with 409 if there isn't enough; deliveries put stock in. Flask, app.py, plus tests for the stock check.",
    write="The stock check goes into one view for both directions.",
    app='''"""Stock of a small warehouse."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

STOCK = {"bolt-8": 120, "nut-8": 40, "hinge": 0}


@app.get("/items")
def list_items() -> ResponseReturnValue:
    return jsonify([{"sku": sku, "quantity": STOCK[sku]} for sku in sorted(STOCK)])


@app.post("/items/<sku>/<kind>")
def move(sku: str, kind: str) -> ResponseReturnValue:
    """Take an order out of the stock, or put a delivery in."""
    if sku not in STOCK or kind not in ("orders", "deliveries"):
        return jsonify(error="no such item or movement"), 404
    quantity = (request.get_json(silent=True) or {}).get("quantity")
    if not isinstance(quantity, int) or quantity < 1:
        return jsonify(error="quantity must be a whole number above 0"), 400
    if kind == "orders" and quantity > STOCK[sku]:
        return jsonify(error="not enough stock", available=STOCK[sku]), 409
    STOCK[sku] += quantity if kind == "deliveries" else -quantity
    return jsonify(sku=sku, quantity=STOCK[sku])
''',
    tests="""from app import app


def order(sku: str, quantity: object) -> int:
    body = {"quantity": quantity}
    return app.test_client().post(f"/items/{sku}/orders", json=body).status_code


def test_order_within_stock():
    assert order("nut-8", 40) == 200


def test_order_beyond_stock_is_refused():
    assert order("bolt-8", 121) == 409
    assert order("hinge", 1) == 409


def test_quantity_must_be_positive():
    assert order("bolt-8", 0) == 400
    assert order("bolt-8", "ten") == 400
""",
    test="Running the tests.",
    checks=(
        ("POST", "/items/hinge/deliveries", {"quantity": 25}, 200, "A delivery first."),
        (
            "POST",
            "/items/nut-8/orders",
            {"quantity": 41},
            409,
            "And an order that is one too many.",
        ),
    ),
    report="The inventory service works; {passed} tests pass.\n\n| Route | Does |\n|---|---|\n| `GET /items` | all items with quantity |\n"
    "| `POST /items/<sku>/deliveries` | adds `quantity` |\n| `POST /items/<sku>/orders` | takes `quantity` out |\n\n"
    "After a delivery of 25 there are {r[0].body[quantity]} hinges. Ordering 41 of nut-8 gives {r[1].status} "
    '("{r[1].body[error]}", {r[1].body[available]} available). Unknown skus are 404, bad quantities 400.',
)

BOOKING = Template(
    ask="Room booking: people POST room, start and end (hours as integers), overlapping bookings of the same room must be "
    "rejected. Also GET all bookings of a room. Could you code that with Flask and try a conflict?",
    app='''"""Bookings of rooms by the hour."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

ROOMS = ("attic", "studio")
BOOKINGS = [
    {"room": "studio", "start": 9, "end": 11},
    {"room": "studio", "start": 14, "end": 16},
]


def conflict(room: str, start: int, end: int) -> dict | None:
    """The first booking of the room that overlaps; touching ends do not."""
    for booking in BOOKINGS:
        if booking["room"] == room and start < booking["end"] and booking["start"] < end:
            return booking
    return None


@app.get("/rooms/<room>/bookings")
def list_bookings(room: str) -> ResponseReturnValue:
    if room not in ROOMS:
        return jsonify(error="unknown room"), 404
    found = [booking for booking in BOOKINGS if booking["room"] == room]
    return jsonify(sorted(found, key=lambda booking: booking["start"]))


@app.post("/bookings")
def book() -> ResponseReturnValue:
    data = request.get_json(silent=True) or {}
    room, start, end = data.get("room"), data.get("start"), data.get("end")
    if room not in ROOMS:
        return jsonify(error="unknown room"), 400
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= 24:
        return jsonify(error="start and end must be hours, start before end"), 400
    if taken := conflict(room, start, end):
        return jsonify(error="room is taken", booking=taken), 409
    booking = {"room": room, "start": start, "end": end}
    BOOKINGS.append(booking)
    return jsonify(booking), 201
''',
    checks=(
        (
            "POST",
            "/bookings",
            {"room": "studio", "start": 11, "end": 14},
            201,
            "A booking that fits exactly between two others.",
        ),
        ("POST", "/bookings", {"room": "studio", "start": 15, "end": 18}, 409, "Now the conflict."),
        ("GET", "/rooms/studio/bookings", None, 200, ""),
    ),
    report="Booking works and conflicts are refused.\n\n- `POST /bookings` with `room`, `start`, `end`: 201, or 409 with the booking "
    "that is in the way, or 400 for bad input\n- `GET /rooms/<room>/bookings`: sorted by start\n\nStudio 11 to 14 was accepted "
    "({r[0].status}), because touching ends do not overlap. 15 to 18 gave {r[1].status}: it clashes with "
    "{r[1].body[booking][start]} to {r[1].body[booking][end]}. Each request here starts a fresh app, so the list shows only "
    "the example bookings.",
    others=2,
)

QUIZ = Template(
    ask="make a quiz api: GET a question without its answer, POST an answer and hear if it was right, plus a summary of how "
    "many questions exist per topic",
    write="The view that shows a question leaves out the answer.",
    app='''"""A quiz; answers stay on the server."""

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

QUESTIONS = {
    1: {"topic": "rivers", "text": "Which river flows through Vienna?", "answer": "danube"},
    2: {"topic": "rivers", "text": "Which river flows through Cairo?", "answer": "nile"},
    3: {"topic": "numbers", "text": "What is the smallest prime?", "answer": "2"},
}


@app.errorhandler(404)
def not_found(error: Exception) -> ResponseReturnValue:
    return jsonify(error="no such question"), 404


@app.get("/questions/<int:number>")
def show(number: int) -> ResponseReturnValue:
    question = QUESTIONS.get(number) or abort(404)
    return jsonify(number=number, topic=question["topic"], text=question["text"])


@app.post("/questions/<int:number>/answers")
def answer(number: int) -> ResponseReturnValue:
    question = QUESTIONS.get(number) or abort(404)
    given = (request.get_json(silent=True) or {}).get("answer")
    if given is None:
        return jsonify(error="answer is required"), 400
    return jsonify(correct=str(given).strip().lower() == question["answer"])


@app.get("/topics")
def topics() -> ResponseReturnValue:
    counts: dict[str, int] = {}
    for question in QUESTIONS.values():
        counts[question["topic"]] = counts.get(question["topic"], 0) + 1
    return jsonify(counts)
''',
    checks=(
        ("GET", "/questions/1", None, 200, "Is the answer hidden?"),
        ("POST", "/questions/1/answers", {"answer": " Danube"}, 200, ""),
        ("GET", "/questions/8", None, 404, ""),
    ),
    report="app.py has the quiz with three sample questions:\n\n- `GET /questions/<n>` gives topic and text only; question 1 reads "
    '"{r[0].body[text]}"\n- `POST /questions/<n>/answers` with `answer` says `correct`; " Danube" was right, so '
    "spaces and capitals do not matter\n- `GET /topics` counts questions per topic\n\nAn unknown number gives {r[2].status} as JSON: "
    '"{r[2].body[error]}".',
    others=0,
)

STORE = Template(
    system="You write compact, typed Python. Tests are part of every feature.",
    ask="I'd like a JSON key-value store over HTTP: PUT, GET and DELETE on /kv/<key>, a listing with an optional prefix, and it "
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
    report="The store is done and it does survive restarts: each request started the app anew, and after the PUT "
    "({r[0].status}) the GET returned level {r[1].body[level]}. A missing key gives {r[2].status}.\n\nRoutes: `GET /kv?prefix=`, "
    "`PUT /kv/<key>` (201 new, 200 replaced), `GET /kv/<key>`, `DELETE /kv/<key>` (204). Tests: {passed} passed; they use a file "
    "of their own, test_store.json.",
)

CONVERTER = Template(
    ask="Could I have a unit converter as a web service? Lengths and weights would do: /convert?value=3&from=km&to=mi. Mixing a "
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
    report="3 km are {r[0].body[result]} mi according to `GET /convert`. Kilometres to pounds answer {r[1].status} with "
    '"{r[1].body[error]}", an unknown unit "{r[2].body[error]}"; a value that is no number is a 400 as well. `GET /units` lists '
    "what it knows: m, km, mi, ft and kg, g, lb. New units are one entry in `FACTORS`.",
    others=4,
)

LOANS = Template(
    ask="A lending app for a village library, please. Books, members, loans. A member may have at most two books, and a book can "
    "only be lent once at a time. Returning must be possible. Put the rules in a module of their own.",
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
    report="The library app has its rules in lending.py and its routes in app.py: `GET /books`, `POST /books/<id>/loan` with a "
    "`member`, `DELETE /books/<id>/loan` to return.\n\nLending book {r[0].body[book]} to {r[0].body[member]} answers {r[0].status}. The "
    'other two requests were refused with {r[1].status}: "{r[1].body[error]}" and "{r[2].body[error]}".',
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
    ask="Four of us share a flat and I want to split expenses. Write a Flask API: record who paid what (amounts in cents) and GET "
    "/balances to see who owes or gets money. The cents must add up to zero, also for odd amounts. Test that.",
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
    report="`POST /expenses` (payer, cents, what) records an expense and `GET /balances` shows the balances; positive means the "
    "person gets money back. All {passed} tests pass, the sums are zero for odd amounts too.\n\nAfter 2599 cents paid by Caro: Ada "
    "{r[0].body[Ada]}, Ben {r[0].body[Ben]}, Caro {r[0].body[Caro]}, Dev {r[0].body[Dev]}. Fractions of a cent are refused with "
    "{r[1].status}.",
)

OPERATIONS = Template(
    ask="Set up a Flask skeleton for me with a health check, simple metrics (requests per endpoint), JSON error handlers for 404 and "
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
    report="The skeleton stands in two files.\n\n- app.py: `GET /health` (answers `{r[0].body[status]}`), `GET /metrics`, handlers for 404 "
    "and 405\n- api.py: the blueprint, `GET /api/ping`\n\n`/metrics` counts per endpoint; its first answer has a total of "
    '{r[1].body[total]}, its own request. A POST to `/api/ping` gives {r[2].status} as JSON: "{r[2].body[error]}". The counts are per '
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
    ask="As a demo for a talk: an endpoint over a fixed list of mountains that supports filtering by country, a minimum height, sorting "
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
    report="`GET /mountains` takes `country`, `min_height`, `sort` (with a leading `-` for descending), `page` and `size`, all optional.\n\n"
    "- Swiss ones by height: {r[0].body[total]} in total, {r[0].body[items][0][name]} first\n- From 3000 m, page 2 of size 3: "
    '{r[1].body[items][0][name]} is the first of the rest, {r[1].body[total]} in total\n- `sort=colour`: {r[2].status}, "{r[2].body[error]}"\n\n'
    '`size=many` is refused as well: {r[3].status}, "{r[3].body[error]}".',
    others=3,
)

COUNTER = Template(
    system="You are the assistant of a web programming course.",
    ask="Show my students how sessions work: a Flask app where every visitor has a counter in the session cookie, with routes to see it, "
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
    report="app.py and test_app.py are ready; {passed} tests pass, among them the one with two clients.\n\n- `GET /counter` shows the count\n"
    "- `POST /counter` adds `step` (default 1, at most 10)\n- `DELETE /counter` resets it\n\nA first visitor who adds 3 gets "
    '{r[0].body[count]}; a step of 50 gives {r[1].status}, "{r[1].body[error]}". For the students: the cookie is signed, not encrypted, and '
    "the secret key in the code must be replaced outside class.",
)
