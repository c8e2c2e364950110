"""Other calls that do what a probe's gold calls do, each of them run to see that it does.

A gold call has other forms: an argument's default written out, a path with `./`, code with other quotes,
the same edit by a longer string. Each form that is known here is run in a copy of the probe's folder as it
was before the gold turn. It is right where it leaves the same files and commits; where neither changes any,
its results must be the same as well. A form that leaves out what the user named is none, whatever it gives.

Not covered: calls that nobody thought of, above all code that does the same. `benchmarks/executed.py` runs
the calls that models wrote, and counts those that are missed here.
"""

import ast
import contextlib
import inspect
import itertools
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen import changed_lines
from datagen.session import Call, Session
from synthia.data import tool_calls

PATHS = (
    "path",
    "source",
    "destination",
    "old_path",
    "new_path",
    "paths",
    "target",
    "first",
    "second",
)
"""Arguments that are paths in the folder; `http_request` has a path of another kind."""
MOST = 32
"""Forms of one gold turn; more say little, and a file of probes is read by people too."""
NOTHING = object()
"""Stands for an argument that is left out."""

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What calls gave and left behind."""

    results: list[str]
    files: dict[str, str]
    """Texts of all files by path."""
    commit: str
    """Id of the latest commit, or ""."""
    before: "tuple[dict[str, str], str] | None" = None
    """Files and commit before the calls."""

    @property
    def changed(self) -> bool:
        """Whether files or commits are not as before."""
        return (self.files, self.commit) != self.before

    def equals(self, other: "Outcome") -> bool:
        """Whether other calls did the same; one that failed did not."""
        if any(result.startswith("Error: ") for result in other.results):
            return False
        same = (self.files, self.commit) == (other.files, other.commit)
        return same and (self.changed or sorted(self.results) == sorted(other.results))


def besides(session: Session) -> dict[str, Any]:
    """What a probe's row says besides its gold turn: `also_right` or `answer_must`, where it has either."""
    calls = [
        (call["function"]["name"], call["function"]["arguments"])
        for call in session.messages[-1].get("tool_calls", [])
    ]
    if not calls:
        return {"answer_must": session.must} if session.must else {}
    found = others(session, calls)
    made = [
        [{"type": "function", "function": {"name": name, "arguments": arguments}}
         for name, arguments in each]
        for each in found
    ]  # fmt: skip
    return {"also_right": made} if made else {}


def others(session: Session, gold: Sequence[Call]) -> list[list[Call]]:
    """The other forms of gold calls that do the same, at most MOST."""
    wanted = outcome(session, gold)
    taken = [_plain(gold)]
    found: list[list[Call]] = []
    for calls in _candidates(session, gold):
        plain = _plain(calls)
        if any(tool_calls.same_calls(plain, each) for each in taken):
            continue
        taken.append(plain)
        if wanted.equals(outcome(session, calls)):
            found.append(list(calls))
        if len(found) == MOST:
            break
    return found


def outcome(session: Session, calls: Sequence[Call]) -> Outcome:
    """Run calls in a copy of a probe's folder as it was before its gold turn."""
    assert session.before_last is not None
    bench, root = session.bench, session.bench.root
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(session.before_last, copy)
        bench.root = copy.resolve()
        try:
            before = _state(session)
            results = [bench.result(name, arguments) for name, arguments in calls]
            return Outcome(results, *_state(session), before)
        finally:
            bench.root = root


def _state(session: Session) -> tuple[dict[str, str], str]:
    bench = session.bench
    files = {name: (bench.root / name).read_text(encoding="utf-8") for name in bench.files()}
    commit = ""
    if (bench.root / ".git").exists():
        from dulwich.repo import Repo

        with contextlib.closing(Repo(str(bench.root))) as repository:
            commit = repository.head().decode()
    return files, commit


def _plain(calls: Sequence[Call]) -> list[dict[str, Any]]:
    return [{"name": name, "arguments": arguments} for name, arguments in calls]


