"""Rows are accepted in a fixed order; one too like an earlier one is passed over."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from datagen import generate
from datagen.generate import Accepted
from datagen.session import Session, Unlucky


def row(*said: str, answer: str = "Done.") -> dict[str, Any]:
    turns = [{"role": "user", "content": text} for text in said]
    return {"messages": [*turns, {"role": "assistant", "content": answer}], "tools": []}


WORDS = [f"word{number}" for number in range(60)]


def test_a_row_whose_user_says_something_said_before_is_passed_over() -> None:
    accepted = Accepted()
    assert accepted.take(row("Open a.txt."))
    assert not accepted.take(row("open  A.txt."))
    assert not accepted.take(row("Open b.txt.", "Open a.txt."))
    assert accepted.take(row("Open b.txt."))
    assert not accepted.take(row("Again.", "again."))
    assert len(accepted.rows) == 2


def test_a_row_that_nearly_equals_another_is_passed_over() -> None:
    accepted = Accepted()
    assert accepted.take(row("One.", answer=" ".join(WORDS)))
    assert not accepted.take(row("Two.", answer=" ".join(WORDS[:-2])))
    assert accepted.take(row("Three.", answer=" ".join(WORDS[::-1])))


def test_a_row_that_opens_a_file_nobody_named_is_passed_over() -> None:
    accepted = Accepted()
    call = {"function": {"name": "read_file", "arguments": {"path": "shop/prices.py"}}}
    turn = {"role": "assistant", "content": "", "tool_calls": [call]}
    for said, taken in (
        ("What costs a pen?", False),
        ("Does prices.py know a pen?", False),
        ("Does shop/prices.py know a pen?", True),
    ):
        assert accepted.take({**row(said), "messages": [*row(said)["messages"][:1], turn]}) is taken


class Pool:
    """Makes rows here, and remembers which were asked for."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def map(self, work: object, jobs: list[str], chunksize: int) -> Iterator[dict[str, Any] | None]:
        for job in jobs:
            self.made.append(job)
            yield None if job.endswith("/1") else row(job)


def test_a_family_that_gives_rows_to_two_files_goes_on_where_it_stopped() -> None:
    accepted, pool = Accepted(), Pool()
    names = list(generate.scenarios("long_work"))
    for wanted in (4, 5):
        generate.rows_of("long_work", wanted, accepted, cast(ProcessPoolExecutor, pool))
    every = [f"long_work.{name}/{seed}" for seed in range(3) for name in names]
    assert pool.made == every[: len(pool.made)]
    assert len(accepted.rows) == 9
    assert accepted.tried["long_work"] == len(pool.made) == 15  # six were none, and no spare one


def test_a_seed_whose_draw_turns_out_otherwise_gives_no_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unlucky(session: Session) -> None:
        raise Unlucky(session.bench.call("run_python", {"code": "print(3)"}))

    monkeypatch.setattr(generate, "scenarios", lambda family: {"any": unlucky})
    assert generate._grounded("family.any/0") is None
    with pytest.raises(Unlucky, match=r"^3$"):
        generate.make("family.any/0")


def test_a_probe_is_a_row_whose_last_turn_is_the_gold_answer() -> None:
    probe = generate.as_probe({**row("Open a.txt."), "scenario": "x.y/0"}, "probe-001")
    assert probe == {
        "id": "probe-001",
        "messages": [{"role": "user", "content": "Open a.txt."}],
        "gold": {"role": "assistant", "content": "Done."},
        "tools": [],
        "scenario": "x.y/0",
    }


def test_every_scenario_of_every_family_is_known_by_its_name() -> None:
    families = [name for of_file in generate.FAMILIES.values() for name in of_file]
    for family in [*families, *generate.PROBES]:
        found = generate.scenarios(family)
        assert found
        assert all(scenario.__doc__ for scenario in found.values()), family


def test_a_row_can_be_made_again_alone() -> None:
    for family in ("coding", "reading"):
        name = next(iter(generate.scenarios(family)))
        one, again = (generate.make(f"{family}.{name}/5") for _ in range(2))
        assert one == again
        assert generate.make(f"{family}.{name}/6") != one


def test_a_wrong_table_ends_the_command_with_its_file_and_key(project: Path) -> None:
    table = project / "datagen" / "tables" / "smoke.toml"
    table.write_text(table.read_text(encoding="utf-8").replace("[answers]", "[answer]"))
    done = subprocess.run(
        [sys.executable, "-m", "datagen.generate", "--out", str(project / "out")],
        env={**os.environ, "PYTHONPATH": f"{project / 'src'}{os.pathsep}{project}"},
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "generate-data: datagen/tables/smoke.toml: answers: Field required\n"
