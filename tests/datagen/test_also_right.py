"""What a probe lists as right besides gold does the same when it is run, and nothing else is listed."""

import json
from typing import Any

from conftest import PROJECT

from datagen import also_right, generate
from datagen.session import Call

PROBES = [
    json.loads(line)
    for line in (PROJECT / "data" / "probes.jsonl").read_text(encoding="utf-8").splitlines()
]


def probe(identifier: str) -> dict[str, Any]:
    return next(each for each in PROBES if each["id"] == identifier)


def calls(way: list[dict[str, Any]]) -> list[Call]:
    return [(call["function"]["name"], call["function"]["arguments"]) for call in way]


def same(identifier: str, *others: list[Call]) -> list[bool]:
    """Whether other calls do what the probe's gold calls do."""
    row = probe(identifier)
    with generate.played(row["scenario"]) as session:
        gold = also_right.outcome(session, calls(row["gold"]["tool_calls"]))
        return [gold.equals(also_right.outcome(session, each)) for each in others]


def test_what_is_listed_does_what_gold_does_when_it_is_run() -> None:
    listed = [row for row in PROBES if "also_right" in row]
    assert len(listed) >= 200
    for row in listed[::67]:
        ways = [calls(way) for way in row["also_right"]]
        assert same(row["id"], *ways) == [True] * len(ways), row["id"]


def test_a_call_that_reads_changes_or_leaves_something_else_is_not_the_same() -> None:
    # Read hides/girth.rst, which has ten lines.
    assert same(
        "probe-277",
        [("read_file", {"path": "hides/girth.rst", "end_line": 10})],
        [("read_file", {"path": "hides/girth.rst", "end_line": 9})],
        [("read_file", {"path": "hides/girth.md"})],
        [("read_file", {"path": "hides/girth.rst"})] * 2,
    ) == [True, False, False, False]
    # Copy lamps/occulting.rst to lamps/gallery_26.rst: what is said of it makes no difference.
    names = {"source": "lamps/occulting.rst", "destination": "./lamps/gallery_26.rst"}
    assert same(
        "probe-253",
        [("copy_file", names)],
        [("copy_file", {**names, "destination": "gallery_26.rst"})],
        [("rename_file", {"old_path": names["source"], "new_path": names["destination"]})],
    ) == [True, False, False]


def test_a_form_that_leaves_out_what_the_user_named_is_not_listed_though_it_gives_the_same() -> (
    None
):
    """The folder has one test file: all tests are its tests."""
    row = probe("probe-313")
    assert row["gold"]["tool_calls"][0]["function"]["arguments"].keys() == {"path"}
    assert same(row["id"], [("run_tests", {})]) == [True]
    assert [("run_tests", {})] not in [calls(way) for way in row["also_right"]]


def test_every_answer_without_a_call_says_what_it_must_but_for_questions_of_knowledge() -> None:
    kinds = {row["scenario"].partition("/")[0] for row in PROBES if "answer_must" in row}
    silent = {
        row["scenario"].partition("/")[0] for row in PROBES if "tool_calls" not in row["gold"]
    }
    assert silent - kinds == {"probing.concept"}
