"""Services outside the project folder: records that tools look up and change, with schemas of their own.

A session that installs one can call its tools. They work on `records.json` in the session's folder, so what
they do is in the digest; their results are JSON objects, in the shape that the session drew.

Not covered: what is asked of them (`datagen.families.answering`).
"""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

from datagen import table
from datagen.session import Session
from datagen.table import Table
from datagen.workbench import Refused, Workbench

STORE = "records.json"
Record = dict[str, Any]


class Part(NamedTuple):
    """An argument, and how a sentence goes with it and without it."""

    field: str
    """A field of the records, or `id`."""
    said: str
    unsaid: str
    question: str


class Tool(Table):
    """A tool of a service."""

    name: str
    act: Literal["get", "find", "update", "create", "delete"]
    about: str
    does: str
    can: str
    parts: tuple[Part, ...]


class Service(Table):
    """What a service keeps, and its tools."""

    name: str
    one: str
    many: str
    ids: str
    fields: Mapping[str, str]
    tools: tuple[Tool, ...]

    @property
    def id_key(self) -> str:
        """What an id is called in arguments."""
        return f"{self.one.rpartition(' ')[2]}_id"

    def argument(self, part: Part) -> str:
        """What a part is called in arguments."""
        return self.id_key if part.field == "id" else part.field


class Services(Table):
    """All of them."""

    services: tuple[Service, ...]
    labels: Mapping[str, str]


TABLE = table.read(table.TABLES / "services.toml", Services)
SERVICES = TABLE.services
BOOLEAN = {"type": "boolean"}
EXTRAS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("dry_run", {"type": "boolean", "description": "Only say what would be done"}),
    ("notify", BOOLEAN),
    ("fields", {"type": "array", "items": {"type": "string"}, "description": "Only these fields"}),
    ("comment", {"type": "string", "description": "Goes into the protocol"}),
    ("options", {"type": "object", "properties": {"silent": BOOLEAN, "retries": {"type": "integer"}}}),
    ("tags", {"type": "array", "items": {"type": "string"}}),
    ("request_id", {"type": ["string", "null"]}),
)  # fmt: skip
"""Optional parameters that nothing needs, as real tools have them; no call uses them."""


def value(kind: str, r: random.Random) -> Any:
    """A value of a kind: see the table's first lines."""
    name, _, rest = kind.partition(": ")
    if name in ("text", "one of"):
        return r.choice(rest.split("; "))
    if name == "number":
        low, high = rest.split("..")
        return r.randint(int(low), int(high))
    if name == "date":
        return f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    if name == "time":
        return f"{r.randint(8, 17):02}:{r.choice(('00', '15', '30', '45'))}"
    return r.random() < 0.5


def _schema(kind: str) -> dict[str, Any]:
    name, _, rest = kind.partition(": ")
    if name == "one of":
        return {"type": "string", "enum": rest.split("; ")}
    more = {"date": {"description": "YYYY-MM-DD"}, "time": {"description": "HH:MM"}}.get(name, {})
    return {"type": {"number": "integer", "flag": "boolean"}.get(name, "string"), **more}


def label(field: str) -> str:
    """A field's name as a person says it."""
    return TABLE.labels.get(field, field.replace("_", " "))


def shown(given: Any) -> str:
    """A value as a person says it."""
    return {True: "yes", False: "no"}[given] if isinstance(given, bool) else str(given)


@dataclass
class Desk:
    """A service in a session: its records as they were at first, and how its results look."""

    service: Service
    records: dict[str, Record]
    envelope: str

    def new(self, field: str, r: random.Random, *, but: Any = None) -> Any:
        """A value for a field, another one than `but`."""
        while (drawn := value(self.service.fields[field], r)) == but:
            pass
        return drawn


def draw(session: Session, service: Service) -> Desk:
    """Fill a service with records and let the session call its tools, which are not offered by that."""
    r = session.random
    numbers = sorted(r.sample(range(11, 990), r.randint(5, 8)))
    records = {
        service.ids.format(n=number): {
            name: value(kind, r) for name, kind in service.fields.items()
        }
        for number in numbers
    }
    for tool in service.tools:
        if tool.act == "find":  # a search is to find several
            some = r.sample([record[tool.parts[0].field] for record in records.values()], 3)
            for record in records.values():
                record[tool.parts[0].field] = r.choice(some)
    desk = Desk(service, records, r.choice(("named", "bare", "data", "result", "named")))
    session.files({STORE: json.dumps(records, ensure_ascii=False)})
    for tool in service.tools:
        session.bench.schemas[tool.name] = _declared(service, tool, r)
        session.bench.tools[tool.name] = partial(_act, session.bench, desk, tool)
    return desk


