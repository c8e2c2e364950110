"""The part of the family `searching` that changes all places that a search finds.

Not covered: finding without changing (`reports`), and moving a function (`moves`) but for the conversation.
"""

import re

from datagen.families.searching import moves as searching_moves
from datagen.families.searching.steps import (
    change,
    none_left,
    patches,
    places,
    run_tests,
    search,
    start,
    summary,
)
from datagen.families.searching.texts import texts
from datagen.patches import diff
from datagen.phrasing import (
    about,
    counted,
    joined,
    look,
    opening,
    perhaps,
    setting_line,
    words,
)
from datagen.session import Session
from datagen.worlds import documents, projects


def rename(session: Session) -> None:
    """A constant or a function gets another name everywhere."""
    r = session.random
    project = projects.draw(r)
    old, new = r.choice(projects.new_names(project))
    page, _ = documents.readme(r, project, 3)
    if r.random() < 0.5:
        page += (
            f"- {r.choice(('See', 'Look at', 'Most important:', 'It all begins with'))} `{old}`.\n"
        )
    session.files({**project.files, "README.md": page})
    slots = about(project) | {"old": old, "new": new, "target": old}
    opening(session, texts.ask["rename"], ["search", "apply_patch"], slots, texts.tails, most=2)
    pattern = rf"(\b|_){old}\b"
    found = search(session, slots, pattern, end=0.08)
    if found is None:
        return
    slots |= summary(found)
    if not change(session, slots, list(places(found)),
                  lambda text: projects.tidy(re.sub(pattern, rf"\g<1>{new}", text))):  # fmt: skip
        return
    proof = ""
    if r.random() < 0.5:
        proof = none_left(session, slots, pattern)
    if not proof or r.random() < 0.4:
        proof = run_tests(session, slots)
    session.say(words(session, texts.done["rename"], slots | {"proof": proof}))


def deprecated_call(session: Session) -> None:
    """An old call is replaced in all scripts that have it."""
    r = session.random
    old, new, top, line = r.choice(texts.deprecated)
    scripts = r.sample(texts.scripts, 3)
    folder = r.choice(("", "scripts/", "jobs/", "bin/", "maintenance/"))
    more = {}
    for script in scripts:
        body = "\n".join(
            line.format(message=r.choice(texts.messages)) for _ in range(r.randint(1, 2))
        )
        more[f"{folder}{script}.py"] = (
            f'"""{script.replace("_", " ").capitalize()}."""\n\n{top}\n\n'
            f'def main() -> None:\n{body}\n\n\nif __name__ == "__main__":\n    main()\n'
        )
    _, slots = start(session, more)
    shown = r.choice(
        (old.rstrip("([") if old[-1] in "([" else old, old.rstrip("([").removesuffix("()"))
    )
    slots |= {"old": shown, "new": new.rstrip("(["), "target": shown}
    opening(session, texts.ask["deprecated"], ["search", "apply_patch"], slots, texts.tails, most=2)
    pattern = re.escape(old.removesuffix("()").rstrip("(["))
    pattern = rf"{pattern}\b" if pattern[-1].isalnum() else pattern
    found = search(session, slots, pattern, r.choice(("", "*.py")), end=0.08)
    if found is None:
        return
    slots |= summary(found, "use")
    if change(session, slots, list(places(found)), lambda text: text.replace(old, new)):
        proof = none_left(session, slots, pattern, "*.py")
        session.say(words(session, texts.done["deprecated"], slots | {"proof": proof}))


