"""Web routes of a village library."""

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
