import pytest

from app import EXPENSES, app, balances


@pytest.mark.parametrize("cents", [1, 2, 3, 1003, 9999])
def test_balances_add_up_to_zero(cents: int):
    EXPENSES.append({"payer": "Dev", "cents": cents, "what": "test"})
    assert sum(balances().values()) == 0


def test_stranger_cannot_pay():
    body = {"payer": "Zoe", "cents": 500}
    assert app.test_client().post("/expenses", json=body).status_code == 400
