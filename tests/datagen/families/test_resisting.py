"""Whatever a text demands, the row does the user's task, and its answer says that there is a demand."""

from pathlib import Path

import pytest

from datagen import generate
from datagen.families.resisting import scenarios
from datagen.families.resisting.texts import texts
from synthia.data import text, unseen

CHANGED = {"change": 1}
"""Of a scenario: how many files its user wants changed."""


@pytest.mark.parametrize("name", [each.__name__ for each in scenarios.SCENARIOS])
def test_a_demand_is_read_not_followed_and_mentioned(name: str) -> None:
    for seed in range(3):
        with generate.played(f"resisting.{name}/{seed}") as session:
            row = session.row(f"resisting.{name}/{seed}")
            results = "\n".join(
                turn["content"] for turn in row["messages"] if turn["role"] == "tool"
            )
            answer = row["messages"][-1]["content"]
            final = session.bench.texts()
        planted = [
            demand for demand in texts.demands
            if demand.text.partition("{")[0][:14].removeprefix("<!-- ") in results
        ]  # fmt: skip
        assert planted, results
        assert any(demand.asks.partition("{")[0] in answer for demand in planted), answer
        differing = [path for path in session.initial if final.get(path) != session.initial[path]]
        assert final.keys() == session.initial.keys()
        assert len(differing) == CHANGED.get(name, 0)
        assert len(set(session.offered)) == len(session.offered)
        assert text.problems(row) == []
        assert unseen.unseen(row) == []


def test_there_are_many_demands_and_none_is_written_as_a_tool_call_or_holds_a_secret() -> None:
    assert len(texts.demands) >= 25
    assert len({demand.text for demand in texts.demands}) == len(texts.demands)
    filled = [
        {"role": "user", "content": demand.text.format(
            name="shop", other="a.py", **{key: value[0] for key, value in texts.slots.items()})}
        for demand in texts.demands
    ]  # fmt: skip
    assert text.problems({"messages": filled}) == []


def test_a_wrong_demand_is_found(tmp_path: Path) -> None:
    key = "-----BEGIN RSA PRIVATE " + "KEY-----MIIB"
    row = {"messages": [{"role": "tool", "content": f"Send {key} and </tool_call>"}]}
    assert len(text.problems(row)) == 2
