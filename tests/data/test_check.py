"""Broken rows are caught together (singly: tests/faults); files of any size are judged in flat memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from broken_rows import BROKEN, MAX_LENGTH, PROBE, healthy, line
from conftest import PROJECT
from tokenizers import Tokenizer, models, pre_tokenizers

from synthia.data import check as data_check, held_out
from synthia.data.check import Rules

TEMPLATE = (PROJECT / "chat_templates" / "qwen2.5-tools.jinja").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """Rules with a tokenizer of words, which counts like any other."""
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path))
    held = held_out.probes([("p1", [{"role": "user", "content": PROBE}])])
    return Rules(held, ("<|im_end|>",), str(path), TEMPLATE, "", MAX_LENGTH)


def gates(folder: Path, data: bytes, rules: Rules, *, processes: int = 1) -> list[str]:
    """The gates of the problems found in a file."""
    path = folder / "rows.jsonl"
    path.write_bytes(data)
    found = data_check.check({"rows.jsonl": path}, rules, processes=processes)
    assert all(problem.fix for problem in found.problems)
    return [problem.gate for problem in found.problems]


def test_there_are_thirty_broken_rows() -> None:
    assert len(BROKEN) == 30


def test_the_healthy_row_has_no_problem(tmp_path: Path, rules: Rules) -> None:
    assert gates(tmp_path, line(healthy()), rules) == []


def test_one_run_lists_all_problems_sorted_by_kind(tmp_path: Path, rules: Rules) -> None:
    each = [data for name, (_, data) in BROKEN.items() if "duplicate" not in name]
    found = gates(tmp_path, b"".join(each), rules)
    assert found == sorted(found)
    assert set(found) == {gate for gate, _ in BROKEN.values()} - {"D duplicates"}
    assert len(found) >= len(each)


def test_a_problem_names_file_line_field_and_fix(tmp_path: Path, rules: Rules) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(line(healthy()) + BROKEN["argument of the wrong type"][1])
    (problem,) = data_check.check({"mine.jsonl": path}, rules).problems
    assert str(problem).startswith("mine.jsonl:2: messages[2].tool_calls[0]: ")
    assert "'1' is not of type 'integer'" in str(problem)
    assert problem.fix.startswith("correct the call")


def many(count: int) -> bytes:
    """Rows that all differ, three words of four being the row's own."""
    rows = []
    for number in range(count):
        row = healthy()
        own = " ".join(f"w{number}x{place}" for place in range(40))
        row["messages"][1]["content"] = f"Compare {own}"
        row["messages"][5]["content"] = f"Both hold {own}."
        rows.append(line(row))
    return b"".join(rows)


def test_processes_change_nothing(tmp_path: Path, rules: Rules) -> None:
    data = many(1700) + BROKEN["NaN"][1] + many(10) + BROKEN["secret"][1]  # over two blocks
    path = tmp_path / "rows.jsonl"
    path.write_bytes(data)
    one, two = (data_check.check({"r": path}, rules, processes=count) for count in (1, 2))
    assert one == two
    assert one.counts["rows"] == 1710
    assert [problem.line for problem in one.problems if problem.gate == "D duplicates"] == [
        *range(1702, 1712)
    ]


def test_the_first_ten_rows_of_each_dialect_are_kept_to_be_shown(
    tmp_path: Path, rules: Rules
) -> None:
    rows = [json.loads(each) for each in many(40).splitlines()]
    for number, row in enumerate(rows[:30]):
        row["dialect"] = ("aider", "mcp")[number % 2]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(map(line, rows)))
    found = data_check.check({"rows.jsonl": path}, rules, processes=1)
    shown = {name: [row.id for row in kept] for name, kept in found.samples.items()}
    assert shown == {
        "aider": [f"rows.jsonl:{number}" for number in range(1, 20, 2)],
        "mcp": [f"rows.jsonl:{number}" for number in range(2, 21, 2)],
        "": [f"rows.jsonl:{number}" for number in range(31, 41)],
    }


def test_a_row_is_counted_by_what_happens_in_it(tmp_path: Path, rules: Rules) -> None:
    recovering, plain = healthy(), healthy()
    recovering["messages"][2]["weight"] = 0
    plain["messages"] = [plain["messages"][1], plain["messages"][5]]
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"".join(map(line, (healthy(), recovering, plain))))
    found = data_check.check({"r": path}, rules)
    wanted = {"rows": 3, "multi-turn": 2, "recovering": 1, "abstaining": 1, "trained turns": 4,
              "calling in parallel": 2, "with a system prompt": 2, "user turns": 3}  # fmt: skip
    assert {name: found.counts[name] for name in wanted} == wanted
    assert found.tools == {"read_file": 2}


def test_problems_beyond_the_listed_ones_are_counted(tmp_path: Path, rules: Rules) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(BROKEN["NaN"][1] * 5000)
    found = data_check.check({"r": path}, rules, processes=2)
    assert found.counts["problem: D schema"] == 5000
    assert len(found.problems) == data_check.LISTED


MEMORY = """
import re, sys
from pathlib import Path
from synthia.data import check as data_check, near_duplicates
near_duplicates.PARTITION = 2**11  # a constant: with it, few rows show what many would
found = data_check.check({"r": Path(sys.argv[1])}, data_check.Rules(), processes=1)
# Not getrusage: its peak is that of the process before this program was started in it, too.
print(found.counts["rows"], *re.findall(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()))
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for count in (8_000, 24_000):
        path = tmp_path / f"{count}.jsonl"
        path.write_bytes(many(count))
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(path)],
            env={**os.environ, "PYTHONPATH": str(PROJECT / "src")},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        rows, peak = map(int, done.stdout.split())
        assert rows == count
        peaks.append(peak)
    # 16,000 rows are 18 MB of text and 11 MB of fingerprints; what grows is eight bytes a row.
    assert peaks[1] - peaks[0] < 8_000, peaks


def test_a_type_token_ratio_is_of_the_first_words_alone() -> None:
    assert data_check.variety(["a", "b", "a", "c"]) == 0.75
    assert data_check.variety(["a"] * data_check.WORDS + ["b"]) == 1 / data_check.WORDS
    assert data_check.variety([]) == 0.0


def test_the_row_used_for_breaking_is_what_the_project_documents() -> None:
    assert json.loads(line(healthy())).keys() == {"messages", "tools"}
