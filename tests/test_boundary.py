"""What a user causes ends a command without a traceback: Ctrl-C, and files of somebody else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT
from invoke import Exit

from synthia.permissions import no_permission
from verbs.common import boundary

WORKING = """
import sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
def work(number):
    time.sleep(60)
partial = Path(sys.argv[1])
try:
    partial.touch()
    with ProcessPoolExecutor(2) as pool:
        for number in range(2):
            pool.submit(work, number)
        time.sleep(0.3)
        print("working", flush=True)
        time.sleep(60)
finally:
    partial.unlink()
"""


def test_ctrl_c_ends_a_tool_and_its_workers_in_silence_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "working.py").write_text(WORKING)
    partial = tmp_path / "partial"
    env = {**os.environ, "PYTHONPATH": f"{PROJECT / 'src'}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-m", "synthia.boundary", "working", str(partial)]
    tool = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True)  # fmt: skip
    assert tool.stdout
    assert tool.stdout.readline() == "working\n"
    assert partial.exists()
    os.killpg(tool.pid, signal.SIGINT)
    said = tool.communicate(timeout=30)[1]
    assert tool.returncode == 130
    assert said == ""
    assert not partial.exists()


def test_a_tools_exit_code_and_words_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "ends.py").write_text("import sys\nsys.exit(int(sys.argv[1]))\n")
    env = {**os.environ, "PYTHONPATH": f"{PROJECT / 'src'}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-m", "synthia.boundary", "ends", "2"]
    assert subprocess.run(command, env=env, check=False).returncode == 2


def test_a_file_of_somebody_else_is_a_missing_requirement(tmp_path: Path) -> None:
    with (
        pytest.raises(Exit, match=rf"{tmp_path}/x cannot be used: it belongs to uid \d+") as ended,
        boundary(),
    ):
        raise PermissionError(13, "Permission denied", str(tmp_path / "x"))
    assert ended.value.code == 3
    assert "mounted read-only" in str(no_permission(OSError(30, "Read-only", str(tmp_path))))


def test_another_error_of_the_system_keeps_its_traceback() -> None:
    with pytest.raises(OSError, match="Input/output error"), boundary():
        raise OSError(5, "Input/output error", "disk")
