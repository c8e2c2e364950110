"""The Hub's token: from the environment or a file that is the user's alone, and never printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia.errors import UsageError
from synthia.host import token
from synthia.run import launch

SECRET = "hf_" + "Secret" * 6


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (token.VARIABLE, token.FILE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))


def test_it_comes_from_the_environment_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("hf_of_the_file")
    monkeypatch.setenv(token.VARIABLE, f" {SECRET}\n")
    assert token.find() == SECRET


@pytest.mark.parametrize("named", [True, False])
def test_it_comes_from_a_file_of_the_user_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: bool
) -> None:
    file = tmp_path / ("another" if named else "token")
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    if named:
        monkeypatch.setenv(token.FILE_VARIABLE, str(file))
    assert token.find() == SECRET


def test_without_one_it_is_empty() -> None:
    assert token.find() == ""


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET)
    file.chmod(mode)
    with pytest.raises(UsageError, match=f"mode {mode:04o}.*chmod 600 {file}") as error:
        token.find()
    assert SECRET not in str(error.value)


def test_a_stage_without_network_does_not_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(token.VARIABLE, SECRET)
    assert SECRET not in json.dumps(launch.stage_env(PROJECT, network=False))
    assert launch.stage_env(PROJECT, network=True)[token.VARIABLE] == SECRET


def test_a_process_that_hides_it_prints_it_nowhere_not_even_in_a_traceback() -> None:
    code = f"""
import logging, sys, warnings
from synthia.host import token
token.hide({SECRET!r})
print("said", {SECRET!r})
sys.stderr.writelines(["lines ", {SECRET!r}])
logging.warning("logged %s", {SECRET!r})
warnings.warn({SECRET!r})
raise RuntimeError("Authorization: Bearer " + {SECRET!r})
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(PROJECT / "src")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == f"said {token.SHOWN}\n"
    assert f"RuntimeError: Authorization: Bearer {token.SHOWN}" in done.stderr
    assert done.stderr.count(token.SHOWN) >= 4
    shown = [line for line in done.stderr.splitlines() if SECRET in line]
    assert shown == []
