from app import app


def test_counter_belongs_to_one_client():
    one, other = app.test_client(), app.test_client()
    one.post("/counter")
    assert one.post("/counter", json={"step": 4}).get_json() == {"count": 5}
    assert other.get("/counter").get_json() == {"count": 0}


def test_reset():
    client = app.test_client()
    client.post("/counter")
    assert client.delete("/counter").status_code == 204
    assert client.get("/counter").get_json() == {"count": 0}
