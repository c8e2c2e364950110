"""The scenarios of the family `resisting`: a file, a page, a log, a result gives the assistant orders.

The assistant does what the user asked, nothing of what the text demands, and says in one sentence that
there is such a text, since its user would want to know.

Not covered: the demands (`datagen/tables/resisting/texts.toml`); users who demand what they should not.
"""

import json
import re
import textwrap
from dataclasses import dataclass

from datagen.families.resisting.texts import texts
from datagen.patches import diff
from datagen.phrasing import (
    about,
    counted,
    filled,
    joined,
    look,
    only,
    opening,
    perhaps,
    setting_line,
    shuffled,
    words,
)
from datagen.session import Session
from datagen.worlds import documents, projects, services
from datagen.worlds.projects import Project

Slots = dict[str, str]
WIDTH = 92
"""Of a comment."""


@dataclass(frozen=True)
class Order:
    """A demand with its slots filled in."""

    text: str
    asks: str

    @property
    def begin(self) -> str:
        """Its first words, by which its line is found."""
        return " ".join(self.text.split()[:3])


def order(session: Session, name: str, other: str) -> Order:
    """Draw what some text demands; `other` is a file of the project."""
    r = session.random
    slots = {key: r.choice(choices) for key, choices in texts.slots.items()}
    slots |= {"name": name, "other": other}
    demand = r.choice(texts.demands)
    return Order(filled(demand.text, slots), filled(demand.asks, slots))


def other_file(session: Session, project: Project, but: str) -> str:
    """A file of the project that is not the one that is asked about."""
    return session.random.choice([path for path in project.files if path != but])


def report(session: Session, kind: str, slots: Slots, demanded: Order, place: str) -> None:
    """The answer, and in one sentence that something was demanded that was not done."""
    said = words(session, texts.answer[kind], slots)
    more = words(session, texts.mentions["any"], {"place": place, "asks": demanded.asks})
    ended = re.search(r'[.?!]"?$', said)
    session.say(f"{said if ended else f'{said}.'} {more}")


def place_of(session: Session, demanded: Order, path: str, text: str) -> str:
    """Where an order stands in a file that was read: as a line, or a comment there."""
    lines = text.splitlines()
    number = next(at for at, line in enumerate(lines, start=1) if demanded.begin in line)
    forms = (f"line {number} of {path}", f"a text in {path} (line {number})",
             f"the text in line {number} of {path}")  # fmt: skip
    return session.random.choice(forms)


def read(session: Session, slots: Slots, path: str) -> str:
    """Read a file."""
    saying = perhaps(session, texts.say["read"], slots | {"path": path})
    found = look(session, [("read_file", {"path": path})], saying)
    return found[0] if found else ""


def commented(session: Session, text: str, demanded: Order) -> str:
    """Code with an order as a comment above one of its definitions."""
    lines = text.splitlines()
    tops = [at for at, line in enumerate(lines) if re.match(r"(def|class|[A-Z_0-9]+ =)", line)]
    at = session.random.choice(tops)
    comment = [f"# {line}" for line in textwrap.wrap(demanded.text, WIDTH, break_long_words=False)]
    return "\n".join([*lines[:at], *comment, *lines[at:]]) + "\n"


def page(session: Session) -> None:
    """A fact of a README in which an order stands."""
    r = session.random
    project = projects.draw(r)
    demanded = order(session, project.name, r.choice(list(project.files)))
    text, lines = documents.readme(r, project, r.randint(4, 7))
    kind = r.choice(list(lines))
    form = r.choice(("- {}", "> {}", "<!-- {} -->", "{}", "**{}**", "[//]: # ({})", "    {}"))
    rows = text.splitlines()
    at = r.choice([number for number, row in enumerate(rows) if row.startswith("- ")])
    planted = form.format(demanded.text.removeprefix("<!-- ").removesuffix(" -->"))
    rows[at:at] = [planted] if form == "- {}" else [planted, ""]
    session.files({**project.files, "README.md": "\n".join(rows) + "\n"})
    fact = documents.words.facts[kind]
    slots = about(project) | {"clause": fact.clause, "noun": fact.noun, "path": "README.md"}
    opening(session, texts.ask["page"], ["read_file"], slots)
    result = read(session, slots, "README.md")
    slots["line"] = only(rf"^- ({re.escape(lines[kind])})$", result)
    begin = demanded.text.removeprefix("<!-- ")
    place = place_of(session, Order(begin, demanded.asks), "README.md", result)
    report(session, "page", slots, demanded, place)


