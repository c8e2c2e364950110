"""Serve the product with llama-server: the best quant that passed, on the parameters that it ships.

Sampling parameters come from the GGUF itself, the context from the recipe. The server listens on this
machine alone, speaks OpenAI's protocol, and needs no key.

Not covered: GPU backends of llama.cpp outside the images, and more than one request at a time.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from synthia import arms, bound_process, gates, gguf_types
from synthia.errors import UsageError
from synthia.host import environments
from synthia.recipe import Recipe
from synthia.run import llama_build
from synthia.stage import BY_NAME, folder

HOST = "127.0.0.1"


def choose(project: Path, recipe: Recipe, wanted: str = "") -> Path:
    """The GGUF to serve: of the type `wanted`, or the first quantised one whose gates are all green,
    else F16.

    Raises UsageError where it is missing, of no type of the recipe, or nothing passed.
    """
    types = recipe.convert.types
    if wanted:
        kind = gguf_types.normalise(wanted) if wanted.upper() in types else ""
        if not kind:
            raise UsageError(f"--type {wanted}: the recipe {recipe.name} makes {', '.join(types)}")
    else:
        passed = _passed(project, recipe)
        quantised = [kind for kind in passed if kind != "F16"]
        if not passed:
            raise UsageError(
                f"no GGUF of {recipe.name} has passed its gates: run ./invoke pipeline --recipe "
                f"{recipe.name}, or name one by --type"
            )
        kind = (quantised or passed)[0]
    file = folder(project, recipe, BY_NAME["convert"]) / gguf_types.file_name(
        recipe.convert.name, kind
    )
    if not file.is_file():
        raise UsageError(f"{file.name} is not there: run ./invoke pipeline --recipe {recipe.name}")
    return file


def _passed(project: Path, recipe: Recipe) -> list[str]:
    """The types whose arms have only green gates, in the recipe's order."""
    found = folder(project, recipe, BY_NAME["evaluate"]) / "gates.json"
    failed = found.parent.with_name(f"{found.parent.name}.failed") / found.name
    path = failed if failed.exists() else found
    judged = gates.read(path) if path.exists() else []
    red = {gate.arm for gate in judged if not gate.passed}
    green = {gate.arm for gate in judged} - red
    return [
        kind for kind in recipe.convert.types if {arms.by_ids(kind), arms.served(kind)} <= green
    ]


def command(llama_cpp: Path, recipe: Recipe, file: Path, port: int) -> list[str]:
    """The words that start llama-server on this file."""
    return [
        str(llama_cpp / "bin" / "llama-server"), "--model", str(file), "--alias", file.stem,
        "--host", HOST, "--port", str(port), "--ctx-size", str(recipe.serve.num_ctx),
        "--parallel", "1", "--jinja", "--no-prefill-assistant", "--offline", *_threads(),
    ]  # fmt: skip


def _threads() -> list[str]:
    """One thread a core where this process has not all of the machine's, which llama.cpp counts.

    Threads spin while they wait for one another: two on one core took over 120 s for an answer of 2 s.
    """
    cores = len(os.sched_getaffinity(0))
    return ["--threads", str(cores)] if cores < (os.cpu_count() or 1) else []


def settings(recipe: Recipe, file: Path, port: int) -> list[str]:
    """What a client must be told, as lines for the terminal."""
    return [
        f"serving     {file.name}",
        f"base URL    http://{HOST}:{port}/v1",
        f"model       {file.stem}",
        "API key     any text",
        f"temperature {recipe.serve.temperature:g}, from the file: leave it unset in the client",
        f"context     {recipe.serve.num_ctx} tokens",
        "tools       parsed into tool_calls; tool_choice is not enforced; no default system prompt",
        f"openai      OpenAI(base_url='http://{HOST}:{port}/v1', api_key='-')",
    ]


def llama_cpp(project: Path) -> Path:
    """The built llama.cpp of this machine, which is made first where it is missing."""
    python = environments.ensure(project, "convert")
    return llama_build.ensure(python, environments.cache_root())


def run(words: Sequence[str]) -> int:
    """Run the server until it ends or the user interrupts it; returns its exit code."""
    process = subprocess.Popen(bound_process.command(words), stdin=subprocess.DEVNULL)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        process.wait()
