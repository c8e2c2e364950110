"""The family `verbatim`: what the user wrote is what the tool gets, to the character.

Code that is run, text that is stored, a pattern that is searched for, the message of a commit, a folder.
The assistant does not improve it, and looks at nothing first.

Not covered: code that the assistant writes (`running`), patterns that it thinks of (`searching`), messages
that say what was changed (`committing`).
"""

import re
from random import Random

from datagen.families.committing.scenarios import write as change
from datagen.families.verbatim.texts import texts
from datagen.phrasing import SYSTEMS, about, counted, filled, joined, look, only, perhaps, words
from datagen.session import Call, Session, Unlucky
from datagen.worlds import documents, functions, projects
from datagen.worlds.functions import FUNCTIONS, Drawn
from datagen.worlds.projects import Project

Slots = dict[str, str]
FENCE = "```"
LONGEST_LIST = 8
"""Matches and names that an answer still lists."""


def some(r: Random) -> Slots:
    """Words and numbers to write with; {w0} is the first letter of {w}."""
    one, other = r.sample(texts.words, 2)
    numbers = {"a": r.randint(11, 470), "b": r.randint(20, 900), "c": r.randint(3, 19)}
    return {"w": one, "v": other, "w0": one[0], **{key: str(each) for key, each in numbers.items()}}


def scene(session: Session) -> tuple[Project, Slots]:
    """A small project in the folder, and what may be said of it."""
    project = projects.draw(session.random)
    session.files(project.files)
    return project, about(project)


def ask(session: Session, kind: str, tool: str, slots: Slots) -> None:
    """Offer the tool and some others, perhaps with a system prompt; the user asks."""
    r = session.random
    session.offer(tool, others=r.randint(0, 6))
    if r.random() < 0.25:
        session.system(filled(r.choice(SYSTEMS), slots))
    session.user(words(session, texts.ask[kind], slots))


def do(session: Session, call: Call, saying: str, slots: Slots, *, end: float = 0.4) -> str:
    """Make the call, perhaps after a sentence; "" if the row ends with it, which is as likely as `end`."""
    result = look(session, [call], perhaps(session, texts.say[saying], slots), end=end)
    return result[0] if result else ""


def tell(session: Session, kind: str, slots: Slots) -> None:
    """The assistant says what came of it."""
    session.say(words(session, texts.say[kind], slots))


def _run(
    session: Session, kind: str, code: str, slots: Slots, *, seconds: int | None = None
) -> None:
    _, said = scene(session)
    ask(session, kind, "run_python", said | slots)
    limit = {} if seconds is None else {"timeout": seconds}
    printed = do(session, ("run_python", {"code": code, **limit}), "run", {})
    if printed:
        short = "\n" not in printed and "`" not in printed
        tell(session, "printed" if short else "printed_block", {"printed": printed})


def line_run(session: Session) -> None:
    """A line of Python."""
    code = session.random.choice(texts.lines_of_code).format(**some(session.random))
    _run(session, "line", code, {"code": code})


def line_run_with_a_limit(session: Session) -> None:
    """A line of Python, and a limit on its time."""
    r = session.random
    code, seconds = (
        r.choice(texts.lines_of_code).format(**some(r)),
        r.choice((2, 3, 4, 6, 8, 10)),
    )
    _run(session, "limited", code, {"code": code, "seconds": str(seconds)}, seconds=seconds)


def _called(r: Random, drawn: Drawn) -> str:
    """Lines that call a function with some of its cases."""
    cases = [case for case in drawn.cases if not case.expected.startswith("!")]
    chosen = r.sample(cases, min(len(cases), r.randint(1, 3)))
    if r.random() < 0.3:
        values = ", ".join(f"{drawn.name}({case.arguments})" for case in chosen)
        mark = r.choice((" | ", "; ", ", "))
        return f'print({values}, sep="{mark}")'
    return "\n".join(f"print({drawn.name}({case.arguments}))" for case in chosen)


def block_run(session: Session) -> None:
    """Several lines of Python between fences: a function, right or with a bug, and calls of it."""
    r = session.random
    drawn = functions.draw(r.choice(FUNCTIONS), r)
    source = drawn.broken(r.choice(drawn.bugs)) if r.random() < 0.4 else drawn.source
    if r.random() < 0.7:  # without its docstring
        source = re.sub(r'\n    """.*?"""', "", source, count=1, flags=re.DOTALL)
    code = f"{functions.imports_for(source)}{source}\n\n\n{_called(r, drawn)}"
    if session.bench.run_python(code).startswith("Traceback"):
        raise Unlucky(f"a bug of {drawn.name} raises")
    fenced = f"{FENCE}{r.choice(('python', 'python', 'py', ''))}\n{code}\n{FENCE}"
    _run(session, "block", code, {"block": fenced})


def _place(r: Random, ending: str) -> str:
    return f"{r.choice(texts.folders)}{r.choice(texts.stems)}{ending}"


def _write(session: Session, kind: str, content: str, slots: Slots, told: str) -> None:
    _, said = scene(session)
    ask(session, kind, "write_file", said | slots)
    call = ("write_file", {"path": slots["path"], "content": content})
    if do(session, call, "write", slots):
        tell(session, told, slots)


