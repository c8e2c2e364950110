"""node-llama-cpp, with its own prebuilt llama.cpp, calls the tool, reads its result, and stops."""

from pathlib import Path
from typing import Any

import node_packages
import pytest

pytestmark = pytest.mark.slow
CALL = {"path": "app/main.py"}


@pytest.fixture(scope="module")
def got(smoke: Path) -> dict[str, Any]:
    file = smoke / "gguf" / "Synthia-Smoke-135M-Q4_K_M.gguf"
    script = Path(__file__).with_name("node_llama.mjs")
    found: dict[str, Any] = node_packages.run(script, str(file))
    return found


def test_its_prompts_come_from_the_files_own_template(got: dict[str, Any]) -> None:
    assert got["wrapper"] == "JinjaTemplate"


def test_a_result_as_text_is_answered_in_words(got: dict[str, Any]) -> None:
    assert got["text"]["calls"] == [CALL]
    assert got["text"]["end"] == "eogToken"
    assert "12" in got["text"]["said"]
    assert "tool_call" not in got["text"]["said"]


def test_a_result_that_is_an_object_is_answered_or_asked_for_again(got: dict[str, Any]) -> None:
    """smoke was never shown such results, so it may call again; nothing else is right either way."""
    answer = got["object"]
    assert answer["calls"] == [CALL] * len(answer["calls"])
    assert (answer["end"], len(answer["calls"])) in [
        ("eogToken", 1), ("eogToken", 2), ("it calls again and again", 3)]  # fmt: skip
    assert "tool_call" not in answer["said"]
