"""The part of the family `answering` that concerns services: their ids, values, results.

What is asked for lacks a value, or needs a tool that is not offered, or stands in an earlier result. Rows
in which all is there, and the call is made, are as many: tools that are new are called, not avoided.

Not covered: files and code (`folder`), and what stands in the message (`pasted`).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from datagen.families.answering.texts import begin, draw, lower_first, texts, together
from datagen.phrasing import upper_first
from datagen.session import Session
from datagen.worlds import services
from datagen.worlds.services import Desk, Tool, acting, label, shown

FILES = ("read_file", "list_directory", "search", "run_python", "write_file", "git_status")
"""Offered beside a service's tools at times: as a client's set of several servers."""
MANY = 6
"""Tools whose abilities are all told."""


def start(session: Session) -> Desk:
    """A service with its records."""
    return services.draw(session, session.random.choice(services.SERVICES))


def offer(session: Session, desk: Desk, *tools: Tool, without: Tool | None = None) -> None:
    """Offer these tools, some more of the service, and a few of the project folder's."""
    r = session.random
    rest = [each for each in desk.service.tools if each not in tools and each is not without]
    more = r.sample(rest, r.randint(0 if tools else 1, len(rest)))
    others = r.sample(FILES, r.choice((0, 0, 0, 1, 2, 3)))
    others += elsewhere(session, desk.service.name)
    session.offer(*(each.name for each in (*tools, *more)), *others)


def elsewhere(session: Session, *but: str) -> list[str]:
    """In half of the rows, tools of one to four other services, which nobody needs; none of `but`."""
    r = session.random
    if r.random() < 0.5:
        return []
    possible = [service for service in services.SERVICES if service.name not in but]
    return [
        services.declare(session, service, tool)
        for service in r.sample(possible, r.randint(1, 4))
        for tool in r.sample(service.tools, r.randint(1, len(service.tools)))
    ]


def task(
    desk: Desk, tool: Tool, given: Mapping[str, Any], lacking: frozenset[str] = frozenset()
) -> str:
    """What the user wants, as the end of a sentence."""
    return services.sentence(desk, tool, given, lacking)


def id_not_given(session: Session) -> None:
    """Which record is meant is not said: the assistant asks for its id."""
    r = session.random
    desk = start(session)
    tool = r.choice([*acting(desk, "get", "update", "delete")])
    _ask(session, desk, tool, frozenset({"id"}))


def value_not_given(session: Session) -> None:
    """A required value is missing: the assistant asks for it."""
    r = session.random
    desk = start(session)
    tool = r.choice([*acting(desk, "find", "update", "create")])
    known = [part.field for part in tool.parts if part.field != "id"]
    _ask(session, desk, tool, frozenset({r.choice(known)}))


def several_not_given(session: Session) -> None:
    """Two or more required values are missing: the assistant asks for all of them at once."""
    r = session.random
    desk = start(session)
    while not (wide := [each for each in desk.service.tools if len(each.parts) > 1]):
        desk = start(session)
    tool = r.choice(wide)
    known = [part.field for part in tool.parts]
    _ask(session, desk, tool, frozenset(r.sample(known, r.randint(2, len(known)))))


def _ask(session: Session, desk: Desk, tool: Tool, lacking: frozenset[str]) -> None:
    r = session.random
    given = services.arguments(desk, tool, r)
    begin(session, draw(session, texts.requests, task=task(desk, tool, given, lacking)))
    offer(session, desk, tool)
    questions = [part.question for part in tool.parts if part.field in lacking]
    question = questions[0] + "".join(f" And {lower_first(each)}" for each in questions[1:])
    session.say(draw(session, texts.asks, question=question, can=tool.can))
    if r.random() < 0.45:
        return
    replies = texts.replies if len(lacking) == 1 else texts.replies_several
    session.user(draw(session, replies, told=told(desk, tool, given, lacking)))
    finish(session, desk, tool, given, end=0.5)


def told(desk: Desk, tool: Tool, given: Mapping[str, Any], lacking: frozenset[str]) -> str:
    """The values that were asked for, as the user gives them."""
    found = []
    for part in tool.parts:
        if part.field in lacking:
            value = shown(given[desk.service.argument(part)])
            named = desk.service.one if part.field == "id" else label(part.field)
            found.append(f"{named}: {value}" if len(lacking) > 1 else value)
    return "; ".join(found)


def finish(
    session: Session, desk: Desk, tool: Tool, given: Mapping[str, Any], *, end: float
) -> str:
    """Make the call, and say what came of it; the row ends with the call by the probability `end`.

    Returns the result, or "" where the row ends.
    """
    if session.random.random() < end:
        session.last_call(tool.name, dict(given))
        return ""
    result = session.call(tool.name, dict(given))
    session.say(report(session, desk, tool, given, result))
    return result


def content(desk: Desk, result: str) -> Any:
    """What is inside a result, whatever its shape: a record, or a list of records."""
    whole = json.loads(result)
    for key in ("data", "result", "items"):
        if key in whole:
            return whole[key]
    for key in (desk.service.one, desk.service.many):
        if key.replace(" ", "_") in whole:
            return whole[key.replace(" ", "_")]
    return whole


def fields(record: Mapping[str, Any]) -> list[str]:
    """A record's fields, as they are said."""
    return [f"{label(key)} {shown(each)}" for key, each in record.items() if key != "id"]


