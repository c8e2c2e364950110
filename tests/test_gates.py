"""Gates: judging, and words for the person who meets a red one."""

from pathlib import Path

import pytest

from synthia import gates
from synthia.gates import GateFailed

WORDS = {"metric": "answers that stop", "why": "they run on", "fix": "train longer"}


def test_a_value_on_the_threshold_passes() -> None:
    assert gates.at_least("B stop rate", 0.99, 0.99, **WORDS).passed
    assert gates.at_most("B loops", 0, 0, **WORDS).passed


def test_a_value_beyond_the_threshold_fails() -> None:
    assert not gates.at_least("B stop rate", 0.98, 0.99, **WORDS).passed
    assert not gates.at_most("B loops", 1, 0, **WORDS).passed


def test_not_a_number_fails_both_ways_and_can_be_written(tmp_path: Path) -> None:
    judged = [
        gates.at_least("T loss", float("nan"), 0.0, **WORDS),
        gates.at_most("T loss", float("nan"), 2.0, **WORDS),
    ]
    assert not any(gate.passed for gate in judged)
    gates.write(judged, tmp_path / "gates.json")
    assert "NaN" not in (tmp_path / "gates.json").read_text()


def test_gates_come_back_as_they_were_written(tmp_path: Path) -> None:
    judged = [gates.none_found("D schema", ["data/a.jsonl:3"], **WORDS)]
    gates.write(judged, tmp_path / "gates.json")
    assert gates.read(tmp_path / "gates.json") == judged


def test_a_failed_gate_says_what_where_why_and_what_to_do() -> None:
    judged = [
        gates.none_found("D schema", ["data/a.jsonl:3"], **WORDS),
        gates.at_most("B loops", 0, 0, **WORDS),
    ]
    with pytest.raises(GateFailed) as error:
        gates.require(judged)
    for part in ("D schema", "answers that stop", "data/a.jsonl:3", "they run on", "train longer"):
        assert part in str(error.value)
    assert "B loops" not in str(error.value)
    assert error.value.gates == tuple(judged)


def test_only_the_first_places_are_kept() -> None:
    gate = gates.none_found("D schema", [f"row {n}" for n in range(1000)], **WORDS)
    assert gate.value == 1000
    assert len(gate.where) == gates.SHOWN_PLACES
