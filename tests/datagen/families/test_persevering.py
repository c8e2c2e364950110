"""Work that does not succeed at once: ideas are refuted, tests stay red, and what is said is so."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from datagen import generate, grounding
from datagen.families.persevering import project
from datagen.session import Session
from synthia.data import unseen

NAMES = sorted(generate.scenarios("persevering"))
HUNTS = ("many_red_one_cause", "report_stays_red", "stale_copy", "two_bugs_in_one", "wide_rename")


@pytest.fixture(scope="module", params=NAMES)
def played(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any], Session]:
    name = str(request.param)
    with generate.played(f"persevering.{name}/3") as session:
        return name, session.row(f"persevering.{name}/3"), session


def test_a_row_has_ten_calls_or_more_and_names_nothing_unseen(
    played: tuple[str, dict[str, Any], Session],
) -> None:
    _, row, session = played
    assert len(session.steps) >= 10
    assert unseen.unseen(row) == []
    assert grounding.unknown_names(row) == []


def test_a_test_is_still_red_after_the_first_change_and_all_are_green_in_the_end(
    played: tuple[str, dict[str, Any], Session],
) -> None:
    name, _, session = played
    names = [step.name for step in session.steps]
    edited = names.index("apply_patch")
    runs = [step for step in session.steps[edited:] if step.name == "run_tests"]
    assert runs[-1].exit_code == 0
    if name in HUNTS:
        assert any(run.exit_code == 1 for run in runs)


def test_counts_that_are_told_are_those_of_the_last_run(
    played: tuple[str, dict[str, Any], Session],
) -> None:
    _, row, _ = played
    last, told = "", 0
    for turn in row["messages"]:
        counts = re.findall(r"\d+ (?:passed|failed)\b", turn["content"])
        if turn["role"] == "tool" and counts:
            last = turn["content"]
        elif turn["role"] == "assistant":
            assert all(count in last for count in counts), turn["content"]
            told += bool(counts)
    assert told


def test_a_large_module_is_code_that_runs_and_its_faults_are_found_by_cases(tmp_path: Path) -> None:
    session = Session(tmp_path, "persevering.test/1")
    package, faults = project.broken(session, (14, 18), (2, 2), 3)
    core = package.modules[0]
    assert len(core.text({}).splitlines()) >= 110
    assert len({fault.module.path for fault in faults}) == 3
    files = {module.path: module.text({}) for module in package.modules}
    seeded = {fault.fn.name: [*fault.right, *fault.wrong] for fault in faults}
    files |= {
        module.tests: project.tests_of(session.random, module, seeded) for module in package.modules
    }
    session.files({f"{package.name}/__init__.py": "", **files})
    assert "failed" not in session.bench.call("run_tests", {})
    for fault in faults:
        text = fault.module.text({fault.fn.name: fault.source})
        assert project.place(text, fault.fn.name)[0] > 1
        session.files({fault.module.path: text})
    shown = session.bench.call("run_tests", {})
    failed = {f"test_{fault.fn.name}_{case.name}" for fault in faults for case in fault.wrong}
    assert set(re.findall(r"^FAILED \S+::(\w+)", shown, re.MULTILINE)) == failed


def test_mending_the_first_of_two_bugs_leaves_some_cases_wrong(tmp_path: Path) -> None:
    session = Session(tmp_path, "persevering.test/2")
    _, (fault,) = project.broken(session, (10, 12), (1, 1), 1, bugs=2)
    assert fault.mended(2) == fault.fn.source
    assert len({fault.source, fault.mended(1), fault.mended(2)}) == 3
    assert all(ast.parse(fault.mended(count)) for count in range(3))


def test_a_rename_keeps_imports_sorted_and_leaves_longer_names() -> None:
    text = (
        "from shop.core import add, trim\nfrom shop.tax import (\n    trim,\n    zero,\n)\n\n\n"
        "def test_trim_one() -> None:\n    assert trim(1) == trimmed\n"
    )
    assert project.renamed(text, "trim", "zoom") == (
        "from shop.core import add, zoom\nfrom shop.tax import (\n    zero,\n    zoom,\n)\n\n\n"
        "def test_zoom_one() -> None:\n    assert zoom(1) == trimmed\n"
    )