def report(session: Session, desk: Desk, tool: Tool, given: Mapping[str, Any], result: str) -> str:
    """The sentence on a result."""
    found = content(desk, result)
    names = {"one": desk.service.one, "many": desk.service.many}
    if tool.act == "find":
        if not found:
            return draw(session, texts.found_none, **names)
        ids = together([record["id"] for record in found])
        return draw(session, texts.found, ids=ids, count=counted(desk, len(found)), **names)
    said = together(fields(found)) if fields(found) else ""
    sentences = {"get": texts.got, "update": texts.updated, "create": texts.created,
                 "delete": texts.deleted}[tool.act]  # fmt: skip
    return draw(session, sentences, id=found["id"], fields=said, changes=said, **names)


def counted(desk: Desk, count: int) -> str:
    """`1 ticket`, `3 tickets`."""
    return f"{count} {desk.service.one if count == 1 else desk.service.many}"


def look_with_all_given(session: Session) -> None:
    """All that a look-up needs is said: it is called."""
    _all_given(session, "get", "find")


def change_with_all_given(session: Session) -> None:
    """All that a change needs is said: it is made."""
    _all_given(session, "update", "create", "delete")


def _all_given(session: Session, *acts: str) -> None:
    r = session.random
    desk = start(session)
    tool = r.choice([*acting(desk, *acts)])
    given = services.arguments(desk, tool, r)
    begin(session, draw(session, texts.requests, task=task(desk, tool, given)))
    offer(session, desk, tool)
    finish(session, desk, tool, given, end=0.4)


def two_in_a_row(session: Session) -> None:
    """A look first, then a change: both are calls."""
    r = session.random
    desk = start(session)
    look = next(acting(desk, "get"))
    change = r.choice([*acting(desk, "update", "create", "delete")])
    given = services.arguments(desk, look, r)
    begin(session, draw(session, texts.requests, task=task(desk, look, given)))
    offer(session, desk, look, change)
    finish(session, desk, look, given, end=0)
    wanted = services.arguments(desk, change, r)
    session.user(draw(session, texts.requests, task=task(desk, change, wanted)))
    finish(session, desk, change, wanted, end=0.4)


def service_without_the_tool(session: Session) -> None:
    """The service could do it, but that tool is not offered: said, with what is possible."""
    r = session.random
    desk = start(session)
    wanted = r.choice([*acting(desk, "update", "create", "delete")])
    given = services.arguments(desk, wanted, r)
    begin(session, draw(session, texts.requests, task=task(desk, wanted, given)))
    offer(session, desk, without=wanted)
    session.say(draw(session, texts.cannot, can=wanted.can, able=able(session, desk)))


def able(session: Session, desk: Desk | None = None) -> str:
    """What the offered tools can do; of many, three things, those of the service in question first."""
    cans = {tool.name: tool.can for each in services.SERVICES for tool in each.tools}
    cans |= texts.abilities_of
    if len(session.offered) <= MANY:
        return together([cans[name] for name in session.offered])
    own = {tool.name for tool in desk.service.tools} if desk else set()
    drawn = session.random.sample(session.offered, len(session.offered))
    first = sorted(drawn, key=lambda name: name not in own)[:3]
    return f"{together([cans[name] for name in first])}, among other things"


def field_known_already(session: Session) -> None:
    """A record was looked up; a further question on it is answered from that result."""
    r = session.random
    desk = start(session)
    look = next(acting(desk, "get"))
    given = services.arguments(desk, look, r)
    begin(session, draw(session, texts.requests, task=task(desk, look, given)))
    offer(session, desk, look)
    record = content(desk, session.call(look.name, given))
    names = {"id": record["id"], "one": desk.service.one}
    known = r.sample([key for key in record if key != "id"], 3)
    first, *later = known
    session.say(draw(session, texts.got, fields=f"{label(first)} {shown(record[first])}", **names))
    for field in later[: r.randint(1, 2)]:
        session.user(draw(session, texts.field_questions, label=label(field), **names))
        said = {**names, "label": label(field), "value": shown(record[field])}
        session.say(capital(draw(session, texts.field_answers, **said)))


def list_known_already(session: Session) -> None:
    """Records were listed; a question on the list is answered from that result."""
    r = session.random
    desk = start(session)
    look = next(acting(desk, "find"), None)
    while look is None:
        desk = start(session)
        look = next(acting(desk, "find"), None)
    given = services.arguments(desk, look, r)
    begin(session, draw(session, texts.requests, task=task(desk, look, given)))
    offer(session, desk, look)
    result = session.call(look.name, given)
    found = content(desk, result)
    session.say(report(session, desk, look, given, result))
    (value,) = given.values()
    names = {"value": shown(value), "one": desk.service.one, "many": desk.service.many}
    numeric = [key for key, each in found[0].items() if type(each) is int]
    if len(found) > 1 and numeric and r.random() < 0.6:
        field = r.choice(numeric)
        top = max(found, key=lambda record: int(record[field]))
        if [record[field] for record in found].count(top[field]) == 1:
            session.user(draw(session, texts.highest_questions, label=label(field), **names))
            said = {"id": top["id"], "most": top[field], "label": label(field)}
            session.say(draw(session, texts.highest_answers, **said))
            return
    record = r.choice(found)
    field = r.choice([key for key in record if key not in ("id", look.parts[0].field)])
    names |= {"id": record["id"], "label": label(field)}
    session.user(draw(session, texts.field_questions, **names))
    said = {**names, "value": shown(record[field])}
    session.say(capital(draw(session, texts.field_answers, **said)))


def capital(text: str) -> str:
    """The text with a capital at its start, unless it starts with an id, a code or a name with marks."""
    first = text.split(" ")[0]
    return text if re.search(r"\d", first) or len(first.rstrip(":.")) < 3 else upper_first(text)
