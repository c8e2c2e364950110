"""Run a script with the npm packages of requirements/consumers, which are installed once by their lock."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from synthia.host import environments

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "requirements" / "consumers"


def packages() -> Path:
    """The folder that holds node_modules. Skips, and says so, where npm or its registry is missing."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm is missing: what LM Studio's and the Hub's own packages make is unchecked")
    digest = hashlib.sha256((LOCK / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = environments.cache_root() / "consumers" / digest
    with environments.file_lock(folder.with_name(f".{digest}.lock"), "another test installs"):
        if not (folder / "node_modules").exists():
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copy2(LOCK / name, folder)
            words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                shutil.rmtree(folder)
                pytest.skip(f"npm could not install requirements/consumers: {done.stderr[-500:]}")
    return folder


def run(script: Path, *words: str, **env: str) -> Any:
    """Run a module script and return the JSON on the last line it prints."""
    place = packages()
    # Packages are looked for beside the script.
    shutil.copy2(script, place / script.name)
    done = subprocess.run(
        ["node", str(place / script.name), *words],
        env={**os.environ, **env}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
