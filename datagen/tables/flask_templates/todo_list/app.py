"""A to-do list, in memory."""

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
