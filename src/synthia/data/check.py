"""Check data files of any size: every problem in one run, memory that does not grow, all cores.

Files are read in blocks of whole lines; worker processes judge the rows of a block and return
problems, counts and fingerprints. Equal and nearly equal rows are found at the end, from
fingerprints in temporary files.

Not covered: what makes a row wrong (`synthia.data.rules`, `synthia.data.text`), the
page that shows the result (`synthia.data.report`), and the checks of token ids (`prepare`).
"""

import json
import os
import signal
from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from synthia.data import (
    conversations,
    fingerprints,
    held_out,
    rules as conversation_rules,
    unseen,
)
from synthia.data.accepted import Accepted, Place
from synthia.data.chat_format import render
from synthia.data.conversations import Block, Reading, Row
from synthia.data.files import BLOCK_BYTES
from synthia.data.held_out import HeldOut
from synthia.data.near_duplicates import Columns
from synthia.data.rules import DUPLICATES, LENGTH, UNSEEN, Problem
from synthia.recipe_sections import Reasoning

LISTED = 1000
"""Problems of one gate that are kept; further ones are counted."""
WORDS = 20_000
"""User words whose variety is measured; type-token ratios compare at equal length only."""
SAMPLES = 10
"""Rows that are shown of each dialect, ..."""
DIALECTS = 30
"""... of at most so many."""
HISTOGRAM = 128
"""Width of a bar in tokens."""
LONG = 3000
"""Tokens from which a row counts as a long one."""
MEASURED = 20_000
"""Rows of a file whose tokens are counted. Of later ones, those that could be too long: a text of
ASCII characters has at most as many tokens as characters."""


@dataclass(frozen=True)
class Rules:
    """What rows are judged by, besides the rules that hold for every row."""

    held: HeldOut = field(default_factory=HeldOut)
    control_tokens: tuple[str, ...] = ()
    tokenizer: str = ""
    """Path of a tokenizer.json, or "" to count no tokens."""
    chat_template: str = ""
    row_end: str = ""
    max_length: int = 0
    special_tokens: Mapping[str, str] = field(default_factory=dict)
    reasoning: Reasoning = "refuse"
    accepted: Accepted = field(default_factory=Accepted)
    """Places that a person has looked at."""
    parallel: bool = True


