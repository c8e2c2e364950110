"""A user in a hurry misspells plain words; what is named, quoted, pasted or called for stays."""

import json
import random
import re
from collections import Counter
from typing import Any

import pytest
from conftest import PROJECT

from datagen import languages, typos

Row = dict[str, Any]
LINES = (PROJECT / "data" / "train.jsonl").read_text(encoding="utf-8").splitlines()
NAMED = re.compile(r"```.*?```|`[^`]*`|\"[^\"]*\"|[\w./-]*[\d_/][\w./-]*\w", re.DOTALL)


def row(said: str, *calls: Row, scenario: str = "coding.x/1") -> Row:
    turns: list[Row] = [{"role": "user", "content": said}]
    if calls:
        made = [{"type": "function", "function": call} for call in calls]
        turns.append({"role": "assistant", "content": "", "tool_calls": made})
    return {"messages": turns, "scenario": scenario}


def said(row: Row) -> list[str]:
    return [turn["content"] for turn in row["messages"] if turn["role"] == "user"]


def names(text: str) -> Counter[str]:
    """What is named in a turn: code, quotations, paths, numbers."""
    return Counter(name.rstrip(".") for name in NAMED.findall(text))


def scenarios(count: int) -> list[str]:
    names = (f"fixing.x/{number}" for number in range(10**6))
    return [name for _, name in zip(range(count), filter(typos.hurried, names), strict=False)]


def test_some_rows_are_typed_in_a_hurry_and_none_in_two_ways() -> None:
    names = [f"reading.constant_value/{number}" for number in range(4000)]
    hurried = list(filter(typos.hurried, names))
    assert 0.008 < len(hurried) / len(names) < 0.03
    assert not any(map(languages.drawn, hurried))
    calm = next(name for name in names if not typos.hurried(name))
    plain = row("Please check this.", scenario=calm)
    assert typos.typed(plain) is plain


def test_what_users_name_stays_in_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typos, "hurried", lambda scenario: True)
    changed = 0
    for line in random.Random(3).sample(LINES, 250):
        before = json.loads(line)
        after = typos.typed(before)
        for one, other in zip(said(before), said(after), strict=True):
            changed += one != other
            lost = names(one) - names(other)
            assert not lost, (one, other)
        assert [t for t in after["messages"] if t["role"] != "user"] == [
            turn for turn in before["messages"] if turn["role"] != "user"
        ]
    assert changed > 200


def test_a_word_of_a_call_is_not_misspelt_and_a_persons_name_keeps_its_capital() -> None:
    call = {"name": "git_commit", "arguments": {"message": "check the settings"}}
    for name in scenarios(60):
        (typed,) = said(
            typos.typed(row("Marta says: commit it as check the settings.", call, scenario=name))
        )
        assert "check the settings" in typed
        assert typed.startswith("Marta")


def test_what_is_pasted_without_a_fence_stays() -> None:
    pasted = (
        "\nE  there should have been the wrong settings\nThe tests could not check that. Please"
    )
    for name in scenarios(60):
        (typed,) = said(typos.typed(row(f"Why does this happen?{pasted}", scenario=name)))
        assert typed.endswith(pasted)


def test_capitals_stops_and_letters_go() -> None:
    text = (
        "Please check the settings. I think that they're wrong, could you tell me which tests fail?"
    )
    made = [said(typos.typed(row(text, scenario=name)))[0] for name in scenarios(80)]
    assert len(set(made)) > 60
    assert sum(each[0].islower() for each in made) > 40
    assert sum(not each.endswith("?") for each in made) > 40
    assert sum("teh" in each or "setings" in each or "whta" in each for each in made) > 3
    assert all(0.5 < len(each) / len(text) <= 1.1 for each in made)
