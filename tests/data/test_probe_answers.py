"""What a probe takes for right besides its gold turn is read as tolerantly as it claims, and no more."""

import json
from pathlib import Path
from typing import Any

import pytest

from synthia.data import chat_format, conversations, probe_answers, probe_rules
from synthia.stages.hf import encoding


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("4", "There are four rows."),
        ("21", "That makes twenty-one."),
        ("1200", "1,200 in all"),
        ("7.5", "It is 7.50."),
        ("balance_cock", "The balance cock, of course"),
        ("salle/feint.txt", "In `salle/feint.txt`, line 1."),
        ("ab, cd, ef", "Sorted:\n1. ab\n2. cd\n3. ef"),
        ("-3", "It was -3 degrees."),
    ],
)
def test_a_fact_is_found_however_it_is_put(fact: str, text: str) -> None:
    assert probe_answers.meets(text, {"hold": [[fact]]})


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        ("4", "There are 14 rows, or 4.5, or 40."),
        ("4", "That is 1 entry."),
        ("20", "twenty-one"),
        ("comet", "comets"),
        ("ab, cd, ef", "ab, ef, cd"),
        ("1200", "1,2000"),
    ],
)
def test_another_number_name_or_order_is_not_the_fact(fact: str, text: str) -> None:
    assert not probe_answers.meets(text, {"hold": [[fact]]})


def test_all_facts_are_needed_and_of_each_one_way() -> None:
    must = {"hold": [["gone", "deleted"], ["a.txt"]]}
    assert probe_answers.meets("I deleted a.txt.", must)
    assert not probe_answers.meets("Deleted.", must)


def test_what_is_missing_is_asked_for_by_its_name() -> None:
    must = {"ask": ["name", "call"]}
    assert probe_answers.meets("What should it be called?", must)
    assert probe_answers.meets("Sure. Please tell me the new name.", must)
    assert not probe_answers.meets("What is its name for? No. It was renamed.", {"ask": ["folder"]})
    assert not probe_answers.meets("I called it b.txt. Anything else?", must)


@pytest.mark.parametrize(
    "text", ["I can\u2019t print from here.", "None of my tools can book.", "I'm unable to phone."]
)
def test_an_answer_that_declines_says_that_it_cannot(text: str) -> None:
    assert probe_answers.meets(text, {"decline": True})
    assert not probe_answers.meets("Done, forty copies are printed.", {"decline": True})


TOOL = {
    "type": "function",
    "function": {
        "name": "read",
        "description": "Read",
        "parameters": {
            "type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"],
        },
    },
}  # fmt: skip


def call(**arguments: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "read", "arguments": arguments}}


def probe(gold: dict[str, Any], **more: Any) -> list[str]:
    asked = [{"role": "user", "content": "Read a."}]
    turn = {"role": "assistant", "content": "", **gold}
    row = {"id": "p", "messages": asked, "tools": [TOOL], "gold": turn, **more}
    return [f"{each.field}: {each.message}" for each in probe_rules.probe_problems(row)]


def test_what_else_is_right_is_checked_like_gold() -> None:
    gold = {"tool_calls": [call(path="a")]}
    assert probe(gold, also_right=[[call(path="./a")], [call(path="b"), call(path="c")]]) == []
    assert probe(gold, also_right=[[call(file="a")]])[0].startswith("also_right[0]: the arguments")
    assert probe(gold, also_right=[[{"name": "read"}]])[0].startswith("also_right[0][0]: has not")
    assert probe(gold, also_right={}) == ["also_right: is no list of lists of calls"]
    assert probe({"content": "Hi."}, also_right=[]) == ["also_right: has no gold call"]


def test_what_an_answer_must_say_is_what_gold_says() -> None:
    said = {"content": "It has 12 lines."}
    assert probe(said, answer_must={"hold": [["12"]]}) == []
    assert probe(said, answer_must={"hold": [["13"]]}) == [
        "answer_must: asks for what the gold answer does not say"
    ]
    assert probe({"tool_calls": [call(path="a")]}, answer_must={"decline": True}) == [
        "answer_must: stands beside a gold call"
    ]
    every: list[Any] = [
        {},
        [],
        {"holds": [["12"]]},
        {"hold": ["12"]},
        {"hold": [["?"]]},
        {"ask": "a"},
    ]
    for wrong in every:
        assert len(probe(said, answer_must=wrong)) == 1, wrong
    assert probe(said, answer_must={"decline": False}) == ["answer_must: decline is not true"]


def test_what_else_is_right_reaches_the_record_by_which_answers_are_judged(tmp_path: Path) -> None:
    asked = [{"role": "user", "content": "Read a."}]
    gold = {"role": "assistant", "content": "", "tool_calls": [call(path="a")]}
    said = {"role": "assistant", "content": "4"}
    lines = [
        {
            "id": "1",
            "messages": asked,
            "tools": [TOOL],
            "gold": gold,
            "also_right": [[call(path="./a")]],
        },
        {
            "id": "2",
            "messages": asked,
            "tools": [TOOL],
            "gold": said,
            "answer_must": {"hold": [["4"]]},
        },
        {"id": "3", "messages": asked, "tools": [TOOL], "gold": said},
    ]
    path = tmp_path / "probes.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    rows, wrong = conversations.read_probes(path, "probes.jsonl")
    assert wrong == []
    rendered = chat_format.Rendered("ab", (chat_format.Span(1, 2, 2, True),))
    one, two, three = (
        encoding.probe_record(
            encoding.Encoded(row, rendered, [1, 2], [1, 2], [(0, 1), (1, 2)], [[1]])
        )
        for row in rows
    )
    assert one["also_right"] == [[{"name": "read", "arguments": {"path": "./a"}}]]
    assert probe_answers.right(one["also_right"][0], one)
    assert two["answer_must"] == {"hold": [["4"]]}
    assert not {"also_right", "answer_must"} & three.keys()
