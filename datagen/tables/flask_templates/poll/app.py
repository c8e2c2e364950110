"""A poll with one question."""

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