def line_written_without_a_newline(session: Session) -> None:
    """A file whose content ends without a newline."""
    r = session.random
    text, path = r.choice(texts.lines).format(**some(r)), _place(r, r.choice(("", ".txt")))
    _write(session, "write_line", text, {"text": text, "path": path}, "wrote_line")


def line_written(session: Session) -> None:
    """A file of one line, which a newline ends."""
    r = session.random
    text, path = r.choice(texts.lines).format(**some(r)), _place(r, r.choice(("", ".txt", ".cfg")))
    _write(session, "write_whole_line", f"{text}\n", {"text": text, "path": path}, "wrote")


def block_written(session: Session) -> None:
    """A file whose lines stand between fences."""
    r = session.random
    kind = r.choice(list(texts.blocks))
    possible = texts.blocks[kind]
    places = sorted(r.sample(range(len(possible)), r.randint(3, len(possible))))
    content = "\n".join(possible[place].format(**some(r)) for place in places).strip("\n")
    fenced = f"{FENCE}{r.choice((kind, ''))}\n{content}\n{FENCE}"
    slots = {"block": fenced, "path": _place(r, f".{kind}")}
    _write(session, "write_block", f"{content}\n", slots, "wrote")


def _pattern(r: Random, project: Project) -> str:
    code = " ".join(project.files.values())
    names = sorted(set(re.findall(r"\b[a-z]{4,}\b", code)))
    one, other = r.sample(names, 2)
    return r.choice(texts.patterns).format(**some(r) | {"w": one, "v": other})


def _search(session: Session, kind: str, **narrow: str) -> None:
    """A search for what the user wrote, perhaps only in some files."""
    r = session.random
    project, said = scene(session)
    folders = sorted({path.rpartition("/")[0] for path in project.files if "/" in path})
    if narrow.keys() & {"path"}:
        if not folders:
            raise Unlucky(f"{project.name} has no folder")
        narrow["path"] = r.choice(folders)
    slots = {"pattern": _pattern(r, project), "folder": narrow.get("path", ""),
             "glob": narrow.get("glob", "")}  # fmt: skip
    ask(session, kind, "search", said | slots)
    result = do(session, ("search", {"pattern": slots["pattern"], **narrow}), "search", {}, end=0.5)
    found = result.splitlines()
    if result == "No matches.":
        tell(session, "no_match", slots)
    elif len(found) == 1:
        path, number, _ = result.split(":", 2)
        tell(session, "match", {"list": f"line {number} of {path}"})
    elif found:
        places = [f"- {':'.join(each.split(':', 2)[:2])}" for each in found[:LONGEST_LIST]]
        if len(found) > LONGEST_LIST:
            places.append(f"- and {len(found) - LONGEST_LIST} more")
        count = counted(len(found), "line")
        tell(session, "matches", {"count": count, "list": "\n".join(places)})


def pattern_searched(session: Session) -> None:
    """A regular expression, for all files."""
    _search(session, "search")


def pattern_searched_in_some_files(session: Session) -> None:
    """A regular expression, for files whose names match, or for a folder."""
    r = session.random
    if r.random() < 0.5:
        _search(session, "search_glob", glob=r.choice(texts.globs))
    else:
        _search(session, "search_folder", path="")


def folder_listed(session: Session) -> None:
    """A folder that the user names."""
    r = session.random
    folder = r.choice([each.rstrip("/") for each in texts.folders if each])
    names = r.sample(texts.stems, r.randint(2, 6))
    lines = {f"{folder}/{each}.{r.choice(('txt', 'md', 'cfg'))}": f"{each}\n" for each in names}
    _, said = scene(session)
    session.files(lines)
    slots = said | {"folder": folder}
    ask(session, "list_folder", "list_directory", slots)
    result = do(session, ("list_directory", {"path": folder}), "list", slots, end=0.5)
    if result:
        tell(session, "listed", {"folder": folder, "list": joined(result.split("\n"))})


def message_committed(session: Session) -> None:
    """A commit under the message that the user gives."""
    r = session.random
    project, said = scene(session)
    path, text = documents.settings_file(r, project)
    session.files({path: text})
    session.repository()
    change(session, path, f"{text}\n# {r.choice(texts.words)}\n")
    message = r.choice(texts.messages).format(**some(r))
    asked = [
        each for each in texts.ask["commit"] if '"' not in message or '"{message}"' not in each
    ]
    slots = said | {"message": message}
    session.offer("git_commit", others=r.randint(0, 6))
    if r.random() < 0.25:
        session.system(filled(r.choice(SYSTEMS), slots))
    session.user(words(session, asked, slots))
    result = do(session, ("git_commit", {"message": message}), "commit", {})
    if result:
        tell(session, "committed", {"message": message, "commit": only(r"^\[main (\w+)\]", result)})


SCENARIOS = (
    line_run, line_written_without_a_newline, pattern_searched, block_run, message_committed, block_written,
    pattern_searched_in_some_files, line_run_with_a_limit, folder_listed, line_written,
)  # fmt: skip
