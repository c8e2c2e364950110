"""The family `searching`: a search finds all places, then they are changed or summed up.

Not covered: questions that one file answers (`synthia.scenarios.reading`).
"""

import re
from collections.abc import Callable, Mapping

from synthia.scenarios import projects, searching_moves
from synthia.scenarios import projects_documents as documents
from synthia.scenarios import searching_texts as texts
from synthia.scenarios.patches import diff
from synthia.scenarios.phrasing import (
    about,
    code,
    counted,
    joined,
    look,
    opening,
    perhaps,
    setting_line,
    words,
)
from synthia.scenarios.projects import Project, functions
from synthia.scenarios.session import Call, Session

Slots = dict[str, str]


def start(session: Session, more: Mapping[str, str]) -> tuple[Project, Slots]:
    """Draw a project, write it with a README and more files."""
    project = projects.draw(session.random)
    page, _ = documents.readme(session.random, project, 3)
    session.files({**project.files, "README.md": page, **more})
    return project, about(project)


def places(result: str) -> dict[str, list[int]]:
    """The lines that a search names, by path."""
    found: dict[str, list[int]] = {}
    for line in result.splitlines():
        if hit := re.match(r"(.*?):(\d+): ", line):
            found.setdefault(hit[1], []).append(int(hit[2]))
    return found


def summary(result: str, noun: str = "line") -> Slots:
    """What a search's result says, as slots."""
    found = places(result)
    total = sum(map(len, found.values()))
    where = [f"{len(lines)} in {path}" for path, lines in found.items()]
    return {
        "count": counted(total, noun), "files": counted(len(found), "file"),
        "where": joined(where) if where else "", "paths": joined(list(found)) if found else "",
        "are": "is" if total == 1 else "are",
    }  # fmt: skip


def search(
    session: Session, slots: Slots, pattern: str, glob: str = "", *, end: float = 0.0
) -> str | None:
    """Search for a pattern; None if the row ends there."""
    arguments = {"pattern": pattern, **({"glob": glob} if glob else {})}
    saying = perhaps(session, texts.SEARCH, slots)
    result = look(session, [("search", arguments)], saying, end=end)
    return result[0] if result else None


def change(session: Session, slots: Slots, paths: list[str], edit: Callable[[str], str]) -> bool:
    """Read the files, perhaps, and change them by a patch or by writing them; False at the end."""
    r = session.random
    texts_now = {path: (session.bench.root / path).read_text(encoding="utf-8") for path in paths}
    size = sum(map(len, texts_now.values()))
    short = size < 1500
    if size < 2600:
        saying = perhaps(session, texts.READ, slots)
        look(session, [("read_file", {"path": path}) for path in paths], saying)
    else:
        calls: list[Call] = []
        for path, text in texts_now.items():
            lines = [at for at, (one, two) in enumerate(
                zip(text.splitlines(), edit(text).splitlines(), strict=False), start=1)
                if one != two] or [1]  # fmt: skip
            first, last = max(1, min(lines) - 3), max(lines) + 4
            calls.append(("read_file", {"path": path, "start_line": first, "end_line": last}))
        look(session, calls, perhaps(session, texts.READ, slots))
    saying = perhaps(session, texts.EDIT, slots)
    if short and r.random() < 0.2:
        edits: list[Call] = [
            ("write_file", {"path": path, "content": edit(text)})
            for path, text in texts_now.items()
        ]
    else:
        patch = "".join(diff(path, text, edit(text)) for path, text in texts_now.items())
        edits = [("apply_patch", {"patch": patch})]
    return look(session, edits, saying, end=0.38) is not None


def run_tests(session: Session, slots: Slots) -> str:
    """Run all tests, which must pass; returns a sentence about it."""
    result = look(session, [("run_tests", {})], perhaps(session, texts.TEST, slots))
    last = result[0].splitlines()[-1] if result else ""
    if "passed" not in last or "failed" in last or "error" in last:
        raise AssertionError(f"the tests should pass: {result}")
    return words(session, texts.PASSED, {"summary": last})


def none_left(session: Session, slots: Slots, pattern: str, glob: str = "") -> str:
    """Search again; returns a sentence about it."""
    arguments = {"pattern": pattern, **({"glob": glob} if glob else {})}
    result = look(session, [("search", arguments)], perhaps(session, texts.CHECK, slots))
    if result != ["No matches."]:
        raise AssertionError(f"{pattern} is left: {result}")
    return words(session, texts.LEFT, slots)


