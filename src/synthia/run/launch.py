"""Starting a stage: in its locked environment, in a process of its own, in a fresh work folder.

The environment is a folder of this machine, or an image that `synthia.run.containers` runs.

The stage's output is published only when the process ended well. A failed gate leaves its evidence
in `<folder>.failed`, which nothing reads; any other failure leaves nothing. A training that was
killed is continued in its work folder, provided that nothing it depends on has changed since; what a
killed stage leaves to the next call is said, as it cannot say so itself.

Not covered: what runs inside the process; that is `python -m synthia` (`synthia.__main__`).
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from synthia import bound_process, manifest, resume, terminal
from synthia.errors import StageStopped
from synthia.host import environments, signing_key, token
from synthia.nodes import ALONE, Nodes
from synthia.recipe import Recipe
from synthia.run import containers, llama_build
from synthia.stage import BY_NAME, Stage, folder

SIGNING = "signing"
"""The environment that signs packages and checks signatures."""
SIGNATURE = "synthia.stages.hub.signature"
"""The module that does."""


def launch(
    project: Path, recipe: Recipe, stage: Stage, *, runtime: str, identity: Mapping[str, Any],
    nodes: Nodes = ALONE,
) -> None:  # fmt: skip
    """Run a stage and publish its folder. Raises StageStopped with the stage's exit code."""
    out = folder(project, recipe, stage)
    work = manifest.work_folder(out)
    start = _ready(project, recipe, stage, runtime, work, nodes.env(identity))
    begun_for = _begun_for(work)
    same = begun_for.exists() and begun_for.read_bytes() == manifest.encode(identity)
    if stage.resumes and begun_for.exists() and not same:
        terminal.say(
            f"the unfinished {stage.name} is not continued: {_changed(begun_for, identity)} changed since; "
            "it begins anew"
        )
    if not (stage.resumes and same):
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    begun_for.write_bytes(manifest.encode(identity))
    ended = start()
    if ended == 0 and signs(recipe, stage):
        _sign(project, recipe, work)
    _finish(stage, ended, work, out, identity)


def along(
    project: Path, recipe: Recipe, stage: Stage, *, identity: Mapping[str, Any], nodes: Nodes
) -> None:
    """Run a stage beside that of node 0, in a folder that is thrown away. Raises StageStopped."""
    with tempfile.TemporaryDirectory(prefix="synthia-") as place:
        work = Path(place) / stage.folder
        work.mkdir()
        ended = _ready(project, recipe, stage, "host", work, nodes.env(identity))()
        if killed := killed_by(ended):
            print(terminal.last_words(terminal.log(work, stage.name)), file=sys.stderr)
    if ended:
        raise StageStopped(
            f"{stage.name} on node {nodes.rank} {killed or 'stopped'}; call all nodes again",
            exit_code(ended),
        )


def signs(recipe: Recipe, stage: Stage) -> bool:
    """Whether what a stage made is signed."""
    return stage.signs and recipe.hub is not None and bool(recipe.hub.public_key)


def _sign(project: Path, recipe: Recipe, work: Path) -> None:
    """Sign a package's folders, here and not where the stage ran: no container gets the key."""
    key = {"private_key": str(signing_key.find()), "password": signing_key.password()}
    try:
        run_tool(project, SIGNATURE, [], {**key, **signed(recipe, work)}, SIGNING)
    except StageStopped:
        shutil.rmtree(work)
        raise


def signed(recipe: Recipe, package: Path) -> dict[str, Any]:
    """What the signing module must know of a package and its key."""
    assert recipe.hub is not None
    folders = sorted(str(path) for path in package.iterdir() if path.is_dir())
    return {"folders": folders, "public_key": recipe.hub.public_key}


def _ready(
    project: Path, recipe: Recipe, stage: Stage, runtime: str, work: Path, env: Mapping[str, str]
) -> Callable[[], int]:
    """Make sure of the environment or the images; return what runs the stage to its exit code."""
    if signs(recipe, stage):
        signing_key.find()
        environments.ensure(project, SIGNING)
    folders = {name: folder(project, recipe, BY_NAME[name]) for name in stage.reads}
    folders |= {"project": project, "cache": environments.cache_root() / "downloads"}
    request: dict[str, Any] = {
        "stage": stage.name,
        "recipe": recipe.model_dump(mode="json"),
        "inputs": {name: str(path) for name, path in folders.items()},
        "out": str(work),
        "lock": str(environments.lock_file(project, stage.environment)),
        "runtime": {"runtime": runtime},
    }
    if runtime == "docker":
        container = containers.prepare(
            project,
            recipe,
            stage.environment,
            network=stage.network,
            gpu=stage.gpu and recipe.runtime.gpu,
        )
        return partial(containers.run, container, request, llama_cpp=stage.llama_cpp)
    python = environments.ensure(project, stage.environment)
    if stage.llama_cpp:
        built = llama_build.ensure(python, environments.cache_root())
        request["inputs"]["llama_cpp"] = str(built)
    return partial(_run_here, python, request, {**stage_env(project, network=stage.network), **env})


def _begun_for(work: Path) -> Path:
    """Where it is noted from what a work folder is being made."""
    return work.with_name(f"{work.name}.json")


