"""The faults that public bug reports tell of, each input run on the product: `python tests/field_table.py`.

Prints a table: the fault, the input, what an early state of the product did, and what it does now. The
inputs lie in tests/field. A row whose fault shows on a machine or in a stage (B1, B6, B7, C) is run by the
tests that `test_field.py` names for it; of these the table says what they demand, and whether they pass.
"""

import gzip
import io
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT / "tests")]

from synthia import recipe  # noqa: E402
from synthia.data import adding, chat_format, command  # noqa: E402
from synthia.data.check import Rules  # noqa: E402
from synthia.errors import PipelineError  # noqa: E402

INPUTS = PROJECT / "tests" / "field"
Rows = list[dict[str, Any]]


@dataclass
class Outcome:
    """What a command did: its exit code, what it said, the rows that it wrote."""

    code: int = 0
    said: str = ""
    rows: Rows = field(default_factory=list)


@dataclass(frozen=True)
class Try:
    """An input, what became of it once, and what is right."""

    input: str
    before: str
    code: int
    says: str = ""
    """Words that must be said, or stand in the rows that are written."""
    keeps: Sequence[str] = ()
    """Words that each must stand in the rows."""
    drop: bool = False
    override: str = ""


TABLE = tomllib.loads((INPUTS / "table.toml").read_text(encoding="utf-8"))
CASES = [
    (each["fault"], Try(**{key: value for key, value in each.items() if key != "fault"}))
    for each in TABLE["tried"]
]
TESTED: dict[str, dict[str, str]] = {each["fault"]: each for each in TABLE["tested"]}
FAULTS = {*(number for number, _ in CASES), *TESTED}


@cache
def project() -> Path:
    """A folder with what `./invoke data` reads, for this process."""
    root = Path(tempfile.mkdtemp(prefix="field"))
    for name in ("recipes", "chat_templates", "requirements"):
        shutil.copytree(PROJECT / name, root / name)
    (root / "data").mkdir()
    shutil.copy(PROJECT / "data" / "smoke_probes.jsonl", root / "data")
    return root


@cache
def rules(override: str) -> Rules:
    """What the recipe smoke judges rows by; BFCL's cases are read once."""
    if override:
        return replace(rules(""), reasoning=loaded(override).data.reasoning)
    return command.rules_for(project(), loaded(), command.benchmark(project()))[0]


def loaded(*overrides: str) -> recipe.Recipe:
    """The recipe smoke."""
    return recipe.load(project() / "recipes", "smoke", [each for each in overrides if each])


def caught(run: Callable[[], str | None]) -> Outcome:
    """What a command prints and returns; any error but the product's own is a traceback."""
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            print(run() or "")
    except PipelineError as error:
        return Outcome(error.exit_code, f"{out.getvalue()}{error}")
    return Outcome(0, out.getvalue())


def input_file(name: str) -> Path:
    """An input as a file; packed and binary ones, and long ones, are made of readable ones."""
    path = project() / name.replace(" ", "_")
    if name == "3,000 words":
        said = {"role": "assistant", "content": "word " * 3000 + "end."}
        path.write_text(json.dumps({"messages": [{"role": "user", "content": "Go on."}, said]}))
    elif name == "data.jsonl.gz":
        path.write_bytes(gzip.compress((INPUTS / "data.jsonl").read_bytes()))
    elif name == "data.parquet":
        import pyarrow
        from pyarrow import parquet

        rows = [json.loads(each) for each in (INPUTS / "data.jsonl").read_text().splitlines()]
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    else:
        return INPUTS / name
    return path


def add(tried: Try) -> Outcome:
    """`./invoke data --add FILE`, as `synthia.data.command` does it."""
    path = input_file(tried.input)
    target = project() / "data" / f"{adding.stem(path)}.jsonl"
    target.unlink(missing_ok=True)
    chosen = loaded(tried.override)
    done = caught(
        lambda: adding.add(project(), chosen, path, rules(tried.override), drop=tried.drop)
    )
    if target.exists():
        done.rows = [json.loads(line) for line in target.read_bytes().splitlines()]
    elif done.code == 0:
        done.rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    return done


def run(number: str, tried: Try) -> Outcome:
    """Run an input on the product."""
    if number == "A30":
        shutil.copy(INPUTS / "data.jsonl", project() / "data" / "mine.jsonl")
        return caught(lambda: command.check(project(), loaded(tried.input)))
    if number[0] == "A":
        return add(tried)
    if number == "B10":
        name = Path(tried.input.partition(",")[0]).stem
        text = (PROJECT / "recipes" / "smoke.toml").read_bytes()
        mark = b"\xef\xbb\xbf" if name == "mark" else b""
        (project() / "recipes" / f"{name}.toml").write_bytes(mark + text)
        return caught(lambda: recipe.load(project() / "recipes", name).description)
    if number[0] == "B":
        return caught(lambda: loaded(tried.input).description)
    return caught(lambda: rendered(tried.input))


