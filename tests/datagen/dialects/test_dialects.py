"""One executed conversation in every dialect: what it did and what came of it stay the same."""

import json
import random
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from datagen import dialects
from datagen.dialects import edits, figures, forms
from datagen.dialects.facts import Unsaid
from datagen.session import Session, Step
from datagen.tool_schemas import TOOLS
from synthia.data import tool_calls

Row = dict[str, Any]

FILES = {
    "shop/prices.py": "RATE = 2\n\n\ndef total(prices):\n    return sum(prices) - 1\n\n\n"
    "def mean(prices):\n    return sum(prices) / len(prices)\n\n\ndef most(prices):\n"
    "    return min(prices)\n",
    "tests/test_prices.py": "from shop.prices import total\n\n\ndef test_total():\n"
    "    assert total([1, 2]) == 3\n",
    "app.py": "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/')\ndef home():\n"
    "    return {'a': 1}\n",
    ".env": "DEBUG=1\n",
}
PATCH = """--- a/shop/prices.py
+++ b/shop/prices.py
@@ -4,2 +4,2 @@
 def total(prices):
-    return sum(prices) - 1
+    return sum(prices)
@@ -12,2 +12,2 @@
 def most(prices):
-    return min(prices)
+    return max(prices)
"""
NEW = """--- /dev/null
+++ b/notes/plan.md
@@ -0,0 +1,2 @@
+# Plan
+Ask about `RATE`.
"""


