"""Talk to the Docker Engine: is it there, what does it hold, run one command of its client.

Not covered: how images are made (`synthia.images.build`) and how stages run in them
(`synthia.run.containers`).
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import bound_process
from synthia.errors import MissingRequirement

OTHERWISE = (
    "; the same locked packages run without Docker: ./invoke pipeline --recipe NAME --runtime host"
)
ANSWER_S = 60
"""How long an engine may take to describe itself before it counts as one that does not answer."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What the engine says of itself."""

    version: str
    rootless: bool
    """Its root is the calling user: in a container, root writes the user's files."""
    containerd: bool
    """It keeps images in containerd's store, without which it cannot write an OCI layout."""
    folder: Path
    """Where it keeps images; on this machine only if the engine runs here."""


def client() -> str:
    """The path of the docker client. Raises MissingRequirement without one."""
    program = shutil.which("docker")
    if program is None:
        raise MissingRequirement(
            "Docker is not installed (no `docker` in PATH): install Docker Engine 25 or newer with "
            f"its buildx and compose plugins{OTHERWISE}"
        )
    return program


def ask(*words: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a docker command and return what it printed."""
    command = [client(), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout)


def run(words: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Run a docker command that the user sees, and that ends when this process does."""
    command = bound_process.command([client(), *words])
    return subprocess.run(command, env={**os.environ, **(env or {})}, check=False).returncode


def info() -> dict[str, Any]:
    """What `docker info` says, with `error` where it says nothing. `silence` and `described` read it."""
    try:
        done = ask("info", "--format", "{{json .}}", timeout=ANSWER_S)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer in {ANSWER_S} s"}
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        said = {}
    failed = done.returncode != 0 and not said.get("ServerErrors")
    return {**said, "error": done.stderr.strip()} if failed else said


def silence(said: Mapping[str, Any]) -> str:
    """Why the engine does not answer; "" where it does."""
    if said.get("ServerVersion") and not said.get("error"):
        return ""
    return said.get("error") or "; ".join(said.get("ServerErrors") or ["no answer"])


def described(said: Mapping[str, Any]) -> Engine:
    """The engine that answered with `said`."""
    return Engine(
        version=said["ServerVersion"],
        rootless=any("name=rootless" in option for option in said.get("SecurityOptions") or []),
        containerd=any(
            "io.containerd.snapshotter" in str(value)
            for pair in said.get("DriverStatus") or []
            for value in pair
        ),
        folder=Path(said.get("DockerRootDir") or "/var/lib/docker"),
    )


def require() -> Engine:
    """Describe the engine. Raises MissingRequirement when it does not answer."""
    said = info()
    if reason := silence(said):
        raise MissingRequirement(
            f"the Docker Engine does not answer ({reason.splitlines()[-1]}): start it (sudo systemctl "
            f"start docker) and see that `docker info` works for this user{OTHERWISE}"
        )
    return described(said)


def require_containerd() -> None:
    """Raise MissingRequirement when the engine's image store is not containerd's."""
    if not require().containerd:
        raise MissingRequirement(
            "the Docker Engine keeps images in its old store, which cannot write reproducible layouts: "
            'put {"features": {"containerd-snapshotter": true}} into /etc/docker/daemon.json and restart '
            "it (sudo systemctl restart docker); images pulled before must then be pulled again"
        )


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """An image that the engine holds."""

    identity: str
    """The digest of its manifest or of its configuration, as the engine's image store has it."""
    diff_ids: Sequence[str]


def inspect(reference: str) -> Loaded | None:
    """What the engine knows of an image; None when it holds no such image."""
    form = '{"id": {{json .Id}}, "layers": {{json .RootFS.Layers}}}'
    done = ask("image", "inspect", "--format", form, reference)
    if done.returncode != 0:
        return None
    said = json.loads(done.stdout)
    return Loaded(identity=said["id"], diff_ids=said["layers"])


def base(reference: str, archive: Path | None = None) -> Sequence[str]:
    """The diffIDs of a base image, which the engine loads or pulls first if it does not hold it."""
    ways = [["load", "--quiet", "--input", str(archive)]] if archive else []
    ways += [["pull", reference]]
    while (held := inspect(reference)) is None:
        if not ways:
            raise MissingRequirement(
                f"the base image {reference} is not here and could not be pulled (see above): when the "
                "registry answers, run the same command again; another base: ./invoke build --base IMAGE"
            )
        if ways[0][0] == "pull":
            print(f"pulling {reference}", file=sys.stderr)
        run(ways.pop(0))
    return held.diff_ids


def tag(reference: str, name: str) -> None:
    """Give an image one more name, which another may have had. Raises MissingRequirement."""
    done = ask("tag", reference, name)
    if done.returncode != 0:
        raise MissingRequirement(
            f"the Docker Engine did not name {reference} {name} ({done.stderr.strip()}): run the "
            "command again"
        )
