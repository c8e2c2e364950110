"""What a forge runs: pinned steps, commands that the project has, and no host of a registry."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import PROJECT, invoke

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)", path.read_text())
    assert used
    assert not [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_is_a_task_of_this_project(path: Path) -> None:
    listed = invoke(PROJECT, "--list").stdout
    for task in re.findall(r"\./invoke (\S+)", path.read_text()):
        assert re.search(rf"^  {task} ", listed, re.MULTILINE), task


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_registries_and_passwords_come_from_variables_and_secrets(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\b[a-z0-9-]+\.(io|com|org)\b", text)
    assert "--password-stdin" in text
    assert not re.search(r"--password[ =]", text)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(path: Path) -> None:
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("no actionlint here: whether a forge can read the workflow was not looked at")
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
