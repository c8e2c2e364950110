"""Write the files of `data/`: run scenarios until each has its rows; then the smoke set and the card.

A row's scenario and seed are in the row, so any row can be made again alone. A seed whose row says
to a user's turn what an earlier row's user said, or nearly equals an earlier row, is passed over;
rows are accepted in a fixed order, so the bytes do not depend on how many processes work.

Not covered: what the rows hold; that is in `datagen.families` and `datagen.smoke`. Checking them is
`./invoke data`.
"""

import argparse
import contextlib
import importlib
import itertools
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from datagen import also_right, card, dialects, grounding, languages, results, typos
from datagen.session import Session, Step, Unlucky
from synthia.data import fingerprints, unseen
from synthia.errors import PipelineError

FAMILIES: dict[str, dict[str, int]] = {
    "train": {
        "fixing": 196, "recovering": 48, "running": 128, "coding": 192, "flask_routes": 154, "reading": 182,
        "searching": 190, "committing": 86, "asking": 170, "answering": 306, "declining": 370,
        "resisting": 50, "querying": 40, "scripting": 40, "persevering": 100, "verbatim": 120,
    },
    "flask_templates": {"flask_templates": 14},
    "failure_recovery": {"recovering": 300},
    "train_improved": {"long_work": 28, "persevering": 50},
}  # fmt: skip
"""By file: how many rows each family module gives."""
PROJECT = Path(__file__).resolve().parents[1]
PROBES = {"probing": 320, "agent_probes": 80}
SPARE = 1.15
"""So many more rows are made than wanted, in the first go, to have some to pass over."""

Scenario = Callable[[Session], None]


def scenarios(family: str) -> dict[str, Scenario]:
    """The scenarios of a family by name."""
    module = importlib.import_module(f"datagen.families.{family}.scenarios")
    return {scenario.__name__: scenario for scenario in module.SCENARIOS}


def make(scenario: str, *, dialect: str | None = None) -> dict[str, Any]:
    """Run one scenario, named as family.function/seed, in a fresh folder; returns its row.

    A training row is in the dialect that its name draws, or in the one named here.
    """
    return _written(*_played(scenario), dialect=dialect)


def _grounded(scenario: str) -> dict[str, Any] | None:
    """As `make`; None where there is no row, or it is too long, or knows what nothing showed."""
    try:
        row, steps, status = _played(scenario)
    except Unlucky:
        return None
    if grounding.unknown_names(row) or unseen.unseen(row):
        return None
    row = _written(row, steps, status)
    return row if dialects.fits(row) else None


def _written(
    row: dict[str, Any], steps: Sequence[Step], status: str, *, dialect: str | None = None
) -> dict[str, Any]:
    """A played row as it is written."""
    if row["scenario"].partition(".")[0] in PROBES:
        return row
    spoken = dialects.spoken(row, steps, dialect=dialect, status=status)
    shaped = results.shaped(spoken) if spoken["messages"] == row["messages"] else spoken
    return typos.typed(shaped)


def _played(scenario: str) -> tuple[dict[str, Any], list[Step], str]:
    """The row in the workbench's tools, a probe's with what else is right; what they did; git's
    status before.
    """
    with played(scenario) as session:
        row = session.row(scenario)
        more = also_right.besides(session) if session.before_last else {}
        return row | more, session.steps, session.status


@contextlib.contextmanager
def played(scenario: str) -> Iterator[Session]:
    """A session in which a scenario, named as family.function/seed, has run in a fresh folder."""
    family, _, rest = scenario.partition(".")
    name, _, _ = rest.partition("/")
    with contextlib.ExitStack() as folders:
        for language in dict.fromkeys((languages.drawn(scenario), "")):
            folder, other = (
                Path(folders.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)
            )
            copy = other / "before" if family in PROBES else None
            session = Session(folder, scenario, before_last=copy, language=language)
            with contextlib.suppress(languages.Untranslated):
                scenarios(family)[name](session)
                break
        yield session


