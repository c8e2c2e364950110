"""Services act on their records, and rows of `answering` answer where an answer is due."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from datagen import generate, results
from datagen.session import Session
from datagen.worlds import services
from synthia.data import tool_calls

ANSWERS = ("not_given", "without_the_tool", "beyond_any_tool", "pasted", "known_already")
"""Parts of the names of scenarios whose last turn, or the turn after the request, calls nothing."""


@pytest.mark.parametrize("service", services.SERVICES, ids=lambda each: each.name)
def test_each_tool_of_a_service_acts_on_its_records(
    service: services.Service, tmp_path: Path
) -> None:
    session = Session(tmp_path, service.name)
    desk = services.draw(session, service)
    for tool in service.tools:
        schema = session.bench.schemas[tool.name]
        assert tool_calls.schema_problem(schema["function"]["parameters"]) == ""
        arguments = services.arguments(desk, tool, session.random)
        said = services.sentence(desk, tool, arguments)
        assert all(services.shown(value) in said for value in arguments.values())
        assert isinstance(json.loads(session.bench.call(tool.name, arguments)), dict)
    store = json.loads((tmp_path / services.STORE).read_text(encoding="utf-8"))
    changes = any(tool.act in ("update", "create", "delete") for tool in service.tools)
    assert (store != desk.records) is changes


def test_what_a_service_does_not_have_is_an_error(tmp_path: Path) -> None:
    session = Session(tmp_path, "helpdesk")
    services.draw(session, services.SERVICES[0])
    said = session.bench.call("get_ticket", {"ticket_id": "HD-0"})
    assert said == "Error: there is no ticket HD-0"


@pytest.mark.parametrize(
    "scenario",
    [name for name in generate.scenarios("answering") if any(part in name for part in ANSWERS)],
)
def test_the_turn_that_is_due_calls_no_tool(scenario: str) -> None:
    row = generate.make(f"answering.{scenario}/3")
    assert row["tools"]
    turns = [turn for turn in row["messages"] if turn["role"] in ("user", "assistant")]
    asked = 1 if "not_given" in scenario or scenario == "vague_request" else len(turns) - 1
    assert turns[asked - 1]["role"] == "user"
    assert "tool_calls" not in turns[asked]


def row(name: str, text: str) -> dict[str, Any]:
    arguments = {"path": "a.py", "pattern": "x"}
    call = {"type": "function", "function": {"name": name, "arguments": arguments}}
    turn = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {"messages": [turn, {"role": "tool", "content": text}], "tools": []}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("read_file", "x = {}\n\tprint('\"')"),
        ("search", "a.py:3: x = 1\na.py:9: y: int = x"),
        ("http_request", '200 OK application/json\n{"a": [1, null]}'),
        ("run_tests", ".. [100%]\n2 passed"),
        ("read_file", "Error: no such file: a.py"),
    ],
)
def test_a_result_as_an_object_holds_all_that_the_tool_returned(name: str, text: str) -> None:
    forms = set()
    for seed in range(200):
        made = results.shaped({**row(name, text), "scenario": f"x.y/{seed}"})
        content = made["messages"][1]["content"]
        if content != text:
            forms.add(content)
    assert len(forms) >= 3
    for form in forms:
        held = re.sub(r"\\[nt]", " ", json.dumps(json.loads(form)))
        wanted = text.removeprefix("Error: ")
        assert set(re.findall(r"\w+", wanted)) <= set(re.findall(r"\w+", held))