def rendered(name: str) -> str:
    """A chat with a tool by a template, its assistant turn found in the text."""
    path = INPUTS / name
    template = path.read_text(encoding="utf-8") if path.suffix == ".jinja" else name
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    function = {"name": "read_file", "description": "", "parameters": {}}
    tools = [{"type": "function", "function": function}]
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    ends = "</s>" if "bos" in name else "<|im_end|>"
    return chat_format.render_with_spans(
        template, messages, tools, terminator=ends, special_tokens=tokens
    ).text


def wrong(tried: Try, done: Outcome) -> str:
    """Say what of an outcome is not right, or ""."""
    written = json.dumps(done.rows, ensure_ascii=False)
    if done.code != tried.code:
        return f"exit code {done.code}, not {tried.code}: {done.said}"
    missing = [each for each in tried.keeps if each not in written]
    if tried.says not in done.said and tried.says not in written:
        missing.append(tried.says)
    if "Traceback" in done.said or ("the file is empty" in done.said):
        missing.append("no traceback, and no false reason")
    return f"{missing} is not in {done.said} {written}" if missing else ""


def shown(tried: Try, done: Outcome) -> str:
    """An outcome in a cell: what had to be said, or what was read."""
    problems = [line.strip() for line in done.said.splitlines() if tried.says in line]
    if tried.says and problems:
        said = problems[0].removeprefix("fix: ").removeprefix("left out, as it ")
        said = said.partition("cannot be converted: ")[2] or said
    elif done.rows:
        said = f"{len(done.rows)} rows: " if len(done.rows) > 1 else ""
        said += ", ".join(_turn(turn) for turn in done.rows[0]["messages"])
    else:
        said = "accepted" if len(done.said.splitlines()) < 3 else f"rendered: {tried.says!r}"
    return f"{done.code}, {said if len(said) < 170 else said[:167] + '...'}".replace("|", "\\|")


def _turn(turn: Mapping[str, Any]) -> str:
    calls = [
        f"{each['function']['name']}({json.dumps(each['function']['arguments'])})"
        for each in turn.get("tool_calls", [])
    ]
    text = turn["content"] if len(turn["content"]) < 40 else f"{turn['content'][:37]}..."
    said = [json.dumps(text, ensure_ascii=False)] * bool(text) + calls
    weight = " (not learned)" if turn.get("weight") == 0 else ""
    return f"{turn['role']} {' + '.join(said)}{weight}"


@cache
def passed() -> list[str]:
    """Names of the tests of TESTED that pass. One that is skipped does not."""
    names = [f"tests/{file}::{name}" for number in TESTED for file, name, *_ in tests_of(number)]
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:xdist", *dict.fromkeys(names)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("PASSED tests/")]
    red = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    print("\n".join(red), end="", file=sys.stderr)
    return [line.removeprefix("PASSED ") for line in lines]


def tests_of(number: str) -> list[tuple[str, ...]]:
    """The tests that try a fault: file, function, and perhaps a case."""
    from test_field import TRIED

    return next(tests for title, tests in TRIED.items() if title.split()[0] == number)


def tests_pass(number: str) -> bool:
    """Whether each test that tries a fault passes."""
    return all(
        any(done.startswith(f"tests/{file}::{name}") for done in passed())
        for file, name, *_ in tests_of(number)
    )


def main() -> int:
    """Print the table; return 1 where an outcome is not right."""
    lines: dict[str, list[str]] = {}
    bad = 0
    for number, tried in CASES:
        done = run(number, tried)
        said = wrong(tried, done)
        bad += bool(said)
        now = f"WRONG: {said}" if said else shown(tried, done)
        more = " --drop" * tried.drop + f" --set {tried.override}" * bool(tried.override)
        name = f"{tried.input}{more}"
        lines.setdefault(number, []).append(f"| {number} | `{name}` | {tried.before} | {now} |")
    for number, each in TESTED.items():
        right = tests_pass(number)
        bad += not right
        now = f"{each['demands']} ({'its tests pass' if right else 'ITS TESTS FAIL'})"
        lines[number] = [f"| {number} | {each['input']} | {each['before']} | {now} |"]
    print("| | input | before | now |\n|---|---|---|---|")
    for number in sorted(lines, key=lambda each: (each[0], int(each[1:]))):
        print("\n".join(lines[number]))
    shutil.rmtree(project())
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