def as_probe(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A row as a probe: its last turn is the gold answer."""
    *asked, gold = row["messages"]
    rest = {key: value for key, value in row.items() if key != "messages"}
    return {"id": name, "messages": asked, "gold": gold, **rest}


class Accepted:
    """The rows accepted so far, and what makes a further one too like them."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.tried: Counter[str] = Counter()
        """By family: how many of its jobs were judged. What was passed over once always would be."""
        self._said: set[str] = set()
        self._bands: dict[tuple[int, int], list[Any]] = {}

    def take(self, row: dict[str, Any]) -> bool:
        """Accept a row unless a user's turn was said before, it nearly equals another, or it knows
        something that nothing showed.
        """
        if grounding.unknown_names(row) or unseen.unseen(row):
            return False
        turns = [
            " ".join(message["content"].casefold().split())
            for message in row["messages"]
            if message["role"] == "user"
        ]
        if len(set(turns)) < len(turns) or self._said & set(turns):
            return False
        signature = fingerprints.minhash(row["messages"])
        places = list(enumerate(fingerprints.bands(signature)))
        for place in places:
            for other in self._bands.get(place, []):
                if fingerprints.similarity(signature, other) >= fingerprints.NEAR:
                    return False
        self._said |= set(turns)
        for place in places:
            self._bands.setdefault(place, []).append(signature)
        self.rows.append(row)
        return True


def rows_of(family: str, wanted: int, accepted: Accepted, pool: ProcessPoolExecutor) -> None:
    """Accept `wanted` rows of a family: its scenarios in turn, each with seeds 0, 1, 2, ..."""
    names = list(scenarios(family))
    first = number = accepted.tried[family]
    missing = wanted
    while missing:
        count = max(int(missing * SPARE), len(names)) if number > first else int(missing * SPARE)
        if wanted == len(names):
            count = wanted  # one row a scenario: no spare ones
        jobs = [
            f"{family}.{names[job % len(names)]}/{job // len(names)}"
            for job in range(number, number + count)
        ]
        number += count
        for row in pool.map(_grounded, jobs, chunksize=4):
            accepted.tried[family] += 1
            if row is not None and accepted.take(row):
                missing -= 1
            if not missing:
                break  # the jobs that nobody began are given up
        if number - first > 20 * wanted:
            raise RuntimeError(f"{family} repeats itself: {missing} of {wanted} rows are missing")


def write(out: Path, *, processes: int) -> Iterator[str]:
    """Write the data files and the probes into `out`; yields a line about each."""
    accepted = Accepted()
    with ProcessPoolExecutor(processes) as pool:
        for name, families in FAMILIES.items():
            first = len(accepted.rows)
            for family, wanted in families.items():
                rows_of(family, wanted, accepted, pool)
            rows = accepted.rows[first:]
            if len(families) > 1:
                random.Random(name).shuffle(rows)
            _write(out / f"{name}.jsonl", rows)
            yield f"{name}.jsonl: {len(rows)} rows"
        first = len(accepted.rows)
        for family, wanted in PROBES.items():
            rows_of(family, wanted, accepted, pool)
        probes = [
            as_probe(row, f"probe-{number:03}")
            for number, row in enumerate(accepted.rows[first:], start=1)
        ]
        _write(out / "probes.jsonl", probes)
        yield f"probes.jsonl: {len(probes)} probes"


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def main() -> int:
    """Write all files, in processes that the caller's locale, time zone and umask do not reach.

    Returns an exit code: 2 when a table is wrong.
    """
    parser = argparse.ArgumentParser(description="Write all files of data/.")
    parser.add_argument("--out", type=Path, required=True, help="target folder")
    out = parser.parse_args().out
    os.umask(0o022)
    out.mkdir(parents=True, exist_ok=True)
    try:
        write_all(out)
    except PipelineError as error:
        print(f"generate-data: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def write_all(out: Path) -> None:
    """Write the data files, the smoke set and the data card into `out`; prints a line about each."""
    from datagen import smoke  # reads its table

    for line in itertools.chain(write(out, processes=os.cpu_count() or 1), smoke.write(out)):
        print(line, flush=True)
    old = (PROJECT / "data" / "README.md").read_text(encoding="utf-8")
    text = card.with_figures(old, card.figures(PROJECT, out, card.checked(PROJECT, out)))
    (out / "README.md").write_text(text, encoding="utf-8", newline="\n")
    print("README.md: the data card's figures")


if __name__ == "__main__":
    sys.exit(main())
