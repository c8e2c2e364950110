"""The part of the family `searching` that sums up what was found and changes nothing.

Not covered: changes (`datagen.families.searching`).
"""

import re

from datagen.families.searching.steps import look_at_folders, search, start, summary
from datagen.families.searching.texts import texts
from datagen.phrasing import about, code, joined, look, opening, perhaps, words
from datagen.session import Session
from datagen.worlds import projects
from datagen.worlds.projects import Constant, Function, functions


def usages(session: Session) -> None:
    """Where a name is used, counted by file."""
    r = session.random
    project, slots = start(session, {})
    names: list[Function | Constant] = [
        *functions(project.files),
        *projects.constants(project.files),
    ]
    thing = r.choice(names)
    slots |= {"old": thing.name, "target": thing.name}
    opening(session, texts.ask["usages"], ["search"], slots, texts.look_tails)
    glob = r.choice(("", "", "*.py"))
    found = search(session, slots, rf"\b{thing.name}\b", glob, end=0.4)
    if found:
        defining = re.findall(
            rf"^(.*?):\d+: (?:def {thing.name}\(|{thing.name} = )", found, re.MULTILINE
        )
        slots |= summary(found) | {"path": defining[0]}
        said = words(session, texts.done["usages"], slots)
        session.say(f"{said} {words(session, texts.defining, slots)}")


def todo_list(session: Session) -> None:
    """What the comments leave to do."""
    r = session.random
    project = projects.draw(r)
    files = {**project.files}
    for text in r.sample(texts.todos, r.choice((0, 2, 2, 3, 3, 4))):
        path = r.choice(list(files))
        lines = files[path].splitlines()
        at = r.choice(
            [place for place, line in enumerate(lines) if re.match(r" +(return|assert|for) ", line)]
            or [0]
        )
        indent = re.match(" *", lines[at])
        lines.insert(
            at, f"{indent[0] if indent else ''}# {r.choice(('TODO', 'TODO', 'FIXME'))}: {text}"
        )
        files[path] = "\n".join(lines) + "\n"
    session.files(files)
    slots = about(project) | {"target": "TODO"}
    opening(session, texts.ask["todos"], ["search"], slots, texts.look_tails)
    pattern = r.choice((r"TODO|FIXME", r"#\s*(TODO|FIXME)", r"\b(TODO|FIXME)\b"))
    found = search(session, slots, pattern, r.choice(("", "*.py")), end=0.25)
    if not found:
        return
    hits = re.findall(r"^(.*?):(\d+): .*?(TODO|FIXME): (.*)$", found, re.MULTILINE)
    tags = [hit[2] for hit in hits]
    if not hits:
        session.say(words(session, texts.done["no_todos"], slots))
        return
    slots |= summary(found, "note")
    slots["tags"] = joined([f"{tags.count(tag)} {tag}" for tag in sorted(set(tags))])
    slots["list"] = "; ".join(f"{path}:{line} {text}" for path, line, _, text in hits)
    session.say(words(session, texts.done["todos"], slots))


def by_pattern(session: Session) -> None:
    """All lines of a certain form."""
    r = session.random
    project, slots = start(session, {})
    task, pattern = r.choice(texts.patterns)
    own = pattern is None
    if pattern is None:
        stems = [path.rpartition("/")[2].removesuffix(".py") for path in project.modules]
        folder = project.modules[0].partition("/")[0]
        pattern = (
            f"^from ({'|'.join(stems)}) import"
            if project.modules[0].endswith(folder)
            else f"^from {folder}"
        )
    slots |= {"task": task, "pattern": pattern, "target": pattern}
    opening(session, texts.ask["pattern"], ["search"], slots, texts.look_tails)
    if own:
        look_at_folders(session, slots, ".py")
    found = search(session, slots | {"target": pattern}, pattern, "*.py", end=0.3)
    if not found:
        return
    slots |= summary(found)
    hits = [line.split(": ", 1) for line in found.splitlines() if ": " in line]
    if not slots["where"]:
        session.say(words(session, texts.done["no_pattern"], slots))
        return
    shown = [f"`{text}` ({place})" for place, text in hits[:5]]
    slots["list"] = ", ".join(shown) + (f" and {len(hits) - 5} more" if len(hits) > 5 else "")
    session.say(words(session, texts.done["pattern"], slots))


def absent_name(session: Session) -> None:
    """A name that does not occur: the search says so, and what there is instead."""
    r = session.random
    _, slots = start(session, {})
    old, new = r.sample(texts.absent, 2)
    if old.isupper() != new.isupper():
        new = f"new_{old}" if old.islower() else f"{old}_NEW"
    slots |= {"old": old, "new": new, "target": old}
    opening(session, texts.ask["absent"], ["search", "apply_patch"], slots, texts.look_tails[5:])
    if search(session, slots, r.choice((old, rf"\b{old}\b", f"(?i){old}"))) != "No matches.":
        raise AssertionError(f"{old} is there after all")
    pattern = r"^[A-Z_0-9]+ = " if old.isupper() else r"^def |^class "
    saying = perhaps(session, texts.no_match, slots)
    arguments = {"pattern": pattern}
    found = look(session, [("search", {**arguments, "glob": "*.py"})], saying, end=0.3)
    if found:
        names = re.findall(r"^.*?:\d+: (?:def |class )?(\w+)", found[0], re.MULTILINE)
        names = [name for name in names if not name.startswith("test_")]
        near = (
            words(session, texts.done["near"], {"names": code(names)})
            if names and "No" not in names
            else "The modules define no constant."
        )
        session.say(words(session, texts.done["absent"], slots | {"near": near}))
