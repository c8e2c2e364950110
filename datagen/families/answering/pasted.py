"""The part of the family `answering` in which all that is needed stands in the user's message.

What is asked is worked out by the program that wrote the text.

Not covered: what stands in an earlier result (`services`, `folder`).
"""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from datagen import table
from datagen.families.answering.folder import some_tools
from datagen.families.answering.services import offer, start
from datagen.families.answering.texts import PEOPLE, begin, draw, together
from datagen.phrasing import upper_first
from datagen.session import Session
from datagen.table import Table
from datagen.worlds.services import shown

Slots = dict[str, object]


class Commit(NamedTuple):
    """The subject of a commit, and a better one."""

    long: str
    short: str


class Failure(NamedTuple):
    """An error, what Python says, the line, and the reason; {a} is a name."""

    error: str
    message: str
    line: str
    why: str


class Pasted(Table):
    """What pasted texts consist of, and what is said about them."""

    said: Mapping[str, tuple[str, ...]]
    """Questions by kind, and answers by kind."""
    items: tuple[str, ...]
    keys: tuple[str, ...]
    tests: tuple[str, ...]
    chores: tuple[str, ...]
    subjects: tuple[str, ...]
    months: tuple[str, ...]
    mails: tuple[str, ...]
    commits: tuple[Commit, ...]
    errors: tuple[Failure, ...]
    error_words: tuple[str, ...]
    events: Mapping[str, tuple[str, ...]]
    """By level of a log."""


words = table.read(table.TABLES / "answering/pasted.toml", Pasted)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def total(r: Random) -> Slots:
    """Numbers of things."""
    numbers = [r.randint(2, 60) for _ in range(r.randint(3, 6))]
    lines = [
        f"{name}: {number}"
        for name, number in zip(r.sample(PEOPLE, len(numbers)), numbers, strict=True)
    ]
    added = " + ".join(map(str, numbers))
    return {
        "data": "\n".join(lines),
        "unit": r.choice(words.items),
        "value": sum(numbers),
        "sum": added,
    }


def latest(r: Random) -> Slots:
    """Version numbers, which are no decimals."""
    major = r.randint(0, 4)
    minors = r.sample((1, 2, 3, 4, 8, 9, 10, 11, 12, 14, 20), r.randint(3, 5))
    versions = [(major, minor, r.randint(0, 12)) for minor in minors]
    texts = [".".join(map(str, each)) for each in versions]
    newest = ".".join(map(str, max(versions)))
    return {
        "data": "\n".join(f"- {each}" for each in texts),
        "line": together(texts),
        "value": newest,
    }


def _log(r: Random) -> tuple[list[str], list[tuple[str, str]]]:
    minute = r.randint(60, 1200)
    lines, errors = [], []
    for level in r.sample(["ERROR"] * r.randint(1, 4) + ["INFO"] * 3 + ["WARNING"] * 2, 6):
        minute += r.randint(1, 9)
        time, event = f"{_clock(minute)}:{r.randint(0, 59):02}", r.choice(words.events[level])
        lines.append(f"{time} {level} {event}")
        if level == "ERROR":
            errors.append((time, event))
    return lines, errors


def errors(r: Random) -> Slots:
    """Lines of a log."""
    lines, found = _log(r)
    return {"data": "\n".join(lines), "value": str(len(found)) if found else "none"}


def first_error(r: Random) -> Slots:
    """Lines of a log that has an error."""
    while not (made := _log(r))[1]:
        pass
    (time, message), *_ = made[1]
    return {"data": "\n".join(made[0]), "value": time, "message": message}


def traceback(r: Random) -> Slots:
    """A traceback of two frames."""
    kind, message, line, why = r.choice(words.errors)
    word = r.choice(words.error_words)
    path = r.choice(("report.py", "importer.py", "billing/run.py", "tools/clean.py", "stats.py"))
    number, fn = (
        r.randint(8, 140),
        r.choice(("load", "convert", "summarise", "read_rows", "merge", "check")),
    )
    data = (
        f"Traceback (most recent call last):\n"
        f'  File "{path}", line {number + r.randint(9, 60)}, in <module>\n'
        f'    {fn}(rows)\n  File "{path}", line {number}, in {fn}\n    return {line.format(a=word)}\n'
        f"{kind}: {message.format(a=word)}"
    )
    return {
        "data": data,
        "line": number,
        "path": path,
        "fn": fn,
        "error": kind,
        "why": why.format(a=word),
    }


def diff(r: Random) -> Slots:
    """A small diff."""
    minus, plus = r.randint(1, 4), r.randint(1, 6)
    keys = r.sample(words.keys, 6)
    lines = [
        f"--- a/{(path := r.choice(('app.cfg', 'main.ini', 'conf/site.cfg')))}",
        f"+++ b/{path}",
    ]
    lines += [f"@@ -1,{minus + 1} +1,{plus + 1} @@", " [main]"]
    lines += [f"-{key} = {r.randint(1, 9)}" for key in keys[:minus]]
    lines += [f"+{key} = {r.randint(10, 99)}" for key in keys[:plus]]
    return {"data": "\n".join(lines), "plus": plus, "minus": minus}


def _settings(r: Random) -> tuple[str, list[str], dict[str, int]]:
    keys = r.sample(words.keys, 7)
    values = {key: r.randint(2, 900) for key in keys[:6]}
    form = r.choice(("{} = {}", "{}: {}", "export {}={}"))
    return "\n".join(form.format(key, value) for key, value in values.items()), keys, values


def setting(r: Random) -> Slots:
    """A key of pasted settings."""
    data, keys, values = _settings(r)
    key = r.choice(keys[:6])
    return {"data": data, "key": key, "value": values[key]}


