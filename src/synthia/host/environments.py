"""The locked environments: made, verified against their lock, and used to run Python.

An environment is a private folder in the cache, named after the digest of its lock file and the
Python version. It is filled in a hidden sibling and renamed when complete, so an interrupted
installation leaves nothing half-made, and two projects with the same lock share one copy.

Not covered: the host environment that runs Invoke itself; `synthia.bootstrap` makes that one with
nothing but the standard library. Container images are not made here either.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from synthia.errors import MissingRequirement
from synthia.host import disk, place

LOCKS = (
    "host", "train", "convert", "tools", "cuda", "dev", "consumers", "launch", "signing",
    "transformers-4", "engines",
)  # fmt: skip
"""In the order in which they are compiled: later ones take earlier ones as constraints."""


def cache_root() -> Path:
    """The folder for environments, llama.cpp builds and downloads; shared by all projects."""
    named = os.environ.get("SYNTHIA_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError:  # neither HOME nor an entry in passwd, as in many containers
        raise MissingRequirement(
            "this user has no home folder for the cache: set HOME, or SYNTHIA_CACHE, to a folder that "
            "you can write"
        ) from None
    return Path(base).absolute() / "synthia"


def lock_file(project: Path, name: str) -> Path:
    """The hash-locked requirements of an environment."""
    return project / "requirements" / f"{name}.txt"


def identity(project: Path, name: str) -> dict[str, str]:
    """What manifests record of an environment: its name and its lock's SHA-256."""
    return {"name": name, "lock": hashlib.sha256(lock_file(project, name).read_bytes()).hexdigest()}


def ensure(project: Path, name: str) -> Path:
    """Return the environment's Python, after filling the environment if it is not there yet.

    Raises MissingRequirement when disk space or the package registry is missing.
    """
    lock = lock_file(project, name)
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    key = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = cache_root() / "environments" / f"{name}-{version}-{key}"
    python = folder / "bin" / "python"
    if python.exists():
        return python
    place.require(folder.parent)
    with file_lock(folder.with_name(f".{folder.name}.lock"), f"another run fills {folder.name}"):
        if not python.exists():
            _fill(folder, name, lock)
    return python


def _fill(folder: Path, name: str, lock: Path) -> None:
    free = shutil.disk_usage(folder.parent).free
    if free < disk.ENVIRONMENTS[name]:
        raise MissingRequirement(
            f"the {name} environment needs {disk.ENVIRONMENTS[name] / 1e9:.0f} GB in {folder.parent}, "
            f"{free / 1e9:.1f} GB are free: free some, or set SYNTHIA_CACHE to a larger disk"
        )
    print(f"filling the {name} environment from {lock.parent.name}/{lock.name}", file=sys.stderr)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if folder.exists():  # its Python is gone: removed, or replaced by another version
        broken = folder.with_name(f".{folder.name}.broken")
        shutil.rmtree(broken, ignore_errors=True)
        folder.rename(broken)
        shutil.rmtree(broken)
    _uv(["venv", "--quiet", "--relocatable", "--python", sys.executable, str(partial)])
    python = str(partial / "bin" / "python")
    _uv(["pip", "install", "--require-hashes", "--no-deps", "--python", python, "-r", str(lock)])
    partial.rename(folder)


def _uv(words: Sequence[str]) -> None:
    """Run the locked uv, with pip's package index where the user has configured only pip."""
    import uv

    env = {**os.environ}
    index = "of uv's own settings"
    if not env.keys() & {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX"}:
        index = "that is uv's default"
        if found := _index_of_pip():
            env["UV_DEFAULT_INDEX"], index = found, "of pip's setting index-url"
    done = subprocess.run([uv.find_uv_bin(), *words], env=env, check=False)
    if done.returncode != 0:
        raise MissingRequirement(
            f"uv {words[0]} failed (see above): if the package registry could not be reached, run "
            f"the same command again when it can; nothing was left half-made. The index {index} was "
            "asked: another one is named by UV_DEFAULT_INDEX"
        )


def _index_of_pip() -> str:
    """The index that `pip install` would ask: its settings for that command precede the global ones."""
    if env := os.environ.get("PIP_INDEX_URL"):
        return env
    for key in ("install.index-url", "global.index-url"):
        words = [sys.executable, "-m", "pip", "config", "get", key]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip()
    return ""


def compile_lock(project: Path, name: str, target: Path) -> None:
    """Resolve `requirements/<name>.in` into `target`, keeping pins that `target` already holds."""
    options = ["--generate-hashes", "--universal", "--python-version", "3.11", "--quiet"]
    no_hosts = ["--no-emit-index-url", "--custom-compile-command", "./invoke lock"]
    source = f"requirements/{name}.in"
    before = Path.cwd()
    os.chdir(project)  # uv writes its inputs' names as given: relative ones name no machine's path
    try:
        _uv(["pip", "compile", *options, *no_hosts, source, "-o", str(target)])
    finally:
        os.chdir(before)


def differences(lock: Path) -> list[str]:
    """Compare the distributions of the running Python with a lock file; name each difference."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    wanted = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.marker is None or requirement.marker.evaluate():
                version = str(requirement.specifier).removeprefix("==")
                wanted[str(canonicalize_name(requirement.name))] = version
    found = {
        str(canonicalize_name(distribution.name)): distribution.version
        for distribution in metadata.distributions()
    }
    return [
        f"{name}: the lock says {wanted.get(name, 'nothing')}, installed is "
        f"{found.get(name, 'nothing')}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]


def verify(lock: Path, remedy: str) -> None:
    """Raise MissingRequirement unless the running Python holds exactly what the lock says."""
    found = differences(lock)
    if found:
        raise MissingRequirement(
            f"the installed packages differ from requirements/{lock.name}: {'; '.join(found[:5])}"
            f"{f' and {len(found) - 5} more' if len(found) > 5 else ''}. "
            f"Make it anew ({remedy}) and run the command again"
        )


def gpu_names() -> list[str]:
    """Names of the NVIDIA GPUs that the driver shows; empty without driver or GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=name", "--format=csv,noheader"]
    done = subprocess.run(query, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


class Busy(MissingRequirement):
    """Another process holds a lock."""


@contextmanager
def file_lock(path: Path, waiting: str, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a file; the kernel frees it however this process ends.

    With `wait=False`, raises Busy when another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise Busy(f"{waiting}; wait for it to end") from None
            print(f"{waiting}, waiting for it", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
