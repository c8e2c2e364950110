"""What the user wrote reaches the tool to the character, in the workbench's tools and in other clients'.

Not covered: shells, whose commands quote it.
"""

import json
import re

import pytest

from datagen import generate
from datagen.families.verbatim import scenarios
from datagen.session import Unlucky

LITERAL = {
    "line_run": "code", "line_run_with_a_limit": "code", "block_run": "code",
    "line_written_without_a_newline": "content", "line_written": "content", "block_written": "content",
    "pattern_searched": "pattern", "pattern_searched_in_some_files": "pattern",
    "folder_listed": "path", "message_committed": "message",
}  # fmt: skip
"""By scenario: the argument that the user wrote."""


def test_every_scenario_is_held_to_what_the_user_wrote() -> None:
    assert {each.__name__ for each in scenarios.SCENARIOS} == LITERAL.keys()


@pytest.mark.parametrize("name", LITERAL)
def test_the_first_call_has_what_the_user_wrote_and_nothing_else(name: str) -> None:
    made = 0
    for seed in range(5):
        try:
            with generate.played(f"verbatim.{name}/{seed}") as session:
                (step,) = session.steps
        except Unlucky:
            continue
        made += 1
        (asked,) = (turn["content"] for turn in session.messages if turn["role"] == "user")
        literal = step.arguments[LITERAL[name]]
        newline = "\n" if name in ("line_written", "block_written") else ""
        assert literal.endswith(newline)
        literal = literal.removesuffix(newline)
        assert literal in asked
        if "block" in name:
            assert re.search(r"```\w*\n(.*?)\n```", asked, re.DOTALL)[1] == literal  # type: ignore[index]
        if "timeout" in step.arguments:
            assert re.search(rf"\b{step.arguments['timeout']}\b", asked.replace(literal, ""))
        assert ("timeout" in step.arguments) is (name == "line_run_with_a_limit")
        for key in ("path", "glob"):
            assert step.arguments.get(key, "") in asked
    assert made >= 2


@pytest.mark.parametrize("dialect", ["mcp", "json_objects", "variants"])
@pytest.mark.parametrize("name", ["line_run", "block_run", "line_written_without_a_newline"])
def test_other_clients_tools_get_it_to_the_character_as_well(name: str, dialect: str) -> None:
    for seed in range(2):
        with generate.played(f"verbatim.{name}/{seed}") as session:
            literal = session.steps[0].arguments[LITERAL[name]]
        row = generate.make(f"verbatim.{name}/{seed}", dialect=dialect)
        (call,) = next(turn["tool_calls"] for turn in row["messages"] if "tool_calls" in turn)
        assert json.dumps(literal)[1:-1] in json.dumps(call["function"]["arguments"])
