"""The scenarios of the family `querying`: the schema is looked at, a statement is run, its rows are told.

In some rows a tool runs statements; in others Python does, by the standard library's sqlite3.

Not covered: the databases and the tool (`datagen.worlds.databases`).
"""

import re

from datagen.families.querying.texts import texts
from datagen.patches import diff
from datagen.phrasing import code, filled, joined, look, only, perhaps, words
from datagen.session import Call, Session
from datagen.worlds import databases
from datagen.worlds.databases import Database, rows_of

Slots = dict[str, str]


class Desk:
    """A database, and the way in which the row asks it."""

    def __init__(self, session: Session, *, by_tool: bool | None = None) -> None:
        r = session.random
        self.session = session
        self.database: Database = databases.draw(r)
        files = {self.database.schema_path: self.database.schema,
                 self.database.data_path: self.database.data}  # fmt: skip
        self.name, self.parameter = r.choice(texts.tools.names), r.choice(texts.tools.parameters)
        drawn = r.random() < 0.6
        self.by_tool = drawn if by_tool is None else by_tool
        if self.by_tool:
            about = r.choice(texts.tools.descriptions)
            databases.connected(session, self.database, self.name, self.parameter, about)
        self.files = files
        kind = self.database.kind
        self.slots: Slots = {
            "parent": kind.parent.one, "parents": kind.parent.many, "child": kind.child.one,
            "children": kind.child.many, "ptable": kind.parent.table, "ctable": kind.child.table,
            "label": kind.parent.label, "extra": kind.parent.extra, "group": kind.child.group,
            "number": kind.child.number, "fk": self.database.foreign_key,
            "schema": self.database.schema_path, "value": r.choice(self.database.groups),
        }  # fmt: skip

    def begin(self, kind: str, *tools: str) -> None:
        """Write the files; the user asks."""
        session = self.session
        session.files(self.files)
        session.offer(*([self.name] if self.by_tool else ["run_python"]), "read_file", *tools)
        session.offer(others=session.random.randint(0, 3) if not self.by_tool else 0)
        if session.random.random() < 0.2:
            session.system(filled(session.random.choice(SYSTEMS), self.slots))
        session.user(words(session, texts.ask[kind], self.slots))

    def look_at_schema(self) -> str:
        """Find the schema and read it."""
        session, path = self.session, self.database.schema_path
        if path not in session.messages[-1]["content"]:
            calls = [("list_directory", {"path": "."})]
            look(session, calls, perhaps(session, texts.say["folder"], self.slots))
            if self.database.folder:
                look(session, [("list_directory", {"path": self.database.folder.rstrip("/")})])
        saying = perhaps(session, texts.say["schema"], self.slots)
        found = look(session, [("read_file", {"path": path})], saying)
        return found[0] if found else ""

    def query(self, statement: str, say: str = "query") -> list[list[str]]:
        """Run a statement, by the tool or by Python; returns its rows."""
        saying = perhaps(self.session, texts.say[say], self.slots)
        if self.by_tool:
            call = (self.name, {self.parameter: statement})
            result = look(self.session, [call], saying)
            return rows_of((result or [""])[0])
        result = look(self.session, [("run_python", {"code": self.program(statement)})], saying)
        return rows_of(f"\n{(result or [''])[0]}".replace("\n(no output)", ""))

    def program(self, statement: str) -> str:
        """A program that fills a database in memory and prints what a statement gives."""
        paths = f'("{self.database.schema_path}", "{self.database.data_path}")'
        return (
            'import sqlite3\n\ndb = sqlite3.connect(":memory:")\n'
            f"for path in {paths}:\n    with open(path) as file:\n"
            f'        db.executescript(file.read())\nfor row in db.execute("""{statement}"""):\n'
            '    print(*row, sep="|")\n'
        )

    def answer(self, kind: str, **more: str) -> None:
        """The assistant answers."""
        self.session.say(words(self.session, texts.answer[kind], self.slots | more))


SYSTEMS = (
    "You answer questions about a small SQLite database. Look before you answer.",
    "You help a team with its database. Use the tools, and be brief.",
    "Assistant for the project's data: read the schema, query, report.",
)


def count_by(session: Session) -> None:
    """Rows counted by a column."""
    desk = Desk(session)
    desk.begin("count_by")
    desk.look_at_schema()
    group, table = desk.slots["group"], desk.slots["ctable"]
    rows = desk.query(f"SELECT {group}, COUNT(*) FROM {table} GROUP BY {group} ORDER BY {group}")
    desk.answer("count_by", list=joined([f"{name} {count}" for name, count in rows]))


def total(session: Session) -> None:
    """A sum under a condition."""
    desk = Desk(session)
    desk.begin("total")
    desk.look_at_schema()
    s = desk.slots
    where = f"{s['group']} = '{s['value']}'"
    ((found,),) = desk.query(f"SELECT SUM({s['number']}) FROM {s['ctable']} WHERE {where}")
    desk.answer("total", sum=found)


def most(session: Session) -> None:
    """A join, grouped: who has the most."""
    desk = Desk(session)
    desk.begin("most")
    desk.look_at_schema()
    rows = desk.query(_counts(desk, desk.slots["label"]))
    _tell_most(desk, rows)


def _counts(desk: Desk, label: str) -> str:
    s = desk.slots
    return (
        f"SELECT p.{label}, COUNT(*) AS n FROM {s['ctable']} c JOIN {s['ptable']} p "
        f"ON p.id = c.{s['fk']} GROUP BY p.id ORDER BY n DESC, p.{label}"
    )


