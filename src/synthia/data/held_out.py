"""What training rows must not ask: the held-out probes, and the cases of the BFCL benchmark.

A row leaks when its user turns equal a case's turn for turn, or share a long run of words with one
once names, numbers and code are blanked. A few words are a question of their own only where they are all
that is asked, and only of a probe: chats that open with a greeting ask nothing that a benchmark asks.

BFCL (Berkeley Function Calling Leaderboard, Apache-2.0) is read out of the locked wheel `bfcl-eval`,
for this comparison alone: nothing of it is trained on.

Not covered: paraphrases, and cases that only their answers give away.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synthia.data import fingerprints

QUESTION_WORDS = 8
"""Fewer words are shared by chance: "Hi", "Test", "help"."""
LOCK = "bfcl.txt"
"""In requirements/: the wheel with BFCL."""
ONLY_IDS = {"BFCL_v4_format_sensitivity.json"}
"""Lists cases of the other files."""


@dataclass
class HeldOut:
    """Questions and runs of words that are held out, with the case that each comes from."""

    questions: dict[int, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, user_turns: Sequence[str], *, short: bool = True) -> None:
        """Hold out a case by what its user says; without `short`, only if that is a question."""
        if user_turns and (short or _asks(user_turns)):
            self.questions.setdefault(fingerprints.question_keys(user_turns)[-1], name)
        for text in user_turns:
            for run in fingerprints.long_runs(text):
                self.runs.setdefault(run, name)

    def leak(self, messages: Sequence[Mapping[str, Any]]) -> str:
        """Say what a conversation's user asks that is held out, or ""."""
        turns = [message["content"] for message in messages if message["role"] == "user"]
        for count, key in enumerate(fingerprints.question_keys(turns), start=1):
            # The opening of a longer chat is no question of a few words.
            if key in self.questions and (count == len(turns) or _asks(turns[:count])):
                return f"its user asks what the held-out {self.questions[key]} asks"
        for text in turns:
            for run in fingerprints.long_runs(text):
                if run in self.runs:
                    return (
                        "its user says, names and numbers aside, what the held-out "
                        f"{self.runs[run]} says: {' '.join(word or '_' for word in run.split(' '))}"
                    )
        return ""


def _asks(turns: Sequence[str]) -> bool:
    return sum(len(fingerprints.WORD.findall(turn)) for turn in turns) >= QUESTION_WORDS


def probes(cases: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> HeldOut:
    """Hold out probes, given as pairs of id and messages."""
    held = HeldOut()
    for name, messages in cases:
        turns = [message["content"] for message in messages if message["role"] == "user"]
        held.add(f"probe {name}", turns)
    return held


def add_benchmark(held: HeldOut, wheel: Path) -> int:
    """Hold out the cases in the wheel of bfcl-eval; returns how many there are."""
    count = 0
    for name, turns in benchmark_cases(wheel):
        held.add(f"case {name} of BFCL", turns, short=False)
        count += 1
    return count


def benchmark_cases(wheel: Path) -> Iterator[tuple[str, list[str]]]:
    """Id and user turns of each case of BFCL v4."""
    with zipfile.ZipFile(wheel) as archive:
        for file in sorted(archive.namelist()):
            folder, _, base = file.rpartition("/")
            if folder != "bfcl_eval/data" or not base.startswith("BFCL_v4_") or base in ONLY_IDS:
                continue
            for line in archive.read(file).decode("utf-8").splitlines():
                case = json.loads(line)
                turns = [
                    message["content"]
                    for turn in case["question"]
                    for message in turn
                    if message["role"] == "user"
                ]
                yield case["id"], turns
