"""The smoke data: made by its script byte for byte, valid, mixed as promised, probes held out."""

import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from synthia import conversations, tool_calls
from synthia.conversations import Row

DATA = Path(__file__).resolve().parents[1] / "data"


def rows() -> list[Row]:
    found, problems = conversations.read(DATA / "smoke.jsonl", "data/smoke.jsonl")
    assert problems == []
    return found


def probes() -> list[Row]:
    found, problems = conversations.read_probes(DATA / "smoke_probes.jsonl", "probes")
    assert problems == []
    return found


def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("smoke_words", DATA / "smoke_words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["smoke_words"] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


def calls(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call["function"] for message in messages for call in message.get("tool_calls", [])]


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    ],
)
def test_the_script_makes_the_committed_bytes(tmp_path: Path, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, str(DATA / "generate_smoke.py"), "--out", str(tmp_path)],
        env={**os.environ, **environment},
        cwd=tmp_path,
        check=True,
    )
    for name in ("smoke.jsonl", "smoke_probes.jsonl"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["smoke.jsonl", "smoke_probes.jsonl"]


def test_the_rows_are_mixed_as_promised() -> None:
    kinds = Counter(
        "plain" if not calls(row.messages)
        else "recovering" if any(message.get("weight") == 0 for message in row.messages)
        else "calling" if row.messages[-1].get("tool_calls")
        else "answering"
        for row in rows()
    )  # fmt: skip
    assert kinds == {"plain": 40, "recovering": 32, "calling": 120, "answering": 48}


def test_a_failed_call_is_not_trained_and_a_changed_call_follows() -> None:
    for row in rows():
        for index, message in enumerate(row.messages):
            if message.get("weight") == 0:
                assert row.messages[index + 1]["content"].startswith("Error: "), row.id
                repaired = row.messages[index + 2]
                assert not tool_calls.same_calls(calls([message]), calls([repaired])), row.id


def test_there_are_sixty_probes_with_a_gold_call_and_twelve_without() -> None:
    due = [bool(probe.gold and probe.gold.get("tool_calls")) for probe in probes()]
    assert Counter(due) == {True: 60, False: 12}
    assert len({tuple(m["content"] for m in probe.messages) for probe in probes()}) == 72


def test_training_and_probes_share_no_names_values_or_questions() -> None:
    vocabularies = words()
    for field in ("stems", "folders", "patterns", "numbers", "glossary"):
        one, other = getattr(vocabularies.TRAIN, field), getattr(vocabularies.PROBES, field)
        assert not set(one) & set(other), field
    assert conversations.overlap(rows(), probes()) == []
    learned = {str(value) for row in rows() for call in calls(row.messages)
               for value in call["arguments"].values()}  # fmt: skip
    asked = {str(value) for probe in probes() for call in calls([probe.gold or {}])
             for value in call["arguments"].values()}  # fmt: skip
    assert len(asked) > 50
    assert not learned & asked
    said = {m["content"] for row in rows() for m in row.messages if m["role"] == "user"}
    assert not said & {m["content"] for probe in probes() for m in probe.messages}


def test_every_argument_of_a_gold_call_can_be_read_off_the_conversation() -> None:
    for probe in probes():
        text = " ".join(message["content"] for message in probe.messages)
        for call in calls([probe.gold or {}]):
            for value in call["arguments"].values():
                seen = re.sub(r"^from math import \w+; ", "", value)
                assert seen in text, probe.id


def test_all_rows_differ() -> None:
    assert conversations.duplicates(rows()) == []


def test_the_tools_results_are_true() -> None:
    for row in rows():
        for call, result in zip(
            calls(row.messages), [m for m in row.messages if m["role"] == "tool"], strict=False
        ):
            if call["name"] == "run_python" and re.fullmatch(
                r"print\(\d+ [-+*] \d+\)", call["arguments"]["code"]
            ):
                expression = call["arguments"]["code"][6:-1]
                assert result["content"] == str(eval(expression)), row.id
            elif call["name"].startswith("count") and not result["content"].startswith("Error"):
                assert 1 <= int(result["content"]) <= 3, row.id
