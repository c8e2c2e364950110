"""OpenAI's Python client and an agent framework get from what is served what OpenAI's npm client gets."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from synthia.host import environments

pytestmark = pytest.mark.slow
CALL = ["count_lines", '{"path": "app/main.py"}']


@pytest.fixture(scope="module")
def got(served: str) -> dict[str, Any]:
    """What chat.py printed."""
    base_url = next(line.split()[-1] for line in served.splitlines() if "base URL" in line)
    python = environments.ensure(PROJECT, "consumers")
    script = Path(__file__).with_name("chat.py")
    done = subprocess.run(
        [str(python), str(script), base_url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_call_is_the_same_whole_and_streamed(got: dict[str, Any]) -> None:
    chat = got["chat"]
    assert chat["whole"] == {"end": "tool_calls", "calls": [CALL]}
    assert [chat["streamed"]["name"], chat["streamed"]["text"]] == CALL
    assert chat["streamed"]["end"] == "tool_calls"
    assert chat["streamed"]["deltas"] > 3


@pytest.mark.parametrize("form", ["text", "parts"])
def test_a_result_is_answered_in_words(got: dict[str, Any], form: str) -> None:
    answer = got["chat"]["answers"][form]
    assert (answer["end"], answer["calls"]) == ("stop", 0)
    assert "12" in answer["content"]
    assert "tool_call" not in answer["content"]


def test_a_result_that_is_an_object_leaves_no_marks_in_the_text(got: dict[str, Any]) -> None:
    """smoke was never shown such results, so it may call once more in place of an answer."""
    answer = got["chat"]["answers"]["object"]
    assert (answer["end"], answer["calls"] > 0) in [("stop", False), ("tool_calls", True)]
    assert "tool_call" not in (answer["content"] or "")


def test_a_schema_is_kept_to(got: dict[str, Any]) -> None:
    assert isinstance(json.loads(got["chat"]["shaped"])["lines"], int)


def test_an_agents_tool_runs_once_and_its_result_is_said(got: dict[str, Any]) -> None:
    assert got["agent"]["ran"] == ["app/main.py"]
    assert "12" in got["agent"]["said"]
