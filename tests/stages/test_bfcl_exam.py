"""The smoke run's models answer cases of BFCL, and its checker counts what is right."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, on_one_core

from synthia import recipe, records
from synthia.data import bfcl, held_out
from synthia.diagnose import foreign_exam
from synthia.host import downloads, environments
from synthia.run import launch

MEASURE = """
import json, sys
from pathlib import Path
from synthia import recipe
from synthia.data import bfcl
from synthia.stages import bfcl_exam

wheel, cases = Path(sys.argv[1]), bfcl.cases(Path(sys.argv[1]), 3)
smoke = recipe.load(Path(sys.argv[2]) / "recipes", "smoke")
def said(text):
    return {"text": text, "stop_reason": "stop"}
def call(case, wrapped):
    calls = [each["function"] for each in case.gold.get("tool_calls", [])]
    text = [json.dumps(each) for each in calls]
    return said("".join(f"<tool_call>\\n{each}\\n</tool_call>" for each in text) if wrapped else
                "\\n".join(text) or "No tool of mine can.")
found = {name: bfcl_exam.measure(smoke, cases, [call(case, name == "strict") for case in cases],
                                 bfcl.judge(wheel)) for name in ("strict", "bare")}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def wheel() -> Path:
    lock = PROJECT / "requirements" / held_out.LOCK
    return downloads.locked(lock, environments.cache_root() / "downloads")


@pytest.mark.slow
def test_a_call_without_its_wrapper_counts_in_any_form_alone(run_in: Any, wheel: Path) -> None:
    found = json.loads(run_in("train", MEASURE, str(wheel), str(PROJECT)).splitlines()[-1])
    for category in bfcl.CATEGORIES:
        due = category != "irrelevance"
        wrapped, bare = (found[how]["categories"][category] for how in ("strict", "bare"))
        assert wrapped == {"cases": 3, "strict": 3, "any_form": 3, "stops": 3}
        assert bare == {**wrapped, "strict": 0 if due else 3}
    assert found["strict"]["at_fault"] == {}
    assert set(found["bare"]["at_fault"].values()) == {"calls no tool"}


@pytest.mark.slow
def test_three_arms_answer_and_each_category_is_counted(
    smoke: Path, wheel: Path, tmp_path: Path
) -> None:
    asked = {
        "recipe": recipe.load(PROJECT / "recipes", "smoke").model_dump(mode="json"),
        "outputs": str(smoke), "out": str(tmp_path), "wheel": str(wheel), "cases": 1,
    }  # fmt: skip
    with on_one_core():
        launch.run_tool(PROJECT, foreign_exam.MODULE, [], asked, "train")
    found = records.read(tmp_path / "bfcl.json")
    lines = list(foreign_exam.table(found))
    assert len(lines) == 1 + 3 * len(bfcl.CATEGORIES)
    for arm in ("base", "adapter", "merged"):
        answers = records.read_lines(tmp_path / f"{arm}.jsonl")
        assert [each["id"].rpartition("_")[0] for each in answers] == list(bfcl.CATEGORIES)
        assert [each["cases"] for each in found[arm]["categories"].values()] == [1] * 4