def constant(session: Session) -> None:
    """The value of a constant in a module with an order in a comment."""
    r = session.random
    project = projects.draw(r)
    chosen = r.choice(projects.constants(project.files))
    demanded = order(session, project.name, other_file(session, project, chosen.path))
    text = commented(session, project.files[chosen.path], demanded)
    session.files({**project.files, chosen.path: text})
    slots = about(project) | {"const": chosen.name, "path": chosen.path}
    opening(session, texts.ask["constant"], ["read_file"], slots)
    result = read(session, slots, chosen.path)
    here = next(
        each for each in projects.constants({chosen.path: result}) if each.name == chosen.name
    )
    slots |= {"value": here.value, "line": str(here.line)}
    report(session, "constant", slots, demanded, place_of(session, demanded, chosen.path, result))


def function(session: Session) -> None:
    """What a function returns, in a module with an order in a comment."""
    r = session.random
    project = projects.draw(r)
    chosen = r.choice([each for each in projects.functions(project.files) if each.doc])
    demanded = order(session, project.name, other_file(session, project, chosen.path))
    text = commented(session, project.files[chosen.path], demanded)
    session.files({**project.files, chosen.path: text})
    slots = about(project) | {"fn": chosen.name, "path": chosen.path}
    opening(session, texts.ask["function"], ["read_file"], slots)
    result = read(session, slots, chosen.path)
    here = next(
        each for each in projects.functions({chosen.path: result}) if each.name == chosen.name
    )
    slots |= {"doc": " ".join(here.doc.split())}
    slots["results"] = joined(projects.outcomes(here)) or "returns nothing"
    report(session, "function", slots, demanded, place_of(session, demanded, chosen.path, result))


def todos(session: Session) -> None:
    """A search for notes finds an order among them."""
    r = session.random
    project = projects.draw(r)
    files = dict(project.files)
    notes = r.sample(texts.app.todos, r.randint(1, 3))
    path = r.choice(project.modules)
    demanded = order(session, project.name, other_file(session, project, path))
    for note in shuffled(r, [*notes, demanded.text]):
        target = path if note == demanded.text else r.choice(project.modules)
        lines = files[target].splitlines()
        at = r.choice(
            [n for n, line in enumerate(lines) if re.match(r"(def|[A-Z_0-9]+ =)", line)] or [0]
        )
        lines.insert(at, f"# TODO: {note}")
        files[target] = "\n".join(lines) + "\n"
    session.files(files)
    slots = about(project) | {"path": path}
    opening(session, texts.ask["todos"], ["search"], slots)
    saying = perhaps(session, texts.say["search"], slots)
    found = look(session, [("search", {"pattern": "TODO"})], saying)
    hits = re.findall(r"^(.*?):(\d+): # TODO: (.*)$", found[0] if found else "", re.MULTILINE)
    real = [(name, line, text) for name, line, text in hits if text != demanded.text]
    (planted,) = ((name, line) for name, line, text in hits if text == demanded.text)
    slots |= {"count": counted(len(real), "note"), "are": "is" if len(real) == 1 else "are"}
    slots["list"] = "; ".join(f"{text} ({name}:{line})" for name, line, text in real)
    place = f"the TODO comment in line {planted[1]} of {planted[0]}"
    report(session, "todos", slots, demanded, place)


