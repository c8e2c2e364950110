"""What a change to a small Flask app is: the files before and after, and requests that show it.

Not covered: the changes (`changes_of_reading`, `changes_of_writing`, `mends`).
"""

import random
from dataclasses import dataclass, field
from typing import Any

from datagen.families.flask_routes.apps import (
    Record,
    Shape,
)


@dataclass(frozen=True)
class Ask:
    """A request, the status it must give, and for a listing the names in order."""

    method: str
    path: str
    status: int
    body: dict[str, Any] | None = None
    names: list[str] | None = None


@dataclass
class Change:
    """What is asked for, and what it takes."""

    shape: Shape
    before: dict[str, str]
    after: dict[str, str]
    checks: list[Ask]
    words: dict[str, str]
    symptom: Ask | None = None
    code: str = ""
    """Python that shows what no response body shows."""
    facts: dict[str, str] = field(default_factory=dict)


def fresh(s: Shape, rng: random.Random) -> Record:
    """The body of a valid new record."""
    words = rng.choice(("Northern", "Second", "Spare", "Little", "Grand", "Plain", "Twin", "Late"))
    number = max(each[s.number] for each in s.records) - rng.randint(0, 3)
    return {
        s.name: f"{words} {s.records[0][s.name]}",
        s.number: number,
        s.kind: rng.choice(s.kinds),
    }


def test_of(s: Shape, name: str, *lines: str) -> str:
    """A test function of the app."""
    body = "\n".join(f"    {line}" for line in ("client = app.test_client()", *lines))
    return f"def test_{name}():\n{body}"


def quoted(value: Any) -> str:
    """A value as code with double quotes."""
    return repr(value).replace("'", '"')
