"""A client's long prompt tells of the row's own folder and tools; the row keeps what it demands."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from datagen import dialects
from datagen.dialects import prompts
from datagen.dialects.prompts import CONDITIONS, Rule, Scene, prompts as table
from datagen.session import Session

PATCH = "--- a/shop.py\n+++ b/shop.py\n@@ -1 +1 @@\n-RATE = 2\n+RATE = 3\n"
READ, EDIT = ("read_file", {"path": "shop.py"}), ("apply_patch", {"patch": PATCH})
TESTS: tuple[str, dict[str, Any]] = ("run_tests", {})
NAMES = {"read": "Read", "edit": "Edit", "tests": "Bash", "shell": "Bash"}


def scene(folder: Path, *calls: tuple[str, dict[str, Any]], saying: str = "") -> Scene:
    """A conversation that makes these calls and answers in a short sentence."""
    folder.mkdir()
    made = Session(folder, "test.prompt/0")
    made.files({"shop.py": "RATE = 2\n", "tests/test_shop.py": "def test_it():\n    pass\n"})
    made.repository()
    (folder / "notes.md").write_text("New.\n")
    made.system("Keep it short.")
    made.user("Set the rate to 3.")
    for name, arguments in calls:
        made.call(name, arguments, saying=saying)
    made.say("The rate is 3 now.")
    return Scene(made.messages, made.messages, made.steps, NAMES, "/repo", made.status)


def holding(row: Scene) -> set[str]:
    return {name for name, holds in CONDITIONS.items() if holds(row)}


def test_conditions_say_what_a_row_does(tmp_path: Path) -> None:
    careful = holding(scene(tmp_path / "a", READ, EDIT, TESTS))
    assert careful >= {"looks first", "tested", "tested by tests", "edits", "silent", "single"}
    assert not careful & {"not run", "no edits", "announced", "parallel", "commits", "asks"}
    hasty = holding(scene(tmp_path / "b", EDIT, saying="I change it."))
    assert hasty >= {"not run", "announced", "edits", "brief", "plain", "no mistakes"}
    assert not hasty & {"looks first", "tested", "tested by tests", "silent", "recovers"}
    assert not hasty & {"names files", "names tests"}
    row = scene(tmp_path / "d", EDIT, TESTS)
    named = [*row.messages[:-1], {"role": "assistant", "content": "shop.py has it; 1 passed."}]
    assert holding(replace(row, messages=named)) >= {"names files", "names tests"}
    asked = holding(scene(tmp_path / "c", READ))
    assert "no edits" in asked
    assert not asked & {"edits", "looks first", "tested", "not run"}


def test_a_run_counts_only_after_the_change_and_before_the_answer(tmp_path: Path) -> None:
    early = scene(tmp_path / "a", READ, TESTS, EDIT)
    assert not holding(early) & {"tested", "tested by tests", "not run"}
    unanswered = scene(tmp_path / "d", READ, EDIT)
    unanswered = replace(unanswered, messages=unanswered.messages[:-1])
    assert not holding(unanswered) & {"tested", "tested by tests"}
    *turns, answer = scene(tmp_path / "b", READ, EDIT, TESTS).messages
    late = [*turns[:-2], answer, {"role": "user", "content": "Run the tests."}, *turns[-2:], answer]
    assert not holding(replace(scene(tmp_path / "c", READ, EDIT, TESTS), messages=late)) & {
        "tested", "tested by tests",
    }  # fmt: skip


def test_a_prompt_demands_only_what_its_row_keeps(tmp_path: Path) -> None:
    demands = [
        rule for section in table.sections for rule in section.rules if isinstance(rule, Rule)
    ]
    assert {name for rule in demands for name in rule.when} <= CONDITIONS.keys()
    for number, calls in enumerate(([READ, EDIT, TESTS], [EDIT], [READ])):
        row = scene(tmp_path / str(number), *calls)
        holds = holding(row)
        said = "".join(prompts.composed("claude_code", row, str(seed)) for seed in range(30))
        for rule in demands:
            if prompts.SLOT.search(rule.text) is None:
                assert (rule.text in said) is (set(rule.when) <= holds), rule


def test_a_prompt_names_the_rows_tools_and_no_others(tmp_path: Path) -> None:
    row = scene(tmp_path / "a", READ, EDIT)
    for client in table.clients:
        said = "".join(prompts.composed(client, row, str(seed)) for seed in range(9))
        assert "`Read`" in said
        assert "{" not in said
        assert client in dialects.DIALECTS
        assert dialects.DIALECTS[client].weight
        assert client != dialects.WORKBENCH


def test_a_prompt_shows_the_folder_as_it_was_before_the_first_call(tmp_path: Path) -> None:
    row = scene(tmp_path / "a", READ, EDIT)
    made = [prompts.composed("claude_code", row, str(seed)) for seed in range(20)]
    assert any("shop.py\ntests/\n  test_shop.py" in each for each in made)
    assert all("Working directory: /repo" in each and "repository: yes" in each for each in made)
    assert all("?? notes.md" in each and " M shop.py" not in each for each in made)
    assert all("Keep it short." in each for each in made)
    listing = scene(tmp_path / "b", ("list_directory", {"path": "."}), ("git_status", {}))
    for seed in range(20):
        said = prompts.composed("claude_code", listing, str(seed))
        assert "test_shop.py" not in said
        assert "notes.md" not in said


def test_prompts_have_every_length_and_none_is_like_another(tmp_path: Path) -> None:
    row = scene(tmp_path / "a", READ, EDIT, TESTS)
    made = [prompts.composed("openhands", row, str(seed)) for seed in range(60)]
    sizes = sorted(prompts._tokens(each) for each in made)
    assert 400 < sizes[0] < 650
    assert 2200 < sizes[-1] <= prompts.LONGEST
    assert len(set(made)) == len(made)


def test_a_fifth_of_the_rows_have_one_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = scene(tmp_path / "a", READ, EDIT)
    for longest, share in ((10**6, 0.2), (600, 0)):
        monkeypatch.setattr(dialects, "LONGEST", longest)
        got = [
            dialects._prompted(row, [], "claude_code", f"test.prompt/{number}")[0]["content"]
            for number in range(400)
        ]
        assert abs(sum(each != "Keep it short." for each in got) / 400 - share) < 0.05
    monkeypatch.setattr(dialects, "LONGEST", 10**6)
    made = [dialects._prompted(row, [], "cline", f"test.prompt/{number}") for number in range(40)]
    sizes = [dialects.prompted({"messages": turns}) for turns in made]
    assert [size > 300 for size in sizes] == [
        turns[0]["content"] != "Keep it short." for turns in made
    ]
    assert {size for size in sizes if size < 300} == {0}
    for client in ("goose", "workbench", "json_objects"):
        for number in range(40):
            (first, *_) = dialects._prompted(row, [], client, f"test.prompt/{number}")
            assert first["content"] == "Keep it short."
