"""Little projects in which calls fail: a module with its tests, settings, tables.

A trade gives the words, a shape the code; every pair of them is a project of its own.

Not covered: what is asked about a project, and how (`datagen.families.recovering`).
"""

import random
from dataclasses import dataclass

from datagen.families.recovering.modules import SHAPES, Code
from datagen.families.recovering.trades import Domain, trades


@dataclass(frozen=True)
class Project:
    """A domain with one module of code."""

    domain: Domain
    code: Code

    @property
    def path(self) -> str:
        """Of the module."""
        return f"{self.domain.package}/{self.code.module}.py"

    @property
    def test_path(self) -> str:
        """Of its tests."""
        return f"tests/test_{self.code.module}.py"

    @property
    def tests(self) -> str:
        """The test module."""
        code = self.code
        bodies = zip(code.test_names, code.tests, strict=True)
        return f"from {self.domain.package}.{code.module} import {code.function}\n" + "".join(
            f"\n\ndef test_{name}() -> None:\n    {body}\n" for name, body in bodies
        )

    def slots(self) -> dict[str, str]:
        """The words that the sentences are filled with."""
        d, code = self.domain, self.code
        return {
            "package": d.package, "item": d.item, "items": d.items, "measure": d.measure,
            "unit": d.unit, "label": d.label, "module": f"{code.module}.py", "path": self.path,
            "function": code.function, "constant": code.constant, "symptom": code.symptom,
            "fix": code.fix, "test_path": self.test_path, "example": code.example,
        }  # fmt: skip


def draw(r: random.Random) -> Project:
    """Some project."""
    domain = r.choice(trades.domains)
    return Project(domain, r.choice(SHAPES)(domain, r))


def settings(domain: Domain, r: random.Random) -> dict[str, int | str]:
    """Four or five settings in some order."""
    known: dict[str, int | str] = {
        f"max_{domain.measure}": r.randint(10, 900),
        f"{domain.items}_per_page": r.choice((10, 15, 20, 24, 30, 50)),
        f"default_{domain.label}": r.choice(domain.names),
        f"keep_{domain.items}_days": r.randint(7, 400),
        "retry_count": r.randint(2, 9),
        "language": r.choice(("en", "de", "fr", "nl", "sv", "pt")),
        "export_hour": r.randint(0, 23),
        f"warn_{domain.label}_after": r.randint(2, 60),
    }
    return {key: known[key] for key in r.sample(list(known), r.randint(4, 5))}


def table(domain: Domain, r: random.Random, rows: int = 5) -> list[tuple[str, int]]:
    """Rows of label and measure."""
    return [(r.choice(domain.names), r.randint(3, 180)) for _ in range(rows)]


def csv_text(domain: Domain, rows: list[tuple[str, int]]) -> str:
    """The rows as a CSV file with a header."""
    lines = [f"{domain.label},{domain.measure}", *(f"{name},{number}" for name, number in rows)]
    return "\n".join(lines) + "\n"
