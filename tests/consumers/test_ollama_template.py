"""Ollama's template, rendered by Go's text/template as Ollama does, is the text of training."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "consumers" / "ollama_template.py"


def test_every_prompt_of_rows_probes_and_odd_chats_is_equal() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    ((equal, count),) = re.findall(r"(\d+) of (\d+) prompts are equal", done.stdout)
    assert int(equal) == int(count) > 3_000
