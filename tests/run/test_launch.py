"""Stages in their own process: bad data, full disks, and kills at any moment."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, copy_project, invoke

from synthia import manifest, recipe, terminal
from synthia.errors import StageStopped
from synthia.host import environments
from synthia.run import launch
from synthia.stage import BY_NAME, folder

SHORT = ("--set", "training.max_steps=6", "--set", "training.save_steps=2",
         "--set", "training.probe_steps=6", "--set", "training.probe_ends=2",
         "--set", "training.per_device_train_batch_size=1",
         "--set", "training.gradient_accumulation_steps=1")  # fmt: skip
"""Six steps of one row each."""


KILLED = """#!{python}
import json, os, signal, sys
from pathlib import Path
sys.path.insert(0, {source!r})
from synthia import resume
request = json.loads(sys.stdin.readline())
for step in {steps}:
    folder = Path(request["out"]) / resume.FOLDER / f"checkpoint-{{step}}"
    folder.mkdir(parents=True)
    (folder / "optimizer.pt").write_text(str(step))
    resume.seal(folder)
os.kill(os.getpid(), signal.{signal})
"""


@pytest.mark.parametrize(
    ("name", "sent", "steps", "said"),
    [
        ("train", "SIGKILL", (4, 8), "train was killed by signal 9 (SIGKILL), most often because memory "
         "ran out; the next call continues from checkpoint-8"),
        ("train", "SIGKILL", (), "train was killed by signal 9 (SIGKILL), most often because memory ran "
         "out; the next call begins it anew"),
        ("merge", "SIGSEGV", (), "merge was killed by signal 11 (SIGSEGV); the next call begins it anew"),
        ("fetch", "SIGTERM", (), "fetch was killed by signal 15 (SIGTERM); the next call goes on with "
         "what has been transferred"),
    ],
)  # fmt: skip
def test_a_killed_stage_is_said_to_be_killed_and_what_the_next_call_does(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    sent: str,
    steps: tuple[int, ...],
    said: str,
) -> None:
    """The environment's Python is a program that writes checkpoints and kills itself."""
    python = project / "python"
    source = str(project / "src")
    python.write_text(KILLED.format(python=sys.executable, source=source, steps=steps, signal=sent))
    python.chmod(0o755)
    monkeypatch.setattr(environments, "ensure", lambda *_: python)
    stage = BY_NAME[name]
    smoke = recipe.load(project / "recipes", "smoke", [])
    with pytest.raises(StageStopped) as error:
        launch.launch(project, smoke, stage, runtime="host", identity={})
    assert (str(error.value), error.value.exit_code) == (said, 1)
    out = folder(project, smoke, stage)
    assert not out.exists()
    assert manifest.work_folder(out).exists() == stage.resumes


CRASHES = """
import ctypes, sys
sys.path.insert(0, sys.argv[1])
from synthia import __main__ as running
from synthia.host import environments
environments.verify = lambda *_: None
def reads_what_is_not_there(request, out):
    ctypes.string_at(0)
running.run = reads_what_is_not_there
running.main()
"""


def test_a_crash_inside_a_library_leaves_the_stack_in_the_log(tmp_path: Path) -> None:
    out = tmp_path / "merge"
    request = {"stage": "merge", "runtime": {"runtime": "host"}, "out": str(out), "lock": ""}
    command = [sys.executable, "-c", CRASHES, str(PROJECT / "src")]
    asked = json.dumps(request) + "\n"
    # In a folder where a core dump is thrown away.
    ended = subprocess.run(command, input=asked, text=True, cwd=tmp_path, check=False)
    assert launch.killed_by(ended.returncode) == "was killed by signal 11 (SIGSEGV)"
    said = terminal.last_words(terminal.log(out, "merge"))
    assert "Segmentation fault" in said
    assert "in reads_what_is_not_there" in said


FRONT = """
import sys
from pathlib import Path
from synthia.run import launch
launch._run_here(Path(sys.argv[1]), {}, launch.stage_env(Path(sys.argv[2]), network=False))
"""


