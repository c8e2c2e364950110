"""The part of the family `answering` that concerns the project folder and the world outside it.

A request is vague, or needs a tool that is not offered, or no tool can do it, or an earlier result holds
the answer.

Not covered: services (`services`), and what stands in the message (`pasted`).
"""

import re
from collections.abc import Mapping, Sequence

from datagen.families.answering.services import able, elsewhere
from datagen.families.answering.texts import PEOPLE, Vague, begin, draw, person, texts, together
from datagen.phrasing import counted
from datagen.session import Session
from datagen.tool_schemas import TOOLS
from datagen.worlds import documents, projects
from datagen.worlds.projects import Project

WORDS = (
    "deadline",
    "invoice",
    "timeout",
    "password",
    "discount",
    "holiday",
    "draft",
    "archive",
    "retry",
)
LINES = ("call the plumber", "water the plants", "order paper", "ship on Friday", "ask for the keys",
         "bring the receipts", "renew the badge", "book the hall")  # fmt: skip

TABLES = (
    ("driver", ("trips", "stops")), ("player", ("goals", "fouls")), ("seller", ("calls", "visits")),
    ("picker", ("crates", "hours")), ("cleaner", ("rooms", "floors")), ("reader", ("books", "fines")),
    ("tester", ("cases", "bugs")), ("walker", ("steps", "calories")),
)  # fmt: skip
USUAL = ("setup.py", "LICENSE", "Dockerfile", "CHANGELOG.md", "pyproject.toml", "Makefile")
NEAR = ("builds", "deployments", "drive", "wiki")
"""Services that have to do with code and files: where these are wanted, none of theirs is offered."""
PLACES = ("", "data/", "lists/", "2026/", "export/", "tables/")


def slots(session: Session, project: Project) -> dict[str, str]:
    """What a request may name: files of the project, somebody, a word."""
    r = session.random
    path = r.choice(project.modules)
    stem = projects.module_name(path).rpartition(".")[2]
    folders = [each.rpartition("/")[0] for each in project.files if "/" in each] or [""]
    return {
        "name": project.name, "path": path, "stem": stem, "person": person(session),
        "word": r.choice(WORDS), "line": r.choice(LINES), "test_path": project.tests,
        "folder": r.choice(folders),
    }  # fmt: skip


def scene(session: Session) -> tuple[Project, dict[str, str]]:
    """A project in the folder, and what a request may name."""
    project = projects.draw(session.random)
    session.files(project.files)
    return project, slots(session, project)


def some_tools(session: Session, but: Sequence[str] = (), near: Sequence[str] = ()) -> None:
    """Offer two to six tools, none of `but`, and in half of the rows such of services, none `near`."""
    r = session.random
    possible = [name for name in TOOLS if name not in but]
    some = r.sample(possible, r.randint(2, min(6, len(possible))))
    session.offer(*some, *elsewhere(session, *near))


def vague_request(session: Session) -> None:
    """The request leaves open what a tool must know: the assistant asks, and may then call it."""
    _, said = scene(session)
    _asked(session, texts.vague, said)


def incomplete_request(session: Session) -> None:
    """The request names a file or a function and lacks one argument: the assistant asks, and may call."""
    r = session.random
    project, said = scene(session)
    fn = r.choice(projects.functions(project.files))
    const = r.choice(projects.constants(project.files))
    said |= {"fn": fn.name, "fn_path": fn.path, "const": const.name, "const_path": const.path}
    _asked(session, texts.incomplete, said)


def _asked(session: Session, kinds: Sequence[Vague], said: Mapping[str, str]) -> None:
    r = session.random
    vague = r.choice(kinds)
    begin(session, draw(session, texts.requests, task=vague.task.format(**said)))
    session.offer(vague.tool, *elsewhere(session, *NEAR, *vague.near), others=r.randint(0, 4))
    question = vague.question.format(**said)
    session.say(draw(session, texts.asks, question=question, can=vague.can))
    told = vague.told.format(**said)
    if not told or r.random() < 0.3:
        return
    session.user(draw(session, texts.replies, told=told))
    calls = {
        "read_file": {"path": told}, "list_directory": {"path": told}, "run_tests": {"path": told},
        "search": {"pattern": told}, "write_file": {"path": told, "content": f"{said['line']}\n"},
    }  # fmt: skip
    given = {key: each.format(**said) for key, each in vague.call.items()}
    session.last_call(vague.tool, given or calls[vague.tool])


