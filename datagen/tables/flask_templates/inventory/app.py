"""Stock of a small warehouse."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

STOCK = {"bolt-8": 120, "nut-8": 40, "hinge": 0}


@app.get("/items")
def list_items() -> ResponseReturnValue:
    return jsonify([{"sku": sku, "quantity": STOCK[sku]} for sku in sorted(STOCK)])


@app.post("/items/<sku>/<kind>")
def move(sku: str, kind: str) -> ResponseReturnValue:
    """Take an order out of the stock, or put a delivery in."""
    if sku not in STOCK or kind not in ("orders", "deliveries"):
        return jsonify(error="no such item or movement"), 404
    quantity = (request.get_json(silent=True) or {}).get("quantity")
    if not isinstance(quantity, int) or quantity < 1:
        return jsonify(error="quantity must be a whole number above 0"), 400
    if kind == "orders" and quantity > STOCK[sku]:
        return jsonify(error="not enough stock", available=STOCK[sku]), 409
    STOCK[sku] += quantity if kind == "deliveries" else -quantity
    return jsonify(sku=sku, quantity=STOCK[sku])
