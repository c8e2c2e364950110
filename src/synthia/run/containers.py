"""Run one stage in its container, through compose.yaml: no network, the caller's user, all read-only.

Only the outputs and the cache are writable. A container lives no longer than its caller: its standard
input stays open while the stage runs, and when that ends, however the caller ended, the stage ends
too. What a killed run may have left is removed before the next one starts.

Not covered: how the images are made (`synthia.images.build`), and publishing a stage's output
(`synthia.run.launch`).
"""

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from synthia import bound_process
from synthia.errors import MissingRequirement
from synthia.host import engine, environments, token
from synthia.images import build as images
from synthia.llama_cpp import cuda as llama_cuda, flags as llama_flags
from synthia.recipe import Recipe
from synthia.recipe_sources import FolderModel

INSIDE = PurePosixPath("/synthia")
"""Where a container finds the project."""
CACHE = PurePosixPath("/cache")


@dataclass(frozen=True, kw_only=True)
class Container:
    """What one run of a container needs."""

    project: Path
    command: Sequence[str]
    """Up to the words that run inside."""
    env: Mapping[str, str]
    group: str
    """The name that compose puts on everything of this project and recipe."""
    image: str
    """The digest of its image's configuration."""
    gpu: bool
    """Its stage computes on a GPU."""
    token: str
    """The hub's token, for a stage with network; it reaches the container as a file alone."""


def prepare(
    project: Path, recipe: Recipe, environment: str, *, network: bool, gpu: bool
) -> Container:
    """Make sure of the images and the mounted folders, and that nothing of an earlier run is left.

    `gpu` is whether this stage computes on one; a recipe with a GPU has another image for convert.
    """
    described = engine.require()
    loaded = {
        name: images.ensure(project, images.of(name, gpu=recipe.runtime.gpu))
        for name in ("train", "convert")
    }
    cache = environments.cache_root()
    inner = cache / "container"
    for folder in (inner / "home", inner / "downloads", cache / "downloads", project / "outputs"):
        folder.mkdir(parents=True, exist_ok=True)
    user = "0:0" if described.rootless else f"{os.getuid()}:{os.getgid()}"
    env = {
        "SYNTHIA_TRAIN_IMAGE": loaded["train"].reference,
        "SYNTHIA_CONVERT_IMAGE": loaded["convert"].reference,
        "SYNTHIA_HUB_IMAGE": loaded[environment].reference,
        "SYNTHIA_USER": user,
        "SYNTHIA_CACHE_VOLUME": str(inner),
        "SYNTHIA_DOWNLOADS": str(cache / "downloads"),
    }
    group = f"synthia-{hashlib.sha256(os.fsencode(project / recipe.name)).hexdigest()[:12]}"
    overlay = "compose.cdi.yaml" if described.rootless else "compose.gpu.yaml"
    files = ["compose.yaml", *([overlay] if gpu else [])]
    command = [
        engine.client(),
        "compose",
        "--project-name",
        group,
        "--project-directory",
        str(project),
    ]
    for name in files:
        command += ["--file", str(project / name)]
    command += ["run", "--rm", "--no-TTY", "--no-deps"]
    if network:
        command += _certificate()
    if network and isinstance(recipe.model, FolderModel):
        model = (project / recipe.model.path).resolve()
        command += ["--volume", f"{model}:{INSIDE / recipe.model.path}:ro"]
    command += ["hub" if network else environment]
    remove_leftovers(group)
    image = loaded[environment].config
    secret = token.find() if network else ""
    return Container(
        project=project,
        command=command,
        env=env,
        group=group,
        image=image,
        gpu=gpu,
        token=secret,
    )


def _certificate() -> list[str]:
    """Words that give a container the certificates by which this user reaches the network."""
    file = os.environ.get("SSL_CERT_FILE", "")
    if not file:
        return []
    words = ["--volume", f"{file}:/run/ca.crt:ro"]
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
        words += ["--env", f"{name}=/run/ca.crt"]
    return words


def run(container: Container, request: Mapping[str, Any], *, llama_cpp: bool) -> int:
    """Run a stage in the container; return its exit code. `request` has paths of this machine."""
    folders = {name: inside(container, path) for name, path in request["inputs"].items()}
    if llama_cpp:
        place = llama_cuda.place if container.gpu else llama_flags.place
        folders["llama_cpp"] = str(place(container.project / "requirements", Path("/opt")))
    changed: dict[str, Any] = {key: inside(container, request[key]) for key in ("out", "lock")}
    changed["runtime"] = {**request["runtime"], "image": container.image}
    changed["inputs"] = folders
    line = json.dumps({**request, **changed}).encode() + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, **container.env}
        env.pop("HF_TOKEN", None)
        if container.token:
            secret = Path(folder) / "token"
            secret.touch(0o600)
            secret.write_text(container.token, encoding="utf-8")
            env["SYNTHIA_TOKEN_FILE"] = str(secret)
        return _attached(container, env, line)


def _attached(container: Container, env: Mapping[str, str], line: bytes) -> int:
    """Start the container, give it its request, and wait; nothing of it is left afterwards."""
    process = subprocess.Popen(
        bound_process.command([*container.command, "python", "-m", "synthia"]),
        env=env,
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    try:
        with suppress(BrokenPipeError):  # it ended before it read its request, and has said why
            process.stdin.write(line)
            process.stdin.flush()
        return process.wait()
    finally:
        process.kill()
        process.wait()
        with suppress(BrokenPipeError):
            process.stdin.close()
        remove_leftovers(container.group)


def inside(container: Container, path: str) -> str:
    """Where the container finds a path of this machine. Raises MissingRequirement for others."""
    roots = {
        environments.cache_root() / "downloads": CACHE / "downloads",
        container.project: INSIDE,
    }
    for root, place in roots.items():
        if Path(path).is_relative_to(root):
            return str(place / Path(path).relative_to(root).as_posix())
    raise MissingRequirement(f"{path} lies outside the project: no container can see it")


def remove_leftovers(group: str) -> None:
    """Remove the containers of this project and recipe; its lock is held, so none is in use."""
    label = f"label=com.docker.compose.project={group}"
    left = engine.ask("ps", "--all", "--quiet", "--no-trunc", "--filter", label).stdout.split()
    if left:
        engine.ask("rm", "--force", "--volumes", *left)
