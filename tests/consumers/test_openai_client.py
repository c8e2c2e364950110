"""`./invoke serve` gives OpenAI's own client calls, streams, answers, and JSON by a schema."""

import json
from pathlib import Path
from typing import Any

import node_packages
import pytest

pytestmark = pytest.mark.slow
CALL = {"name": "count_lines", "arguments": '{"path": "app/main.py"}'}


@pytest.fixture(scope="module")
def got(served: str) -> dict[str, Any]:
    base_url = next(line.split()[-1] for line in served.splitlines() if "base URL" in line)
    script = Path(__file__).with_name("chat.mjs")
    found: dict[str, Any] = node_packages.run(script, base_url, "any")
    return found


def test_the_best_quantised_file_that_passed_is_served(served: str) -> None:
    assert "Synthia-Smoke-135M-Q5_K_M.gguf" in served


def test_a_call_is_the_same_whole_and_streamed(got: dict[str, Any]) -> None:
    assert got["whole"] == {"end": "tool_calls", "calls": [CALL]}
    streamed = got["streamed"]
    assert (streamed["name"], streamed["text"]) == (CALL["name"], CALL["arguments"])
    assert streamed["end"] == "tool_calls"
    assert streamed["deltas"] > 3


def test_a_result_as_text_and_as_parts_gets_the_same_answer(got: dict[str, Any]) -> None:
    assert got["answers"]["text"] == got["answers"]["parts"]


@pytest.mark.parametrize("form", ["text", "parts"])
def test_a_result_is_answered_in_words(got: dict[str, Any], form: str) -> None:
    answer = got["answers"][form]
    assert answer["end"] == "stop"
    assert answer["calls"] == []
    assert "12" in answer["content"]
    assert "tool_call" not in answer["content"]


def test_a_result_that_is_an_object_leaves_no_marks_in_the_text(got: dict[str, Any]) -> None:
    """smoke was never shown such results, so it may call once more in place of an answer."""
    answer = got["answers"]["object"]
    assert (answer["end"], bool(answer["calls"])) in [("stop", False), ("tool_calls", True)]
    assert "tool_call" not in (answer["content"] or "")


def test_a_schema_is_kept_to(got: dict[str, Any]) -> None:
    assert isinstance(json.loads(got["shaped"])["lines"], int)
