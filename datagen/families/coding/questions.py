"""Questions that need no tool, each with its answer.

They are in `datagen/tables/coding/questions.toml`.

Not covered: what is asked about code that is shown (`datagen.families.coding.scenarios`).
"""

from typing import NamedTuple

from datagen import table
from datagen.table import Table


class Question(NamedTuple):
    """A question with a fixed answer."""

    question: str
    answer: str


class Questions(Table):
    """All questions, by field."""

    python: tuple[Question, ...]
    """On the language Python."""
    tools_and_tests: tuple[Question, ...]
    """On git, tests and the work around code."""
    web_and_data: tuple[Question, ...]
    """On HTTP, SQL and data formats."""
    algorithms: tuple[Question, ...]
    """On algorithms and the design of programs."""


questions = table.read(table.TABLES / "coding/questions.toml", Questions)
