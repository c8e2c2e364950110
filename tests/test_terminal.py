"""A stage shows its progress and its errors; what libraries print lies in a log."""

import re
import subprocess
import sys
from pathlib import Path

from conftest import PROJECT

from synthia import terminal

STAGE = """
import os, subprocess, sys, warnings
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from synthia import terminal
with terminal.only_progress(Path(sys.argv[2])):
    print("a banner")
    warnings.warn("a library's warning")
    os.write(2, b"from C\\n")
    subprocess.run([sys.executable, "-c", "print('from a program')"])
    terminal.say("step 1 of 2")
    if len(sys.argv) > 3:
        raise ValueError("what went wrong")
print("after")
"""


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", STAGE, str(PROJECT / "src"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_only_progress_is_printed_and_the_rest_is_in_the_log(tmp_path: Path) -> None:
    done = run(str(tmp_path / "log.txt"))
    assert (done.stdout, done.stderr) == ("after\n", "step 1 of 2\n")
    logged = (tmp_path / "log.txt").read_text()
    for said in ("a banner", "a library's warning", "from C", "from a program"):
        assert said in logged
    assert terminal.last_words(tmp_path / "log.txt", 1) in logged
    assert terminal.last_words(tmp_path / "none") == ""


BAR = """
import sys
sys.path.insert(0, sys.argv[1])
from tqdm import tqdm
from synthia import terminal
for step in tqdm(range(3), "train", file=terminal.stream()):
    if step == 1:
        terminal.say("out of memory: the step is passed again")
"""


def test_what_is_said_beside_a_bar_of_progress_has_a_line_of_its_own() -> None:
    command = [sys.executable, "-c", BAR, str(PROJECT / "src")]
    done = subprocess.run(command, capture_output=True, check=True)
    shown = [line.rstrip(b" ") for line in re.split(b"[\r\n]", done.stderr)]
    assert b"out of memory: the step is passed again" in shown
    assert shown[-2].startswith(b"train: 100%")


def test_an_error_is_shown_in_full(tmp_path: Path) -> None:
    done = run(str(tmp_path / "log.txt"), "fail")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ValueError: what went wrong" in done.stderr
    assert "a library's warning" not in done.stderr
