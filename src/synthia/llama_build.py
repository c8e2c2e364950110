"""llama.cpp: built once from its hash-locked source, with compiler, cmake and ninja from wheels.

The result is one folder in the cache, named after everything that decides it: the source's digest,
the flags, the versions of the tools. It is built in a hidden sibling and renamed when complete, and
its files are compared with the checksums taken then each time it is used. It holds:

    bin/llama-server  bin/llama-quantize  bin/libllama.so   nothing but the system's libc is needed
    convert_hf_to_gguf.py  conversion/  gguf-py/            the converter, with its own gguf
    python/llama_cpp/                                       ctypes declarations of libllama
    models/ggml-vocab-qwen2.gguf.inp                        texts that tokenizers get wrong

Not covered: how it is compiled (`synthia.llama_compile`), GPUs (the CUDA backend is not built) and
machines that are not Linux on x86-64.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from synthia import environments, llama_compile, manifest
from synthia.errors import MissingRequirement, PipelineError

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
SDIST_LOCK = "llama-cpp.txt"
CHECKSUMS = "checksums.json"
FREE_BYTES = 3 * 10**9
"""Disk space wanted before a build: about twice what it takes."""


def identity(requirements: Path) -> dict[str, str]:
    """What decides the build, for manifests: digests of source and flags, versions of the tools."""
    lock = (requirements / "tools.txt").read_text(encoding="utf-8")
    sdist = (requirements / SDIST_LOCK).read_text(encoding="utf-8")
    return {
        "sdist": _only(r"--hash=sha256:([0-9a-f]{64})", sdist, SDIST_LOCK),
        "flags": hashlib.sha256(repr(llama_compile.DECISIVE).encode()).hexdigest(),
        **{tool: _only(rf"^{tool}==(\S+)", lock, "tools.txt") for tool in llama_compile.TOOLS},
    }


def _only(pattern: str, text: str, name: str) -> str:
    found: list[str] = re.findall(pattern, text, re.MULTILINE)
    if len(found) != 1:
        raise PipelineError(
            f"requirements/{name} has {len(found)} matches of {pattern}, and must have one; "
            "./invoke lock rewrites the lock files"
        )
    return found[0]


def place(cache: Path) -> Path:
    """The folder of the build that requirements and flags decide, whether it is there or not."""
    decided = json.dumps(identity(REQUIREMENTS), sort_keys=True)
    return cache / "llama.cpp" / hashlib.sha256(decided.encode()).hexdigest()[:16]


def ensure(convert_python: Path, cache: Path) -> Path:
    """Return the folder with llama.cpp, after building it if it is not there yet or was damaged.

    `convert_python` is the Python of the convert environment, whose PyTorch the library must get on
    with. Raises MissingRequirement when the machine cannot build or run it.
    """
    folder = place(cache)
    if folder.is_dir() and not damage(folder):
        return folder
    busy = f"another run builds llama.cpp in {folder.parent}"
    with environments.file_lock(folder.with_name(f".{folder.name}.lock"), busy):
        if folder.is_dir():
            found = damage(folder)
            if not found:
                return folder
            print(f"building llama.cpp anew: {'; '.join(found[:3])}", file=sys.stderr)
        require_machine(folder.parent)
        _build(convert_python, folder)
    return folder


def damage(folder: Path) -> list[str]:
    """Say which files are missing or differ from the checksums taken when they were built."""
    try:
        outputs = json.loads((folder / CHECKSUMS).read_bytes())
    except (FileNotFoundError, ValueError):
        return [f"{folder.name}/{CHECKSUMS} is missing or no JSON"]
    return manifest.damage(folder, {"outputs": outputs})


def require_machine(where: Path) -> None:
    """Raise MissingRequirement when this machine could not build llama.cpp in `where`, or run it."""
    machine = f"{os.uname().sysname} {os.uname().machine}"
    if machine != "Linux x86_64":
        raise MissingRequirement(f"llama.cpp is built for Linux x86_64 only, this is {machine}")
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    wanted = llama_compile.CPU_FEATURES
    missing = [name for name in wanted if flags is None or name not in flags[1].split()]
    if missing:
        raise MissingRequirement(
            f"llama.cpp is built for processors with {', '.join(wanted)}, and this one lacks "
            f"{', '.join(missing)}: convert on a machine with a processor of 2015 or later"
        )
    free = shutil.disk_usage(where).free
    if free < FREE_BYTES:
        raise MissingRequirement(
            f"building llama.cpp needs {FREE_BYTES / 1e9:.0f} GB in {where}, {free / 1e9:.1f} GB "
            "are free: free some, or set SYNTHIA_CACHE to a larger disk"
        )


def _build(convert_python: Path, folder: Path) -> None:
    """Build in a hidden sibling, prove that it runs, rename. What a killed build left goes first."""
    for left in folder.parent.glob(f".{folder.name}.partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    # A new name each time: a compiler of a killed build may still be writing into the old one.
    tools_python = environments.ensure(REQUIREMENTS.parent, "tools")
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    made = partial / "made"
    made.mkdir(mode=0o755)
    print("building llama.cpp from source: about 6 minutes on 2 cores, once", file=sys.stderr)
    build = llama_compile.Build(
        tools=llama_compile.find_tools(tools_python),
        work=partial,
        log=folder.with_name(f"{folder.name}.log"),
    )
    llama_compile.unpack(tools_python, REQUIREMENTS / SDIST_LOCK, partial)
    llama_compile.compile(build)
    llama_compile.collect(partial, made)
    llama_compile.prove(build, convert_python, made)
    checksums = {path: manifest.sha256(made / path) for path in manifest.list_outputs(made)}
    (made / CHECKSUMS).write_bytes(manifest.encode(checksums))
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    shutil.rmtree(partial)