def _tell_most(desk: Desk, rows: list[list[str]]) -> None:
    first = [name for name, count in rows if count == rows[0][1]]
    if len(first) > 1:
        desk.answer("tie", winners=joined(first), count=rows[0][1])
    else:
        desk.answer("most", winner=first[0], count=rows[0][1])


def wrong_column(session: Session) -> None:
    """The first query guesses a name; its error leads to the schema, and that to the right one."""
    desk = Desk(session, by_tool=True)
    desk.begin("most")
    label = session.random.choice(texts.columns.wrong[desk.slots["label"]])
    statement = _counts(desk, label)
    # The names of the tables come from sqlite_master, those of columns are guessed.
    desk.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    result = session.mistake(desk.name, {desk.parameter: statement})
    if "no such column" not in result:
        raise AssertionError(f"the column exists: {result}")
    calls: list[Call] = [
        (desk.name, {desk.parameter: f"PRAGMA table_info({desk.slots[table]})"})
        for table in ("ptable", "ctable")
    ]
    look(session, calls, perhaps(session, texts.say["wrong"], desk.slots))
    _tell_most(desk, desk.query(_counts(desk, desk.slots["label"])))


def without(session: Session) -> None:
    """Rows of one table that the other does not refer to."""
    desk = Desk(session)
    desk.begin("without")
    desk.look_at_schema()
    s = desk.slots
    rows = desk.query(
        f"SELECT {s['label']} FROM {s['ptable']} WHERE id NOT IN "
        f"(SELECT {s['fk']} FROM {s['ctable']}) ORDER BY {s['label']}"
    )
    names = [row[0] for row in rows if row[0]]
    if names:
        desk.answer("without", list=joined(names))
    else:
        desk.answer("none_without")


def update(session: Session) -> None:
    """A value is changed by the tool, and looked at afterwards."""
    desk = Desk(session, by_tool=True)
    r, s = session.random, desk.slots
    low, high = map(int, desk.database.kind.child.range.split(".."))
    number = r.randrange(len(desk.database.numbers))
    others = [each for each in range(low, high + 1) if each != desk.database.numbers[number]]
    s |= {"id": str(number + 1), "new": str(r.choice(others))}
    desk.begin("update")
    where = f"FROM {s['ctable']} WHERE id = {s['id']}"
    desk.look_at_schema()
    ((old,),) = desk.query(f"SELECT {s['number']} {where}")
    desk.query(f"UPDATE {s['ctable']} SET {s['number']} = {s['new']} WHERE id = {s['id']}", "edit")
    ((new,),) = desk.query(f"SELECT {s['number']} {where}", "check")
    if new != s["new"]:
        raise AssertionError(f"it is {new}")
    desk.answer("update", old=old)


def column(session: Session) -> None:
    """A column is added to the schema, which is loaded to see that it is right."""
    desk = Desk(session, by_tool=False)
    r, s = session.random, desk.slots
    s |= {"new": r.choice(texts.columns.names), "kind": r.choice(texts.columns.kinds)}
    desk.begin("column", "apply_patch")
    old = f"{desk.look_at_schema()}\n"
    last = f"    {s['number']} INTEGER NOT NULL\n"
    new = old.replace(last, f"{last.rstrip()},\n    {s['new']} {s['kind']}\n")
    patch = diff(s["schema"], old, new)
    look(session, [("apply_patch", {"patch": patch})], perhaps(session, texts.say["edit"], s))
    program = (
        'import sqlite3\n\ndb = sqlite3.connect(":memory:")\n'
        f'with open("{s["schema"]}") as file:\n    db.executescript(file.read())\n'
        f'for row in db.execute("PRAGMA table_info({s["ctable"]})"):\n    print(row[1], row[2])\n'
    )
    found = look(
        session, [("run_python", {"code": program})], perhaps(session, texts.say["load"], s)
    )
    names = [line.split()[0] for line in (found or [""])[0].splitlines()]
    desk.answer("column", columns=code(names))


def mend(session: Session) -> None:
    """A report lacks its condition: the query is repaired and run."""
    desk = Desk(session)
    r, s = session.random, desk.slots
    s["path"] = f"reports/{r.choice(('monthly', 'overview', 'summary', 'totals', 'by_name'))}.sql"
    joins = (
        f"SELECT p.{s['label']}, SUM(c.{s['number']})\nFROM {s['ctable']} c\nJOIN {s['ptable']} p "
    )
    joins += f"ON p.id = c.{s['fk']}\n"
    end = f"GROUP BY p.id\nORDER BY p.{s['label']};\n"
    line = f"WHERE c.{s['group']} = '{s['value']}'"
    desk.files[s["path"]] = joins + end
    desk.begin("mend", "apply_patch")
    desk.look_at_schema()
    saying = perhaps(session, texts.say["schema"], s) and f"Now {s['path']}."
    look(session, [("read_file", {"path": s["path"]})], saying)
    new = f"{joins}{line}\n{end}"
    patch = diff(s["path"], joins + end, new)
    look(session, [("apply_patch", {"patch": patch})], perhaps(session, texts.say["edit"], s))
    rows = desk.query(" ".join(new.rstrip(";\n").split("\n")), "report")
    desk.answer("mend", line=line, list=joined([f"{name} {count}" for name, count in rows]))


def references(session: Session) -> None:
    """How two tables are connected, by the schema alone."""
    desk = Desk(session)
    desk.begin("references")
    text = desk.look_at_schema()
    line = only(rf"^ *({desk.slots['fk']} .*?),?$", text)
    if not re.search(rf"REFERENCES {desk.slots['ptable']}\(id\)", line):
        raise AssertionError(line)
    desk.answer("references", line=line)


SCENARIOS = (count_by, total, most, wrong_column, without, update, column, mend, references)
