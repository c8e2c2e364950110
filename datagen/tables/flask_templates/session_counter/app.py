"""A counter for each visitor, kept in the session cookie."""

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
