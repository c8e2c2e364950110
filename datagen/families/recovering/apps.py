"""A small Flask app of a trade, for requests that fail.

Not covered: what is requested (`runs`).
"""

import random
from dataclasses import dataclass

from datagen.families.recovering.projects import table
from datagen.families.recovering.trades import Domain


@dataclass(frozen=True)
class App:
    """A small Flask app."""

    prefix: str
    source: str
    rows: list[tuple[str, int]]
    changing: str
    """The method that changes an entry: PUT or PATCH."""


def flask_app(domain: Domain, r: random.Random) -> App:
    """An app.py with some routes for the domain."""
    prefix = r.choice(("", "/api", "/v1", "/api/v2", "/internal"))
    rows = table(domain, r, r.randint(2, 4))
    changing = r.choice(("put", "patch"))
    d, name = domain, domain.items.upper()
    entries = "".join(
        f'    {number}: {{"{d.label}": "{label}", "{d.measure}": {value}}},\n'
        for number, (label, value) in enumerate(rows, start=1)
    )
    source = f'''"""The {d.items} over HTTP."""

from flask import Flask, Response, abort, jsonify, request

app = Flask(__name__)
{name} = {{
{entries}}}


@app.get("{prefix}/{d.items}")
def list_{d.items}() -> Response:
    return jsonify(list({name}.values()))


@app.get("{prefix}/{d.items}/<int:number>")
def show_{d.item}(number: int) -> Response:
    if number not in {name}:
        abort(404)
    return jsonify({name}[number])


@app.post("{prefix}/{d.items}")
def add_{d.item}() -> tuple[Response, int]:
    {name}[len({name}) + 1] = request.get_json()
    return jsonify(id=len({name})), 201


@app.{changing}("{prefix}/{d.items}/<int:number>")
def change_{d.item}(number: int) -> Response:
    {name}[number] = {{**{name}[number], **request.get_json()}}
    return jsonify({name}[number])
'''
    return App(prefix, source, rows, changing.upper())