@dataclass
class Found:
    """What one block holds, or all files together."""

    counts: Counter[str] = field(default_factory=Counter)
    """Of rows, by kind; "problem: <gate>"; "tokens" and "user turns"."""
    tools: Counter[str] = field(default_factory=Counter)
    """Calls by tool, the faulty ones of weight 0 left out."""
    lengths: Counter[int] = field(default_factory=Counter)
    """Rows by length in tokens, in steps of HISTOGRAM."""
    files: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    samples: dict[str, list[Row]] = field(default_factory=dict)
    """The first rows of each dialect; of "" those that name none."""
    words: list[str] = field(default_factory=list)
    longest: int = 0
    near: list[str] = field(default_factory=list)
    """The first rows that nearly equal an earlier one."""
    wrong: dict[str, "array[int]"] = field(default_factory=dict)
    """By gate the lines of all problems, in whatever file."""
    accepted: Counter[Place] = field(default_factory=Counter)
    """Places at which something was found that a person has accepted."""

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it while its gate has few."""
        if problem.line:
            self.wrong.setdefault(problem.gate, array("I")).append(problem.line)
        self.counts[f"problem: {problem.gate}"] += 1
        if self.counts[f"problem: {problem.gate}"] <= LISTED:
            self.problems.append(problem)

    def show(self, dialect: str, row: Row) -> None:
        """Keep a row to be shown, while there are few of its dialect."""
        if dialect in self.samples or len(self.samples) < DIALECTS:
            kept = self.samples.setdefault(dialect, [])
            if len(kept) < SAMPLES:
                kept.append(row)

    def counts_by_gate(self) -> dict[str, int]:
        """How many problems each gate has, kept or not."""
        start = "problem: "
        return {
            key.removeprefix(start): n for key, n in self.counts.items() if key.startswith(start)
        }

    def merge(self, other: "Found") -> None:
        """Add what another block holds."""
        kept = Counter(problem.gate for problem in self.problems)
        for problem in other.problems:
            kept[problem.gate] += 1
            if kept[problem.gate] <= LISTED:
                self.problems.append(problem)
        for gate, lines in other.wrong.items():
            self.wrong.setdefault(gate, array("I")).extend(lines)
        self.accepted += other.accepted
        self.counts.update(other.counts)
        self.tools += other.tools
        self.lengths += other.lengths
        self.files += other.files
        for dialect, rows in other.samples.items():
            for row in rows:
                self.show(dialect, row)
        self.words += other.words[: WORDS - len(self.words)]
        self.longest = max(self.longest, other.longest)


Prints = tuple["array[int]", "list[array[int]]", "array[int]"]


def check(
    files: Mapping[str, Path],
    rules: Rules,
    *,
    processes: int | None = None,
    numbers: Mapping[str, Sequence[int]] | None = None,
) -> Found:
    """Judge all rows of all files, named by label. Problems are sorted by gate, file and line.

    `numbers` gives by label the numbers under which lines are named, where others than their own.
    """
    found = Found()
    for label, path in files.items():
        for problem in conversations.file_problems(path, label):
            found.add(problem)
    places = _Places(numbers or {})
    with Columns() as columns:
        for block, lines, prints in _judged(files, rules, processes or os.cpu_count() or 1):
            found.merge(block)
            if lines:
                places.add(next(iter(block.files)), lines)
                columns.append(*prints)
        for row, first in columns.equal():
            message = f"equals {places.name(first)} but for white space at most"
            fix = "remove one of them"
            found.add(Problem(DUPLICATES, "", message, fix, *places.of(row)))
        near = columns.near()
        found.counts["near duplicates"] = len(near)
        found.near = [places.name(row) for row in sorted(near)[:20]]
    found.problems = [places.named(problem) for problem in found.problems]
    found.problems.sort(key=lambda each: (each.gate, each.file, each.line))
    return found


class _Places:
    """File and line of each row, eight bytes a row."""

    def __init__(self, numbers: Mapping[str, Sequence[int]]) -> None:
        self._numbers = numbers
        self._labels: list[str] = []
        self._files = array("I")
        self._lines = array("I")

    def add(self, label: str, lines: "array[int]") -> None:
        if label not in self._labels:
            self._labels.append(label)
        self._files.extend([self._labels.index(label)] * len(lines))
        self._lines.extend(lines)

    def of(self, row: int) -> tuple[str, int]:
        return self._labels[self._files[row]], self._lines[row]

    def name(self, row: int) -> str:
        """File and line as a reader of the file counts them."""
        label, line = self.of(row)
        return f"{label}:{self._numbers[label][line - 1] if label in self._numbers else line}"

    def named(self, problem: Problem) -> Problem:
        numbers = self._numbers.get(problem.file)
        return (
            replace(problem, line=numbers[problem.line - 1])
            if numbers and problem.line
            else problem
        )


def _judged(
    files: Mapping[str, Path], rules: Rules, processes: int
) -> "Iterator[tuple[Found, array[int], Prints]]":
    """Judge blocks in parallel, in order, with few of them waiting in memory."""
    every = (block for label, path in files.items() for block in conversations.blocks(path, label))
    small = sum(path.stat().st_size for path in files.values()) < BLOCK_BYTES
    if processes == 1 or small:
        _start(rules)
        yield from map(_judge, every)
        return
    waiting: deque[Future[tuple[Found, array[int], Prints]]] = deque()
    with ProcessPoolExecutor(processes, initializer=_start_worker, initargs=(rules,)) as pool:
        for block in every:
            waiting.append(pool.submit(_judge, block))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_RULES = Rules()
_TOKENIZER: Any = None


def _start_worker(rules: Rules) -> None:
    """Set up a worker process. An interruption ends it at once, and its parent says so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _start(rules)


def _start(rules: Rules) -> None:
    """Set what a worker process judges by."""
    global _RULES, _TOKENIZER
    _RULES, _TOKENIZER = rules, None
    if rules.tokenizer:
        from tokenizers import Tokenizer

        # The processes share the cores; threads inside each would only get in each other's way.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        _TOKENIZER = Tokenizer.from_file(rules.tokenizer)


