"""What a turn names must stand somewhere before: one mutant of each class, and what is no mutant."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthia.data import check as data_check, unseen
from synthia.data.check import Rules

Row = dict[str, Any]
PATCH = (
    "--- a/lib/shop.py\n+++ b/lib/shop.py\n@@ -1,2 +1,2 @@\n"
    " def price(item):\n-    return 3\n+    return 4\n"
)
ENVELOPE = (
    "*** Begin Patch\n*** Update File: lib/shop.py\n@@\n def price(item):\n-    return {}\n"
    "+    return 4\n*** End Patch"
)


def calling(name: str, saying: str = "", **arguments: str) -> Row:
    call = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": saying, "tool_calls": [call]}


def declared(name: str, *properties: str) -> Row:
    parameters = {"type": "object", "properties": {key: {"type": "string"} for key in properties}}
    function = {"name": name, "description": name, "parameters": parameters}
    return {"type": "function", "function": function}


def grounded() -> Row:
    """A row that looks before it names anything."""
    return {
        "messages": [
            {"role": "user", "content": "The price is wrong, and so is sales.csv. Mend both."},
            calling("list_directory", path="."),
            {"role": "tool", "content": "lib/\nsales.csv\nlimits.toml"},
            calling("search", pattern="price|limit", glob="*.toml"),
            {"role": "tool", "content": "limits.toml:1: price_limit = 9"},
            calling("read_file", "Now `price_limit`.", path="lib/shop.py"),
            {"role": "tool", "content": json.dumps({"text": "def price(item):\n    return 3\n"})},
            calling("apply_patch", patch=PATCH),
            {"role": "tool", "content": "Patched"},
            calling("read_file", path="sales.csv"),
            {"role": "tool", "content": "day,amount\n1,3"},
            calling("run_python", code='for row in rows:\n    print(row["amount"])'),
            {"role": "tool", "content": "3"},
            calling("write_file", "`test_four` is new.", path="new/t.py", content="def test_four(): ..."),
            {"role": "tool", "content": "Created"},
            {"role": "assistant", "content": "Done."},
        ],
        "tools": [
            declared("list_directory", "path"), declared("search", "pattern", "glob"),
            declared("read_file", "path"), declared("apply_patch", "patch"),
            declared("run_python", "code"), declared("write_file", "path", "content"),
        ],
        "exec_digest": "0" * 64,
    }  # fmt: skip


def changed(index: int, key: str, value: str) -> Callable[[Row], None]:
    def change(row: Row) -> None:
        row["messages"][index]["tool_calls"][0]["function"]["arguments"][key] = value

    return change


def said(index: int, text: str) -> Callable[[Row], None]:
    def change(row: Row) -> None:
        row["messages"][index]["content"] = text

    return change


MUTANTS: dict[str, tuple[str, Callable[[Row], None]]] = {
    "a folder that no listing showed": (unseen.FOLDER, changed(5, "path", "src/shop.py")),
    "a folder of a patch": (unseen.FOLDER, changed(7, "patch", PATCH.replace("lib/", "core/"))),
    "a removed line that was not read": (
        unseen.HUNK, changed(7, "patch", PATCH.replace("return 3", "return 33"))),
    "a context line that was not read": (
        unseen.HUNK, changed(7, "patch", PATCH.replace("(item)", "(article)"))),
    "a line of a patch without numbers": (unseen.HUNK, changed(7, "patch", ENVELOPE.format("33"))),
    "a folder of a patch without numbers": (
        unseen.FOLDER, changed(7, "patch", ENVELOPE.format("3").replace("lib/", "core/"))),
    "a name before it was seen": (unseen.NAME, said(5, "Now `discount_for`.")),
    "a search for a name nobody gave": (unseen.PATTERN, changed(3, "pattern", r"def discount_for\b")),
    "an extension nobody named": (unseen.GLOB, changed(3, "glob", "*.yaml")),
    "a column before the file was read": (unseen.KEY, changed(11, "code", 'print(row["total"])')),
}  # fmt: skip


def test_a_row_that_looks_first_names_nothing_unseen() -> None:
    row = grounded()
    assert unseen.unseen(row) == []
    changed(7, "patch", ENVELOPE.format("3"))(row)
    assert unseen.unseen(row) == []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_of_each_class_is_found(mutant: str) -> None:
    kind, change = MUTANTS[mutant]
    row = copy.deepcopy(grounded())
    change(row)
    assert [found for _, found, _ in unseen.unseen(row)] == [kind]


def test_each_class_has_a_mutant() -> None:
    assert {kind for kind, _ in MUTANTS.values()} == set(unseen.KINDS)


def test_a_turn_without_loss_may_guess() -> None:
    row = copy.deepcopy(grounded())
    changed(5, "path", "src/shop.py")(row)
    row["messages"][5]["weight"] = 0
    assert unseen.unseen(row) == []


def test_it_is_a_problem_of_an_executed_row_and_a_count_elsewhere(tmp_path: Path) -> None:
    row = copy.deepcopy(grounded())
    changed(5, "path", "src/shop.py")(row)
    file = tmp_path / "rows.jsonl"
    for executed in (True, False):
        if not executed:
            del row["exec_digest"]
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
        found = data_check.check({"rows.jsonl": file}, Rules(), processes=1)
        assert found.counts["naming what was not seen"] == 1
        assert [str(problem) for problem in found.problems] == [
            "rows.jsonl:1: messages[5]: names the folder 'src/', which nothing before this turn shows"
        ] * executed
