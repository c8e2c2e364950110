"""Notes with tags."""

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