def declare(session: Session, service: Service, tool: Tool) -> str:
    """Declare a tool of a service that has no records here, so that nobody calls it; its name."""
    session.bench.schemas[tool.name] = _declared(service, tool, session.random)
    return tool.name


def _declared(service: Service, tool: Tool, r: random.Random) -> dict[str, Any]:
    described = r.random() < 0.5
    properties: dict[str, Any] = {}
    for part in tool.parts:
        kind = "text" if part.field == "id" else service.fields[part.field]
        schema = _schema(kind)
        if part.field == "id" and described:
            example = service.ids.format(n=r.randint(11, 99))
            schema["description"] = f"Id of the {service.one}, e.g. {example}"
        properties[service.argument(part)] = schema
    required = list(properties)
    extras = r.sample(EXTRAS, r.choice((0, 0, 1, 2)))
    properties |= {name: dict(schema) for name, schema in extras}
    names = list(properties)
    if r.random() < 0.3:
        r.shuffle(names)
    parameters = {
        "type": "object",
        "properties": {name: properties[name] for name in names},
        "required": required,
        **({"additionalProperties": False} if r.random() < 0.3 else {}),
    }
    function = {"name": tool.name, "description": tool.about, "parameters": parameters}
    return {"type": "function", "function": function}


def _act(bench: Workbench, desk: Desk, tool: Tool, **arguments: Any) -> str:
    """Do what a tool does, on the records as they are now."""
    service = desk.service
    file = bench.path(STORE)
    records: dict[str, Record] = json.loads(file.read_text(encoding="utf-8"))
    given = {
        part.field: arguments[service.argument(part)]
        for part in tool.parts
        if service.argument(part) in arguments
    }
    number = given.pop("id", "")
    if tool.act == "find":
        found = [
            {"id": key, **record}
            for key, record in records.items()
            if all(record[field] == each for field, each in given.items())
        ]
        return _wrapped(desk, service.many.replace(" ", "_"), found, {"count": len(found)})
    if tool.act == "create":
        last = max(int("".join(filter(str.isdigit, key))) for key in records)
        number = service.ids.format(n=last + 1)
        records[number] = given
    elif number not in records:
        raise Refused(f"there is no {service.one} {number}")
    said: Record = {"id": number, **records[number]}
    if tool.act == "update":
        records[number] |= given
        said = {"id": number, **given}
    if tool.act == "delete":
        del records[number]
        said = {"id": number, "removed": True}
    if tool.act != "get":
        file.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    return _wrapped(desk, service.one.replace(" ", "_"), said, {})


def _wrapped(desk: Desk, name: str, found: Any, more: Record) -> str:
    whole: Record = {
        "named": {name: found, **more},
        "data": {"status": "ok", "data": found, **more},
        "result": {"success": True, "result": found, **more},
        "bare": found if isinstance(found, dict) else {"items": found, **more},
    }[desk.envelope]
    return json.dumps(whole, ensure_ascii=False)


def sentence(
    desk: Desk, tool: Tool, arguments: Mapping[str, Any], without: frozenset[str] = frozenset()
) -> str:
    """What the tool is to do, as the end of a request; the parts in `without` are not told."""
    service = desk.service
    words = [tool.does]
    for part in tool.parts:
        if part.field in without:
            words.append(part.unsaid)
        else:
            words.append(part.said.format(v=shown(arguments[service.argument(part)])))
    return " ".join(filter(None, words))


def arguments(desk: Desk, tool: Tool, r: random.Random) -> dict[str, Any]:
    """Arguments with which a tool finds, changes or makes something."""
    service = desk.service
    number = r.choice(list(desk.records))
    made: dict[str, Any] = {}
    for part in tool.parts:
        if part.field == "id":
            given: Any = number
        elif tool.act == "find":
            given = desk.records[number][part.field]
        else:
            given = desk.new(part.field, r, but=desk.records[number][part.field])
        made[service.argument(part)] = given
    return made


def acting(desk: Desk, *acts: str) -> Iterator[Tool]:
    """The service's tools that act so."""
    return (tool for tool in desk.service.tools if tool.act in acts)