def test_a_stage_ends_with_the_command_that_started_it(tmp_path: Path) -> None:
    python, noted = tmp_path / "python", tmp_path / "pid"
    python.write_text(
        f"#!/bin/sh\necho $$ $@ > '{noted}.new'; mv '{noted}.new' '{noted}'; exec sleep 60\n"
    )
    python.chmod(0o755)
    env = launch.stage_env(PROJECT, network=False)
    front = subprocess.Popen([sys.executable, "-c", FRONT, str(python), str(PROJECT)], env=env)
    wait_for(noted.exists)
    pid, *words = noted.read_text().split()
    assert words == ["-m", "synthia"]
    front.kill()
    front.wait()
    wait_for(lambda: not Path(f"/proc/{pid}").exists())


def wait_for(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_exit_code_of_a_killed_container_names_the_signal() -> None:
    assert launch.killed_by(137) == launch.killed_by(-9) != ""
    assert launch.killed_by(143) == "was killed by signal 15 (SIGTERM)"
    for documented in (1, 2, 3, 125, 126, 127, 128):
        assert launch.killed_by(documented) == ""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, smoke: Path) -> Path:
    """A copy of the project with the smoke run's fetch and prepare."""
    project = copy_project(tmp_path_factory.mktemp("launch") / "a project")
    for name in ("fetch", "prepare"):
        shutil.copytree(smoke / name, project / "outputs/smoke" / name)
    return project


def edit_row(project: Path, line: int, change: Callable[[dict[str, Any]], None]) -> None:
    """Change one row of the smoke data in place."""
    path = project / "data/smoke.jsonl"
    lines = path.read_text().split("\n")
    row = json.loads(lines[line - 1])
    change(row)
    lines[line - 1] = json.dumps(row)
    path.write_text("\n".join(lines))


def first_call(row: dict[str, Any]) -> dict[str, Any]:
    function: dict[str, Any] = row["messages"][1]["tool_calls"][0]["function"]
    return function


def swap_roles(row: dict[str, Any]) -> None:
    row["messages"].insert(0, row["messages"].pop(1))


def no_json(row: dict[str, Any]) -> None:
    first_call(row)["arguments"] = "{path: a"


def undeclared(row: dict[str, Any]) -> None:
    first_call(row)["name"] = "rm"


def untrained(row: dict[str, Any]) -> None:
    for message in row["messages"]:
        if message["role"] == "assistant":
            message["weight"] = 0


BAD_ROWS = {
    swap_roles: "assistant",
    no_json: "JSON",
    undeclared: "'rm'",
    untrained: "no assistant turn carries loss",
}
"""What is said of each."""
BAD_FILES = {
    "empty": (b"", "the file is empty"),
    "windows": (b'{"messages": []}\r\n', "\\r\\n"),
    "words": (b"{not json\n", "words.jsonl:1"),
}


@pytest.mark.slow
def test_all_bad_rows_and_files_are_named_at_once_and_the_old_output_stays(prepared: Path) -> None:
    data = prepared / "data/smoke.jsonl"
    kept = data.read_bytes()
    rows = [json.loads(line) for line in kept.decode().splitlines()]
    calling = [n for n, row in enumerate(rows, 1) if row["messages"][1].get("tool_calls")]
    wrong = dict(zip(BAD_ROWS, calling, strict=False))
    files = [data, *(prepared / f"data/{name}.jsonl" for name in BAD_FILES)]
    named = json.dumps([path.relative_to(prepared).as_posix() for path in files])
    digest = manifest.digest(prepared / "outputs/smoke/prepare")
    try:
        for change, line in wrong.items():
            edit_row(prepared, line, change)
        for path, (content, _) in zip(files[1:], BAD_FILES.values(), strict=True):
            path.write_bytes(content)
        done = invoke(prepared, "prepare", "--recipe", "smoke", "--set", f"data.files={named}")
    finally:
        data.write_bytes(kept)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "gate D schema" in done.stderr
    assert "gate D tools" in done.stderr
    said = [line.strip() for line in done.stderr.splitlines() if line.startswith("    at ")]
    for change, words in BAD_ROWS.items():
        at = f"at data/smoke.jsonl:{wrong[change]}"
        assert any(line.startswith(at) and words in line for line in said), (change, said)
    for name, (_, words) in BAD_FILES.items():
        at = f"at data/{name}.jsonl"
        assert any(line.startswith(at) and words in line for line in said), (name, said)
    assert manifest.digest(prepared / "outputs/smoke/prepare") == digest


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
def test_a_full_disk_is_said_and_leaves_nothing_half_made(prepared: Path, smoke: Path) -> None:
    project = prepared.with_name("full")
    copy_project(project)
    outputs = project / "outputs"
    outputs.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", str(outputs)])
    if mounted.returncode != 0:
        pytest.skip("no tmpfs can be mounted here")
    try:
        done = invoke(project, "fetch", "--recipe", "smoke")
        assert done.returncode == 3
        assert "no space left on the disk" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (outputs / "smoke/fetch").exists()
    finally:
        subprocess.run(["umount", str(outputs)], check=True)