def folder_without_the_tool(session: Session) -> None:
    """The tool that would do it is not offered: said, with what is possible."""
    _, said = scene(session)
    missing = session.random.choice(texts.missing)
    begin(session, draw(session, texts.requests, task=missing.task.format(**said)))
    some_tools(session, missing.needs, (*NEAR, *missing.near))
    session.say(draw(session, texts.cannot, can=missing.can, able=able(session)))


def beyond_any_tool(session: Session) -> None:
    """No tool of these could ever do it: said, with what is possible."""
    _, said = scene(session)
    beyond = session.random.choice(texts.beyond)
    begin(session, draw(session, texts.requests, task=beyond.task.format(**said)))
    some_tools(session, near=(*NEAR, *beyond.near))
    session.say(draw(session, texts.cannot, can=beyond.can, able=able(session)))


def follow(session: Session, kind: str, answers: str = "", **said: object) -> None:
    """A further question, answered from what is there."""
    session.user(draw(session, texts.follow_ups[kind], **said))
    session.say(draw(session, texts.follow_ups[answers or f"{kind}_answers"], **said))


def first(session: Session, kind: str, **said: object) -> None:
    """The question that a tool is called for."""
    begin(session, draw(session, texts.first[kind], **said))


def settings_known_already(session: Session) -> None:
    """A settings file was read for one value; another one is asked for."""
    r = session.random
    project, _ = scene(session)
    path = r.choice(documents.words.settings_places).format(
        f"{r.choice(documents.words.settings_stems)}.toml"
    )
    session.files({path: documents.settings_text("toml", project.settings, "")})
    keys = r.sample(list(project.settings), min(3, len(project.settings)))
    first(session, "settings", key=keys[0], path=path)
    session.offer("read_file", others=r.randint(1, 5))
    result = session.call("read_file", {"path": path})
    values = dict(re.findall(r"^(\w+) = (.*)$", result, re.MULTILINE))
    session.say(
        draw(
            session, texts.first["settings_answers"], key=keys[0], value=values[keys[0]], path=path
        )
    )
    for key in keys[1:]:
        follow(session, "other_value", key=key, value=values[key], path=path)


def module_known_already(session: Session) -> None:
    """A module was read; its functions or its length are asked for."""
    r = session.random
    project, said = scene(session)
    path = said["path"]
    functions = [each.name for each in projects.functions({path: project.files[path]})]
    first(session, "module", path=path)
    session.offer("read_file", others=r.randint(1, 5))
    lines = len(session.call("read_file", {"path": path}).splitlines())
    value = counted(len(functions), "function") if functions else counted(lines, "line")
    session.say(draw(session, texts.first["module_answers"], path=path, value=value))
    if functions and r.random() < 0.6:
        names = together([f"`{name}`" for name in functions])
        follow(session, "defined", path=path, value=names)
    else:
        follow(session, "line_count", path=path, value=counted(lines, "line"))