def unset(r: Random) -> Slots:
    """A key that the pasted settings lack."""
    data, keys, _ = _settings(r)
    return {"data": data, "key": keys[6]}


def failed(r: Random) -> Slots:
    """The summary of a run of tests."""
    names = r.sample(words.tests, r.randint(1, 3))
    passed = r.randint(4, 80)
    stem = r.choice(("app", "core", "shop", "api"))
    lines = [f"FAILED tests/test_{stem}.py::test_{name} - AssertionError" for name in names]
    data = "\n".join(
        [*lines, f"{len(names)} failed, {passed} passed in {r.randint(1, 9)}.{r.randint(10, 99)}s"]
    )
    return {"data": data, "value": together([f"`test_{name}`" for name in names]), "passed": passed}


def open_tasks(r: Random) -> Slots:
    """A list with ticks."""
    chores = r.sample(words.chores, r.randint(4, 6))
    done = set(r.sample(chores, r.randint(1, len(chores) - 1)))
    data = "\n".join(f"- [{'x' if each in done else ' '}] {each}" for each in chores)
    return {"data": data, "value": together([each for each in chores if each not in done])}


def duration(r: Random) -> Slots:
    """Two times of a day."""
    start, minutes = r.randint(300, 1000), r.randint(7, 300)
    return {"data": "", "start": _clock(start), "end": _clock(start + minutes), "value": minutes}


def lookup(r: Random) -> Slots:
    """A Markdown table."""
    names = r.sample(PEOPLE, 4)
    columns = r.sample(("team", "desk", "extension", "floor", "shift"), 3)
    values = {
        "team": ("red", "blue", "green"), "desk": ("A1", "B4", "C2", "D7"),
        "extension": ("114", "207", "355", "482"),
        "floor": ("1", "2", "3", "4"), "shift": ("early", "late", "night"),
    }  # fmt: skip
    rows = {name: {column: r.choice(values[column]) for column in columns} for name in names}
    data = [f"| name | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    data += [f"| {name} | {' | '.join(row.values())} |" for name, row in rows.items()]
    name, column = r.choice(names), r.choice(columns)
    return {"data": "\n".join(data), "name": name, "column": column, "value": rows[name][column]}


def _mail(r: Random) -> Slots:
    who, subject = r.choice(PEOPLE), r.choice(words.subjects)
    month = r.choice(words.months)
    sent, limit = f"{r.randint(2, 12)} {month}", f"{r.randint(14, 28)} {month}"
    body = r.choice(words.mails).format(subject=subject, sent=sent, limit=limit)
    return {
        "data": f"Hello,\n{body}\nRegards, {who}",
        "value": limit,
        "who": who,
        "what": subject,
    }


def shorter(r: Random) -> Slots:
    """A commit message that is too long."""
    data, value = r.choice(words.commits)
    return {"data": data, "value": value}


def as_json(r: Random) -> Slots:
    """Lines of keys and values."""
    pairs: dict[str, int | str | bool] = {
        "name": r.choice(PEOPLE), r.choice(("age", "floor", "badge")): r.randint(2, 90),
        r.choice(("active", "remote")): r.random() < 0.5,
        "team": r.choice(("red", "blue", "sales", "support")),
    }  # fmt: skip
    keys = r.sample(list(pairs), r.randint(3, 4))
    lines = [f"{key}: {shown(pairs[key])}" for key in keys]
    return {
        "data": "\n".join(lines),
        "value": json.dumps({key: pairs[key] for key in keys}, indent=2),
    }


def default(r: Random) -> Slots:
    """A function with defaults."""
    keys = r.sample(words.keys, 3)
    values = [r.choice(("10", "None", "True", "0.5", '"auto"', "250", "False")) for _ in keys]
    fn = r.choice(("connect", "fetch_page", "open_store", "send_batch", "start"))
    parameters = ", ".join(f"{key}={value}" for key, value in zip(keys, values, strict=True))
    index = r.randrange(3)
    return {
        "data": f"def {fn}(target, {parameters}):\n    ...",
        "key": keys[index],
        "value": values[index],
    }


def mean(r: Random) -> Slots:
    """Numbers whose mean is whole."""
    count, value = r.choice((3, 4, 5)), r.randint(40, 300)
    off = [r.randint(-35, 35) for _ in range(count - 1)]
    numbers = [value + each for each in off] + [value - sum(off)]
    return {
        "data": together(list(map(str, numbers))),
        "value": value,
        "sum": sum(numbers),
        "count": count,
    }


Kinds = Mapping[str, Callable[[Random], Slots]]
NUMBERS: Kinds = {
    "total": total,
    "latest": latest,
    "duration": duration,
    "mean": mean,
    "diff": diff,
}
RUNS: Kinds = {"errors": errors, "first_error": first_error, "traceback": traceback, "failed": failed,
               "default": default}  # fmt: skip
PAGES: Kinds = {"setting": setting, "unset": unset, "lookup": lookup, "open_tasks": open_tasks,
                "as_json": as_json, "shorter": shorter, "mail": _mail, "mail_who": _mail}  # fmt: skip


def numbers_pasted(session: Session) -> None:
    """Numbers to be worked with in the head."""
    _pasted(session, NUMBERS)


def runs_pasted(session: Session) -> None:
    """What a program printed, or a piece of one."""
    _pasted(session, RUNS)


def pages_pasted(session: Session) -> None:
    """Settings, tables, lists, mails."""
    _pasted(session, PAGES)


def _pasted(session: Session, kinds: Kinds) -> None:
    r = session.random
    kind = r.choice(list(kinds))
    said = kinds[kind](r)
    begin(session, draw(session, words.said[kind], **said))
    if r.random() < 0.8:
        some_tools(session)
    else:
        offer(session, start(session))
    session.say(upper_first(draw(session, words.said[f"{kind}_answers"], **said)))