def rename(session: Session) -> None:
    """A constant or a function gets another name everywhere."""
    r = session.random
    project = projects.draw(r)
    everything = " ".join(project.files.values())
    names = [
        (name, new)
        for name, others in project.others.items()
        for new in others
        if ("_" in name or name.isupper()) and not re.search(rf"\b{new}\b", everything)
        if re.search(rf"\b{name}\b", everything) and not any(name in path for path in project.files)
    ]  # fmt: skip
    old, new = r.choice(names)
    page, _ = documents.readme(r, project, 3)
    if r.random() < 0.5:
        page += f"- {r.choice(('See', 'Look at', 'Most important:', 'It all begins with'))} `{old}`.\n"
    session.files({**project.files, "README.md": page})
    slots = about(project) | {"old": old, "new": new, "target": old}
    opening(session, texts.ASK["rename"], ["search", "apply_patch"], slots, texts.TAILS)
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
    session.say(words(session, texts.DONE["rename"], slots | {"proof": proof}))


def deprecated_call(session: Session) -> None:
    """An old call is replaced in all scripts that have it."""
    r = session.random
    old, new, top, line = r.choice(texts.DEPRECATED)
    scripts = r.sample(texts.SCRIPTS, 3)
    folder = r.choice(("", "scripts/", "jobs/", "bin/", "maintenance/"))
    more = {}
    for script in scripts:
        body = "\n".join(line.format(message=r.choice(texts.MESSAGES)) for _ in range(r.randint(1, 2)))
        more[f"{folder}{script}.py"] = (
            f'"""{script.replace("_", " ").capitalize()}."""\n\n{top}\n\n'
            f"def main() -> None:\n{body}\n\n\nif __name__ == \"__main__\":\n    main()\n"
        )
    _, slots = start(session, more)
    shown = r.choice((old.rstrip("([") if old[-1] in "([" else old, old.rstrip("([").removesuffix("()")))
    slots |= {"old": shown, "new": new.rstrip("(["), "target": shown}
    opening(session, texts.ASK["deprecated"], ["search", "apply_patch"], slots, texts.TAILS)
    pattern = re.escape(old.removesuffix("()").rstrip("(["))
    pattern = rf"{pattern}\b" if pattern[-1].isalnum() else pattern
    found = search(session, slots, pattern, r.choice(("", "*.py")), end=0.08)
    if found is None:
        return
    slots |= summary(found, "use")
    if change(session, slots, list(places(found)), lambda text: text.replace(old, new)):
        proof = none_left(session, slots, pattern, "*.py")
        session.say(words(session, texts.DONE["deprecated"], slots | {"proof": proof}))


def setting_everywhere(session: Session) -> None:
    """A setting gets the same value in all settings files."""
    r = session.random
    project = projects.draw(r)
    form = r.choice(("json", "toml", "ini", "yaml"))
    place = r.choice(("config/{}.{}", "settings/{}.{}", "env/{}.{}", "{}.{}", "conf/{}/app.{}"))
    names = r.choice((("dev", "staging", "prod"), ("local", "test", "live"), ("north", "south", "west"),
                      ("small", "medium", "large"), ("home", "office", "server")))  # fmt: skip
    key = r.choice([each for each in project.settings if ".." in project.settings_spec[each]] or list(project.settings))
    values = [projects.setting_from(project.settings_spec[key], r) for _ in names]
    if "true" in str(values).lower() or "false" in str(values).lower() or isinstance(values[0], str):
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
    opening(session, texts.ASK["setting"], ["search", "apply_patch"], slots, texts.TAILS)
    found = search(session, slots, rf"\b{key}\b", "" if r.random() < 0.5 else f"*.{form}", end=0.08)
    if found is None:
        return
    was = {path: setting_line(line.partition(": ")[2], key)[1]
           for line in found.splitlines() for path in [line.partition(":")[0]] if path in files}  # fmt: skip
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
        after = look(session, [("search", {"pattern": rf"\b{key}\b"})], perhaps(session, texts.CHECK, slots))
        if not after or after[0].count(str(new)) < len(was):
            raise AssertionError(f"not all changed: {after}")
    slots["paths"] = joined(list(was))
    session.say(words(session, texts.DONE["setting"], slots))


