"""Held-out probes whose gold answer calls a tool that training rows offer as well.

Not covered: tools that they never offer (`new_tools`), and answers without a call (`answers`).
"""

import json

from datagen.families.probing.scenes import (
    Scene,
    app,
    ask,
    gold,
    module,
    offer,
    one_of_its_kind,
    scene,
    speak,
)
from datagen.families.probing.texts import texts
from datagen.session import Session


def reading(session: Session) -> None:
    """A file, or some lines of it."""
    s = scene(session)
    path = s.text_path
    session.files({path: s.prose()})
    if s.random.random() < 0.5:
        ask(session, s, "read_whole", path=path)
        gold(session, "read_file", {"path": path})
        return
    start = s.random.randint(2, 5)
    end = start + s.random.randint(1, 30)
    ask(session, s, "read_part", path=path, start=start, end=end)
    gold(session, "read_file", {"path": path, "start_line": start, "end_line": end})


def finding(session: Session) -> None:
    """A folder's entries, or lines that match."""
    s = scene(session)
    r = s.random
    path = s.text_path
    session.files({path: s.prose(), f"{s.stems[1]}.md": s.prose()})
    kind = r.choice(("list_directory", "search", "search_path", "search_glob"))
    one, two = r.sample(s.world.stems, 2)
    pattern = r.choice(
        (
            f"{one}|{two}",
            f"^{one}",
            rf"{one}\b.*\d+",
            f"[{one[0]}{one[0].upper()}]{one[1:]}",
            f"{two}$",
        )
    )
    glob = r.choice(("*.md", "*.rst", f"{one[:2]}*.txt", "*.txt"))
    ask(session, s, kind, path=s.folder, pattern=pattern, glob=glob)
    arguments = {
        "list_directory": {"path": s.folder}, "search": {"pattern": pattern},
        "search_path": {"pattern": pattern, "path": s.folder},
        "search_glob": {"pattern": pattern, "glob": glob},
    }[kind]  # fmt: skip
    gold(session, kind.partition("_")[0] if kind.startswith("search") else kind, arguments)


def writing(session: Session) -> None:
    """A file with a text that is given to the letter, or a commit with a given message."""
    s = scene(session)
    r = s.random
    path = f"{s.folder}/{s.stems[0]}.txt"
    text = f"{r.choice(s.world.stems)} {r.choice(s.world.nouns)}: {r.randint(3, 900)}"
    ask(session, s, "write_bare", path=path, text=text)
    gold(session, "write_file", {"path": path, "content": text})


def git_chores(session: Session) -> None:
    """A commit, a diff, or the state of the working tree."""
    s = scene(session)
    r = s.random
    path = s.text_path
    session.files({path: s.prose(), "motto.txt": "Slow and steady.\n"})
    session.repository()
    session.files({path: s.prose()})
    tool = r.choice(("git_commit", "git_commit", "git_diff", "git_status"))
    verb = r.choice(("Polish", "Recount", "Shelve", "Retire", "Relight", "Mend", "Weigh", "Trim"))
    message = f"{verb} {r.choice(s.world.stems)} of {r.choice(s.world.nouns)} {r.randint(2, 60)}"
    ask(
        session,
        s,
        tool.removeprefix("git_") if tool == "git_commit" else tool,
        path=path,
        message=message,
    )
    arguments = {"git_commit": {"message": message}, "git_diff": {"path": path}, "git_status": {}}
    gold(session, tool, arguments[tool])


def testing(session: Session) -> None:
    """Tests by file, by keyword, or all of them."""
    s = scene(session)
    r = s.random
    name = r.choice(s.world.functions)
    path = f"tests/test_{name}.py"
    test = f"from {s.stems[0]} import {name}\n\n\ndef test_{name}() -> None:\n    assert {name}(3) == 12\n"
    session.files({f"{s.stems[0]}.py": module(name, 4), path: test})
    kind = r.choice(("test_path", "test_path", "test_keyword", "test_keyword", "test_all"))
    ask(session, s, kind, path=path, keyword=name)
    arguments = {"test_path": {"path": path}, "test_keyword": {"keyword": name}, "test_all": {}}
    gold(session, "run_tests", arguments[kind])