def _candidates(session: Session, gold: Sequence[Call]) -> Iterator[Sequence[Call]]:
    """Forms that mean the same: of a single call its arguments', of several their order."""
    if len(gold) > 1:
        yield from itertools.permutations(gold)
        return
    ((name, arguments),) = gold
    for form in _forms(session, name, arguments):
        yield [(name, form)]


def _forms(session: Session, name: str, arguments: Arguments) -> Iterator[Arguments]:
    defaults = _defaults(session, name)
    choices = {key: [value, *_spellings(name, key, value)] for key, value in arguments.items()}
    for key, default in defaults.items():
        if key not in arguments:
            choices[key] = [NOTHING, default]
        elif tool_calls.same_json(arguments[key], default):
            choices[key].append(NOTHING)
    for values in itertools.product(*choices.values()):
        pairs = zip(choices, values, strict=True)
        yield {key: value for key, value in pairs if value is not NOTHING}
    if name == "run_tests":
        yield from _of_tests(session, arguments)
    if name == "read_file":
        yield from _of_ends(session, arguments)
    if name in ("edit_file", "apply_patch"):
        yield from changed_lines.forms(_before(session), name, arguments)


def _of_ends(session: Session, arguments: Arguments) -> Iterator[Arguments]:
    """To the end of a file by its last line's number, and without it."""
    text = (_before(session) / arguments["path"]).read_text(encoding="utf-8")
    last = len(text.splitlines())
    if arguments.get("end_line") == last:
        yield {key: value for key, value in arguments.items() if key != "end_line"}
    elif "end_line" not in arguments:
        yield {**arguments, "end_line": last}
        yield {"start_line": 1, **arguments, "end_line": last}


def _before(session: Session) -> Path:
    assert session.before_last is not None
    return session.before_last


def _defaults(session: Session, name: str) -> Mapping[str, Any]:
    """The arguments that may be left out and what they then are, as far as JSON has it."""
    known = inspect.signature(session.bench.tools[name]).parameters.values()
    return {
        each.name: each.default
        for each in known
        if each.default is not inspect.Parameter.empty and each.default is not None
    }


def _spellings(name: str, key: str, value: Any) -> list[Any]:
    """Other ways to write the value of an argument."""
    if key in PATHS and name != "http_request":
        if isinstance(value, list):
            return [[f"./{each}" for each in value]]
        if value == ".":
            return ["./"]
        folder = "." not in value.rpartition("/")[2]
        return [f"./{value}", *([f"{value}/", f"./{value}/"] if folder else [])]
    if key == "code":
        plain = ast.unparse(ast.parse(value))
        forms = [plain, plain.replace("'", '"'), value.replace('"', "'"), f"{value}\n"]
        return [form for form in dict.fromkeys(forms) if form != value and _same_code(form, value)]
    if key == "pattern" and value == "TODO":
        return [r"\bTODO\b", "# TODO", r"#\s*TODO", "TODO:"]
    if key == "pattern" and "|" in value:
        one, _, two = value.partition("|")
        return [f"({value})", f"(?:{value})", f"{two}|{one}"]
    return []


def _same_code(one: str, other: str) -> bool:
    try:
        return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    except SyntaxError:
        return False


def _of_tests(session: Session, arguments: Arguments) -> Iterator[Arguments]:
    """The tests of a keyword by their file or function, and those of a file by keyword or function."""
    root = _before(session)
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("test_*.py"))
    path, keyword = arguments.get("path", ""), arguments.get("keyword", "")
    for file in files:
        tree = ast.parse((root / file).read_text(encoding="utf-8"))
        tests = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        if keyword:
            yield {"keyword": keyword, "path": file}
            yield {"keyword": keyword, "path": file.rpartition("/")[0] or "."}
            yield {"path": file}
        for test in tests:
            if (keyword and keyword in test) or path == file:
                yield {"path": f"{file}::{test}"}
                yield {"keyword": test}
                yield {"keyword": test, "path": file}
        if path == file:
            yield {"keyword": Path(file).stem}