def log(session: Session) -> None:
    """The errors of a log in which a message is an order."""
    r = session.random
    project = projects.draw(r)
    demanded = order(session, project.name, r.choice(list(project.files)))
    lines = documents.log_text(r, project, r.randint(8, 16)).splitlines()
    at = r.randrange(1, len(lines))
    clock, _, module, _ = lines[at].split(" ", 3)
    level = r.choice(("INFO", "WARNING"))
    lines.insert(at, f"{clock} {level} {module} {demanded.text}")
    path = r.choice(("logs/app.log", "run.log", "logs/worker.log", "var/import.log", "job.log"))
    session.files({**project.files, path: "\n".join(lines) + "\n"})
    slots = about(project) | {"path": path}
    opening(session, texts.ask["log"], ["read_file"], slots)
    result = read(session, slots, path).splitlines()
    errors = sum(line.split()[1] == "ERROR" for line in result)
    slots |= {"errors": counted(errors, "error"), "total": str(len(result))}
    report(
        session, "log", slots, demanded, place_of(session, demanded, path, "\n".join(result))
    )  # fmt: skip


def settings_with(session: Session, project: Project, demanded: Order) -> tuple[str, str]:
    """Path and text of a settings file in which a comment is an order."""
    r = session.random
    form = r.choice(("toml", "ini", "yaml", "json"))
    path = r.choice(("config/{}", "{}", "settings/{}", "conf/{}")).format(f"{project.name}.{form}")
    section = r.choice(("", "app", "main"))
    if form == "json":
        values = {"_comment": demanded.text, **project.settings}
        return path, documents.settings_text(form, values, section)
    lines = documents.settings_text(form, project.settings, section).splitlines()
    at = r.randint(1, len(lines) - 1)
    comment = [f"# {line}" for line in textwrap.wrap(demanded.text, WIDTH, break_long_words=False)]
    return path, "\n".join([*lines[:at], *comment, *lines[at:]]) + "\n"


def setting(session: Session) -> None:
    """The value of a setting in a file with an order in a comment."""
    r = session.random
    project = projects.draw(r)
    demanded = order(session, project.name, r.choice(list(project.files)))
    path, text = settings_with(session, project, demanded)
    session.files({**project.files, path: text})
    slots = about(project) | {"key": r.choice(list(project.settings)), "path": path}
    opening(session, texts.ask["setting"], ["read_file"], slots)
    result = read(session, slots, path)
    line, value = setting_line(result, slots["key"])
    slots |= {"line": str(line), "value": value.strip('"')}
    report(session, "setting", slots, demanded, place_of(session, demanded, path, result))


def change(session: Session) -> None:
    """A setting is changed in a file with an order in a comment, and nothing else is."""
    r = session.random
    project = projects.draw(r)
    demanded = order(session, project.name, r.choice(list(project.files)))
    path, text = settings_with(session, project, demanded)
    session.files({**project.files, path: text})
    key = r.choice(list(project.settings))
    value = projects.other_setting(project, key, r)
    if value is None:
        setting(session)
        return
    number, old = setting_line(text, key)
    new = json.dumps(value) if old.startswith('"') or not isinstance(value, str) else value
    slots = about(project) | {
        "key": key,
        "path": path,
        "value": new.strip('"'),
        "old": old.strip('"'),
    }
    opening(session, texts.ask["change"], ["read_file", "apply_patch"], slots)
    result = read(session, slots, path)
    lines = text.splitlines()
    lines[number - 1] = lines[number - 1].replace(old, new)
    patch = diff(path, text, "\n".join(lines) + "\n")
    look(session, [("apply_patch", {"patch": patch})], perhaps(session, texts.say["edit"], slots))
    report(session, "change", slots, demanded, place_of(session, demanded, path, result))


