"""./invoke: what a newcomer meets first."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import PROJECT, copy_project, invoke

from synthia.stage import STAGES


def fresh(target: Path) -> Path:
    """A copy of the project without its host environment."""
    copy = copy_project(target)
    shutil.rmtree(copy / ".invoke", ignore_errors=True)
    return copy


def fake_python(folder: Path, version: str) -> Path:
    """A folder with a python3 that says it is of another version and fails every check."""
    folder.mkdir(parents=True)
    script = folder / "python3"
    script.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}"\nexit 1\n')
    script.chmod(0o755)
    return folder


def only_system_tools(folder: Path) -> str:
    """A PATH with what POSIX promises and no Python."""
    folder.mkdir()
    for name in ("sh", "dirname", "cmp", "cat"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)


def test_the_list_is_the_table_of_contents(project: Path) -> None:
    done = invoke(project, "--list")
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
    for task in ("pipeline", "status", "recipe", "lock", "test"):
        assert len(lines[task].split()) > 3, f"{task} has no help"
    for stage in STAGES:
        shown = " ".join(lines[stage.name.replace("_", "-")].split()[1:])
        assert stage.does.startswith(shown)


def test_a_stage_is_a_task_by_its_row_alone(project: Path) -> None:
    table = project / "src/synthia/stage.py"
    last = STAGES[-1].name
    row = '    Stage(name="send_it", does="Send it away.", environment="train", folder="x", sections=()),\n'
    written = table.read_text().replace(f'    Stage(name="{last}"', f'{row}    Stage(name="{last}"')
    table.write_text(written)
    listed = invoke(project, "--list").stdout
    assert "  send-it         Send it away.\n" in listed
    assert "--force" in invoke(project, "--help", "send-it").stdout


def test_listing_imports_nothing_heavy() -> None:
    python = str(PROJECT / ".invoke/host/bin/python")
    command = [python, "-X", "importtime", "-m", "invoke", "--list"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    for module in ("torch", "pydantic", "jinja2", "numpy"):
        assert f" {module}\n" not in done.stderr


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    project = fresh(tmp_path / "copy")
    tools = only_system_tools(tmp_path / "tools")
    old = fake_python(tmp_path / "old", "3.9.2")
    done = invoke(project, "--list", PATH=f"{old}:{tools}")
    assert done.returncode == 3
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "found Python 3.9.2" in done.stderr
    assert done.stderr.count("\n") <= 2


def test_without_any_python_that_is_said(tmp_path: Path) -> None:
    project = fresh(tmp_path / "copy")
    done = invoke(project, "--list", PATH=only_system_tools(tmp_path / "tools"))
    assert done.returncode == 3
    assert "found no python3" in done.stderr


@pytest.mark.parametrize("name", ["gone", "python3"])
def test_a_named_python_that_does_not_fit_is_said_also_after_the_first_call(
    project: Path, tmp_path: Path, name: str
) -> None:
    old = fake_python(tmp_path / "my pythons", "3.10.4")
    done = invoke(project, "--list", SYNTHIA_PYTHON=str(old / name))
    assert done.returncode == 3
    found = {"gone": "nothing that runs", "python3": "Python 3.10.4"}[name]
    assert f"SYNTHIA_PYTHON names {old / name}, which is {found}; name a Python 3.11" in done.stderr


def test_a_python_in_a_folder_with_a_space_can_be_named_and_another_one_makes_it_anew(
    project: Path, tmp_path: Path
) -> None:
    real = Path(sys.executable).resolve()
    python = tmp_path / "my pythons" / "python3"
    python.parent.mkdir()
    python.symlink_to(real)
    bootstrap = project / "src/synthia/bootstrap.py"
    bootstrap.write_text("import sys\nsys.exit('made anew')\n")
    assert invoke(project, "--list", SYNTHIA_PYTHON=str(python)).returncode == 0
    python.unlink()
    other = 'case "$*" in *realpath*) echo /other/python ;; *) exec "{}" "$@" ;; esac'
    python.write_text(f"#!/bin/sh\n{other.format(real)}\n")
    python.chmod(0o755)
    done = invoke(project, "--list", SYNTHIA_PYTHON=str(python))
    assert done.returncode == 1
    assert "made anew" in done.stderr


def test_once_filled_it_works_without_a_network(project: Path) -> None:
    done = invoke(project, "recipe", "smoke", PIP_INDEX_URL="http://127.0.0.1:9/none",
                  http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")  # fmt: skip
    assert done.returncode == 0
    assert '"name": "smoke"' in done.stdout


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in which three first calls at once made the host environment."""
    project = fresh(tmp_path_factory.mktemp("first calls") / "a project")
    calls = [
        subprocess.Popen([str(project / "invoke"), "--list"], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    outputs = [call.communicate()[0] for call in calls]
    assert [call.returncode for call in calls] == [0, 0, 0]
    assert len(set(outputs)) == 1
    return project


@pytest.mark.slow
def test_parallel_first_calls_share_one_environment_that_equals_the_lock(filled: Path) -> None:
    python = filled / ".invoke/host/bin/python"
    listed = subprocess.run(
        [str(python), "-I", "-m", "pip", "list", "--format=freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = {line.partition("==")[0].replace("_", "-").lower() for line in listed.stdout.split()}
    lock = (filled / "requirements/host.txt").read_text()
    wanted = {line.partition("==")[0] for line in lock.splitlines() if line[:1].isalpha()}
    assert found == wanted


@pytest.mark.slow
def test_after_a_killed_first_call_the_next_one_succeeds(tmp_path: Path) -> None:
    project = fresh(tmp_path / "a project")
    call = subprocess.Popen([str(project / "invoke"), "--list"], start_new_session=True)
    while not (project / ".invoke/host/bin").exists():
        time.sleep(0.05)
    time.sleep(0.5)
    os.killpg(call.pid, signal.SIGKILL)
    call.wait()
    assert not (project / ".invoke/host/lock.txt").exists()
    assert invoke(project, "--list").returncode == 0


@pytest.mark.slow
def test_inside_the_activated_environment_plain_invoke_works(filled: Path) -> None:
    activated = ". .invoke/host/bin/activate && invoke recipe smoke"
    done = subprocess.run(
        ["sh", "-c", activated], cwd=filled, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"name": "smoke"' in done.stdout


def test_a_changed_lock_is_noticed(project: Path) -> None:
    (project / "requirements/host.txt").write_text("no-such-package==1.0 --hash=sha256:00\n")
    done = invoke(project, "--list")
    assert done.returncode == 3
    assert "could not be installed" in done.stderr
