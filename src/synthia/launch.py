"""Starting a stage: in its locked environment, in a process of its own, in a fresh work folder.

The environment is a folder of this machine, or an image that `synthia.containers` runs.

The stage's output is published only when the process ended well. A failed gate leaves its evidence
in `<folder>.failed`, which nothing reads; any other failure leaves nothing. A training that was
killed is continued in its work folder, provided that nothing it depends on has changed since; what a
killed stage leaves to the next call is said, as it cannot say so itself.

Not covered: what runs inside the process; that is `python -m synthia` (`synthia.__main__`).
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from synthia import containers, environments, llama_build, manifest, resume
from synthia.errors import StageStopped
from synthia.recipe import Recipe


def launch(
    project: Path,
    recipe: Recipe,
    name: str,
    *,
    runtime: str,
    environment: str,
    out: Path,
    inputs: Mapping[str, Path],
    identity: Mapping[str, Any],
    llama_cpp: bool,
    network: bool,
    gpu: bool,
    resumes: bool,
) -> None:
    """Run the stage `name` and publish `out`. Raises StageStopped with the stage's exit code."""
    work = manifest.work_folder(out)
    folders = {**inputs, "project": project, "cache": environments.cache_root() / "downloads"}
    request: dict[str, Any] = {
        "stage": name,
        "recipe": recipe.model_dump(mode="json"),
        "inputs": {key: str(folder) for key, folder in folders.items()},
        "out": str(work),
        "lock": str(environments.lock_file(project, environment)),
        "runtime": {"runtime": runtime},
    }
    start: Callable[[], int]
    if runtime == "docker":
        container = containers.prepare(project, recipe, environment, network=network, gpu=gpu)
        start = partial(containers.run, container, request, llama_cpp=llama_cpp)
    else:
        python = environments.ensure(project, environment)
        if llama_cpp:
            request["inputs"]["llama_cpp"] = str(
                llama_build.ensure(python, environments.cache_root())
            )
        start = partial(_run_here, python, request, stage_env(project, network=network))
    begun_for = work.with_name(f"{work.name}.json")
    if not (resumes and begun_for.exists() and begun_for.read_bytes() == manifest.encode(identity)):
        shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    begun_for.write_bytes(manifest.encode(identity))
    ended = start()
    failed = out.with_name(f"{out.name}.failed")
    shutil.rmtree(failed, ignore_errors=True)
    if ended == 0:
        manifest.publish(work, out, identity)
        begun_for.unlink()
        return
    if (work / "gates.json").exists():
        work.rename(failed)
    elif not resumes:
        shutil.rmtree(work, ignore_errors=True)
    killed = killed_by(ended)
    if killed:
        checkpoint = resume.newest(work / resume.FOLDER)
        after = f"continues from {checkpoint.name}" if checkpoint else "begins it anew"
        raise StageStopped(f"{name} {killed}; the next call {after}", exit_code(ended))
    raise StageStopped(f"{name} stopped; its old output, if any, is untouched", exit_code(ended))


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
    """Run a stage in an environment of this machine; return its exit code."""
    command = [str(python), "-m", "synthia"]
    line = json.dumps(request).encode() + b"\n"
    return subprocess.run(command, input=line, env=env, check=False).returncode


def run_tool(project: Path, module: str, words: Sequence[str], request: Mapping[str, Any]) -> None:
    """Run a module of `synthia` or `datagen` in the dev environment, a request as JSON on stdin.

    Raises StageStopped with its exit code when it does not end well.
    """
    python = environments.ensure(project, "dev")
    env = {**stage_env(project, network=False), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    env["PYTHONPATH"] += f"{os.pathsep}{project}"
    asked = json.dumps({"project": str(project), **request}).encode()
    done = subprocess.run([str(python), "-m", module, *words], input=asked, env=env, check=False)
    if done.returncode != 0:
        said = killed_by(done.returncode) or "stopped (see above)"
        raise StageStopped(f"{module} {said}", exit_code(done.returncode))


def stage_env(project: Path, *, network: bool) -> dict[str, str]:
    """The environment variables of a stage: this project's code, no hub without need, no pings."""
    env = {**os.environ, "PYTHONPATH": str(project / "src"), "PYTHONHASHSEED": "0"}
    # Compiled modules go to the cache: importing torch without them takes 20 s instead of 4.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env |= {"PYTHONPYCACHEPREFIX": str(environments.cache_root() / "pycache")}
    env |= {"PYTHONNOUSERSITE": "1"}
    env |= {"HF_HUB_DISABLE_TELEMETRY": "1", "UNSLOTH_DISABLE_STATISTICS": "1"}
    return env if network else {**env, "HF_HUB_OFFLINE": "1"}
