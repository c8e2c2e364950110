"""The smoke data: made again byte for byte, valid, mixed as promised, probes held out."""

import math
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from datagen.smoke import words
from synthia.data import conversations, tool_calls
from synthia.data.conversations import Row

DATA = PROJECT / "data"


def rows() -> list[Row]:
    found, problems = conversations.read(DATA / "smoke.jsonl", "data/smoke.jsonl")
    assert problems == []
    return found


def probes() -> list[Row]:
    found, problems = conversations.read_probes(DATA / "smoke_probes.jsonl", "probes")
    assert problems == []
    return found


def calls(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call["function"] for message in messages for call in message.get("tool_calls", [])]


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
    ],
)
def test_the_committed_bytes_are_made_again(tmp_path: Path, environment: dict[str, str]) -> None:
    code = "from datagen import smoke; from pathlib import Path; list(smoke.write(Path('.')))"
    path = f"{PROJECT / 'src'}{os.pathsep}{PROJECT}"
    subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path, **environment},
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
    for one, other in (
        (set(words.train.stems.split()), words.probes.stems.split()),
        (set(words.train.folders), words.probes.folders),
        (set(words.train.patterns.split()), words.probes.patterns.split()),
        (set(words.train.numbers), words.probes.numbers),
        (set(words.train.glossary), words.probes.glossary),
    ):
        assert one
        assert other
        assert not one & set(other)
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


def executed(row: Row) -> list[tuple[dict[str, Any], str]]:
    """The calls of a row that were answered, each with its result."""
    made = calls(row.messages)
    results = [message["content"] for message in row.messages if message["role"] == "tool"]
    pending = 1 if row.messages[-1].get("tool_calls") else 0
    return list(zip(made[: len(made) - pending], results, strict=True))


def is_true(name: str, arguments: dict[str, str], result: str) -> bool:
    """Whether a result can be what the tool gives for files of one to three lines of two to four words."""
    vocabulary = set(words.train.patterns.split())
    lines = result.splitlines()
    if name == "run_python":
        return result == str(eval(arguments["code"].removeprefix("print"), {}))
    if name == "list_directory":
        return lines == sorted(set(lines)) and 1 <= len(lines) <= 2
    if name == "grep":
        word = arguments["pattern"]
        return bool(lines) and all(re.fullmatch(rf"[123]: .*\b{word}\b.*", each) for each in lines)
    if name == "read_file":
        split = [line.split() for line in lines]
        return len(split) <= 3 and all(2 <= len(s) <= 4 and set(s) <= vocabulary for s in split)
    least, most = {"count_lines": (1, 3), "word_count": (2, 12), "file_size": (8, 96)}[name]
    return least <= int(result) <= most


def test_the_tools_results_are_true() -> None:
    right, failed = Counter[str](), Counter[str]()
    for row in rows():
        for call, result in executed(row):
            name, arguments = call["name"], call["arguments"]
            if result.startswith("Error: "):
                failed[name] += 1
            elif "import" in arguments.get("code", ""):
                function, number = re.findall(r"(\w+)\((\d+)\)", arguments["code"])[0]
                assert result == str(getattr(math, function)(int(number))), row.id
                right[name] += 1
            else:
                assert is_true(name, arguments, result), (row.id, call, result)
                right[name] += 1
    assert right == {
        "read_file": 10, "count_lines": 7, "word_count": 9, "file_size": 7, "grep": 10,
        "list_directory": 7, "run_python": 6,
    }  # fmt: skip
    assert failed.total() == 32


def test_a_failure_names_the_mistake_and_the_next_call_mends_it() -> None:
    kinds = Counter[str]()
    for row in rows():
        for (call, result), mended in zip(executed(row), calls(row.messages)[1:], strict=False):
            if missing := re.fullmatch(r"Error: no file (\S+)\. Did you mean (\S+)\?", result):
                assert (call["arguments"]["path"], mended["arguments"]["path"]) == missing.groups()
                kinds["file"] += 1
            elif unknown := re.fullmatch(
                r"Error: NameError: name '(\w+)' is not defined.*", result
            ):
                assert f"from math import {unknown[1]};" in mended["arguments"]["code"]
                kinds["name"] += 1
    assert kinds == {"file": 27, "name": 5}