def _judge(block: Block) -> "tuple[Found, array[int], Prints]":
    found = Found()
    rows: list[Row] = []
    lines = array("I")
    reading = Reading(_RULES.control_tokens, _RULES.reasoning, _RULES.accepted, _RULES.parallel)
    for line, record, wrong, accepted in conversations.records(
        block, conversation_rules.problems, reading
    ):
        for problem in wrong:
            found.add(problem)
        found.accepted.update(accepted)
        if record is None:
            found.counts["invalid rows"] += 1
            continue
        tools = conversations.as_served(record.get("tools", []))
        row = Row(f"{block.label}:{line}", record["messages"], tools)
        rows.append(row)
        found.show(record.get("dialect", ""), row)
        lines.append(line)
        _count(found, record, row)
        _count_unseen(found, record, Problem(UNSEEN, "", "", "", block.label, line))
        leak, place = conversations.leaked(_RULES.held, row, _RULES.accepted)
        if place:
            found.accepted[place] += 1
        elif leak:
            found.add(leak)
    if _TOKENIZER is not None:
        _measure(found, rows, lines, block.label)
    found.files[block.label] = len(rows)
    return found, lines, fingerprints.columns(rows) if rows else (array("Q"), [], array("I"))


def _count(found: Found, record: Mapping[str, Any], row: Row) -> None:
    turns = [turn for turn in row.messages if turn["role"] == "assistant"]
    calling = [turn for turn in turns if "tool_calls" in turn]
    kinds = {
        "rows": True,
        "multi-turn": len(turns) > 1,
        "recovering": any(turn.get("weight", 1) == 0 for turn in calling),
        "abstaining": bool(row.tools) and not calling,
        "ending with a call": "tool_calls" in row.messages[-1],
        "calling in parallel": any(len(turn["tool_calls"]) > 1 for turn in calling),
        "with a system prompt": row.messages[0]["role"] == "system",
        "with a record of execution": "exec_digest" in record,
    }
    found.counts.update(kind for kind, holds in kinds.items() if holds)
    found.counts["trained turns"] += sum(turn.get("weight", 1) != 0 for turn in turns)
    found.tools.update(
        call["function"]["name"]
        for turn in calling
        if turn.get("weight", 1) != 0
        for call in turn["tool_calls"]
    )
    for turn in row.messages:
        if turn["role"] == "user":
            found.counts["user turns"] += 1
            if len(found.words) < WORDS:
                found.words += fingerprints.WORD.findall(turn["content"].casefold())


def _count_unseen(found: Found, record: Mapping[str, Any], place: Problem) -> None:
    """Things that nothing showed: problems of an executed row, a count for rows from elsewhere."""
    things = unseen.unseen(record)
    found.counts["naming what was not seen"] += bool(things)
    if "exec_digest" not in record:
        return
    for index, kind, thing in things:
        message = f"names the {kind} {thing!r}, which nothing before this turn shows"
        fix = "let the row look first, or show where the name comes from"
        found.add(replace(place, field=f"messages[{index}]", message=message, fix=fix))


def _measure(found: Found, rows: Sequence[Row], lines: "array[int]", label: str) -> None:
    """Count tokens as `prepare` does: the rendered chat, and what ends the row."""
    texts = []
    measured = []
    for line, row in zip(lines, rows, strict=True):
        text = render(
            _RULES.chat_template, row.messages, row.tools, special_tokens=_RULES.special_tokens
        )
        text += _RULES.row_end
        if line <= MEASURED or len(text) > _RULES.max_length or not text.isascii():
            texts.append(text)
            measured.append(line)
    for line, encoding in zip(
        measured, _TOKENIZER.encode_batch_fast(texts, add_special_tokens=False), strict=True
    ):
        length = len(encoding)
        if line <= MEASURED:
            found.counts["rows measured"] += 1
            found.counts["tokens"] += length
            found.counts["long"] += length >= LONG
            found.lengths[length // HISTOGRAM * HISTOGRAM] += 1
        found.longest = max(found.longest, length)
        if length > _RULES.max_length:
            message = (
                f"has {length} tokens, data.max_length is {_RULES.max_length}: a cut row loses its "
                "stop token"
            )
            fix = "shorten the row, raise data.max_length, or --set data.too_long=drop"
            found.add(Problem(LENGTH, "", message, fix, label, line))


def variety(words: Sequence[str]) -> float:
    """The type-token ratio of the first WORDS words: distinct words over words."""
    first = words[:WORDS]
    return len(set(first)) / len(first) if first else 0.0


def benchmark_words(wheel: Path) -> list[str]:
    """The words of BFCL's user turns, up to WORDS, to compare variety with."""
    words: list[str] = []
    for _, turns in held_out.benchmark_cases(wheel):
        words += fingerprints.WORD.findall(" ".join(turns).casefold())
        if len(words) >= WORDS:
            break
    return words


def control_tokens(tokenizer: Path) -> tuple[str, ...]:
    """The added tokens of a tokenizer.json."""
    added = json.loads(tokenizer.read_text(encoding="utf-8"))["added_tokens"]
    return tuple(token["content"] for token in added)
