"""llama.cpp: built once from its hash-locked source, with compiler, cmake and ninja from wheels.

The result is one folder in the cache, named after everything that decides it: the source's digest,
the flags, the versions of the tools. It is built in a hidden sibling and renamed when complete, and
its files are compared with the checksums taken then each time it is used. It holds:

    bin/llama-server  bin/llama-quantize  bin/libllama.so   nothing but the system's libc is needed
    convert_hf_to_gguf.py  conversion/  gguf-py/            the converter, with its own gguf
    python/llama_cpp/                                       ctypes declarations of libllama
    models/ggml-vocab-qwen2.gguf.inp                        texts that tokenizers get wrong

Not covered: how it is compiled (`synthia.llama_cpp.compile`), GPUs (the CUDA backend is not built) and
machines that are not Linux on x86-64.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from synthia import manifest, records
from synthia.errors import MissingRequirement
from synthia.host import disk, environments
from synthia.llama_cpp import compile as llama_compile, flags as llama_flags

REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements"


def ensure(convert_python: Path, cache: Path) -> Path:
    """Return the folder with llama.cpp, after building it if it is not there yet or was damaged.

    `convert_python` is the Python of the convert environment, whose PyTorch the library must get on
    with. Raises MissingRequirement when the machine cannot build or run it.
    """
    folder = llama_flags.place(REQUIREMENTS, cache)
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
        outputs = records.read(folder / llama_flags.CHECKSUMS)
    except (FileNotFoundError, ValueError):
        return [f"{folder.name}/{llama_flags.CHECKSUMS} is missing or no JSON"]
    return manifest.damage(folder, {"outputs": outputs})


def require_machine(where: Path) -> None:
    """Raise MissingRequirement when this machine could not build llama.cpp in `where`, or run it."""
    machine = f"{os.uname().sysname} {os.uname().machine}"
    if machine != "Linux x86_64":
        raise MissingRequirement(f"llama.cpp is built for Linux x86_64 only, this is {machine}")
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    wanted = llama_flags.CPU_FEATURES
    missing = [name for name in wanted if flags is None or name not in flags[1].split()]
    if missing:
        raise MissingRequirement(
            f"llama.cpp is built for processors with {', '.join(wanted)}, and this one lacks "
            f"{', '.join(missing)}: convert on a machine with a processor of 2015 or later"
        )
    free = shutil.disk_usage(where).free
    if free < disk.LLAMA_CPP:
        raise MissingRequirement(
            f"building llama.cpp needs {disk.LLAMA_CPP / 1e9:.0f} GB in {where}, {free / 1e9:.1f} GB "
            "are free: free some, or set SYNTHIA_CACHE to a larger disk"
        )


def _build(convert_python: Path, folder: Path) -> None:
    """Build in a hidden sibling, prove that it runs, rename. What a killed build left goes first."""
    for left in folder.parent.glob(f".{folder.name}.partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    # A new name each time: a compiler of a killed build may still be writing into the old one.
    tools_python = environments.ensure(REQUIREMENTS.parent, "tools")
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    print("building llama.cpp from source: about 6 minutes on 2 cores, once", file=sys.stderr)
    log = folder.with_name(f"{folder.name}.log")
    made = llama_compile.make(tools_python, convert_python, REQUIREMENTS, work=partial, log=log)
    shutil.rmtree(folder, ignore_errors=True)
    made.rename(folder)
    shutil.rmtree(partial)
