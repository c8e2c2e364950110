"""What `./invoke data` does, in the dev environment: `python -m synthia.data.command`.

A request as JSON on stdin names the project, the resolved recipe and the work: check the recipe's
files and write `data.html`, or check and perhaps convert one file. Exit codes are those of the
error family: 1 when a gate fails.

Not covered: the checks themselves (`synthia.data.check`), the page (`synthia.data.report`), and
running the tools of the shipped rows again, which is `datagen.again`.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from synthia import gates, recipe, records
from synthia.data import (
    chat_format,
    check as data_check,
    conversations,
    gates as data_gates,
    held_out,
    public_schemas,
)
from synthia.data.check import Found, Rules
from synthia.data.rules import Problem
from synthia.data.tool_calls import strict_json
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.host import downloads, environments
from synthia.recipe import Recipe

SHOWN = 200
"""Problems that are printed; further ones are counted."""
BENCHMARK_LOCK = "bfcl.txt"


def main() -> int:
    """Do what the request says and return an exit code."""
    request = json.load(sys.stdin)
    project = Path(request["project"])
    loaded = recipe.parse(request["recipe"], origin="the resolved recipe")
    try:
        if request["add"]:
            add(project, loaded, Path(request["add"]), drop=request["drop"])
        else:
            check(project, loaded)
    except PipelineError as error:
        print(f"data: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def check(project: Path, loaded: Recipe) -> None:
    """Check the files of a recipe, write `outputs/<recipe>/data.html`, raise on a red gate."""
    from synthia.data import report as data_report

    started = time.monotonic()
    cases = benchmark(project)
    rules, probe_problems = rules_for(project, loaded, cases)
    files = {name: project / name for name in loaded.data.files}
    found = data_check.check(files, rules)
    found.problems += probe_problems
    seconds = time.monotonic() - started
    judged = judge(loaded, found, probe_problems)
    page = data_report.write(project / "outputs" / loaded.name, loaded, found, rules, judged)
    _print_problems(found.problems, found)
    rows = found.counts["rows"]
    print(f"{rows:,} rows in {len(files)} files, {seconds:.1f} s")
    for line in data_report.summary(found, rules, cases):
        print(f"  {line}")
    print(gates.table(judged))
    print(f"report: {page}")
    _require(judged)


def rules_for(
    project: Path, loaded: Recipe, cases: Path | None, *, data: Path | None = None
) -> tuple[Rules, list[Problem]]:
    """What the recipe's rows are judged by, and what is wrong with its probes.

    `cases` is the wheel with BFCL's; `data` a folder with the probes instead of the project's.
    """
    tokenizer = _tokenizer(project, loaded)
    tokens = data_check.control_tokens(tokenizer) if tokenizer else ()
    name = loaded.data.probes
    probes: list[conversations.Row] = []
    wrong: list[Problem] = []
    if isinstance(name, str):  # else prepare splits them off these rows, with all that is alike
        path = data / Path(name).name if data else project / name
        probes, wrong = conversations.read_probes(path, name, control_tokens=tokens)
    held = held_out.probes((probe.id, probe.messages) for probe in probes)
    if cases:
        held_out.add_benchmark(held, cases)
    rules = Rules(
        held=held,
        control_tokens=tokens,
        tokenizer=str(tokenizer or ""),
        chat_template=(project / loaded.data.chat_template).read_text(encoding="utf-8"),
        special_tokens=_special_tokens(tokenizer, loaded),
        row_end=loaded.stop.row_end,
        max_length=loaded.data.max_length,
    )
    return rules, wrong


def judge(loaded: Recipe, found: Found, probe_problems: Sequence[Problem]) -> list[gates.Gate]:
    """The verdict of the gates D."""
    counts = {name: found.counts[f"problem: {name}"] for name in data_gates.GATES}
    for problem in probe_problems:
        counts[problem.gate] += 1
    names = [
        name for name in data_gates.GATES if name != "D length" or loaded.data.too_long == "error"
    ]
    return data_gates.judge(names, found.problems, counts)


def add(project: Path, loaded: Recipe, path: Path, *, drop: bool) -> None:
    """Check a file, in the project's schema or after converting it to that.

    A converted file is written to `data/<its name>.jsonl`, when every row is right or with `drop`
    without the rows that are not. Raises GateFailed otherwise.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}: name a JSON Lines or JSON file")
    target = project / "data" / f"{path.stem}.jsonl"
    kept, refused, schemas = _convert(path)
    own = set(schemas) <= {"project"}
    if not own and target.exists():
        raise UsageError(f"data/{target.name} exists: move it, or name the new file differently")
    rules, _ = rules_for(project, loaded, benchmark(project))
    count = len(kept) + len(refused)
    if own:
        found = data_check.check({path.name: path}, rules)
        _print_problems(found.problems, found)
        print(f"{count:,} rows in the project's schema")
        _require(judge(loaded, found, []))
        return
    with records.replacing(target) as partial:
        found, problems = _check_converted(path.name, partial, kept, rules)
        _print_problems([*refused, *problems], found)
        print(f"{count:,} rows ({', '.join(schemas)})")
        if (refused or problems) and not drop:
            raise gates.GateFailed(
                f"rows of {path.name} are not right (above); nothing was written: correct them, or "
                "leave them out: --drop"
            )
        while problems:  # of very many problems only the first are kept, so look again
            wrong = {problem.line for problem in problems}
            kept = [each for each in kept if each[0] not in wrong]
            _, problems = _check_converted(path.name, partial, kept, rules) if kept else (found, [])
        if not kept:
            raise gates.GateFailed(f"no row of {path.name} is right; nothing was written")
    print(f"wrote data/{target.name}: {len(kept):,} rows, {count - len(kept):,} left out; use "
          f"them: --set 'data.files=[\"data/{target.name}\"]'")  # fmt: skip


