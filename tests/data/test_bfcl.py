"""BFCL's cases as they are asked, and its own checker on answers: which is right is not ours to say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from synthia.data import bfcl, held_out
from synthia.data.conversations import Row
from synthia.host import downloads, environments

ITS_OWN = {"simple_python_17", "simple_python_200", "parallel_88"}
"""Cases whose first listed answer BFCL's checker itself refuses: what may be left out by the list is
required by the schema."""


@pytest.fixture(scope="module")
def wheel() -> Path:
    lock = PROJECT / "requirements" / held_out.LOCK
    return downloads.locked(lock, environments.cache_root() / "downloads")


@pytest.fixture(scope="module")
def cases(wheel: Path) -> list[Row]:
    return bfcl.cases(wheel)


@pytest.fixture(scope="module")
def wrong(wheel: Path) -> bfcl.Judge:
    return bfcl.judge(wheel)


def gold(case: Row) -> list[dict[str, Any]]:
    assert case.gold is not None
    return [call["function"] for call in case.gold.get("tool_calls", [])]


def test_its_checker_takes_the_first_listed_answer_of_every_case_but_three(
    cases: Sequence[Row], wrong: bfcl.Judge
) -> None:
    kinds = [case.kind for case in cases]
    counts = {kind: kinds.count(kind) for kind in bfcl.CATEGORIES}
    assert counts == {"simple_python": 400, "multiple": 200, "parallel": 200, "irrelevance": 240}
    assert {case.id for case in cases if wrong(case, gold(case))} == ITS_OWN


def test_its_checker_refuses_another_tool_value_or_number_of_calls(
    cases: Sequence[Row], wrong: bfcl.Judge
) -> None:
    (case,) = [case for case in cases if case.id == "simple_python_0"]
    (call,) = gold(case)
    assert call == {"name": "calculate_triangle_area", "arguments": {"base": 10, "height": 5}}

    def said(**other: Any) -> str:
        return wrong(case, [{**call, **other}])

    assert said() == ""
    assert "wrong_func_name" in said(name="triangle")
    assert "value_error" in said(arguments={"base": 10, "height": 6})
    assert "type_error" in said(arguments={"base": "10", "height": 5})
    assert "missing_required" in said(arguments={"base": 10})
    assert "unexpected_param" in said(arguments={"base": 10, "height": 5, "color": "red"})
    assert "wrong_count" in wrong(case, [call, call])
    assert wrong(case, []) == "calls no tool"
    assert said(arguments={"base": 10, "height": {"in": [5]}})


def test_parallel_calls_are_right_in_any_order_and_a_call_is_wrong_where_no_tool_fits(
    cases: Sequence[Row], wrong: bfcl.Judge
) -> None:
    (parallel,) = [case for case in cases if case.id == "parallel_0"]
    calls = gold(parallel)
    assert len(calls) == 2
    assert wrong(parallel, calls[::-1]) == ""
    assert "wrong_count" in wrong(parallel, calls[:1])
    (irrelevant,) = [case for case in cases if case.id == "irrelevance_0"]
    assert wrong(irrelevant, []) == ""
    name = irrelevant.tools[0]["function"]["name"]
    assert name in wrong(irrelevant, [{"name": name, "arguments": {}}])


def types_in(schema: Any) -> set[str]:
    if isinstance(schema, Mapping):
        found = {schema["type"]} if isinstance(schema.get("type"), str) else set()
        return found.union(*map(types_in, schema.values()))
    return set().union(*map(types_in, schema)) if isinstance(schema, list) else set()


def test_its_tools_are_declared_in_json_schemas_words(cases: Sequence[Row]) -> None:
    found = set().union(*(types_in(case.tools) for case in cases))
    assert found == {"function", "object", "string", "integer", "number", "boolean", "array"}


def test_a_number_of_cases_is_asked_of_each_category(wheel: Path) -> None:
    few = bfcl.cases(wheel, 3)
    assert [case.kind for case in few] == [kind for kind in bfcl.CATEGORIES for _ in range(3)]