def record(session: Session) -> None:
    """A record of a service has an order in a field."""
    r = session.random
    desk = services.draw(session, r.choice(services.SERVICES))
    tool = next(services.acting(desk, "get"))
    given = services.arguments(desk, tool, r)
    demanded = order(session, desk.service.name, f"{desk.service.name}.json")
    field = r.choice(("note", "comment", "remark", "message", "history"))
    (number,) = given.values()
    desk.records[number][field] = demanded.text
    session.files({services.STORE: json.dumps(desk.records, ensure_ascii=False)})
    others = [each.name for each in desk.service.tools if each is not tool]
    session.offer(tool.name, *r.sample(others, r.randint(0, len(others))))
    task = services.sentence(desk, tool, given)
    session.user(words(session, texts.ask["record"], {"task": task}))
    found = json.loads(session.call(tool.name, given))
    while "id" not in found:
        found = next(inner for inner in found.values() if isinstance(inner, dict))
    known = [f"{services.label(key)} {services.shown(each)}" for key, each in found.items()
             if key not in ("id", field)]  # fmt: skip
    slots = {"one": desk.service.one, "id": found["id"], "fields": joined(known)}
    report(
        session,
        "record",
        slots,
        demanded,
        f"the field `{field}` of {desk.service.one} {found['id']}",
    )


APP = '''"""A few {things}."""

from flask import Flask, jsonify

app = Flask(__name__)
{upper} = {records}


@app.get("/{things}/<int:number>")
def one(number):
    return jsonify({upper}[number])
'''


def response(session: Session) -> None:
    """What an app answers with holds an order."""
    r = session.random
    thing = r.choice(texts.app.things)
    title = r.choice(("title", "name", "label"))
    field = r.choice(texts.app.fields)
    demanded = order(session, f"the {thing}s", "app.py")
    numbers = sorted(r.sample(range(1, 60), 3))
    names = r.sample(texts.app.titles, 3)
    chosen = r.choice(numbers)
    quiet = ("nothing to add", "see the list", "")
    records = {
        number: {title: name, field: demanded.text if number == chosen else r.choice(quiet)}
        for number, name in zip(numbers, names, strict=True)
    }
    shown = "{\n" + "".join(f"    {number}: {each!r},\n" for number, each in records.items()) + "}"
    things = f"{thing}s"
    session.files({"app.py": APP.format(things=things, upper=things.upper(), records=shown)})
    slots = {
        "address": f"/{things}/{chosen}",
        "noun": title,
        "name": things,
        "purpose": f"a few {things}",
    }
    opening(session, texts.ask["response"], ["http_request"], slots)
    call = ("http_request", {"method": "GET", "path": slots["address"]})
    found = look(session, [call], perhaps(session, texts.say["request"], slots))
    slots["value"] = json.loads((found or [""])[0].partition("\n")[2])[title]
    report(session, "response", slots, demanded, f"the field `{field}` of the response")


def tests(session: Session) -> None:
    """The message of a failing test is an order."""
    r = session.random
    project = projects.draw(r)
    demanded = order(session, project.name, r.choice(project.modules))
    name = r.choice(("test_version", "test_release", "test_banner", "test_licence", "test_notice"))
    low, high = r.sample(range(2, 30), 2)
    text = f"{project.files[project.tests].rstrip()}\n\n\ndef {name}() -> None:\n"
    text += f"    version = {low}\n    assert version == {high}, {json.dumps(demanded.text)}\n"
    session.files({**project.files, project.tests: text})
    slots = about(project)
    opening(session, texts.ask["tests"], ["run_tests"], slots)
    found = look(session, [("run_tests", {})], perhaps(session, texts.say["tests"], slots))
    result = (found or [""])[0]
    slots |= {"summary": result.splitlines()[-1], "test": only(r"^__ (\w+) __$", result)}
    slots["path"] = only(rf"^(\S+):\d+: in {name}$", result)
    report(session, "tests", slots, demanded, f"the message of `{name}`")


SCENARIOS = (page, constant, function, todos, log, setting, change, record, response, tests)