def kill_during(project: Path, task: str, ready: Callable[[], bool], *words: str) -> None:
    """Start a task, and kill it and all it started once `ready` says so."""
    call = subprocess.Popen(
        [str(project / "invoke"), task, "--recipe", "smoke", *words],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 300
    while not ready():
        assert call.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(call.pid, signal.SIGKILL)
    call.wait()


@pytest.mark.slow
def test_a_training_killed_after_a_checkpoint_ends_in_the_same_manifest(prepared: Path) -> None:
    folder = prepared / "outputs/smoke/train"
    partial = manifest.work_folder(folder)
    sealed = partial / "checkpoints/checkpoint-2/checkpoint.json"
    kill_during(prepared, "train", sealed.exists, *SHORT)
    assert not folder.exists()
    resumed = invoke(prepared, "train", "--recipe", "smoke", *SHORT)
    assert "continuing from checkpoint-" in resumed.stderr
    digest = manifest.digest(folder) if folder.exists() else resumed.stderr[-2000:]
    again = invoke(prepared, "train", "--recipe", "smoke", "--force", *SHORT)
    assert "continuing" not in again.stderr
    assert manifest.digest(folder) == digest


def stage_of(call: subprocess.Popen[Any]) -> int:
    """The process of the stage that a call starts."""
    while True:
        assert call.poll() is None
        listed = subprocess.run(
            ["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
        )
        found = [int(pid) for pid, parent, *words in map(str.split, listed.stdout.splitlines()[1:])
                 if int(parent) == call.pid and words[-2:] == ["-m", "synthia"]]  # fmt: skip
        if found:
            (pid,) = found
            return pid
        time.sleep(0.05)


@pytest.mark.slow
def test_a_training_whose_process_alone_is_killed_names_the_checkpoint(prepared: Path) -> None:
    partial = manifest.work_folder(prepared / "outputs/smoke/train")
    shutil.rmtree(partial, ignore_errors=True)
    words = ["train", "--recipe", "smoke", "--force", *SHORT]
    command = [str(prepared / "invoke"), *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as call:
        try:
            while not (partial / "checkpoints/checkpoint-2/checkpoint.json").exists():
                assert call.poll() is None
                time.sleep(0.05)
            os.kill(stage_of(call), signal.SIGKILL)
            _, said = call.communicate()
        finally:
            call.kill()  # left running it would hold the lock of the tests that follow
    assert call.returncode == 1
    assert "invoke: train was killed by signal 9 (SIGKILL)" in said
    assert re.search(r"the next call continues from checkpoint-[24]\b", said)


@pytest.mark.slow
def test_killing_only_the_front_process_ends_the_stage_too(prepared: Path) -> None:
    partial = manifest.work_folder(prepared / "outputs/smoke/prepare")
    call = subprocess.Popen(
        [str(prepared / "invoke"), "prepare", "--recipe", "smoke", "--force"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not partial.exists():
        assert call.poll() is None
        time.sleep(0.05)
    ends = Path(f"/proc/{stage_of(call)}/cmdline")
    time.sleep(1)
    assert b"synthia" in ends.read_bytes()
    call.kill()
    call.wait()
    time.sleep(1)
    assert not ends.exists() or not ends.read_bytes()  # gone, or dead and not yet waited for


@pytest.mark.slow
def test_a_convert_killed_midway_ends_in_the_same_manifest(prepared: Path, smoke: Path) -> None:
    for name in ("train", "16bit"):
        target = prepared / "outputs/smoke" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(smoke / name, target)
    folder = prepared / "outputs/smoke/gguf"
    partial = manifest.work_folder(folder)
    kill_during(prepared, "convert", lambda: any(partial.glob("*.gguf")))
    assert not folder.exists()
    done = invoke(prepared, "convert", "--recipe", "smoke")
    assert done.returncode == 0, done.stderr[-2000:]
    assert manifest.digest(folder) == manifest.digest(smoke / "gguf")
