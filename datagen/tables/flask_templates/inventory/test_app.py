from app import app


def order(sku: str, quantity: object) -> int:
    body = {"quantity": quantity}
    return app.test_client().post(f"/items/{sku}/orders", json=body).status_code


def test_order_within_stock():
    assert order("nut-8", 40) == 200


def test_order_beyond_stock_is_refused():
    assert order("bolt-8", 121) == 409
    assert order("hinge", 1) == 409


def test_quantity_must_be_positive():
    assert order("bolt-8", 0) == 400
    assert order("bolt-8", "ten") == 400