def setting_everywhere(session: Session) -> None:
    """A setting gets the same value in all settings files."""
    r = session.random
    project = projects.draw(r)
    form = r.choice(("json", "toml", "ini", "yaml"))
    place = r.choice(("config/{}.{}", "settings/{}.{}", "env/{}.{}", "{}.{}", "conf/app-{}.{}"))
    names = r.choice((("dev", "staging", "prod"), ("local", "test", "live"), ("north", "south", "west"),
                      ("small", "medium", "large"), ("home", "office", "server")))  # fmt: skip
    key = r.choice(
        [each for each in project.settings if ".." in project.settings_spec[each]]
        or list(project.settings)
    )
    values = [projects.setting_from(project.settings_spec[key], r) for _ in names]
    if (
        "true" in str(values).lower()
        or "false" in str(values).lower()
        or isinstance(values[0], str)
    ):
        key, values = "timeout", [r.randint(5, 60) for _ in names]
    new = values[0] + r.choice((1, 2, 5, 10, 25))
    if r.random() < 0.3:
        values[2] = new
    files = {
        place.format(name, form): documents.settings_text(
            form, {**project.settings, "profile": name, key: value}, "")
        for name, value in zip(names, values, strict=True)
    }  # fmt: skip
    session.files({**files, **project.files})
    slots = about(project) | {"key": key, "new": str(new), "target": key}
    opening(session, texts.ask["setting"], ["search", "apply_patch"], slots, texts.tails, most=2)
    found = search(session, slots, rf"\b{key}\b", "" if r.random() < 0.5 else f"*.{form}", end=0.08)
    if found is None:
        return
    was = {}
    for line in found.splitlines():
        path, _, rest = line.partition(":")
        if path in files:
            was[path] = setting_line(rest.partition(": ")[2], key)[1]
    wrong = [path for path, value in was.items() if value != str(new)]
    slots |= {"count": counted(len(wrong), "line"), "files": counted(len(wrong), "file"),
              "paths": joined(wrong), "changed": joined(wrong)}  # fmt: skip

    def edit(text: str) -> str:
        return re.sub(rf'^(\W*{key}"?(?: =|:) )\d+', rf"\g<1>{new}", text, flags=re.MULTILINE)

    if not change(session, slots, wrong, edit):
        return
    same = [path for path in was if path not in wrong]
    slots["rest"] = f"{joined(same)} had that value already." if same else "No other file sets it."
    slots["before"] = joined([f"{was[path]} in {path}" for path in wrong])
    if r.random() < 0.5:
        after = look(
            session, [("search", {"pattern": rf"\b{key}\b"})], perhaps(session, texts.check, slots)
        )
        if not after or after[0].count(str(new)) < len(was):
            raise AssertionError(f"not all changed: {after}")
    slots["paths"] = joined(list(was))
    session.say(words(session, texts.done["setting"], slots))


def dead_code(session: Session) -> None:
    """A function goes if nobody uses it, and stays otherwise."""
    r = session.random
    project = projects.draw(r)
    path, source = r.choice(project.modules), r.choice(texts.dead)
    name = source.partition("(")[0].removeprefix("def ")
    files = dict(project.files)
    parts = re.split(r"(?=^def )", files[path], flags=re.MULTILINE)
    place = r.randint(1, len(parts))
    parts[place - 1] = parts[place - 1].rstrip("\n") + "\n\n\n"
    parts.insert(place, f"{source}\n\n")
    files[path] = "".join(parts).rstrip("\n") + "\n"
    alive = r.random() < 0.4
    if alive:
        script = f"{r.choice(texts.scripts)}.py"
        files[script] = (
            f"from {projects.module_name(path)} import {name}\n\n"
            f'HELPERS = {{"{name.replace("_", "-")}": {name}}}\n'
        )
    session.files({**files, "README.md": documents.readme(r, project, 3)[0]})
    slots = about(project) | {"fn": name, "path": path, "target": name}
    opening(session, texts.ask["dead"], ["search", "apply_patch", "run_tests"], slots, texts.tails)
    found = search(session, slots, rf"\b{name}\b", r.choice(("", "*.py")), end=0.05)
    if found is None:
        return
    hits = [line for line in found.splitlines() if f"def {name}(" not in line]
    slots |= summary(found) | {"line": found.split(":")[1]}
    if hits:
        users = [
            f"`{hit.split(': ', 1)[1]}` ({hit.split(': ', 1)[0].replace(':', ', line ')})"
            for hit in hits
        ]
        session.say(words(session, texts.done["alive"], slots | {"users": joined(users)}))
        return
    gone = project.files[path]
    slots["less"] = counted(len(files[path].splitlines()) - len(gone.splitlines()), "line")
    if change(session, slots, [path], lambda text: gone):
        proof = run_tests(session, slots)
        session.say(words(session, texts.done["dead"], slots | {"proof": proof}))


