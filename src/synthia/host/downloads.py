"""One locked file of the package registry, as it is: downloaded by pip and checked by its SHA-256.

Not covered: installing anything.
"""

import re
import subprocess
import sys
from pathlib import Path

from synthia import manifest
from synthia.errors import MissingRequirement


def locked(lock: Path, cache: Path) -> Path:
    """Return the wheel that `lock` names in one line, `name==version --hash=sha256:...`.

    It comes from the cache where its SHA-256 is right. Raises MissingRequirement.
    """
    requirement = lock.read_text(encoding="utf-8")
    name = requirement.partition("==")[0].strip()
    wanted = re.findall(r"--hash=sha256:([0-9a-f]{64})", requirement)
    cache.mkdir(parents=True, exist_ok=True)
    if found := _there(cache, name, wanted):
        return found
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--disable-pip-version-check", "--dest", str(cache), "-r", str(lock)]
    done = subprocess.run(command, check=False)
    found = _there(cache, name, wanted)
    if done.returncode != 0 or found is None:
        raise MissingRequirement(
            f"{requirement.partition(' ')[0]} could not be downloaded with its SHA-256 (see "
            "above); run the command again when the package registry answers"
        )
    return found


def _there(cache: Path, name: str, wanted: list[str]) -> Path | None:
    wheels = sorted(cache.glob(f"{name.replace('-', '_')}-*.whl"))
    return next((wheel for wheel in wheels if manifest.sha256(wheel) in wanted), None)
