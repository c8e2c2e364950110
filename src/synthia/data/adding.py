"""`./invoke data --add FILE`: check a file, in the project's form or after converting it to that.

Rows are read, converted and written one by one, so that memory does not grow with the file. A converted
file is complete or absent.

Not covered: reading bytes (`synthia.data.files`), converting a row (`synthia.data.public_schemas`), and
judging it (`synthia.data.check`).
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from synthia import gates
from synthia.data import (
    check as data_check,
    conversations,
    files,
    gates as data_gates,
    public_schemas,
)
from synthia.data.arrow_rows import Refused
from synthia.data.check import Found, Rules
from synthia.data.rules import LENGTH, SCHEMA, Problem
from synthia.errors import UsageError
from synthia.host import environments
from synthia.recipe import Recipe


@dataclass
class Converted:
    """What came of a file's rows."""

    numbers: "array[int]" = field(default_factory=lambda: array("I"))
    """Of the rows that were converted, in the original file."""
    refused: Found = field(default_factory=Found)
    forms: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    """What says nothing to the model, by the rows that had it."""
    count: int = 0

    @property
    def own(self) -> bool:
        """Whether every row is in the project's form."""
        return self.forms.keys() <= {"project"} and not self.refused.problems


def add(project: Path, loaded: Recipe, path: Path, rules: Rules, *, drop: bool) -> str:
    """Check a file and return what to say of it.

    A converted file is written to `data/<its name>.jsonl`, when every row is right, or with `drop`
    without the rows that are not. Raises GateFailed otherwise, and MissingRequirement while another
    process writes the same file.
    """
    target = project / "data" / f"{stem(path)}.jsonl"
    key = hashlib.sha256(str(target.resolve()).encode()).hexdigest()[:16]
    lock = environments.cache_root() / "adding" / f"{key}.lock"
    with environments.file_lock(lock, f"another --add writes data/{target.name}", wait=False):
        return _add(loaded, path, target, rules, drop=drop)


def _add(loaded: Recipe, path: Path, target: Path, rules: Rules, *, drop: bool) -> str:
    partial = target.with_name(f".{target.name}.partial")
    try:
        made = _convert(path, partial, loaded)
        label = path.name
        if made.own and not drop and files.one_a_line(path, made.count):
            found = _check(label, path, rules, {})
            _say(loaded, rules, made, found, [])
            data_gates.require(
                data_gates.of_recipe(loaded, found.problems, found.counts_by_gate(), [])
            )
            return (
                f"{made.count:,} rows in the project's form, so nothing was written: a recipe can name "
                "the file once it lies in data/"
            )
        if target.exists():
            raise UsageError(
                f"data/{target.name} exists: move it, or name the new file differently"
            )
        found = Found()
        if made.numbers:
            found = _check(label, partial, rules, {label: made.numbers})
        wrong = [gate for gate in found.wrong if gate != LENGTH or loaded.data.too_long == "error"]
        _say(loaded, rules, made, found, [gate for gate in found.wrong if gate not in wrong])
        if (made.refused.problems or wrong) and not drop:
            raise gates.GateFailed(
                f"rows of {label} are not right (above); nothing was written: correct them, or leave "
                "them out: --drop"
            )
        bad = {line for gate in wrong for line in found.wrong[gate]}
        left = len(made.numbers) - len(bad)
        if not left:
            raise gates.GateFailed(f"no row of {label} is right; nothing was written")
        if bad:
            _leave_out(partial, bad)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return (
        f"wrote data/{target.name}: {left:,} rows, {made.count - left:,} left out; use them: "
        f"--set 'data.files=[\"data/{target.name}\"]'"
    )


def stem(path: Path) -> str:
    """The file's name without what says how it is packed."""
    name = path.name
    for ending in (".gz", ".zst", ".bz2", ".xz"):
        name = name.removesuffix(ending)
    return Path(name).stem


def _convert(path: Path, partial: Path, loaded: Recipe) -> Converted:
    """Write the rows that can be converted, in the project's form, one a line."""
    made = Converted()
    with partial.open("w", encoding="utf-8", newline="\n") as out:
        for number, record in files.rows(path):
            made.count += number > 0
            try:
                if isinstance(record, Refused):
                    raise ValueError(record.message)
                imported = public_schemas.convert(record, loaded.data.reasoning)
            except ValueError as error:
                fix = record.fix if isinstance(record, Refused) else "correct or remove the row"
                message = conversations.printable(f"cannot be converted: {error}")
                made.refused.add(Problem(SCHEMA, "", message, fix, path.name, number))
                continue
            made.forms[imported.form] += 1
            made.left_out.update(imported.left_out)
            made.numbers.append(number)
            out.write(imported.text + "\n")
    if not made.count and not made.refused.problems:
        for problem in conversations.file_problems(path, path.name):
            made.refused.add(problem)
        if not made.refused.problems:
            fix = "write at least one row"
            made.refused.add(Problem(SCHEMA, "", "the file holds no row", fix, path.name))
    return made


def _check(label: str, path: Path, rules: Rules, numbers: dict[str, "array[int]"]) -> Found:
    return data_check.check({label: path}, rules, numbers=numbers)


def _say(
    loaded: Recipe, rules: Rules, made: Converted, found: Found, ignored: Collection[str]
) -> None:
    both = Found()
    both.merge(made.refused)
    both.merge(found)
    data_gates.show(
        [problem for problem in both.problems if problem.gate not in ignored],
        {gate: count for gate, count in both.counts_by_gate().items() if gate not in ignored},
    )
    forms = [name if name != "project" else "the project's form" for name in made.forms]
    print(f"{made.count:,} rows ({', '.join(forms) or 'none that can be read'})")
    for name, count in sorted(made.left_out.items()):
        print(f"  left out, as it says nothing to the model: {conversations.printable(name)} "
              f"({count:,} rows)")  # fmt: skip
    if rules.tokenizer:
        print(f"  tokens: longest {found.longest}, of at most {rules.max_length}")
    else:
        print("  tokens: not counted before ./invoke fetch gives the model's tokenizer, so no row is "
              "known to be short enough")  # fmt: skip


def _leave_out(partial: Path, bad: Collection[int]) -> None:
    """Remove lines from a file."""
    kept = partial.with_name(f"{partial.name}.kept")
    try:
        with partial.open("rb") as lines, kept.open("wb") as out:
            out.writelines(line for number, line in enumerate(lines, 1) if number not in bad)
        kept.replace(partial)
    finally:
        kept.unlink(missing_ok=True)
