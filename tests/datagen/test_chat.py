"""The terminal chat runs tools for real, holds them in one folder, and asks before it runs code."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import terminal_session
from conftest import on_one_core

from datagen import chat

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "a.py").write_text("one\ntwo\n")
    (tmp_path / "secret.txt").write_text("secret")
    return tmp_path / "place"


def test_tools_really_run_and_see_nothing_outside_the_folder(folder: Path) -> None:
    bench = chat.Bench(folder)
    assert bench.run("count_lines", {"path": "a.py"}) == "2"
    assert bench.run("grep", {"pattern": "two", "path": "a.py"}) == "2: two"
    assert "secret" not in bench.run("count_lines", {"path": "../secret.txt"}).replace(
        "secret.t", ""
    )
    assert bench.run("count_lines", {"path": "../secret.txt"}).startswith("Error: ")
    assert bench.run("read_file", {"path": "../secret.txt"}).startswith("Error: ")
    assert bench.run("run_python", {"code": "print(6 * 7)"}) == "42"
    outside = bench.run("run_python", {"code": "open('../secret.txt').read()"})
    assert "PermissionError" in outside
    assert bench.run("fly", {}) == "Error: unknown tool 'fly'"
    assert bench.run("read_file", "no object").startswith("Error: ")


def test_the_tools_are_those_of_the_training_rows_that_can_run_here() -> None:
    names = [t["function"]["name"] for t in chat.offered([PROJECT / "data" / "smoke.jsonl"])]
    assert names == ["count_lines", "file_size", "grep", "list_directory", "read_file",
                     "run_python", "word_count"]  # fmt: skip
    names = [t["function"]["name"] for t in chat.offered([PROJECT / "data" / "train.jsonl"])]
    assert {"read_file", "apply_patch", "run_tests"} <= set(names)
    assert "git_commit" not in names


def test_another_clients_tool_of_the_same_name_is_not_offered(tmp_path: Path) -> None:
    def declared(name: str, *keys: str) -> dict[str, Any]:
        parameters = {"type": "object", "properties": {key: {} for key in keys}}
        return {"type": "function", "function": {"name": name, "parameters": parameters}}

    rows = [[declared("read_file", "absolute_path"), declared("git_status")],
            [declared("read_file", "path", "end_line"), declared("Bash", "command")]]  # fmt: skip
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"messages": [], "tools": row}) + "\n" for row in rows))
    (tool,) = chat.offered([file])
    assert tool == rows[1][0]


def answering(*answers: dict[str, Any]) -> tuple[list[Any], Any]:
    """A server that gives these messages in turn, and what it was asked."""
    asked: list[Any] = []
    left: Iterator[dict[str, Any]] = iter(answers)

    def ask(path: str, body: Any) -> Any:
        asked.append(json.loads(json.dumps(body)))
        return {"choices": [{"message": {"role": "assistant", **next(left)}}]}

    return asked, ask


def call(name: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": function}]}


def test_a_result_goes_back_to_the_model_and_nothing_but_the_chat_is_sent(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, ask = answering(call("count_lines", path="a.py"), {"content": "It has 2 lines."})
    said = iter(["Count the lines of a.py.", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(said))
    chat.talk(ask, [], chat.Bench(folder), lambda *_: False)
    assert asked[1]["messages"][-1]["content"] == "2"
    assert asked[1].keys() == {"messages", "tools"}
    assert "model> It has 2 lines." in capsys.readouterr().out


def test_code_runs_only_when_the_user_allows_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ask = answering(call("write_file", path="b.py", content="x"), {"content": "No."})
    said = iter(["Write b.py.", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(said))
    chat.talk(ask, [], chat.Bench(folder), lambda *_: False)
    assert asked[1]["messages"][-1]["content"] == "Error: the user refused this call"
    assert not (folder / "b.py").exists()


@pytest.mark.slow
def test_a_scripted_session_with_the_smoke_product(smoke_project: Path, folder: Path) -> None:
    words = [str(smoke_project / "invoke"), "chat", "--recipe", "smoke", "--folder", str(folder)]
    with on_one_core():
        shown = terminal_session.hold(words, ["Count the lines of a.py.", ""])
    assert 'tool> count_lines {"path": "a.py"}\n  2\n' in shown
    assert "model> " in shown
