"""Write the shipped data files: run scenarios until each file has its rows.

A row's scenario and seed are in the row, so any row can be made again alone. A seed whose row says
to a user's turn what an earlier row's user said, or nearly equals an earlier row, is passed over;
rows are accepted in a fixed order, so the bytes do not depend on how many processes work.

Not covered: what the rows hold; that is in the family modules.
"""

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthia.scenarios.session import Session

FAMILIES: dict[str, dict[str, int]] = {
    "train": {
        "fixing": 560, "running": 200, "coding": 360, "flask_routes": 330, "reading": 330,
        "searching": 300, "committing": 110, "asking": 182,
    },
    "flask_templates": {"flask_templates": 14},
    "failure_recovery": {"recovering": 300},
    "train_improved": {"long_work": 78},
}  # fmt: skip
"""By file: how many rows each family module gives."""

Scenario = Callable[[Session], None]


def scenarios(family: str) -> dict[str, Scenario]:
    """The scenarios of a family by name."""
    module = importlib.import_module(f"synthia.scenarios.{family}")
    return {scenario.__name__: scenario for scenario in module.SCENARIOS}


def make(scenario: str) -> dict[str, Any]:
    """Run one scenario, named as family.function/seed, in a fresh folder; returns its row."""
    family, _, rest = scenario.partition(".")
    name, _, _ = rest.partition("/")
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder), scenario)
        scenarios(family)[name](session)
        return session.row(scenario)
