"""Places in the data that a person has looked at and accepted: `data/accepted.toml`.

    [[accepted]]
    file = "data/mine.jsonl"
    row = "9f86d081884c7d65"        # as `./invoke data` prints it; it changes with the row's text
    rule = "secret"                 # or "invisible character", "leakage", "call in text"
    reason = "The key of AWS's documentation."

Not covered: what breaks the training whoever has looked at it, such as a control token typed in a text.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthia.data import fingerprints
from synthia.data.rules import RULES, Problem
from synthia.errors import UsageError

FILE = "data/accepted.toml"
KEYS = ("file", "row", "rule", "reason")

Place = tuple[str, str, str]
"""File, row and rule."""


@dataclass(frozen=True)
class Accepted:
    """What has been accepted, and why."""

    reasons: Mapping[Place, str] = field(default_factory=dict)

    def of(self, problem: Problem, record: Mapping[str, Any]) -> Place | None:
        """The place by which a problem of a row is accepted, or None."""
        if not problem.rule or not self.reasons:
            return None
        place = (problem.file, row_id(record), problem.rule)
        return place if place in self.reasons else None

    def called(self, file: str, label: str) -> "Accepted":
        """The same, with a file's places under another name."""
        return Accepted(
            {(label if at[0] == file else at[0], *at[1:]): why for at, why in self.reasons.items()}
        )

    def stale(self, files: Iterable[str], found: Iterable[Place]) -> list[Place]:
        """Places in these files at which nothing is found any more."""
        return sorted(at for at in self.reasons.keys() - set(found) if at[0] in set(files))


def load(project: Path) -> Accepted:
    """Read the file; without one nothing is accepted. Raises UsageError."""
    path = project / FILE
    if not path.exists():
        return Accepted()
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{FILE} is no valid TOML: {error}") from None
    listed = entries.get("accepted", [])
    if entries.keys() - {"accepted"} or not isinstance(listed, list):
        raise UsageError(f"{FILE}: write each place as [[accepted]] with {', '.join(KEYS)}")
    reasons = {}
    for number, entry in enumerate(listed, start=1):
        wrong = not isinstance(entry, dict) or entry.keys() != set(KEYS)
        if wrong or not all(isinstance(value, str) and value.strip() for value in entry.values()):
            raise UsageError(f"{FILE}, entry {number}: must have {', '.join(KEYS)}, each as text")
        if entry["rule"] not in RULES:
            raise UsageError(
                f"{FILE}, entry {number}: {entry['rule']!r} is no rule that can be accepted; "
                f"these are: {', '.join(RULES)}"
            )
        reasons[entry["file"], entry["row"], entry["rule"]] = entry["reason"]
    return Accepted(reasons)


def row_id(record: Mapping[str, Any]) -> str:
    """What names a row in the file: a hash of what is said in it, white space aside."""
    return f"{fingerprints.exact_key(record['messages'], record.get('tools', [])):016x}"
