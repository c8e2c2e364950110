"""The app: health, metrics, error handlers, and the API blueprint."""

from collections import Counter

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

import api

app = Flask(__name__)
app.register_blueprint(api.bp, url_prefix="/api")
REQUESTS: Counter[str] = Counter()


@app.before_request
def count() -> None:
    REQUESTS[request.endpoint or "unknown"] += 1


@app.errorhandler(404)
@app.errorhandler(405)
def as_json(error: HTTPException) -> ResponseReturnValue:
    return jsonify(error=error.name, status=error.code), error.code or 500


@app.get("/health")
def health() -> ResponseReturnValue:
    return jsonify(status="ok")


@app.get("/metrics")
def metrics() -> ResponseReturnValue:
    return jsonify(total=sum(REQUESTS.values()), endpoints=REQUESTS)
