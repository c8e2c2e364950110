"""Make the host environment, with nothing but Python's standard library.

`./invoke` calls this when `.invoke/host` is not exactly what `requirements/host.txt` says. It is made
in its place, since scripts in a virtual environment name their own folder; the copy of the lock file
inside, written last, marks it as complete and is what `./invoke` compares. A file lock lets parallel
first calls wait for each other, and the kernel frees it however a call ends.

Not covered: the environments of the stages (`synthia.host.environments`). This module must not import
anything of the project or from a package registry: when it runs, nothing is installed yet.
"""

import errno
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

MARK = "lock.txt"


def main(project: Path) -> int:
    """Fill `<project>/.invoke/host`; return an exit code, 3 when something is missing."""
    try:
        return _ensure(project, project / ".invoke" / "host")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS) or not error.filename:
            raise
        owner = project.stat().st_uid
        return _fail(
            f"{error.filename} cannot be used by uid {os.getuid()} ({error.strerror}): the project in "
            f"{project} belongs to uid {owner}. Run this as its owner, or copy the project, without "
            "its folder .invoke, into a folder of your own"
        )


def _ensure(project: Path, folder: Path) -> int:
    lock = (project / "requirements" / "host.txt").read_bytes()
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "host.lock").open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if _complete(folder, lock):
            return 0
        if os.statvfs(folder.parent).f_flag & os.ST_NOEXEC:
            return _fail(
                f"{folder.parent} is on a file system that is mounted noexec, where no library can be "
                "loaded: copy the project to another one"
            )
        print("setting up the host environment in .invoke/ (first call)", file=sys.stderr)
        return _fill(folder, project / "requirements" / "host.txt", lock)


def _complete(folder: Path, lock: bytes) -> bool:
    mark = folder / MARK
    python = folder / "bin" / "python"
    if not (python.exists() and mark.is_file() and mark.read_bytes() == lock):
        return False
    return os.path.realpath(python) == os.path.realpath(sys.executable)


def _fill(folder: Path, requirements: Path, lock: bytes) -> int:
    if folder.exists():
        (folder / MARK).unlink(missing_ok=True)  # first: what is left of a removal is not complete
        shutil.rmtree(folder)
    command = [sys.executable, "-m", "venv", str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        said = (made.stdout + made.stderr).strip().splitlines() or ["no message"]
        return _fail(
            f"{sys.executable} cannot make a virtual environment: {said[0]}. "
            "On Debian and Ubuntu, install the package python3-venv"
        )
    # pip takes its own locked version first by installing over itself, so the result is the lock.
    # Twice quiet: errors only, no warnings about mirrors' folders that are not there.
    install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
    ]
    python = str(folder / "bin" / "python")
    env = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}
    if os.path.expanduser("~") == "~":  # noqa: PTH111 - Path.home() raises where there is none
        env["HOME"] = str(folder)  # pip ends with a traceback where a user has none
    done = subprocess.run(
        [python, *install, "--require-hashes", "-r", str(requirements)], env=env, check=False
    )
    if done.returncode != 0:
        return _fail(
            "the packages of requirements/host.txt could not be installed (see above); "
            "when the package registry answers, run the same command again"
        )
    # What venv itself put there and the lock does not name (setuptools, up to Python 3.11) goes.
    extra = [name for name in ("setuptools",) if f"\n{name}==".encode() not in b"\n" + lock]
    uninstall = [python, "-m", "pip", "uninstall", "--quiet", "--yes", *extra]
    subprocess.run(uninstall, env=env, check=True)
    (folder / "lock.partial").write_bytes(lock)
    (folder / "lock.partial").rename(folder / MARK)
    return 0


def _fail(message: str) -> int:
    """Say what is missing; return the exit code for that."""
    print(f"invoke: {message}", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
