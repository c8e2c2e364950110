"""The scenarios of the family `scripting`: code in other languages is searched, read and changed.

Nothing here runs such code, and an assistant that changed some says that it did not run it.

Not covered: the projects (`datagen.worlds.sources`).
"""

import json
import re

from datagen.families.scripting.texts import texts
from datagen.patches import diff
from datagen.phrasing import SYSTEMS, filled, joined, look, only, perhaps, phrases, words
from datagen.session import Session
from datagen.worlds import sources
from datagen.worlds.sources import Source

Slots = dict[str, str]
NEVER_RUN = ("read_file", "list_directory", "search", "write_file", "git_status", "git_diff")
"""Offered besides: nothing that could run the code."""


def begin(session: Session, kind: str, tools: tuple[str, ...], slots: Slots) -> None:
    """Offer tools; the user asks."""
    r = session.random
    session.offer(*tools, *r.sample(NEVER_RUN, r.randint(0, 3)))
    if r.random() < 0.2:
        python = ("ython", "docstring", "hints")
        session.system(
            filled(r.choice([s for s in SYSTEMS if not any(p in s for p in python)]), slots)
        )
    text = words(session, texts.ask[kind], slots)
    if r.random() < 0.25:
        text = f"{words(session, phrases.contexts, slots)} {text}"
    session.user(text)


def start(session: Session, *, packaged: bool = False) -> tuple[Source, Slots]:
    """Draw a project, and the words to speak of it."""
    source = sources.draw(session.random, texts.values, packaged=packaged)
    slots = {"name": source.name, "purpose": source.purpose, "language": source.language}
    return source, slots | {"const": source.constant, "fn": source.function}


def search(session: Session, slots: Slots, name: str) -> list[tuple[str, int, str]]:
    """Search for a name: path, line and text of each hit."""
    whole = len(name) < 6 or session.random.random() < 0.5  # a short name stands in longer ones
    pattern = rf"\b{name}\b" if whole else name
    saying = perhaps(session, texts.say["search"], slots | {"target": name})
    found = look(session, [("search", {"pattern": pattern})], saying)
    hits = re.findall(r"^(.*?):(\d+): (.*)$", (found or [""])[0], re.MULTILINE)
    return [(path, int(line), text) for path, line, text in hits]


def read(session: Session, slots: Slots, path: str) -> str:
    """Read a file; its text, with the newline at its end."""
    saying = perhaps(session, texts.say["read"], slots | {"path": path})
    found = look(session, [("read_file", {"path": path})], saying)
    return f"{(found or [''])[0]}\n"


def patch(session: Session, slots: Slots, changed: dict[str, tuple[str, str]]) -> None:
    """Change files by patches, a call each."""
    calls = [
        ("apply_patch", {"patch": diff(path, old, new)}) for path, (old, new) in changed.items()
    ]
    look(session, calls, perhaps(session, texts.say["edit"], slots))


def answer(session: Session, kind: str, slots: Slots, *, changed: bool = False) -> None:
    """The answer; after a change also that nothing was run."""
    said = words(session, texts.answer[kind], slots)
    if changed:
        said = f"{said} {words(session, texts.not_run['any'], slots)}"
    session.say(said)


def setting_of(hits: list[tuple[str, int, str]], name: str) -> tuple[str, int, str]:
    """Where a constant is set, and to what."""
    for path, line, text in hits:
        if found := re.search(rf"\b{name} ?= ?(\d+);?$", text):
            return path, line, found[1]
    raise AssertionError(f"{name} is not set in {hits}")


def value(session: Session) -> None:
    """The value of a constant."""
    source, slots = start(session)
    session.files(source.files)
    begin(session, "value", ("search", "read_file"), slots)
    path, line, found = setting_of(search(session, slots, source.constant), source.constant)
    if session.random.random() < 0.4:
        found = only(rf"\b{source.constant} ?= ?(\d+);?$", read(session, slots, path))
    answer(session, "value", slots | {"path": path, "line": str(line), "value": found})


