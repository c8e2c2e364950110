from app import app


def test_filter_by_tag():
    notes = app.test_client().get("/notes?tag=weekend").get_json()
    assert [note["id"] for note in notes] == [1, 3]


def test_new_note_counts_in_tags():
    client = app.test_client()
    note = {"text": "Sharpen the shears", "tags": ["garden", "garden"]}
    assert client.post("/notes", json=note).status_code == 201
    assert client.get("/tags").get_json()["garden"] == 2
