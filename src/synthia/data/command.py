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
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synthia import families, gates, hub_data, recipe, records
from synthia.data import (
    accepted,
    adding,
    chat_format,
    check as data_check,
    conversations,
    gates as data_gates,
    held_out,
    reasoning,
)
from synthia.data.check import Found, Rules
from synthia.data.conversations import Reading
from synthia.data.rules import Problem
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.host import downloads, environments
from synthia.recipe import Recipe

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ends; `./invoke` says so."""


def main() -> int:
    """Do what the request says and return an exit code."""
    # A row may hold half a character, and a terminal may know few.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
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
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def check(project: Path, loaded: Recipe) -> None:
    """Check the files of a recipe, write `outputs/<recipe>/data.html`, raise on a red gate."""
    from synthia.data import report as data_report

    started = time.monotonic()
    fetched = project / "outputs" / loaded.name / "fetch"
    files = hub_data.files(project, fetched, loaded.data.files, recipe=loaded.name)
    cases = benchmark(project)
    rules, probe_problems = rules_for(project, loaded, cases)
    found = data_check.check(files, rules)
    found.problems += probe_problems
    seconds = time.monotonic() - started
    judged = judge(loaded, found, probe_problems)
    probes = [loaded.data.probes] if isinstance(loaded.data.probes, str) else []
    stale = rules.accepted.stale([*files, *probes], found.accepted)
    page = data_report.write(project / "outputs" / loaded.name, loaded, found, rules, judged, stale)
    for file, row, rule in stale:
        print(
            f"{accepted.FILE}: {file}, row {row}, {rule}: nothing is found there any more; remove the entry"
        )
    data_gates.show(found.problems, found.counts_by_gate())
    rows = found.counts["rows"]
    print(f"{rows:,} rows in {len(files)} files, {seconds:.1f} s")
    for line in data_report.summary(found, rules, cases):
        print(f"  {line}")
    print(gates.table(judged))
    print(f"report: {page}")
    data_gates.require(judged)


def rules_for(
    project: Path, loaded: Recipe, cases: Path | None, *, data: Path | None = None
) -> tuple[Rules, list[Problem]]:
    """What the recipe's rows are judged by, and what is wrong with its probes.

    `cases` is the wheel with BFCL's; `data` a folder with the probes instead of the project's.
    """
    tokenizer = _tokenizer(project, loaded)
    tokens = data_check.control_tokens(tokenizer) if tokenizer else ()
    name = loaded.data.probes
    template = (project / loaded.data.chat_template).read_text(encoding="utf-8")
    reasoning.require_place(loaded.data, template)
    family = families.FAMILIES[loaded.family]
    seen = accepted.load(project)
    reading = Reading(tokens, loaded.data.reasoning, seen, family.parallel)
    probes: list[conversations.Row] = []
    wrong: list[Problem] = []
    if isinstance(name, str):  # else prepare splits them off these rows, with all that is alike
        path = data / Path(name).name if data else project / name
        probes, wrong = conversations.read_probes(path, name, reading)
    held = held_out.probes((probe.id, probe.messages) for probe in probes)
    if cases:
        held_out.add_benchmark(held, cases)
    rules = Rules(
        held=held,
        control_tokens=tokens,
        tokenizer=str(tokenizer or ""),
        chat_template=template,
        special_tokens=_special_tokens(tokenizer, loaded),
        row_end=loaded.stop.row_end,
        max_length=loaded.data.max_length,
        reasoning=loaded.data.reasoning,
        accepted=seen,
        parallel=family.parallel,
    )
    return rules, wrong


def judge(loaded: Recipe, found: Found, probe_problems: Sequence[Problem]) -> list[gates.Gate]:
    """The verdict of the gates D."""
    return data_gates.of_recipe(loaded, found.problems, found.counts_by_gate(), probe_problems)


def add(project: Path, loaded: Recipe, path: Path, *, drop: bool) -> None:
    """Check a file, in the project's form or after converting it to that (`synthia.data.adding`)."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}: name a JSON Lines, JSON, Parquet or Arrow file")
    rules, _ = rules_for(project, loaded, benchmark(project))
    written = f"data/{adding.stem(path)}.jsonl"
    rules = replace(rules, accepted=rules.accepted.called(written, path.name))
    print(adding.add(project, loaded, path, rules, drop=drop))


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
        lock = project / "requirements" / held_out.LOCK
        return downloads.locked(lock, environments.cache_root() / "downloads")
    except MissingRequirement as error:
        print(f"data: not compared with BFCL: {error}", file=sys.stderr)
        return None


if __name__ == "__main__":
    sys.exit(main())
