"""What a forge runs: pinned steps, commands that the project has, and no host of a registry."""

import re
import subprocess
from pathlib import Path

import pytest
from conftest import PROJECT, invoke

from synthia.host import environments

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


def actionlint(path: Path) -> subprocess.CompletedProcess[str]:
    """What actionlint says of a workflow, with ShellCheck on what its steps run."""
    programs = environments.ensure(PROJECT, "launch").parent
    words = [str(programs / "actionlint"), "-shellcheck", str(programs / "shellcheck"), str(path)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(path: Path) -> None:
    done = actionlint(path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sound", "broken", "said"),
    [
        ("runs-on:", "run-on:", "run-on"),
        ("vars.IMAGES", "var.IMAGES", "var"),
        ('"${IMAGES%%/*}" --username', "${IMAGES%%/*} --username", "SC2086"),
    ],
)
def test_actionlint_finds_a_broken_workflow(
    tmp_path: Path, sound: str, broken: str, said: str
) -> None:
    text = (PROJECT / ".github/workflows/images.yml").read_text()
    assert sound in text
    (folder := tmp_path / ".github/workflows").mkdir(parents=True)
    (folder / "images.yml").write_text(text.replace(sound, broken))
    done = actionlint(folder / "images.yml")
    assert done.returncode == 1
    assert said in done.stdout
