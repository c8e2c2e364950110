"""Small Flask apps in many domains and layouts, as text: what stands there before a change.

A domain names the things that an app keeps and their fields; a `Shape` draws one domain, sample
records, and how the code is written. `render` puts views together into files.

Not covered: the changes that users ask for (`changes_of_reading`, `changes_of_writing`).
"""

import json
import random
import re
from dataclasses import dataclass
from typing import Any

from datagen import table
from datagen.table import Table

Record = dict[str, Any]


class Domain(Table):
    """The things that an app keeps."""

    about: str
    one: str
    many: str
    name: str
    """The field of its name."""
    samples: tuple[str, ...]
    """Names."""
    number: str
    """A field with a whole number."""
    least: int
    most: int
    kind: str
    """A field with one of a few values."""
    kinds: tuple[str, ...]
    flag: str
    """A field that is true or false."""
    verb: str
    """What sets the flag."""


class Apps(Table):
    """What apps are made of."""

    projects: tuple[str, ...]
    domains: tuple[Domain, ...]


apps = table.read(table.TABLES / "flask_routes/apps.toml", Apps)


@dataclass(frozen=True)
class Shape:
    """One domain with its records, and how the app's code is written."""

    one: str
    many: str
    name: str
    number: str
    kind: str
    kinds: tuple[str, ...]
    flag: str
    verb: str
    about: str
    project: str
    records: tuple[Record, ...]
    base: str
    storage: str  # "list", "dict" or "store": a module of its own
    blueprint: bool
    tests: bool
    short: bool  # @app.get(...) rather than @app.route(...)
    typed: bool
    missing: str  # the line that answers for an unknown id
    said: str  # the message of that answer, "" for an HTML page

    @property
    def path(self) -> str:
        """The path of the collection."""
        return f"{self.base}/{self.many}"

    @property
    def var(self) -> str:
        """The constant that holds the records."""
        return self.many.upper()

    @property
    def key(self) -> str:
        """The variable of an id."""
        return f"{self.one}_id"

    @property
    def views(self) -> str:
        """The file with the views."""
        return "routes.py" if self.blueprint else "app.py"

    @property
    def store(self) -> str:
        """The module that holds the records, where there is one."""
        return f"{self.one}_store"

    @property
    def absent(self) -> int:
        """An id that no record has."""
        return len(self.records) + 37

    def names(self, wanted: Any = None) -> list[str]:
        """Names of the records that `wanted` accepts."""
        return [each[self.name] for each in self.records if wanted is None or wanted(each)]


def draw(rng: random.Random, *, json_missing: bool = True) -> Shape:
    """Draw a shape; with `json_missing`, an unknown id is answered in JSON."""
    d = rng.choice(apps.domains)
    low, high = d.least, d.most
    names = rng.sample(d.samples, rng.randint(3, 4))
    records = tuple(
        {"id": index, d.name: text, d.number: value, d.kind: rng.choice(d.kinds),
         d.flag: rng.random() < 0.4}
        for index, (text, value) in enumerate(
            zip(names, rng.sample(range(low, high + 1), len(names)), strict=True)
            if high - low > len(names)
            else ((text, rng.randint(low, high)) for text in names),
            start=1,
        )
    )  # fmt: skip
    one = d.one
    text = rng.choice(
        (f"{one} not found", f"no such {one}", f"unknown {one}", f"no {one} with this id")
    )
    lines = (f'return jsonify(error="{text}"), 404', f'return {{"error": "{text}"}}, 404')
    return Shape(
        one, d.many, d.name, d.number, d.kind, d.kinds, d.flag, d.verb, d.about,
        rng.choice(apps.projects), records,
        base=rng.choice(("", "", "/api", "/v1")),
        storage=rng.choice(("list", "list", "dict", "dict", "store")),
        blueprint=rng.random() < 0.2,
        tests=rng.random() < 0.35,
        short=rng.random() < 0.6,
        typed=rng.random() < 0.4,
        missing=rng.choice(lines) if json_missing else "abort(404)",
        said=text if json_missing else "",
    )  # fmt: skip


def everything(s: Shape) -> str:
    """The expression of all records as a list."""
    return {"list": s.var, "dict": f"list({s.var}.values())", "store": f"{s.store}.every()"}[
        s.storage
    ]


def find(s: Shape) -> str:
    """The expression of one record or None."""
    return {
        "list": f'next((each for each in {s.var} if each["id"] == {s.key}), None)',
        "dict": f"{s.var}.get({s.key})",
        "store": f"{s.store}.find({s.key})",
    }[s.storage]


def remove(s: Shape) -> str:
    """The statement that removes a record."""
    return {
        "list": f"{s.var}.remove({s.one})",
        "dict": f"del {s.var}[{s.key}]",
        "store": f"{s.store}.remove({s.one})",
    }[s.storage]


def view(s: Shape, method: str, tail: str, head: str, *body: str) -> str:
    """A view: `tail` is what follows the collection's path, `head` its name and arguments."""
    target = "bp" if s.blueprint else "app"
    path = s.path + tail
    if s.short:
        route = f'@{target}.{method.lower()}("{path}")'
    else:
        methods = "" if method == "GET" else f', methods=["{method}"]'
        route = f'@{target}.route("{path}"{methods})'
    name, _, arguments = head.partition(" ")
    types = (f"{arguments}: int" if arguments else "", " -> ResponseReturnValue")
    said = types if s.typed else (arguments, "")
    lines = "\n".join(f"    {line}".rstrip() for part in body for line in part.split("\n"))
    return f"{route}\ndef {name}({said[0]}){said[1]}:\n{lines}"


