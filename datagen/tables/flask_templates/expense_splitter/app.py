"""Split shared expenses evenly, in cents."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

PEOPLE = ["Ada", "Ben", "Caro", "Dev"]
EXPENSES = [{"payer": "Ada", "cents": 1001, "what": "groceries"}]


def balances() -> dict[str, int]:
    """What each person gets back (positive) or owes (negative)."""
    result = dict.fromkeys(PEOPLE, 0)
    for expense in EXPENSES:
        share, rest = divmod(expense["cents"], len(PEOPLE))
        for index, person in enumerate(PEOPLE):
            result[person] -= share + (1 if index < rest else 0)
        result[expense["payer"]] += expense["cents"]
    return result


@app.get("/balances")
def show_balances() -> ResponseReturnValue:
    return jsonify(balances())


@app.post("/expenses")
def add_expense() -> ResponseReturnValue:
    data = request.get_json(silent=True) or {}
    payer, cents = data.get("payer"), data.get("cents")
    if payer not in PEOPLE:
        return jsonify(error="payer is not in the group"), 400
    if not isinstance(cents, int) or cents <= 0:
        return jsonify(error="cents must be a positive whole number"), 400
    EXPENSES.append({"payer": payer, "cents": cents, "what": data.get("what", "")})
    return jsonify(balances()), 201
