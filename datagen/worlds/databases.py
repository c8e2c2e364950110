"""Small SQLite databases that conversations ask: two SQL files, and a tool that runs statements.

The database is in memory, made from the project's own `schema.sql` and `data.sql`; statements really run,
in the standard library's sqlite3, and a change stays for the rest of the conversation.

Not covered: what is asked (`datagen.families.querying`); anything in which versions of SQLite differ.
"""

import json
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from datagen import table
from datagen.session import Session
from datagen.table import Table
from datagen.workbench import Refused


class Parent(Table):
    """A table of things with names."""

    table: str
    one: str
    many: str
    label: str
    labels: str
    extra: str
    values: str


class Child(Table):
    """A table of what belongs to the things."""

    table: str
    one: str
    many: str
    group: str
    groups: str
    number: str
    range: str


class Kind(Table):
    """A database: what it is about."""

    parent: Parent
    child: Child


class Kinds(Table):
    """All of them."""

    databases: tuple[Kind, ...]


KINDS = table.read(table.TABLES / "querying/databases.toml", Kinds).databases


@dataclass(frozen=True)
class Database:
    """A database as it was drawn."""

    kind: Kind
    folder: str
    """Where its files lie; "" for the project's own folder."""
    schema: str
    data: str
    groups: tuple[str, ...]
    numbers: tuple[int, ...]
    """Of the rows of the child table, whose ids are 1, 2, 3, ..."""

    @property
    def schema_path(self) -> str:
        """The path of the schema."""
        return f"{self.folder}schema.sql"

    @property
    def data_path(self) -> str:
        """The path of the statements that fill it."""
        return f"{self.folder}data.sql"

    @property
    def foreign_key(self) -> str:
        """The column of the child that refers to the parent."""
        return f"{self.kind.parent.one}_id"


def draw(r: random.Random) -> Database:
    """Draw a database and its rows."""
    kind = r.choice(KINDS)
    parent, child = kind.parent, kind.child
    labels = r.sample(parent.labels.split("; "), r.randint(4, 6))
    groups = child.groups.split("; ")
    low, high = map(int, child.range.split(".."))
    key = f"{parent.one}_id"
    schema = (
        f"CREATE TABLE {parent.table} (\n    id INTEGER PRIMARY KEY,\n    {parent.label} TEXT NOT NULL,\n"
        f"    {parent.extra} TEXT\n);\n\nCREATE TABLE {child.table} (\n    id INTEGER PRIMARY KEY,\n"
        f"    {key} INTEGER NOT NULL REFERENCES {parent.table}(id),\n    {child.group} TEXT NOT NULL,\n"
        f"    {child.number} INTEGER NOT NULL\n);\n"
    )
    lines = [f"INSERT INTO {parent.table} VALUES"]
    things = [
        (at, label, r.choice(parent.values.split("; "))) for at, label in enumerate(labels, 1)
    ]
    lines.append(
        ",\n".join(f"    ({at}, '{label}', '{extra}')" for at, label, extra in things) + ";"
    )
    busy = r.sample([at for at, *_ in things], r.randint(len(things) - 2, len(things)))
    count = r.randint(9, 16)
    held = [
        (at, r.choice(busy), r.choice(groups), r.randint(low, high)) for at in range(1, count + 1)
    ]
    lines.append(f"INSERT INTO {child.table} VALUES")
    lines.append(",\n".join(f"    ({a}, {b}, '{c}', {d})" for a, b, c, d in held) + ";")
    used = tuple(group for group in groups if any(group == each[2] for each in held))
    numbers = tuple(each[3] for each in held)
    folder = r.choice(("", "", "db/", "sql/", "database/"))
    return Database(kind, folder, schema, "\n".join(lines) + "\n", used, numbers)


def connected(session: Session, database: Database, name: str, parameter: str, about: str) -> None:
    """Let the session call a tool that runs statements; it is not offered by that."""
    r = session.random
    connection = sqlite3.connect(":memory:")
    connection.executescript(database.schema + database.data)
    schema: dict[str, Any] = {"type": "string", "description": "SQL, one statement"}
    properties = {parameter: schema}
    if r.random() < 0.3:
        properties["params"] = {"type": "array", "items": {"type": ["string", "number", "null"]}}
    if r.random() < 0.2:
        properties["max_rows"] = {"type": "integer", "minimum": 1, "default": 100}
    parameters = {"type": "object", "properties": properties, "required": [parameter]}
    function = {"name": name, "description": about, "parameters": parameters}
    session.bench.schemas[name] = {"type": "function", "function": function}
    shown = r.choice((_as_table, _as_records, _as_lists))
    session.bench.tools[name] = partial(_run, connection, shown, parameter)


def _run(connection: sqlite3.Connection, shown: Any, parameter: str, **arguments: Any) -> str:
    try:
        cursor = connection.execute(arguments[parameter])
    except sqlite3.Error as error:
        raise Refused(str(error)) from None
    if cursor.description is None:
        return str(shown(["rows_affected"], [(cursor.rowcount,)]))
    return str(shown([column[0] for column in cursor.description], cursor.fetchall()))


def _as_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["|".join(columns), *("|".join(map(str, row)) for row in rows)]
    return "\n".join(lines)


def _as_records(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False)


def _as_lists(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    found = {"columns": list(columns), "rows": [list(row) for row in rows], "count": len(rows)}
    return json.dumps(found, ensure_ascii=False)


def rows_of(result: str) -> list[list[str]]:
    """The rows that a result shows, whatever its form, as texts."""
    if result.startswith("["):
        return [[str(each) for each in row.values()] for row in json.loads(result)]
    if result.startswith("{"):
        return [[str(each) for each in row] for row in json.loads(result)["rows"]]
    return [line.split("|") for line in result.splitlines()[1:]]