def change(session: Session) -> None:
    """A constant gets another value."""
    source, slots = start(session)
    session.files(source.files)
    now = only(rf"(?:^|\s){source.constant} ?= ?(\d+);?$", "\n".join(source.files.values()))
    slots["new"] = str(int(now) + session.random.choice((-1, 1, 2, 5, 10)))
    begin(session, "change", ("search", "read_file", "apply_patch"), slots)
    path, line, found = setting_of(search(session, slots, source.constant), source.constant)
    old = read(session, slots, path)
    new = re.sub(rf"\b({source.constant} ?= ?){found}\b", rf"\g<1>{slots['new']}", old)
    patch(session, slots, {path: (old, new)})
    slots |= {"path": path, "line": str(line), "value": found}
    answer(session, "change", slots, changed=True)


def used(session: Session) -> None:
    """Where a function is defined and used."""
    source, slots = start(session)
    session.files(source.files)
    begin(session, "used", ("search",), slots)
    hits = search(session, slots, source.function)
    (defined,) = (
        hit for hit in hits
        if re.match(rf"(export )?(async )?function {source.function}\(|{source.function}\(\) \{{", hit[2])
    )  # fmt: skip
    others = [hit for hit in hits if hit != defined]
    slots |= {"path": defined[0], "line": str(defined[1])}
    paths = list(dict.fromkeys(path for path, *_ in others))
    places = []
    for path in paths:
        lines = [str(line) for other, line, _ in others if other == path]
        places.append(f"{path}, line{'s' if len(lines) > 1 else ''} {joined(lines)}")
    answer(session, "used", slots | {"places": "; ".join(places)})


def rename(session: Session) -> None:
    """A function gets another name in all files."""
    source, slots = start(session)
    session.files(source.files)
    slots["renamed"] = source.other_name
    begin(session, "rename", ("search", "read_file", "apply_patch"), slots)
    hits = search(session, slots, source.function)
    paths = list(dict.fromkeys(path for path, *_ in hits))
    changed = {}
    for path in paths:
        old = read(session, slots, path)
        changed[path] = (old, re.sub(rf"\b{source.function}\b", source.other_name, old))
    patch(session, slots, changed)
    saying = perhaps(session, texts.say["check"], slots)
    left = look(session, [("search", {"pattern": rf"\b{source.function}\b"})], saying)
    if left != ["No matches."]:
        raise AssertionError(f"{source.function} is left: {left}")
    answer(session, "rename", slots | {"paths": joined(paths)}, changed=True)


def bug(session: Session) -> None:
    """A mistake that the user describes is found and corrected."""
    source, slots = start(session)
    wrong = source.bug
    files = {path: text.replace(wrong.good, wrong.bad) for path, text in source.files.items()}
    session.files(files)
    slots |= {"complaint": wrong.complaint, "cause": wrong.cause}
    begin(session, "bug", ("read_file", "apply_patch"), slots)
    path = only(r"\b((?:src|web|lib|scripts|bin)/\w+\.\w+)", wrong.complaint)
    old = read(session, slots, path)
    if wrong.bad not in old:
        raise AssertionError(f"{path} has no such line")
    patch(session, slots, {path: (old, old.replace(wrong.bad, wrong.good))})
    answer(session, "bug", slots | {"path": path}, changed=True)


def package(session: Session) -> None:
    """What package.json says about tests or a dependency."""
    source, slots = start(session, packaged=True)
    session.files(source.files)
    text = json.loads(source.files["package.json"])
    needed = text.get("dependencies") or text["devDependencies"]
    slots["dependency"] = session.random.choice(list(needed))
    kind = session.random.choice(("script", "dependency"))
    begin(session, kind, ("list_directory", "read_file"), slots)
    if "package.json" not in session.messages[-1]["content"]:
        look(session, [("list_directory", {"path": "."})])
    found = json.loads(read(session, slots, "package.json"))
    slots["command"] = found["scripts"]["test"]
    needed = found.get("dependencies") or found["devDependencies"]
    answer(session, kind, slots | {"range": needed[slots["dependency"]]})


SCENARIOS = (value, change, used, rename, bug, package)
