"""What both scripts of this folder begin with: the little project's recipes, and a note of each outcome.

Their first arguments are the little project's folder and the resolved recipes by name as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthia import gates, recipe as recipes, records
from synthia.errors import PipelineError

PROJECT = Path(sys.argv[1])
RECIPES = {
    name: recipes.parse(values, origin=name) for name, values in json.loads(sys.argv[2]).items()
}
OUTPUTS = PROJECT / "outputs"
TIED, UNTIED = "qwen-0.5b", "synthia-7b"
found: dict[str, dict[str, Any]] = {}
"""By fault: the stage, which gates are red and what they say, or the sentence that it ends with."""


def note(name: str, stage: str, run: Callable[[], Any]) -> None:
    """Run a stage, or a part of it, and note what becomes of it."""
    said, started = "", time.process_time()
    try:
        judged = run()
    except gates.GateFailed as error:
        judged = error.gates
    except PipelineError as error:
        judged, said = (), str(error)
    red = {gate.name: gates.describe(gate) for gate in judged if not gate.passed}
    seconds = round(time.process_time() - started, 1)
    found[name] = {
        "stage": stage, "red": red, "said": said, "judged": len(judged), "seconds": seconds,
    }  # fmt: skip


def edit_json(file: Path, change: Callable[[Any], Any]) -> None:
    """Change a JSON file, whose keys keep their order."""
    content = records.read(file)
    change(content)
    records.write(file, content, sort_keys=False)