def _check_converted(
    label: str, partial: Path, lines: Sequence[tuple[int, str]], rules: Rules
) -> tuple[Found, list[Problem]]:
    """Write converted lines and check them; problems name the lines of the original file."""
    partial.write_text("".join(line for _, line in lines), encoding="utf-8", newline="\n")
    found = data_check.check({label: partial}, rules)
    numbers = [number for number, _ in lines]
    return found, [
        _renumbered(problem, numbers) if problem.line else problem for problem in found.problems
    ]


def _renumbered(problem: Problem, numbers: Sequence[int]) -> Problem:
    """Name the line of the original file: rows that could not be converted are missing before it."""
    return replace(problem, line=numbers[problem.line - 1])


def _convert(path: Path) -> tuple[list[tuple[int, str]], list[Problem], list[str]]:
    """Lines in the project's schema with their numbers, what was refused, and the schemas seen."""
    converted = []
    refused = []
    schemas: list[str] = []
    for number, text in _records(path):
        try:
            record = strict_json(text) if isinstance(text, str) else text
            if not isinstance(record, Mapping):
                raise ValueError("is no JSON object")
            schema = public_schemas.schema_of(record) or "unknown"
            if schema not in schemas:
                schemas.append(schema)
            row = public_schemas.convert(record)
            converted.append((number, json.dumps(row, ensure_ascii=False) + "\n"))
        except ValueError as error:
            fix = "correct or remove the row"
            refused.append(
                Problem("D schema", "", f"cannot be converted: {error}", fix, path.name, number)
            )
    return converted, refused, schemas


def _records(path: Path) -> list[tuple[int, Any]]:
    """Rows with their numbers: lines of JSON Lines, or the entries of one JSON array."""
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        try:
            return list(enumerate(json.loads(text), start=1))
        except ValueError as error:
            raise UsageError(f"{path.name} is no JSON: {error}") from None
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _tokenizer(project: Path, loaded: Recipe) -> Path | None:
    """The fetched model's tokenizer; before that, Qwen2's vocabulary for Qwen2.5 models."""
    fetched = project / "outputs" / loaded.name / "fetch" / "tokenizer.json"
    if fetched.exists():
        return fetched
    if "Qwen2.5" in loaded.model.repo_id:
        from synthia.data import vocabulary

        return vocabulary.qwen2(project / "requirements", environments.cache_root())
    return None


def _special_tokens(tokenizer: Path | None, loaded: Recipe) -> dict[str, str]:
    """What the chat template may name, as far as it is known before prepare."""
    file = tokenizer.with_name("tokenizer_config.json") if tokenizer else None
    config = records.read(file) if file and file.exists() else {}
    return chat_format.special_tokens(config, loaded.stop.eos_token, loaded.stop.pad_token)


def benchmark(project: Path) -> Path | None:
    """The wheel with BFCL's cases. None, with a word, where it cannot be had."""
    try:
        lock = project / "requirements" / BENCHMARK_LOCK
        return downloads.locked(lock, environments.cache_root() / "downloads")
    except MissingRequirement as error:
        print(f"data: not compared with BFCL: {error}", file=sys.stderr)
        return None


def _print_problems(problems: Sequence[Problem], found: Found) -> None:
    gate = ""
    for problem in sorted(problems, key=lambda each: (each.gate, each.file, each.line))[:SHOWN]:
        if problem.gate != gate:
            gate = problem.gate
            print(f"{gate}:")
        print(f"  {problem}\n      fix: {problem.fix}")
    total = sum(n for name, n in found.counts.items() if name.startswith("problem: "))
    if total > SHOWN:
        print(f"... and {total - SHOWN:,} more")


def _require(judged: Sequence[gates.Gate]) -> None:
    failed = [gate for gate in judged if not gate.passed]
    if failed:
        raise gates.GateFailed(
            f"{', '.join(gate.name for gate in failed)}: see above", tuple(judged)
        )


if __name__ == "__main__":
    sys.exit(main())