def list_view(s: Shape, *body: str) -> str:
    """The view of the collection; without a body it returns all records."""
    return view(s, "GET", "", f"list_{s.many}", *(body or (f"return jsonify({everything(s)})",)))


def one_view(s: Shape, *body: str) -> str:
    """The view of one record."""
    usual = (
        f"{s.one} = {find(s)}",
        f"if {s.one} is None:\n    {s.missing}",
        f"return jsonify({s.one})",
    )
    return view(s, "GET", f"/<int:{s.key}>", f"get_{s.one} {s.key}", *(body or usual))


def create_view(s: Shape, *checks: str, answer: str = "", kind: str = "") -> str:
    """The view that adds a record; `checks` stand between reading the body and the record."""
    number = {
        "list": f'max((each["id"] for each in {s.var}), default=0) + 1',
        "dict": f"max({s.var}, default=0) + 1",
        "store": f"{s.store}.next_id()",
    }[s.storage]  # fmt: skip
    add = {
        "list": f"{s.var}.append({s.one})",
        "dict": f'{s.var}[{s.one}["id"]] = {s.one}',
        "store": f"{s.store}.add({s.one})",
    }[s.storage]
    kind = kind or f'data["{s.kind}"]'
    body = (
        "data = request.get_json()", *checks, f"{s.one} = {{",
        f'    "id": {number},', f'    "{s.name}": data["{s.name}"],',
        f'    "{s.number}": data["{s.number}"],', f'    "{s.kind}": {kind},',
        f'    "{s.flag}": False,', "}", add, answer or f"return jsonify({s.one}), 201",
    )  # fmt: skip
    return view(s, "POST", "", f"create_{s.one}", *body)


def _literal(record: Record) -> str:
    pairs = (f'"{key}": {json.dumps(value) if isinstance(value, str) else value}'
             for key, value in record.items())  # fmt: skip
    return f"{{{', '.join(pairs)}}}"


def _data(s: Shape, records: tuple[Record, ...]) -> str:
    if s.storage == "dict":
        rows = [f"    {each['id']}: {_literal(each)}," for each in records]
        kind = ": dict[int, dict[str, Any]]" if s.typed else ""
        return "\n".join((f"{s.var}{kind} = {{", *rows, "}"))
    rows = [f"    {_literal(each)}," for each in records]
    kind = ": list[dict[str, Any]]" if s.typed else ""
    return "\n".join((f"{s.var}{kind} = [", *rows, "]"))


def _module(
    s: Shape, doc: str, flask: tuple[str, ...], own: str, start: str, parts: list[str]
) -> str:
    body = "\n\n\n".join((start, *parts)) if start else "\n\n\n".join(parts)
    names = {*flask, *re.findall(r"\b(abort|jsonify|url_for)\(|\b(request)\.", body)}
    used = sorted(
        {name for each in names for name in (each if isinstance(each, tuple) else (each,)) if name}
    )
    needs = ["from typing import Any"] if "Any]" in body else []
    blocks = ["\n".join(needs)] if needs else []
    third = [f"from flask import {', '.join(used)}"] if used else []
    third += (
        ["from flask.typing import ResponseReturnValue"] if "ResponseReturnValue" in body else []
    )
    blocks += ["\n".join(third)] if third else []
    blocks += [own] if own else []
    top = f'"""{doc}."""\n\n' + "".join(f"{block}\n\n" for block in blocks)
    return f"{top}{body}\n"


def render(
    s: Shape,
    views: list[str],
    *,
    handlers: list[str] | None = None,
    constants: str = "",
    removing: bool = False,
    tests: list[str] | None = None,
    records: tuple[Record, ...] | None = None,
) -> dict[str, str]:
    """The files of the app. `removing` gives a store the function that removes a record."""
    data = _data(s, records or s.records)
    target = (
        'bp = Blueprint("' + s.many + '", __name__)' if s.blueprint else "app = Flask(__name__)"
    )
    own = f"import {s.store}" if s.storage == "store" else ""
    start = "\n\n".join(part for part in (target, "" if own else data, constants) if part)
    files = {}
    if s.blueprint:
        lines = "app = Flask(__name__)\napp.register_blueprint(routes.bp)"
        files["app.py"] = _module(s, s.about, ("Flask",), "import routes", lines, handlers or [])
        files["routes.py"] = _module(s, f"Routes of {s.many}", ("Blueprint",), own, start, views)
    else:
        files["app.py"] = _module(s, s.about, ("Flask",), own, start, [*views, *(handlers or [])])
    if own:
        files[f"{s.store}.py"] = _store(s, data, removing)
    if s.tests:
        files["test_app.py"] = _tests(s, tests or [])
    return files


def _store(s: Shape, data: str, removing: bool) -> str:
    item = "dict[str, Any]" if s.typed else "dict"
    parts = [
        f"def every() -> list[{item}]:\n    return {s.var}",
        f"def find({s.key}: int) -> {item} | None:\n"
        f'    return next((each for each in {s.var} if each["id"] == {s.key}), None)',
        f'def next_id() -> int:\n    return max((each["id"] for each in {s.var}), default=0) + 1',
        f"def add({s.one}: {item}) -> None:\n    {s.var}.append({s.one})",
    ]
    if removing:
        parts.append(f"def remove({s.one}: {item}) -> None:\n    {s.var}.remove({s.one})")
    return _module(s, f"The {s.many}, in memory", (), "", data, parts)


def _tests(s: Shape, added: list[str]) -> str:
    first = (
        f'def test_lists_all_{s.many}():\n    response = app.test_client().get("{s.path}")\n'
        f"    assert response.status_code == 200\n    assert len(response.get_json()) >= {len(s.records)}"
    )
    return "\n\n\n".join(("from app import app", first, *added)) + "\n"
