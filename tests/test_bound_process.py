"""A bound program ends with the process that started it, even when that one is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from synthia import bound_process

SCRIPT = """
import os, signal, subprocess
from synthia import bound_process
child = subprocess.Popen(bound_process.command(["/bin/sleep", "60"]))
print(child.pid, flush=True)
while "sleep" not in open(f"/proc/{child.pid}/comm").read():
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""


def running(pid: int) -> bool:
    try:
        return "sleep" in Path(f"/proc/{pid}/comm").read_text()
    except FileNotFoundError:
        return False


def test_a_killed_parent_takes_the_program_with_it() -> None:
    source = str(Path(bound_process.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(pid)


def test_words_and_exit_code_go_through() -> None:
    words = ["/bin/sh", "-c", 'printf "<%s>" "$@"; exit 7', "sh", "a b", "c'd", ""]
    done = subprocess.run(bound_process.command(words), capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("<a b><c'd><>", 7)
