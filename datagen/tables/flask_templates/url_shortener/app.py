"""A URL shortener whose codes count up in base 36."""

from flask import Flask, jsonify, redirect, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LINKS = {"rs": {"url": "https://example.org/handbook", "hits": 0}}
FIRST = 1000


def encode(number: int) -> str:
    """Write a number in base 36."""
    code = ""
    while number:
        number, digit = divmod(number, 36)
        code = DIGITS[digit] + code
    return code or "0"


@app.post("/links")
def create_link() -> ResponseReturnValue:
    url = (request.get_json(silent=True) or {}).get("url", "")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return jsonify(error="url must start with http:// or https://"), 400
    code = encode(FIRST + len(LINKS))
    LINKS[code] = {"url": url, "hits": 0}
    return jsonify(code=code, url=url), 201


@app.get("/links/<code>")
def show_link(code: str) -> ResponseReturnValue:
    if code not in LINKS:
        return jsonify(error="unknown code"), 404
    return jsonify(LINKS[code])


@app.get("/<code>")
def follow(code: str) -> ResponseReturnValue:
    if code not in LINKS:
        return jsonify(error="unknown code"), 404
    LINKS[code]["hits"] += 1
    return redirect(LINKS[code]["url"])