def dead_code(session: Session) -> None:
    """A function goes if nobody uses it, and stays otherwise."""
    r = session.random
    project = projects.draw(r)
    path, source = r.choice(project.modules), r.choice(texts.DEAD)
    name = source.partition("(")[0].removeprefix("def ")
    files = {**project.files}
    parts = re.split(r"(?=^def )", files[path], flags=re.MULTILINE)
    place = r.randint(1, len(parts))
    parts[place - 1] = parts[place - 1].rstrip("\n") + "\n\n\n"
    parts.insert(place, f"{source}\n\n")
    files[path] = "".join(parts).rstrip("\n") + "\n"
    if "class " in files[path] and place == len(parts) - 1:
        files[path] = "".join(parts).rstrip("\n") + "\n"
    alive = r.random() < 0.4
    if alive:
        script = f"{r.choice(texts.SCRIPTS)}.py"
        files[script] = (
            f"from {projects.module_name(path)} import {name}\n\n"
            f'HELPERS = {{"{name.replace("_", "-")}": {name}}}\n'
        )
    page, _ = documents.readme(r, project, 3)
    session.files({**files, "README.md": page})
    slots = about(project) | {"fn": name, "path": path, "target": name}
    opening(session, texts.ASK["dead"], ["search", "apply_patch", "run_tests"], slots, texts.TAILS)
    found = search(session, slots, rf"\b{name}\b", r.choice(("", "*.py")), end=0.05)
    if found is None:
        return
    hits = [line for line in found.splitlines() if f"def {name}(" not in line]
    slots |= summary(found) | {"line": found.split(":")[1]}
    if hits:
        users = [f"`{hit.split(': ', 1)[1]}` ({hit.split(': ', 1)[0].replace(':', ', line ')})" for hit in hits]  # noqa: E501
        session.say(words(session, texts.DONE["alive"], slots | {"users": joined(users)}))
        return
    gone = project.files[path]
    slots["less"] = counted(len(files[path].splitlines()) - len(gone.splitlines()), "line")
    if change(session, slots, [path], lambda text: gone):
        proof = run_tests(session, slots)
        session.say(words(session, texts.DONE["dead"], slots | {"proof": proof}))


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
    slots = about(project) | {"fn": function.name, "path": function.path, "module": target, "target": function.name}  # noqa: E501
    opening(session, texts.ASK["move"], ["search", "apply_patch", "run_tests"], slots, texts.TAILS)
    found = search(session, slots, rf"\b{function.name}\b", end=0.05)
    if found is None:
        return
    new = searching_moves.move(project.files, function, target)
    paths = [path for path in new if path != target]
    slots |= summary(found) | {"paths": joined(paths), "files": counted(len(paths), "file")}
    look(session, [("read_file", {"path": path}) for path in paths], perhaps(session, texts.READ, slots))
    patch = "".join(diff(path, project.files[path], new[path]) for path in paths)
    calls: list[Call] = [("write_file", {"path": target, "content": new[target]}), ("apply_patch", {"patch": patch})]  # noqa: E501
    if r.random() < 0.5:
        calls = [("apply_patch", {"patch": diff(target, "", new[target]) + patch})]
    if look(session, calls, perhaps(session, texts.EDIT, slots), end=0.35):
        proof = run_tests(session, slots)
        session.say(words(session, texts.DONE["move"], slots | {"proof": proof}))


def usages(session: Session) -> None:
    """Where a name is used, counted by file."""
    r = session.random
    project, slots = start(session, {})
    names = [*functions(project.files), *projects.constants(project.files)]
    thing = r.choice(names)
    slots |= {"old": thing.name, "target": thing.name}
    opening(session, texts.ASK["usages"], ["search"], slots, texts.LOOK_TAILS)
    glob = r.choice(("", "", "*.py"))
    found = search(session, slots, rf"\b{thing.name}\b", glob, end=0.4)
    if found:
        defining = re.findall(rf"^(.*?):\d+: (?:def {thing.name}\(|{thing.name} = )", found, re.MULTILINE)
        slots |= summary(found) | {"path": defining[0]}
        session.say(words(session, texts.DONE["usages"], slots))


def todo_list(session: Session) -> None:
    """What the comments leave to do."""
    r = session.random
    project = projects.draw(r)
    files = {**project.files}
    for text in r.sample(texts.TODOS, r.choice((0, 2, 2, 3, 3, 4))):
        path = r.choice(list(files))
        lines = files[path].splitlines()
        at = r.choice([place for place, line in enumerate(lines) if re.match(r" +(return|assert|for) ", line)] or [0])  # noqa: E501
        indent = re.match(" *", lines[at])
        lines.insert(at, f"{indent[0] if indent else ''}# {r.choice(('TODO', 'TODO', 'FIXME'))}: {text}")
        files[path] = "\n".join(lines) + "\n"
    session.files(files)
    slots = about(project) | {"target": "TODO"}
    opening(session, texts.ASK["todos"], ["search"], slots, texts.LOOK_TAILS)
    pattern = r.choice((r"TODO|FIXME", r"#\s*(TODO|FIXME)", r"\b(TODO|FIXME)\b"))
    found = search(session, slots, pattern, r.choice(("", "*.py")), end=0.25)
    if not found:
        return
    hits = re.findall(r"^(.*?):(\d+): .*?(TODO|FIXME): (.*)$", found, re.MULTILINE)
    tags = [hit[2] for hit in hits]
    if not hits:
        session.say(words(session, texts.DONE["no_todos"], slots))
        return
    slots |= summary(found, "note")
    slots["tags"] = joined([f"{tags.count(tag)} {tag}" for tag in sorted(set(tags))])
    slots["list"] = "; ".join(f"{path}:{line} {text}" for path, line, _, text in hits)
    session.say(words(session, texts.DONE["todos"], slots))