def _changed(begun_for: Path, identity: Mapping[str, Any]) -> str:
    """What was another when a work folder was begun, e.g. "inputs and recipe"."""
    before, now = json.loads(begun_for.read_bytes()), json.loads(manifest.encode(identity))
    return " and ".join(
        key for key in sorted(before.keys() | now) if before.get(key) != now.get(key)
    )


def _finish(stage: Stage, ended: int, work: Path, out: Path, identity: Mapping[str, Any]) -> None:
    """Publish what a stage made, or keep its evidence and raise StageStopped."""
    failed = out.with_name(f"{out.name}.failed")
    shutil.rmtree(failed, ignore_errors=True)
    if ended == 0:
        manifest.publish(work, out, identity)
        _begun_for(work).unlink()
        return
    words = terminal.last_words(terminal.log(work, stage.name))
    if (work / "gates.json").exists():
        work.rename(failed)
    elif not stage.resumes:
        shutil.rmtree(work, ignore_errors=True)
    said = "stopped; its old output, if any, is untouched"
    if killed := killed_by(ended):
        if words:  # a crash inside a library is explained there alone
            print(words, file=sys.stderr)
        checkpoint = resume.newest(work / resume.FOLDER)
        after = f"continues from {checkpoint.name}" if checkpoint else "begins it anew"
        if stage.resumes and stage.network:  # files that arrived, or were sent, need not be again
            after = "goes on with what has been transferred"
        said = f"{killed}; the next call {after}"
    raise StageStopped(f"{stage.name} {said}", exit_code(ended))


def exit_code(ended: int) -> int:
    """The documented exit code for that of a process: a signal or a bug of ours has none."""
    return ended if ended in (1, 2, 3) else 1


def killed_by(ended: int) -> str:
    """Say by which signal a process ended, read from its exit code; "" where by none.

    Python negates the signal's number; docker's client, whose container was killed, adds 128.
    """
    number = -ended if ended < 0 else ended - 128
    try:
        name = signal.Signals(number).name
    except ValueError:
        return ""
    cause = ", most often because memory ran out" if number == signal.SIGKILL else ""
    return f"was killed by signal {number} ({name}){cause}"


def _run_here(python: Path, request: Mapping[str, Any], env: Mapping[str, str]) -> int:
    """Run a stage in an environment of this machine; return its exit code.

    A killed pipeline must not leave a stage behind that writes into the folder of its successor.
    """
    command = bound_process.command([str(python), "-m", "synthia"])
    line = json.dumps(request).encode() + b"\n"
    return subprocess.run(command, input=line, env=env, check=False).returncode


def run_tool(
    project: Path,
    module: str,
    words: Sequence[str],
    request: Mapping[str, Any] | None,
    environment: str = "dev",
) -> None:
    """Run a module of `synthia` or `datagen` in an environment, a request as JSON on stdin.

    Without a request it has this process's stdin.
    Raises StageStopped with its exit code when it does not end well.
    """
    python = environments.ensure(project, environment)
    env = {**stage_env(project, network=False), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    env["PYTHONPATH"] += f"{os.pathsep}{project}"
    asked = None if request is None else json.dumps({"project": str(project), **request}).encode()
    command = [str(python), "-m", "synthia.boundary", module, *words]
    done = subprocess.run(command, input=asked, env=env, check=False)
    if done.returncode != 0:
        said = killed_by(done.returncode) or "stopped (see above)"
        raise StageStopped(f"{module} {said}", exit_code(done.returncode))


def _keeps_large_blocks() -> bool:
    """Whether glibc takes so large a threshold; before 2.35 it refuses one, and then maps every tensor."""
    library, version = platform.libc_ver()
    return library == "glibc" and [int(part) for part in version.split(".")] >= [2, 35]


def stage_env(project: Path, *, network: bool) -> dict[str, str]:
    """The environment variables of a stage: this project's code, no hub without need, no pings."""
    env = {**os.environ, "PYTHONPATH": str(project / "src"), "PYTHONHASHSEED": "0"}
    # Compiled modules go to the cache: importing torch without them takes 20 s instead of 4.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env |= {"PYTHONPYCACHEPREFIX": str(environments.cache_root() / "pycache")}
    env |= {"PYTHONNOUSERSITE": "1"}
    # PyTorch's threads spin while they wait. Passive ones make a training step an eighth longer on two idle
    # cores (15.5 s for 13.5 s), spinning ones six times as long beside other load (75 to 109 s).
    env |= {"OMP_WAIT_POLICY": "PASSIVE"}
    if _keeps_large_blocks():
        # Keep what tensors of up to 256 MiB took for the next ones. glibc gives it back to the kernel,
        # whose clean pages take a third of the time of a small model with 151,936 tokens.
        env |= {"MALLOC_MMAP_THRESHOLD_": str(2**28), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
    for name in (signing_key.FILE_VARIABLE, signing_key.PASSWORD_VARIABLE):
        env.pop(name, None)
    env |= {"HF_HUB_DISABLE_TELEMETRY": "1", "UNSLOTH_DISABLE_STATISTICS": "1"}
    if network:
        return env
    for name in (token.VARIABLE, token.FILE_VARIABLE):  # who has no network needs no token
        env.pop(name, None)
    return {**env, "HF_HUB_OFFLINE": "1"}
