"""What an answer says of a database is what SQLite says of the project's own files."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from datagen import generate
from datagen.families.querying import scenarios
from datagen.tool_schemas import TOOLS
from datagen.worlds import databases

Row = dict[str, Any]
FORMS = (databases._as_table, databases._as_records, databases._as_lists)


def statements(row: Row) -> Iterator[str]:
    for turn in row["messages"]:
        for call in turn.get("tool_calls", []):
            yield from re.findall(
                r"(?s)SELECT.*", "".join(map(str, call["function"]["arguments"].values()))
            )


def test_the_same_rows_are_read_from_every_form_of_a_result() -> None:
    columns, rows = ["name", "n"], [("Ada Lovelace", 3), ("O'Hara", 2)]
    for form in FORMS:
        assert databases.rows_of(form(columns, rows)) == [["Ada Lovelace", "3"], ["O'Hara", "2"]]
        assert databases.rows_of(form(columns, [])) == []


@pytest.mark.parametrize("name", [each.__name__ for each in scenarios.SCENARIOS])
def test_an_answer_holds_what_the_database_gives(name: str) -> None:
    for seed in range(3):
        with generate.played(f"querying.{name}/{seed}") as session:
            row = session.row(f"querying.{name}/{seed}")
            files = session.bench.texts()
        answer = row["messages"][-1]["content"]
        database = sqlite3.connect(":memory:")
        for end in ("schema.sql", "data.sql")[: 1 if name == "column" else 2]:
            (path,) = (each for each in files if each.endswith(end))
            database.executescript(files[path])
        if name in ("count_by", "total", "without", "mend"):
            last = list(statements(row))[-1].partition('"""')[0]
            for found in database.execute(last).fetchall():
                assert " ".join(map(str, found)) in answer or str(found[0]) in answer, answer
        if name == "wrong_column":
            wrong = [
                turn.get("weight", 1) for turn in row["messages"] if turn["role"] == "assistant"
            ]
            assert wrong.count(0) == 1
            assert any("no such column" in turn["content"] for turn in row["messages"])


def test_a_change_is_seen_by_the_next_query_and_a_wrong_statement_is_refused() -> None:
    with generate.played("querying.update/1") as session:
        (name,) = (tool for tool in session.offered if tool not in TOOLS)
        (parameter,) = session.bench.schemas[name]["function"]["parameters"]["required"]
        table = session.bench.result(name, {parameter: "SELECT name FROM sqlite_master LIMIT 1"})
        (table,) = databases.rows_of(table)[0]
        before = session.bench.result(name, {parameter: f"SELECT COUNT(*) FROM {table}"})
        session.bench.result(name, {parameter: f"DELETE FROM {table} WHERE id = 1"})
        after = session.bench.result(name, {parameter: f"SELECT COUNT(*) FROM {table}"})
        refused = session.bench.result(name, {parameter: "SELEC 1"})
    assert int(databases.rows_of(before)[0][0]) == int(databases.rows_of(after)[0][0]) + 1
    assert refused.startswith("Error: near")