def session(folder: Path) -> Session:
    """A conversation in which every tool of the workbench is called, and a file is missed."""
    made = Session(folder / "project", "test.everything/0")
    made.bench.root.mkdir()
    made.files(FILES)
    made.repository()
    made.system("You look after a shop.")
    made.user("The totals are wrong. Mend that, please.")
    made.offer(*TOOLS)
    made.call("list_directory", {"path": "."})
    made.call("list_directory", {"path": "shop"})
    made.mistake("read_file", {"path": "prices.py"}, saying="I look at it.")
    made.calls([("read_file", {"path": "shop/prices.py"}), ("run_tests", {})])
    made.call("read_file", {"path": "shop/prices.py", "end_line": 5})
    made.call("search", {"pattern": r"def \w+", "glob": "*.py"})
    made.call("search", {"pattern": "nowhere to be found"})
    made.mistake("run_tests", {"path": "tests/test_price.py"})
    made.call("run_tests", {"path": "tests/test_prices.py", "keyword": "total"})
    made.call("apply_patch", {"patch": PATCH}, saying="Two lines.")
    made.call("apply_patch", {"patch": NEW})
    made.call("run_tests", {"path": "tests/test_prices.py"})
    made.call("write_file", {"path": ".env", "content": "DEBUG=0\n"})
    made.call("run_python", {"code": "from shop.prices import most\n\nprint(most([1, 3]))\n"})
    made.mistake("run_python", {"code": "from shop.prices import mean; mean([])"})
    made.call("http_request", {"method": "GET", "path": "/"})
    made.call("git_status", {})
    made.call("git_diff", {"path": "shop/prices.py"})
    made.call("git_commit", {"message": "Mend total and most"})
    made.say("Done: `total` and `most` are right.")
    return made


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Row, list[Step], Path]:
    folder = tmp_path_factory.mktemp("dialects")
    made = session(folder)
    return made.row("test.everything/0"), made.steps, folder


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The conversation that shows everything is longer than a row may be."""
    monkeypatch.setattr(dialects, "LONGEST", 10**6)


def calls(row: Row) -> list[Row]:
    return [c["function"] for turn in row["messages"] for c in turn.get("tool_calls", [])]


def prose(row: Row) -> list[tuple[str, str, int]]:
    return [
        (turn["role"], turn["content"], turn.get("weight", 1))
        for turn in row["messages"]
        if turn["role"] != "tool"
    ]


@pytest.mark.parametrize("name", dialects.DIALECTS)
def test_every_dialect_says_the_whole_conversation(
    played: tuple[Row, list[Step], Path], roomy: None, name: str
) -> None:
    row, steps, _ = played
    spoken = dialects.spoken(row, steps, dialect=name)
    assert prose(spoken) == prose(row)
    assert tool_calls.problems(calls(spoken), spoken["tools"]) == []
    assert sum(turn["role"] == "tool" for turn in spoken["messages"]) == len(calls(spoken))
    assert spoken["exec_digest"] == row["exec_digest"]
    assert dialects.spoken(row, steps, dialect=name) == spoken
    assert dialects.found(spoken).name == name
    said = json.dumps([turn["content"] for turn in spoken["messages"]])
    for fact in (
        "assert 2 == 3",
        "ZeroDivisionError",
        "1 failed",
        "1 passed",
        "Mend total and most",
    ):
        assert fact in said, fact


def test_the_workbench_speaks_as_it_always_did(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    spoken = dialects.spoken(row, steps, dialect=dialects.WORKBENCH)
    assert spoken["messages"] == row["messages"]
    declared = {tool["function"]["name"]: tool for tool in spoken["tools"]}
    assert {name: declared[name] for name in TOOLS} == TOOLS


EXACT = {
    "Edit": ("old_string", "new_string"), "replace": ("old_string", "new_string"),
    "str_replace_editor": ("old_str", "new_str"), "developer__text_editor": ("old_str", "new_str"),
    "replace_string_in_file": ("oldString", "newString"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["claude_code", "gemini_cli", "openhands", "goose", "vscode"])
def test_exact_edits_make_the_file_that_the_patch_made(
    played: tuple[Row, list[Step], Path], roomy: None, name: str
) -> None:
    row, steps, _ = played
    text = FILES["shop/prices.py"]
    for call in calls(dialects.spoken(row, steps, dialect=name)):
        old, new = EXACT.get(call["name"], ("", ""))
        if old in call["arguments"]:
            assert text.count(call["arguments"][old]) == 1
            text = text.replace(call["arguments"][old], call["arguments"][new])
    assert text == steps[-1].after["shop/prices.py"] != FILES["shop/prices.py"]


def test_an_array_of_edits_makes_the_file_too(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    text = FILES["shop/prices.py"]
    spoken = dialects.spoken(row, steps, dialect="mcp")
    (edits,) = (c["arguments"]["edits"] for c in calls(spoken) if "edits" in c["arguments"])
    assert len(edits) == 2
    for edit in edits:
        assert text.count(edit["oldText"]) == 1
        text = text.replace(edit["oldText"], edit["newText"])
    assert text == steps[-1].after["shop/prices.py"]


def test_command_lines_print_what_the_rows_say(
    played: tuple[Row, list[Step], Path], roomy: None, tmp_path: Path
) -> None:
    row, steps, _ = played
    folder = tmp_path / "project"
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    spoken = dialects.spoken(row, steps, dialect="codex")
    ran = []
    results = [turn["content"] for turn in spoken["messages"] if turn["role"] == "tool"]
    for call, result in zip(calls(spoken), results, strict=True):
        if call["name"] == "apply_patch":
            break
        command = call["arguments"]["command"]
        program = command[-1].split()[0]
        if program not in ("cat", "sed", "ls", "grep"):
            continue
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(tmp_path)},
        )  # fmt: skip
        shown = json.loads(result)
        lines = (done.stdout + done.stderr).splitlines()
        told = shown["output"].splitlines()
        if program == "grep":  # it walks folders in the order of the disk
            lines, told = sorted(lines), sorted(told)
        assert lines == told, command
        assert done.returncode == shown["metadata"]["exit_code"]
        ran.append(program)
    assert Counter(ran) == {"ls": 2, "cat": 2, "sed": 1, "grep": 2}


def test_a_failing_program_shows_its_exit_code(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    spoken = dialects.spoken(row, steps, dialect="openhands")
    results = [turn["content"] for turn in spoken["messages"] if turn["role"] == "tool"]
    shells = [
        (call["arguments"]["command"], result)
        for call, result in zip(calls(spoken), results, strict=True)
        if "path" not in call["arguments"] and "command" in call["arguments"]
    ]
    codes = [int(result.partition("exit code ")[2].partition(".")[0]) for _, result in shells]
    tests = [code for (line, _), code in zip(shells, codes, strict=True) if "pytest" in line]
    assert tests == [1, 4, 1, 0]
    (wrong,) = (text for line, text in shells if "mean" in line)
    assert 'File "<string>"' in wrong
    assert "exit code 1." in wrong


def test_results_of_servers_are_wrapped_and_say_that_they_failed(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    wrapped = Counter[bool]()
    for number in range(20):
        spoken = dialects.spoken(
            {**row, "scenario": f"test.everything/{number}"}, steps, dialect="mcp"
        )
        results = [turn["content"] for turn in spoken["messages"] if turn["role"] == "tool"]
        if not results[0].startswith('{"content"'):
            continue
        for result in map(json.loads, results):
            assert [part["type"] for part in result["content"]] == ["text"]
            wrapped[result.get("isError", False)] += 1
    assert wrapped[True] >= 10
    refused = sum(step.result.startswith("Error: ") for step in steps)
    assert wrapped[True] * (len(steps) - refused) == wrapped[False] * refused


def test_a_dialect_is_drawn_from_the_rows_name_and_two_are_held_out() -> None:
    first = Counter(dialects.drawn(f"reading.x/{number}")[0] for number in range(2000))
    trained = {name for name, each in dialects.DIALECTS.items() if each.weight}
    assert set(first) == trained
    assert len(trained) >= 10
    assert min(first.values()) > 60
    assert set(dialects.HELD_OUT) == {"goose", "gemini_cli"}
    assert dialects.drawn("reading.x/7") == dialects.drawn("reading.x/7")


def test_a_row_that_names_a_tool_keeps_the_workbenchs(
    played: tuple[Row, list[Step], Path],
) -> None:
    row, steps, _ = played
    for said in ("Use run_python for sums.", "The list has `search`, not grep."):
        turns = [{"role": "system", "content": said}, *row["messages"][1:]]
        assert dialects.spoken({**row, "messages": turns}, steps)["tools"] == row["tools"]
    turns = [{"role": "system", "content": "Paths are relative."}, *row["messages"][1:]]
    with pytest.raises(Unsaid, match="relative"):
        dialects.spoken({**row, "messages": turns}, steps, dialect="claude_code")


def test_a_shell_is_offered_only_where_its_power_was(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    lacking = [tool for tool in row["tools"] if tool["function"]["name"] != "run_tests"]
    with pytest.raises(Unsaid, match="no tool for run_tests"):
        dialects.spoken({**row, "tools": lacking}, steps, dialect="claude_code")


def test_a_long_row_gets_no_more_tools_than_there_is_room_for(
    played: tuple[Row, list[Step], Path],
) -> None:
    row, steps, _ = played
    with pytest.raises(Unsaid, match="too long"):
        dialects.spoken(row, steps, dialect="mcp")
    short = {**row, "messages": [*row["messages"][:2], {"role": "assistant", "content": "No."}]}
    made = [
        dialects.spoken({**short, "scenario": f"test.short/{number}"}, []) for number in range(60)
    ]
    assert max(len(each["tools"]) for each in made) >= 20
    for each in made:
        tokens = dialects._tokens(each["messages"]) + dialects._tokens(each["tools"])
        assert tokens <= dialects.LONGEST


def test_each_kind_of_action_has_over_fifty_schemas() -> None:
    schemas: dict[str, set[str]] = {name: set() for name in TOOLS}
    for number in range(400):
        name = f"reading.x/{number}"
        for tool, declared in dialects.variant(name, dialects.drawn(name)[0]).tools():
            for action in tool.uses:
                schemas[action].add(json.dumps(declared))
    assert {name: len(found) for name, found in schemas.items() if len(found) <= 50} == {}


def test_tables_fill_only_declared_parameters_and_all_required_ones() -> None:
    shared = [tool for forms in forms.SHARED.tools.values() for tool in forms]
    own = [tool for each in dialects.DIALECTS.values() for tool in each.tools]
    for tool in [*shared, *own, *forms.OTHERS]:
        assert set(tool.required) <= tool.parameters.keys(), tool.name
        assert tool_calls.schema_problem({"properties": tool.parameters}) == "", tool.name
        for use in tool.uses.values():
            assert use.arguments.keys() <= tool.parameters.keys(), tool.name
            assert set(tool.required) <= use.arguments.keys(), tool.name


def test_arguments_hold_no_number_that_other_languages_change(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    for name in dialects.DIALECTS:
        spoken = dialects.spoken(row, steps, dialect=name)
        assert not re.search(
            r"\d\.\d|\d{16}|\d[eE]\d", str([c["arguments"] for c in calls(spoken)])
        )


def test_figures_count_what_rows_declare_and_call(
    played: tuple[Row, list[Step], Path], roomy: None
) -> None:
    row, steps, _ = played
    rows = [dialects.spoken(row, steps, dialect=name) for name in ("claude_code", "variants")]
    counted = figures.calls_by_kind(rows)
    assert counted["read_file"] == 4
    assert counted[figures.SEVERAL] == 7  # Bash: pytest thrice, python, git thrice
    lines = figures.figures(rows)
    assert "| `claude_code` | 1 |" in "\n".join(lines)
    assert any("Rows offering a shell 1 (50.0%)" in line for line in lines)
    assert any("Of 2 rows that edit, 1 (50.0%) do so by exact strings." in line for line in lines)


def test_random_changes_of_a_file_are_made_by_their_edits() -> None:
    draw = random.Random(5)
    words = ["x = 1", "y = 2", "", "    return x", "def f():", "x = 10"]
    for _ in range(300):
        before = ["import x", *(draw.choice(words) for _ in range(draw.randint(1, 30)))]
        after = list(before)
        for _ in range(draw.randint(1, 5)):
            place = draw.randint(0, len(after))
            after[place : place + draw.randint(0, 2)] = [draw.choice([*words, "z"])]
        one, other = "\n".join(before) + "\n", "\n".join(after) + "\n"
        text = one
        for edit in edits.edits(one, other, context=draw.randint(0, 2)):
            assert text.count(edit.old) == 1
            text = text.replace(edit.old, edit.new)
            assert text == edit.text
        assert text == other
