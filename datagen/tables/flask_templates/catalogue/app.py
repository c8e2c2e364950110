"""Mountains: filter, sort, page."""

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
