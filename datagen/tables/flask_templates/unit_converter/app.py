"""Convert lengths and weights."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

FACTORS = {
    "length": {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048},
    "weight": {"kg": 1.0, "g": 0.001, "lb": 0.45359237},
}
QUANTITY = {unit: name for name, units in FACTORS.items() for unit in units}


@app.get("/units")
def units() -> ResponseReturnValue:
    return jsonify({name: sorted(known) for name, known in FACTORS.items()})


@app.get("/convert")
def convert() -> ResponseReturnValue:
    value = request.args.get("value", type=float)
    source, target = request.args.get("from", ""), request.args.get("to", "")
    if value is None:
        return jsonify(error="value must be a number"), 400
    for unit in (source, target):
        if unit not in QUANTITY:
            return jsonify(error=f"unknown unit: {unit}"), 400
    if QUANTITY[source] != QUANTITY[target]:
        return jsonify(error=f"cannot convert {QUANTITY[source]} to {QUANTITY[target]}"), 400
    factors = FACTORS[QUANTITY[source]]
    result = round(value * factors[source] / factors[target], 6)
    return jsonify({"value": value, "from": source, "to": target, "result": result})
