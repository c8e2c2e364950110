"""A quiz; answers stay on the server."""

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