def move_function(session: Session) -> None:
    """A function moves to a module of its own; whoever imports it follows."""
    r = session.random
    project = projects.draw(r)
    movable = searching_moves.movable(project.files)
    while not movable:
        project = projects.draw(r)
        movable = searching_moves.movable(project.files)
    function = r.choice(movable)
    taken = {path.rpartition("/")[2].removesuffix(".py") for path in project.files}
    words_left = [name for key, names in project.others.items() if key in taken for name in names]
    words_left += ["helpers", "shared", "basics", "common"]
    folder = function.path.rpartition("/")[0]
    stem = r.choice([name for name in words_left if name not in taken and name != function.name])
    target = f"{folder}/{stem}.py".lstrip("/")
    page, _ = documents.readme(r, project, 2)
    session.files({**project.files, "README.md": page})
    slots = about(project) | {
        "fn": function.name,
        "path": function.path,
        "module": target,
        "target": function.name,
    }
    opening(
        session,
        texts.ask["move"],
        ["search", "apply_patch", "run_tests"],
        slots,
        texts.tails,
        most=2,
    )
    found = search(session, slots, rf"\b{function.name}\b", end=0.05)
    if found is None:
        return
    new = searching_moves.move(project.files, function, target)
    paths = [path for path in new if path != target]
    slots |= summary(found) | {"paths": joined(paths), "files": counted(len(paths), "file")}
    look(
        session,
        [("read_file", {"path": path}) for path in paths],
        perhaps(session, texts.read, slots),
    )
    changed = {path: (project.files[path], new[path]) for path in paths}
    if r.random() < 0.5:
        calls = [
            ("apply_patch", {"patch": diff(target, "", new[target])}),
            *patches(session, changed),
        ]
    else:
        calls = [
            ("write_file", {"path": target, "content": new[target]}),
            *patches(session, changed),
        ]
    if look(session, calls, perhaps(session, texts.edit, slots), end=0.35):
        proof = run_tests(session, slots)
        session.say(words(session, texts.done["move"], slots | {"proof": proof}))


def term_in_pages(session: Session) -> None:
    """A term of the documentation is replaced on all pages."""
    r = session.random
    old, new = r.choice(texts.terms)
    folder = r.choice(("docs", "guide", "manual", "help"))
    names = r.sample(("start", "usage", "faq", "settings", "tour", "terms", "admin"), 3)
    more = {}
    for name in names:
        lines = [sentence.format(old) for sentence in r.sample(texts.sentences, r.randint(1, 2))]
        lines += r.sample(texts.unrelated, 2)
        r.shuffle(lines)
        more[f"{folder}/{name}.md"] = f"# {name.capitalize()}\n\n" + "\n".join(lines) + "\n"
    project = projects.draw(r)
    session.files({**more, **dict(list(project.files.items())[:1])})
    slots = about(project) | {"old": old, "new": new, "target": old}
    opening(session, texts.ask["text"], ["search", "apply_patch"], slots, texts.tails[1:6])
    found = search(session, slots, old, r.choice(("*.md", "*.md", "")), end=0.08)
    if found is None:
        return
    slots |= summary(found)
    if change(session, slots, list(places(found)), lambda text: text.replace(old, new)):
        proof = none_left(session, slots, old, "*.md") if r.random() < 0.6 else ""
        session.say(words(session, texts.done["text"], slots | {"proof": proof}).strip())
