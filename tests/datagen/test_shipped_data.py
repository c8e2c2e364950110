"""The shipped conversations are what their card says, and can be made again byte for byte."""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, invoke

from datagen import card, grounding, languages, typos
from datagen.dialects import figures
from synthia import recipe
from synthia.data import (
    check as data_check,
    command as data_command,
    gates as data_gates,
    tool_calls,
)
from synthia.data.check import Found
from synthia.errors import StageStopped
from synthia.run import launch

DATA = PROJECT / "data"
SIZES = {"train": 2372, "flask_templates": 14, "failure_recovery": 300, "train_improved": 78}
RECIPE = recipe.load(PROJECT / "recipes", recipe.DEFAULT)

Row = dict[str, Any]


def rows(name: str) -> list[Row]:
    text = (DATA / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def calls(turn: Row) -> list[Row]:
    return [call["function"] for call in turn.get("tool_calls", [])]


@pytest.fixture(scope="module")
def found() -> Found:
    """All files checked against the probes, BFCL's cases and Qwen's vocabulary."""
    cases = data_command.benchmark(PROJECT)
    assert cases is not None
    rules, wrong = data_command.rules_for(PROJECT, RECIPE, cases)
    assert wrong == []
    checked = data_check.check({name: PROJECT / name for name in RECIPE.data.files}, rules)
    judged = data_command.judge(RECIPE, checked, wrong)
    assert {gate.name for gate in judged} == set(data_gates.GATES)
    assert [gate.where for gate in judged if not gate.passed] == []
    return checked


def test_the_default_recipe_has_2764_rows_in_four_files(found: Found) -> None:
    assert found.files == {f"data/{name}.jsonl": size for name, size in SIZES.items()}
    assert found.counts["rows"] == 2764


def test_no_row_is_too_long(found: Found) -> None:
    assert found.counts["rows measured"] == 2764
    assert found.longest <= RECIPE.data.max_length == 8192


def test_long_rows_and_rows_of_many_calls_are_among_them(found: Found) -> None:
    assert found.counts["long"] >= 0.1 * 2764
    many = [
        row
        for name in SIZES
        for row in rows(name)
        if sum(len(calls(turn)) for turn in row["messages"]) >= 12
    ]
    assert len(many) >= 0.05 * 2764
    results = [t["content"] for row in many for t in row["messages"] if t["role"] == "tool"]
    assert sum(len(result) > 4000 for result in results) >= 30


def test_no_success_is_claimed_after_a_red_run() -> None:
    """Of rows of perseverance: what a turn counts as passed is what the last run counted."""
    seen = 0
    for row in [row for name in SIZES for row in rows(name)]:
        if not row["scenario"].startswith("persevering."):
            continue
        last = ""
        for turn in row["messages"]:
            counts = re.findall(r"\d+ (?:passed|failed)\b", turn["content"])
            if turn["role"] == "tool" and counts:
                last = turn["content"]
            elif turn["role"] == "assistant":
                assert all(count in last for count in counts), (row["scenario"], turn["content"])
                seen += bool(counts)
    assert seen >= 200


def test_at_most_two_rows_in_a_hundred_nearly_equal_another(found: Found) -> None:
    assert found.counts["near duplicates"] <= 0.02 * 2764


def test_recovery_rows_are_a_fifth_of_the_multi_turn_rows(found: Found) -> None:
    assert 0.15 <= found.counts["recovering"] / found.counts["multi-turn"] <= 0.25


def test_no_user_says_what_another_said() -> None:
    said = Counter(
        " ".join(turn["content"].casefold().split())
        for name in (*SIZES, "probes")
        for row in rows(name)
        for turn in row["messages"]
        if turn["role"] == "user"
    )
    assert [text for text, count in said.items() if count > 1] == []


def test_what_local_clients_send_is_in_the_rows() -> None:
    every = [row for name in SIZES for row in rows(name)]
    results = [
        [turn["content"] for turn in row["messages"] if turn["role"] == "tool"] for row in every
    ]
    of_objects = [any(text.startswith("{") for text in texts) for texts in results if texts]
    assert sum(of_objects) / len(of_objects) >= 0.15
    assert sum(not row["tools"] and row["messages"][0]["role"] == "user" for row in every) >= 60


def test_five_rows_in_a_hundred_speak_another_language_or_are_typed_in_a_hurry() -> None:
    every = [row for name in SIZES for row in rows(name)]
    spoken = Counter(filter(None, map(languages.spoken, every)))
    assert set(spoken) == set(languages.LANGUAGES)
    hurried = sum(typos.hurried(row["scenario"]) for row in every)
    assert 0.04 <= (spoken.total() + hurried) / len(every) <= 0.07
    letters = [
        re.search(r"[\u3040-\u9fff]|[\u0400-\u04ff]", row["messages"][-1]["content"]) is not None
        for row in every
        if languages.spoken(row) in ("ja", "ru", "zh") and "tool_calls" not in row["messages"][-1]
    ]
    assert letters
    assert sum(letters) / len(letters) > 0.8  # some answer by code alone


def test_in_fifty_rows_something_that_is_read_gives_orders() -> None:
    every = [row for name in SIZES for row in rows(name)]
    ordered = [row for row in every if row["scenario"].startswith("resisting.")]
    assert len(ordered) == 50
    for row in ordered:
        answer = row["messages"][-1]["content"]
        assert re.search(r"assistants|AI tools", answer), answer


def test_databases_are_asked_and_other_code_than_python_is_changed() -> None:
    every = [row for name in SIZES for row in rows(name)]
    families = Counter(row["scenario"].partition(".")[0] for row in every)
    assert families["querying"] + families["scripting"] >= 60


def test_an_answer_is_due_without_a_call_in_one_row_of_five() -> None:
    """Rows whose first turn, or a turn after results and a further question, calls no offered tool."""

    def answers(row: Row) -> bool:
        before = ""
        for turn in row["messages"]:
            if before == "user" and turn["role"] == "assistant" and "tool_calls" not in turn:
                return True
            before = turn["role"]
        return False

    families = ("answering.", "declining.")
    every = [row for name in SIZES for row in rows(name) if row["scenario"].startswith(families)]
    assert 0.18 <= sum(answers(row) for row in every) / sum(SIZES.values()) <= 0.25


def test_every_kind_of_action_is_called_often() -> None:
    from datagen.tool_schemas import TOOLS

    calls_of = figures.calls_by_kind([row for name in SIZES for row in rows(name)])
    assert min(calls_of[name] for name in TOOLS) >= 50


def test_a_failure_is_diagnosed_and_followed_by_a_changed_call_without_loss_on_the_first() -> None:
    for row in rows("failure_recovery"):
        turns = [turn for turn in row["messages"] if turn["role"] == "assistant"]
        failed = [index for index, turn in enumerate(turns) if turn.get("weight") == 0]
        assert failed, row["scenario"]
        for index in failed:
            following = turns[index + 1]
            if following.get("weight", 1) == 0:
                continue  # a second failure; what follows it is looked at in its turn
            assert following["content"], row["scenario"]
            assert not tool_calls.same_calls(calls(turns[index]), calls(following))


def test_no_trained_call_names_a_file_that_nothing_named_before() -> None:
    every = [row for name in SIZES for row in rows(name)]
    probes = [{**row, "messages": [*row["messages"], row["gold"]]} for row in rows("probes")]
    assert [row["scenario"] for row in [*every, *probes] if grounding.unknown_names(row)] == []


def test_every_row_records_its_scenario_and_its_execution() -> None:
    every = [row for name in (*SIZES, "probes") for row in rows(name)]
    assert len({row["scenario"] for row in every}) == len(every)
    assert all(len(row["exec_digest"]) == 64 for row in every)


def test_there_are_over_300_probes_with_tools_that_training_lacks(found: Found) -> None:
    probes = rows("probes")
    assert len(probes) >= 300
    gold = Counter(call["name"] for probe in probes for call in calls(probe["gold"]))
    assert gold.total() >= 200
    assert sum("tool_calls" not in probe["gold"] for probe in probes) >= 60
    unseen = sum(count for name, count in gold.items() if name not in found.tools)
    assert 0.3 <= unseen / gold.total() <= 0.7


def test_gold_arguments_can_be_read_off_the_conversation() -> None:
    """But for those of `agent_probes`, some of which have to be worked out."""
    literal = [row for row in rows("probes") if row["scenario"].startswith("probing.")]
    assert len(literal) >= 300
    for probe in literal:
        text = " ".join(turn["content"] for turn in probe["messages"])
        text += json.dumps([turn.get("tool_calls") for turn in probe["messages"]])
        for call in calls(probe["gold"]):
            for value in call["arguments"].values():
                if not isinstance(value, str) or len(value) >= 80 or value in ("GET", "."):
                    continue
                # A folder may be named by the user, and the file in it by a listing.
                parts = value.split("/") if re.fullmatch(r"[\w/]+\.\w+", value) else [value]
                for part in parts:
                    assert part in text or repr(part)[1:-1] in text, (probe["id"], value)


def test_some_probes_ask_for_parallel_calls_a_choice_among_twenty_and_edits() -> None:
    probes = [row for row in rows("probes") if row["scenario"].startswith("agent_probes.")]
    gold = [calls(probe["gold"]) for probe in probes]
    names = Counter(call["name"] for turn in gold for call in turn)
    assert sum(len(turn) > 1 for turn in gold) >= 15
    assert sum(len(probe["tools"]) >= 20 for probe in probes) >= 15
    assert names["edit_file"] >= 8
    assert names["apply_patch"] >= 8
    worked_out = 0
    for probe, turn in zip(probes, gold, strict=True):
        said = json.dumps(probe["messages"])
        numbers = [v for c in turn for v in c["arguments"].values() if isinstance(v, int)]
        worked_out += any(not re.search(rf"\b{number}\b", said) for number in numbers)
    assert worked_out >= 8


def test_the_cards_figures_are_the_files_figures(found: Found) -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert card.with_figures(text, card.figures(PROJECT, DATA, found)) == text


@pytest.mark.slow
def test_the_files_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    surroundings = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "77", "LANG": "C"}
    target = tmp_path / "a folder"
    before = os.umask(0o077)
    try:
        done = invoke(PROJECT, "generate-data", "--out", str(target), **surroundings)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stdout + done.stderr
    names = sorted(path.name for path in DATA.iterdir())
    assert sorted(path.name for path in target.iterdir()) == names
    assert len(names) == 8
    for name in names:
        assert (target / name).read_bytes() == (DATA / name).read_bytes(), name


def test_a_row_that_was_changed_is_seen_when_it_is_executed_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    every = rows("failure_recovery")
    row = next(row for row in every if '"timeout"' not in json.dumps(row["messages"]))
    lines = [json.dumps(row)]
    result = next(turn for turn in row["messages"] if turn["role"] == "tool")
    result["content"] += " changed"
    lines.append(json.dumps(row))
    lines.append(json.dumps({**row, "scenario": "recovering.no_such/1"}))
    del row["scenario"]
    lines.append(json.dumps(row))
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(StageStopped) as stopped:
        launch.run_tool(PROJECT, "datagen.again", [], {"files": [str(file)]})
    assert stopped.value.exit_code == 1
    out, err = capfd.readouterr()
    scenario = json.loads(lines[0])["scenario"]
    assert out.splitlines() == [
        f"{file}:2: messages differs from what the scenario {scenario} gives",
        f"{file}:3: its scenario 'recovering.no_such/1' does not run: KeyError: 'no_such'",
        "1 rows executed again, 2 differences, 1 rows without a record",
    ]
    assert err == "data: 2 rows do not hold what their scenario gives (above)\n"