def table_known_already(session: Session) -> None:
    """A table was read; questions on its rows follow."""
    r = session.random
    one, columns = r.choice(TABLES)
    names, path = (
        r.sample(PEOPLE, r.randint(4, 7)),
        f"{r.choice(PLACES)}{one}s_{r.randint(2, 60)}.csv",
    )
    numbers = {column: r.sample(range(3, 240), len(names)) for column in columns}
    rows = [
        [name, *(str(numbers[column][at]) for column in columns)] for at, name in enumerate(names)
    ]
    session.files({path: "".join(f"{','.join(row)}\n" for row in [[one, *columns], *rows])})
    first(session, "table", path=path)
    session.offer("read_file", others=r.randint(1, 5))
    lines = session.call("read_file", {"path": path}).splitlines()
    heads, read = lines[0].split(","), [line.split(",") for line in lines[1:]]
    value = counted(len(read), one)
    session.say(
        draw(
            session,
            texts.first["table_answers"],
            path=path,
            value=value,
            column=together(heads[1:]),
        )
    )
    for kind in r.sample(("top", "bottom", "cell", "together"), r.randint(1, 2)):
        at = r.randrange(1, len(heads))
        by = {row[0]: int(row[at]) for row in read}
        who = {"top": max(by, key=by.__getitem__), "bottom": min(by, key=by.__getitem__)}.get(
            kind
        ) or r.choice(list(by))
        value = str(sum(by.values()) if kind == "together" else by[who])
        answers = "top_answers" if kind in ("top", "bottom") else f"{kind}_answers"
        follow(session, kind, answers, one=one, path=path, column=heads[at], who=who, value=value)


def listing_known_already(session: Session) -> None:
    """The top folder was listed; a question on the entries follows."""
    r = session.random
    project, _ = scene(session)
    session.files({"README.md": documents.readme(r, project, 3)[0]})
    first(session, "listing", name=project.name)
    session.offer("list_directory", others=r.randint(1, 5))
    entries = session.call("list_directory", {"path": "."}).splitlines()
    session.say(
        draw(session, texts.first["listing_answers"], name=project.name, value=together(entries))
    )
    python = [each for each in entries if each.endswith(".py")]
    kind = r.choice(("listed", "yes", "no"))
    if kind == "listed":
        value = str(len(python)) if python else "none of them"
        follow(session, "listed", name=project.name, value=value)
        return
    absent = [each for each in USUAL if each not in entries]
    file = r.choice(entries if kind == "yes" else absent).rstrip("/")
    follow(session, "has_file", f"has_file_{kind}", name=project.name, file=file)


def usage_known_already(session: Session) -> None:
    """A name was searched for; the number of files is asked for."""
    r = session.random
    project, _ = scene(session)
    function = r.choice(projects.functions(project.files)).name
    first(session, "usage", name=project.name, word=f"`{function}`")
    session.offer("search", others=r.randint(1, 5))
    result = session.call("search", {"pattern": rf"\b{function}\b"})
    paths = list(dict.fromkeys(line.partition(":")[0] for line in result.splitlines()))
    said = {"name": project.name, "word": f"`{function}`"}
    session.say(draw(session, texts.first["usage_answers"], value=together(paths), **said))
    follow(session, "hits", value=counted(len(paths), "file"), **said)


def tests_known_already(session: Session) -> None:
    """The tests were run; their number is asked for."""
    r = session.random
    project, _ = scene(session)
    first(session, "tests", name=project.name)
    session.offer("run_tests", others=r.randint(1, 5))
    result = session.call("run_tests", {})
    number = re.search(r"^(\d+) passed", result, re.MULTILINE)
    if number is None or "failed" in result:
        raise AssertionError(f"{project.name} is not green: {result}")
    session.say(draw(session, texts.first["tests_answers"]))
    follow(session, "passed", name=project.name, value=number[1])


def status_known_already(session: Session) -> None:
    """Git's status was looked at; the new files are asked for."""
    r = session.random
    project, said = scene(session)
    session.repository()
    new = f"notes/{said['word']}.md"
    changed = said["path"]
    session.files(
        {changed: f"{project.files[changed]}\n# {said['line']}\n", new: f"{said['line']}\n"}
    )
    first(session, "status", name=project.name)
    session.offer("git_status", others=r.randint(1, 5))
    result = session.call("git_status", {})
    known = [line[3:] for line in result.splitlines()]
    untracked = [line[3:] for line in result.splitlines() if line.startswith("??")]
    session.say(draw(session, texts.first["status_answers"], value=together(known)))
    follow(session, "changed", name=project.name, value=together(untracked))
