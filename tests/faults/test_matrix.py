"""Each known fault, put into a healthy run, turns its gate red and no other, with its cause and its fix."""

import json
import subprocess
from pathlib import Path
from typing import Any

import faults_here
import faults_served
import little_qwen
import pytest
from conftest import PROJECT, on_one_core

from synthia import faults
from synthia.faults import REFUSED, Fault
from synthia.host import environments
from synthia.run import launch, llama_build

TABLE, SYMPTOMS = faults.read()
TESTS = Path(__file__).parent
Outcomes = dict[str, dict[str, Any]]


def of(*names: str) -> pytest.MarkDecorator:
    """Parametrize over the faults of the table that these names name."""
    chosen = [fault for fault in TABLE if fault.name in names]
    return pytest.mark.parametrize("fault", chosen, ids=lambda fault: fault.name)


def at(*stages: str) -> pytest.MarkDecorator:
    """Parametrize over the faults of stages that a stage environment's process runs."""
    there = [f for f in TABLE if f.stage in stages and f.name not in faults_here.ENVIRONMENT]
    return of(*(fault.name for fault in there))


def require_caught(fault: Fault, found: dict[str, Any]) -> None:
    """The fault is caught where the table says, as the table says, and nothing else is red."""
    assert found["stage"] == fault.stage
    if fault.gate == REFUSED:
        assert found["red"] == {}
        said = found["said"]
    else:
        assert set(found["red"]) == {fault.gate, *fault.also}, found
        said = found["red"][fault.gate]
    said = " ".join(said.split())  # what is said on several lines is one sentence in the table
    assert fault.cause in said, said
    assert fault.fix in said, said


@of(*faults_here.GIVEN)
def test_a_fault_of_rows_is_caught(fault: Fault, tmp_path: Path) -> None:
    require_caught(fault, faults_here.rows(faults_here.GIVEN[fault.name], tmp_path))


@of(*faults_here.ENVIRONMENT)
def test_a_fault_of_the_machine_is_caught(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_caught(fault, faults_here.ENVIRONMENT[fault.name](tmp_path, monkeypatch))


def test_healthy_rows_and_a_machine_with_everything_are_green(tmp_path: Path) -> None:
    assert faults_here.rows(faults_here.GIVEN["healthy"], tmp_path)["red"] == {}
    assert faults_here.findings(faults_here.GOOD)["red"] == {}


def test_git_checks_scripts_out_with_linux_line_endings_whatever_it_was_told(
    tmp_path: Path,
) -> None:
    assert b"\r" not in faults_here.checked_out(PROJECT, tmp_path / "clone")


# -- in the stage environments --------------------------------------------------------------------


def outcomes(environment: str, root: Path, *words: str) -> Outcomes:
    """What a script of this folder printed, run in a stage environment."""
    python = environments.ensure(PROJECT, environment)
    with on_one_core():
        done = subprocess.run(
            [str(python), str(TESTS / f"in_{environment}.py"), str(root), *words],
            env=launch.stage_env(PROJECT, network=False), capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found: Outcomes = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The little project's folder, and its resolved recipes as JSON."""
    root = tmp_path_factory.mktemp("little_qwen")
    return root, json.dumps(little_qwen.make(root))


@pytest.fixture(scope="session")
def in_train(little: tuple[Path, str]) -> Outcomes:
    return outcomes("train", *little)


@pytest.fixture(scope="session")
def in_convert(little: tuple[Path, str], in_train: Outcomes) -> Outcomes:
    python = environments.ensure(PROJECT, "convert")
    return outcomes("convert", *little, str(llama_build.ensure(python, environments.cache_root())))


@pytest.mark.slow
@at("recipe", "fetch", "prepare", "train", "merge")
def test_a_fault_of_base_rows_training_or_merge_is_caught(fault: Fault, in_train: Outcomes) -> None:
    require_caught(fault, in_train[fault.name])


@pytest.mark.slow
@at("convert")
def test_a_fault_of_a_gguf_file_is_caught(fault: Fault, in_convert: Outcomes) -> None:
    require_caught(fault, in_convert[fault.name])


@pytest.mark.slow
def test_healthy_runs_are_green_at_every_stage(in_train: Outcomes, in_convert: Outcomes) -> None:
    healthy = {name: o for name, o in (in_train | in_convert).items() if "healthy" in name}
    assert len(healthy) == 2 * 4 + 1 + 3
    for name, outcome in healthy.items():
        assert (outcome["red"], outcome["said"]) == ({}, ""), name
        assert outcome["judged"] >= 2, name


@pytest.mark.slow
def test_every_fault_that_is_injected_stands_in_the_table(
    in_train: Outcomes, in_convert: Outcomes
) -> None:
    injected = {name for name in (in_train | in_convert) if "healthy" not in name}
    here = (faults_here.GIVEN.keys() - {"healthy"}) | faults_here.ENVIRONMENT.keys()
    assert injected | here | faults_served.SERVED.keys() == {fault.name for fault in TABLE}


@pytest.mark.slow
@of(*faults_served.SERVED)
def test_a_fault_of_answers_is_caught(fault: Fault, smoke: Path, tmp_path: Path) -> None:
    faults_served.SERVED[fault.name](smoke, tmp_path)
    (tmp_path / "out").mkdir()
    found = faults_served.judged(smoke, tmp_path / "out")
    assert set(found["red"]) == {fault.gate, *fault.also}
    assert fault.cause in found["diagnosis"]["cause"]
    assert fault.fix in found["red"][fault.gate]


@pytest.mark.slow
def test_the_answers_of_the_smoke_run_are_green(smoke: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    found = faults_served.judged(smoke, tmp_path / "out")
    assert found["red"] == {}
    assert found["diagnosis"]["cause"] == "every arm passed"


# -- the table ------------------------------------------------------------------------------------


def test_the_table_holds_at_least_sixty_faults_each_once_of_every_family() -> None:
    assert len(TABLE) >= 60
    assert len({fault.name for fault in TABLE}) == len(TABLE)
    assert {fault.family for fault in TABLE} == set(faults.FAMILIES)


def test_the_troubleshooting_guide_is_the_tables() -> None:
    written = (PROJECT / faults.GUIDE).read_text(encoding="utf-8")
    assert written == faults.guide(TABLE, SYMPTOMS), "run ./invoke faults --write"


def test_the_table_prints_every_fault_with_its_gate() -> None:
    printed = "\n".join(faults.table(TABLE))
    for fault in TABLE:
        assert fault.name in printed
        assert fault.cause in printed


def test_every_symptom_points_at_faults_that_are_proven() -> None:
    names = {fault.name for fault in TABLE}
    assert len(SYMPTOMS) >= 8
    for symptom in SYMPTOMS:
        assert symptom.faults
        assert set(symptom.faults) <= names, symptom.seen
