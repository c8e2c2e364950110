"""The small Flask apps are real: they are imported, and their own tests pass."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from datagen.families.flask_templates.apps import APPS, FOLDER


def test_every_folder_is_listed_with_its_files() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(APPS)
    for name, app in APPS.items():
        known = {"app.py", "test_app.py", "about.toml", *(f"{each}.py" for each in app.modules)}
        assert {path.name for path in (FOLDER / name).iterdir()} <= known, name


@pytest.mark.parametrize(
    "name", [name for name in APPS if (FOLDER / name / "test_app.py").exists()]
)
def test_its_own_tests_pass(name: str, tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
        cwd=folder,
        env={**os.environ, "PYTEST_ADDOPTS": "", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
