"""Routes below /api."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

bp = Blueprint("api", __name__)


@bp.get("/ping")
def ping() -> ResponseReturnValue:
    return jsonify(pong=True)
