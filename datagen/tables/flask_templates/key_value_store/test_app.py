from app import app


def test_a_value_comes_back_and_goes():
    app.config["STORE"] = "test_store.json"
    client = app.test_client()
    assert client.put("/kv/door.front", json={"open": True}).status_code == 201
    assert client.get("/kv/door.front").get_json() == {"open": True}
    assert client.get("/kv?prefix=door").get_json() == ["door.front"]
    assert client.delete("/kv/door.front").status_code == 204
    assert client.get("/kv/door.front").status_code == 404