def by_pattern(session: Session) -> None:
    """All lines of a certain form."""
    r = session.random
    project, slots = start(session, {})
    task, pattern = r.choice(texts.PATTERNS)
    if pattern is None:
        stems = [path.rpartition("/")[2].removesuffix(".py") for path in project.modules]
        folder = project.modules[0].partition("/")[0]
        pattern = f"^from ({'|'.join(stems)}) import" if project.modules[0].endswith(folder) else f"^from {folder}"  # noqa: E501
    slots |= {"task": task, "pattern": pattern, "target": pattern}
    opening(session, texts.ASK["pattern"], ["search"], slots, texts.LOOK_TAILS)
    found = search(session, slots | {"target": pattern}, pattern, "*.py", end=0.3)
    if not found:
        return
    slots |= summary(found)
    hits = [line.split(": ", 1) for line in found.splitlines() if ": " in line]
    if not slots["where"]:
        session.say(words(session, texts.DONE["no_pattern"], slots))
        return
    shown = [f"`{text}` ({place})" for place, text in hits[:5]]
    slots["list"] = ", ".join(shown) + (f" and {len(hits) - 5} more" if len(hits) > 5 else "")
    session.say(words(session, texts.DONE["pattern"], slots))


def absent_name(session: Session) -> None:
    """A name that does not occur: the search says so, and what there is instead."""
    r = session.random
    project, slots = start(session, {})
    old, new = r.sample(texts.ABSENT, 2)
    if old.isupper() != new.isupper():
        new = f"new_{old}" if old.islower() else f"{old}_NEW"
    slots |= {"old": old, "new": new, "target": old}
    opening(session, texts.ASK["absent"], ["search", "apply_patch"], slots, texts.TAILS[:4])
    none_left(session, slots, r.choice((old, rf"\b{old}\b", f"(?i){old}")))
    pattern = r"^[A-Z_0-9]+ = " if old.isupper() else r"^def |^class "
    saying = perhaps(session, ("No match. What is defined there?", "Nothing. Let me see which names there are.",
        "Not found; I'll list what the code defines.", "No match, so I'll look at the definitions."), slots)  # noqa: E501  # fmt: skip
    arguments = {"pattern": pattern, "path": project.modules[0].rpartition("/")[0] or "."}
    found = look(session, [("search", {**arguments, "glob": "*.py"})], saying, end=0.3)
    if found:
        names = re.findall(r"^.*?:\d+: (?:def |class )?(\w+)", found[0], re.MULTILINE)
        names = [name for name in names if not name.startswith("test_")]
        near = words(session, texts.DONE["near"], {"names": code(names)}) if names and "No" not in names else "The modules define no constant."  # noqa: E501
        session.say(words(session, texts.DONE["absent"], slots | {"near": near}))


def term_in_pages(session: Session) -> None:
    """A term of the documentation is replaced on all pages."""
    r = session.random
    old, new = r.choice(texts.TERMS)
    folder = r.choice(("docs", "guide", "manual", "help"))
    names = r.sample(("start", "usage", "faq", "settings", "tour", "terms", "admin"), 3)
    more = {}
    for name in names:
        lines = [sentence.format(old) for sentence in r.sample(texts.SENTENCES, r.randint(1, 2))]
        lines += r.sample(texts.UNRELATED, 2)
        r.shuffle(lines)
        more[f"{folder}/{name}.md"] = f"# {name.capitalize()}\n\n" + "\n".join(lines) + "\n"
    project = projects.draw(r)
    session.files({**more, **dict(list(project.files.items())[:1])})
    slots = about(project) | {"old": old, "new": new, "target": old}
    opening(session, texts.ASK["text"], ["search", "apply_patch"], slots, texts.TAILS[:6])
    found = search(session, slots, old, r.choice(("*.md", "*.md", "")), end=0.08)
    if found is None:
        return
    slots |= summary(found)
    if change(session, slots, list(places(found)), lambda text: text.replace(old, new)):
        proof = none_left(session, slots, old, "*.md") if r.random() < 0.6 else ""
        session.say(words(session, texts.DONE["text"], slots | {"proof": proof}).strip())


SCENARIOS = (
    rename,
    deprecated_call,
    usages,
    setting_everywhere,
    dead_code,
    move_function,
    todo_list,
    by_pattern,
    term_in_pages,
    absent_name,
)
