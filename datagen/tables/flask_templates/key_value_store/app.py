"""A key-value store that keeps its data in store.json."""

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
    Path(app.config["STORE"]).write_text(text + "\n", encoding="utf-8")


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
