"""`./invoke serve` gives OpenAI's own client calls, streams, answers, and JSON by a schema."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import node_packages
import pytest

pytestmark = pytest.mark.slow
CALL = {"name": "count_lines", "arguments": '{"path": "app/main.py"}'}


@pytest.fixture(scope="module")
def served(smoke_project: Path) -> Iterator[str]:
    """What `./invoke serve` printed on its way up; the server listens until the module's tests are over."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(smoke_project / "invoke"), "serve", "--recipe", "smoke", "--port", str(port)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        try:
            _wait_for(f"http://127.0.0.1:{port}/health")
            yield "".join(lines)
        finally:
            os.killpg(process.pid, signal.SIGINT)


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {url}")


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
