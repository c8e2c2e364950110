"""Seven of fourteen small Flask apps: the user's request, the code, requests that try it, the report.

A report's slots are read from the responses in their order: {r[0].status} is the status of the first,
{r[1].body[error]} a value of the second; {passed} is the number of tests that passed.

Not covered: the other seven (`more`); writing and trying them
(`datagen.families.flask_templates`).
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
    ask="Build me a small to-do API in app.py: list the entries, add one, mark one as "
    "done, delete one. "
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
    report="The to-do API is in app.py.\n\n- `GET /todos` lists everything\n- `POST /todos` "
    "with `text` adds an entry "
    "(400 without text)\n- `POST /todos/<id>/done` marks it as done\n- `DELETE "
    "/todos/<id>` removes it, answering 204\n\n"
    "Tried: the new entry got id {r[0].body[id]} ({r[0].status}), entry 1 is now "
    "done, and deleting id 9 gives "
    '{r[2].status} with "{r[2].body[error]}".',
)

NOTES = Template(
    ask="I want to keep notes with tags over HTTP. Can you make a Flask app where I can "
    "create notes, list them, "
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
    report="Your notes app is ready, and {passed} tests pass.\n\nRoutes:\n- `GET /notes`, "
    "optionally `?tag=weekend`\n"
    "- `POST /notes` with `text` and a list of `tags`; duplicate tags are merged\n- "
    "`GET /tags` counts the use of each tag\n\n"
    "With the example notes `weekend` is used {r[0].body[weekend]} times. A note "
    "without text is refused: {r[1].status}, "
    '"{r[1].body[error]}". The notes are lost when the process ends.',
    others=2,
)

SHORTENER = Template(
    system="You build small Flask services. Keep everything in app.py unless asked otherwise.",
    ask="URL shortener please: POST /links with a url returns a short code, GET /<code> "
    "redirects, and I'd like to see "
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
    report="Done. `POST /links` answered {r[0].status} with the code `{r[0].body[code]}`, "
    "`GET /rs` redirects "
    "({r[1].status}), and a url without a scheme gives {r[2].status}: "
    '"{r[2].body[error]}".\n\n`GET /links/<code>` shows the '
    "url and its hits; every redirect adds one. Codes are 1000 plus the number of "
    "links, in base 36.",
)

POLL = Template(
    ask="Please write a poll app for our team lunch. One question, fixed options, POST a "
    "vote, GET the results with "
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
    report="The poll runs. Three routes: `GET /poll` (question and options), `GET "
    "/poll/results` (sorted by votes, with "
    'percentages) and `POST /poll/votes` with `{{"option": ...}}`.\n\nBefore voting, '
    "{r[0].body[0][option]} leads with "
    "{r[0].body[0][percent]} %. A vote for noodles answers {r[1].status} and puts "
    "noodles at {r[1].body[0][votes]} votes. "
    'Voting for steak gives {r[2].status}: "{r[2].body[error]}".',
    others=3,
)

INVENTORY = Template(
    ask="We need a mini inventory service. Items have a sku and a quantity. Orders take "
    "stock out and must be refused "
    "with 409 if there isn't enough; deliveries put stock in. Flask, app.py, plus "
    "tests for the stock check.",
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
    report="The inventory service works; {passed} tests pass.\n\n| Route | Does "
    "|\n|---|---|\n| `GET /items` | all items with quantity |\n"
    "| `POST /items/<sku>/deliveries` | adds `quantity` |\n| `POST "
    "/items/<sku>/orders` | takes `quantity` out |\n\n"
    "After a delivery of 25 there are {r[0].body[quantity]} hinges. Ordering 41 of "
    "nut-8 gives {r[1].status} "
    '("{r[1].body[error]}", {r[1].body[available]} available). Unknown skus are 404, '
    "bad quantities 400.",
)

BOOKING = Template(
    ask="Room booking: people POST room, start and end (hours as integers), overlapping "
    "bookings of the same room must be "
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
    report="Booking works and conflicts are refused.\n\n- `POST /bookings` with `room`, "
    "`start`, `end`: 201, or 409 with the booking "
    "that is in the way, or 400 for bad input\n- `GET /rooms/<room>/bookings`: "
    "sorted by start\n\nStudio 11 to 14 was accepted "
    "({r[0].status}), because touching ends do not overlap. 15 to 18 gave "
    "{r[1].status}: it clashes with "
    "{r[1].body[booking][start]} to {r[1].body[booking][end]}. Each request here "
    "starts a fresh app, so the list shows only "
    "the example bookings.",
    others=2,
)

QUIZ = Template(
    ask="make a quiz api: GET a question without its answer, POST an answer and hear if "
    "it was right, plus a summary of how "
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
    report="app.py has the quiz with three sample questions:\n\n- `GET /questions/<n>` "
    "gives topic and text only; question 1 reads "
    '"{r[0].body[text]}"\n- `POST /questions/<n>/answers` with `answer` says '
    '`correct`; " Danube" was right, so '
    "spaces and capitals do not matter\n- `GET /topics` counts questions per "
    "topic\n\nAn unknown number gives {r[2].status} as JSON: "
    '"{r[2].body[error]}".',
    others=0,
)
