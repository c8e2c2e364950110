"""Held-out probes whose gold answer calls a tool that training rows never offer.

Not covered: the tools themselves (`datagen.families.probing.tools`).
"""

import json
from typing import Any

from datagen.families.probing.scenes import (
    Scene,
    app,
    ask,
    csv_text,
    gold,
    module,
    offer,
    one_of_its_kind,
    scene,
)
from datagen.session import Session


def measuring(session: Session) -> None:
    """Lines, words, or a hash of a file."""
    s = scene(session)
    path = s.text_path
    session.files({path: s.prose()})
    tool = s.random.choice(("count_lines", "word_count", "file_hash"))
    algorithm = s.random.choice(("md5", "sha1", "sha256"))
    ask(session, s, tool, path=path, algorithm=algorithm)
    more = {"algorithm": algorithm} if tool == "file_hash" else {}
    gold(session, tool, {"path": path, **more})


def moving(session: Session) -> None:
    """A file is renamed or copied."""
    s = scene(session)
    old = s.text_path
    folder = s.random.choice((s.folder, *s.world.folders, "attic", "archive_room"))
    new = f"{folder}/{s.stems[1]}_{s.random.randint(2, 99)}.{old.rpartition('.')[2]}"
    session.files({old: s.prose()})
    tool = s.random.choice(("rename_file", "copy_file"))
    ask(session, s, tool, old=old, new=new)
    names = ("old_path", "new_path") if tool == "rename_file" else ("source", "destination")
    gold(session, tool, dict(zip(names, (old, new), strict=True)))


def clearing(session: Session) -> None:
    """A file is deleted, a folder made, two files are joined."""
    s = scene(session)
    one, two = s.text_path, f"{s.folder}/{s.stems[1]}.txt"
    session.files({one: s.prose(), two: s.prose()})
    tool = s.random.choice(("delete_file", "make_directory", "merge_files"))
    if tool == "delete_file":
        ask(session, s, tool, path=one)
        gold(session, tool, {"path": one})
    elif tool == "make_directory":
        path = f"{s.folder}/{s.stems[2]}_{s.random.randint(1870, 2024)}"
        ask(session, s, tool, path=path)
        gold(session, tool, {"path": path})
    else:
        target = f"{s.stems[3]}_{s.stems[4]}.txt"
        ask(session, s, tool, one=one, two=two, target=target)
        gold(session, tool, {"paths": [one, two], "target": target})


def _json_file(session: Session, s: Scene) -> tuple[str, str]:
    """A JSON file; its path, and a dotted key of it."""
    nested = s.nested()
    path = f"{s.folder}/{s.stems[0]}.json"
    session.files({path: json.dumps(nested) + "\n"})
    section = s.random.choice(list(nested))
    return path, f"{section}.{s.random.choice(list(nested[section]))}"


def looking_up(session: Session) -> None:
    """A value of a JSON file, or a column of a table."""
    s = scene(session)
    if s.random.random() < 0.5:
        path, key = _json_file(session, s)
        ask(session, s, "json_get", path=path, key=key)
        gold(session, "json_get", {"path": path, "key": key})
        return
    columns, path = s.columns(), f"{s.folder}/{s.stems[0]}.csv"
    session.files({path: csv_text(columns, s.table())})
    column = s.random.choice(columns[1:])
    ask(session, s, "csv_column", path=path, column=column)
    gold(session, "csv_column", {"path": path, "column": column})


def ends_of_files(session: Session) -> None:
    """The first or the last lines of a file."""
    s = scene(session)
    path, count = s.text_path, s.random.randint(2, 40)
    session.files({path: s.prose()})
    tool = s.random.choice(("head", "tail"))
    ask(session, s, tool, path=path, count=count)
    gold(session, tool, {"path": path, "lines": count})


def code_lookups(session: Session) -> None:
    """Where something is defined, or which routes a module has."""
    s = scene(session)
    r = s.random
    if r.random() < 0.55:
        name = f"{r.choice(s.world.functions)}{r.choice(('', '_twice', '_slowly', '_by_hand'))}"
        session.files({f"{s.folder}/{s.stems[0]}.py": module(name, r.randint(2, 9))})
        ask(session, s, "find_definition", name=name)
        gold(session, "find_definition", {"name": name})
        return
    path = f"{s.folder}/{r.choice(('web', 'kiosk', 'gateway', s.stems[1]))}.py"
    session.files({path: app(r.choice(s.world.nouns), f"/{s.folder}", s.stems[:2])})
    ask(session, s, "list_routes", path=path)
    gold(session, "list_routes", {"path": path})


def rewriting(session: Session) -> None:
    """A text is replaced, lines sorted, JSON changed or formatted."""
    s = scene(session)
    r = s.random
    tool = r.choice(("replace_text", "sort_lines", "format_json", "json_set"))
    if tool in ("format_json", "json_set"):
        path, key = _json_file(session, s)
        value, indent = (
            r.choice((r.randint(2, 900), r.randint(11, 99) / 10)),
            r.choice((1, 3, 4, 8)),
        )
        ask(session, s, tool, path=path, key=key, value=value, count=indent)
        more = {"indent": indent} if tool == "format_json" else {"key": key, "value": value}
        gold(session, tool, {"path": path, **more})
        return
    path, (old, new) = s.text_path, r.sample(s.stems, 2)
    session.files({path: f"{s.prose()}The {old} stays where it is.\n"})
    ask(session, s, "sort_down" if tool == "sort_lines" else tool, path=path, old=old, new=new)
    change = {"descending": True} if tool == "sort_lines" else {"old": old, "new": new}
    gold(session, tool, {"path": path, **change})


def comparing(session: Session) -> None:
    """Two files side by side, or the latest commits."""
    s = scene(session)
    one, two = s.text_path, f"{s.folder}/{s.stems[1]}.txt"
    session.files({one: s.prose(), two: s.prose()})
    if s.random.random() < 0.6:
        ask(session, s, "compare_files", one=one, two=two)
        gold(session, "compare_files", {"first": one, "second": two})
        return
    session.repository()
    limit = s.random.randint(2, 60)
    ask(session, s, "git_log", count=limit)
    gold(session, "git_log", {"limit": limit})


def new_tool_after_listing(session: Session) -> None:
    """The path for an unknown tool is in a listing."""
    s = scene(session)
    tool = s.random.choice(("count_lines", "word_count", "delete_file", "head", "tail"))
    lines = {"head": {"lines": 2}, "tail": {"lines": 3}}
    one_of_its_kind(session, s, tool, lines.get(tool, {}))


def new_tool_after_failure(session: Session) -> None:
    """An unknown tool gets a wrong path first; the listings show the right one."""
    s = scene(session)
    r = s.random
    base = f"{s.stems[0]}.csv"
    columns, count = s.columns(), r.randint(2, 9)
    session.files({f"{s.folder}/{base}": csv_text(columns, s.table())})
    tool = r.choice(("csv_column", "head", "tail", "count_lines"))
    column = r.choice(columns[1:])
    more: dict[str, Any] = {"csv_column": {"column": column}, "count_lines": {}}.get(
        tool, {"lines": count}
    )
    ask(session, s, tool, path=base, column=column, count=count)
    offer(session, tool, "list_directory")
    wrong = session.mistake(tool, {"path": base, **more})
    if wrong != f"Error: no such file: {base}":
        raise AssertionError(wrong)
    found = session.call(
        "list_directory", {"path": "."}, saying=f"There is no {base} at the top; where is it?"
    )
    session.call("list_directory", {"path": found.rstrip("/")})
    session.last_call(tool, {"path": f"{s.folder}/{base}", **more})