def requesting(session: Session) -> None:
    """A request to the Flask app, given literally."""
    s = scene(session)
    r = s.random
    noun, prefix = r.choice(s.world.nouns), r.choice((f"/{s.folder}", "/public", "/desk", "/gate"))
    session.files({"app.py": app(noun, prefix, s.stems[:3])})
    route = f"{prefix}/{noun}"
    kind = r.choice(("get", "post", "delete"))
    body = {r.choice(s.world.keys): r.randint(2, 500), "name": r.choice(s.world.stems)}
    if kind == "delete":
        route += f"/{s.stems[1]}"
    ask(session, s, kind, route=route, body=f"`{json.dumps(body)}`")
    more = {"json": body} if kind == "post" else {}
    gold(session, "http_request", {"method": kind.upper(), "path": route, **more})


def _one_liner(s: Scene) -> str:
    r = s.random
    (x, y), a, b = r.sample(s.world.stems, 2), r.randint(11, 400), r.randint(3, 40)
    return r.choice((
        f"print(sum(n * n for n in range({a})))", f'print("-".join(sorted("{x}")))',
        f"print(divmod({a}, {b}))", f'print(len("{x}" * {a}))', f'print("{x}".upper()[::-1])',
        f"print([n for n in range({a}) if n % {b} == 0])", f'print(max("{x}", "{y}", key=len))',
        f"print(round({a} / {b}, 3))", f"print(hex({a}), bin({b}))",
        f"import math; print(math.isqrt({a * b}), math.gcd({a}, {b}))",
        f'print({{"{x}": {a}}}.get("{y}", {b}))', f'print("{x}" < "{y}", {a} > {b})',
        f'print("{x} {y}".title().split()[{b % 2}])', f"print(*range({b}, {a}, {b}))",
    ))  # fmt: skip


def running(session: Session) -> None:
    """A line of Python to be run as it stands."""
    s = scene(session)
    code, timeout = _one_liner(s), s.random.randint(2, 9)
    limited = s.random.random() < 0.3
    ask(session, s, "run_timeout" if limited else "run", code=code, count=timeout)
    gold(session, "run_python", {"code": code, "timeout": timeout} if limited else {"code": code})


def reading_after_a_result(session: Session) -> None:
    """What to read is in the result of a search or a listing."""
    s = scene(session)
    r = s.random
    if r.random() < 0.45:
        one_of_its_kind(session, s, "read_file", {})
        return
    name = r.choice(s.world.functions)
    path = f"{r.choice((s.folder, 'engine', 'helpers'))}/{s.stems[0]}.py"
    session.files(
        {path: module(name, r.randint(2, 9)), f"{s.folder}/{s.stems[1]}.py": module("idle", 1)}
    )
    ask(session, s, "define_then", name=name)
    offer(session, "search", "read_file")
    found = session.call("search", {"pattern": f"def {name}"})
    session.last_call("read_file", {"path": found.partition(":")[0]})


def correcting(session: Session) -> None:
    """A call has failed; the next one follows from the error and what the user said."""
    s = scene(session)
    r = s.random
    kind = r.choice(("type", "test", "route"))
    if kind == "type":
        path, start = s.text_path, r.randint(2, 5)
        end = start + r.randint(1, 30)
        session.files({path: s.prose()})
        ask(session, s, "read_part", path=path, start=start, end=end)
        offer(session, "read_file")
        lines = {"start_line": start, "end_line": end}
        session.mistake(
            "read_file", {"path": path, **{key: str(each) for key, each in lines.items()}}
        )
        session.last_call("read_file", {"path": path, **lines})
    elif kind == "test":
        name = r.choice(s.world.functions)
        folder = r.choice(("checks", "trials", "proofs"))
        base = f"test_{name}.py"
        test = f"from {s.stems[0]} import {name}\n\n\ndef test_{s.stems[1]}() -> None:\n"
        test += f"    assert {name}(1) == 7\n"
        session.files({f"{s.stems[0]}.py": module(name, 7), f"{folder}/{base}": test})
        ask(session, s, "test_path", path=base)
        offer(session, "run_tests", "list_directory")
        session.mistake("run_tests", {"path": base})
        session.call("list_directory", {"path": "."}, saying=f"There is no {base} at the top.")
        session.call("list_directory", {"path": folder})
        session.last_call("run_tests", {"path": f"{folder}/{base}"})
    else:
        noun = r.choice(s.world.nouns)
        session.files({"app.py": app(noun, f"/{s.folder}", s.stems[:3])})
        speak(session, s, r.choice(texts.lists).format(noun=noun, place=s.world.place))
        offer(session, "http_request", "search")
        session.mistake("http_request", {"method": "GET", "path": f"/{noun}"})
        session.call(
            "search",
            {"pattern": r"@app\.get", "path": "app.py"},
            saying=f"/{noun} gives 404. Which routes exist?",
        )
        session.last_call("http_request", {"method": "GET", "path": f"/{s.folder}/{noun}"})
