"""Compile llama.cpp in a work folder: unpack the source, configure, compile, collect, try out.

The compiler is clang as Zig packages it, with its own libc++, linked statically: a machine needs no
compiler, no C++ library and no headers. The programs are linked statically but for libc, because
shared libraries with a libc++ each free one another's memory. cmake's flags are named one by one:
it would otherwise turn off AVX when SOURCE_DATE_EPOCH is set, and turn on what it finds on this
machine. Fused multiply-adds are off: with them, quantised bytes depend on the compiler.

Not covered: where the result goes and when it is built (`synthia.llama_build`).
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthia import bound_process
from synthia.errors import MissingRequirement, PipelineError

TOOLS = ("cmake", "ninja", "ziglang")
"""Distributions of the tools environment."""
CPU_FEATURES = ("sse4_2", "avx", "avx2", "fma", "f16c", "bmi2")
"""As /proc/cpuinfo names them."""
CMAKE_FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DCMAKE_POSITION_INDEPENDENT_CODE=ON",
    "-DCMAKE_EXE_LINKER_FLAGS=-s",
    "-DBUILD_SHARED_LIBS=OFF",
    "-DGGML_NATIVE=OFF",
    "-DGGML_SSE42=ON",
    "-DGGML_AVX=ON",
    "-DGGML_AVX2=ON",
    "-DGGML_FMA=ON",
    "-DGGML_F16C=ON",
    "-DGGML_BMI2=ON",
    "-DGGML_CCACHE=OFF",
    "-DGGML_OPENMP=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_APP=OFF",
    "-DLLAMA_BUILD_NUMBER=1",
    "-DLLAMA_BUILD_COMMIT=0c1e57098",  # that of the source in llama-cpp-python 0.3.36
    # Without these it asks git for the commit of whatever repository the cache lies in.
    "-DCMAKE_DISABLE_FIND_PACKAGE_Git=ON",
    "-DGIT_EXECUTABLE=/bin/false",
    "-DGIT_EXE=",
)
COMPILER_FLAGS = ("-target", "x86_64-linux-gnu.2.28", "-ffp-contract=off")
PROGRAMS = ("llama-server", "llama-quantize")
ARCHIVES = (
    "src/libllama.a",
    "ggml/src/libggml.a",
    "ggml/src/libggml-cpu.a",
    "ggml/src/libggml-base.a",
)
EXPORTED = "{ global: llama_*; ggml_*; gguf_*; local: *; };\n"
"""What libllama.so shows: its C interface. Its C++ library must not meet that of PyTorch."""
KEPT = (
    "LICENSE",
    "convert_hf_to_gguf.py",
    "conversion",
    "gguf-py/gguf",
    "models/ggml-vocab-qwen2.gguf",
    "models/ggml-vocab-qwen2.gguf.inp",
    "models/ggml-vocab-qwen2.gguf.out",
)
"""What stages use of llama.cpp's source."""
BINDINGS = ("llama_cpp.py", "_ctypes_extensions.py")
"""The declarations alone: the package's own __init__ loads its high-level half as well."""
DECISIVE = (CMAKE_FLAGS, COMPILER_FLAGS, PROGRAMS, ARCHIVES, EXPORTED, KEPT, BINDINGS)
"""Everything here that decides the result; its digest is part of the build's identity."""
STEP = re.compile(r"\[(\d+)/(\d+)\] ")
"""How ninja counts."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build: its tools, its work folder, and the file that its output goes to."""

    tools: Mapping[str, Path]
    """The programs by name of their distribution."""
    work: Path
    log: Path


def find_tools(tools_python: Path) -> dict[str, Path]:
    """Where the wheels have put the programs themselves, past their wrappers in Python."""
    code = (
        "import json, cmake, ninja, ziglang\n"
        "print(json.dumps([cmake.CMAKE_BIN_DIR, ninja.BIN_DIR, ziglang.__path__[0]]))"
    )
    done = subprocess.run([str(tools_python), "-c", code], capture_output=True, check=True)
    folders = zip(TOOLS, json.loads(done.stdout), ("cmake", "ninja", "zig"), strict=True)
    return {name: Path(folder) / program for name, folder, program in folders}


def unpack(tools_python: Path, lock: Path, work: Path) -> None:
    """Get the source by the package index's own client, checked against its hash, and unpack it."""
    # pip asks the source's build backend for its name: that one is in the tools environment.
    pip = [sys.executable, "-m", "pip", "--python", str(tools_python), "--quiet", "download"]
    options = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--require-hashes"]
    command = [*pip, *options, "-r", str(lock), "-d", str(work / "sdist")]
    if subprocess.run(command, check=False).returncode != 0:
        raise MissingRequirement(
            f"the source of llama.cpp (requirements/{lock.name}) could not be downloaded (see "
            "above): when the package registry answers, run the same command again"
        )
    (archive,) = (work / "sdist").iterdir()
    with tarfile.open(archive) as packed:
        packed.extractall(work / "unpacked", filter="data")
    (top,) = (work / "unpacked").iterdir()
    top.rename(work / "source")


def compile(build: Build) -> None:
    """Compile the programs, then link the same objects into libllama.so."""
    wrappers = wrap_compiler(build)
    source = build.work / "source" / "vendor" / "llama.cpp"
    into = build.work / "build"
    configure = [str(build.tools["cmake"]), "-G", "Ninja", "-S", str(source), "-B", str(into)]
    configure += [f"-DCMAKE_MAKE_PROGRAM={build.tools['ninja']}", *CMAKE_FLAGS]
    configure += [
        f"-DCMAKE_C_COMPILER={wrappers / 'cc'}",
        f"-DCMAKE_CXX_COMPILER={wrappers / 'c++'}",
    ]
    configure += [f"-DCMAKE_AR={wrappers / 'ar'}", f"-DCMAKE_RANLIB={wrappers / 'ranlib'}"]
    workers = str(len(os.sched_getaffinity(0)))
    ninja = [str(build.tools["ninja"]), "-C", str(into), "-j", workers, *PROGRAMS]
    build.log.write_bytes(b"")
    _run(build, configure, "configuring")
    _run(build, ninja, "compiling")
    exported = build.work / "exported.map"
    exported.write_text(EXPORTED, encoding="utf-8")
    library = [str(wrappers / "c++"), "-shared", "-O3", "-s", f"-Wl,--version-script={exported}"]
    library += ["-Wl,--whole-archive", *(str(into / name) for name in ARCHIVES)]
    library += ["-Wl,--no-whole-archive", "-o", str(into / "bin" / "libllama.so")]
    _run(build, library, "linking")


def wrap_compiler(build: Build) -> Path:
    """Write cc, c++, ar and ranlib: scripts, because cmake wants programs of one word each."""
    wrappers = build.work / "wrappers"
    wrappers.mkdir()
    flags = [*COMPILER_FLAGS, f"-ffile-prefix-map={build.work}=."]
    for name in ("cc", "c++", "ar", "ranlib"):
        words = [str(build.tools["ziglang"]), name, *(flags if name in ("cc", "c++") else [])]
        script = wrappers / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return wrappers


def collect(work: Path, made: Path) -> None:
    """Copy what stages use of source and build into the folder `made`."""
    source = work / "source" / "vendor" / "llama.cpp"
    bindings = made / "python" / "llama_cpp"
    bindings.mkdir(parents=True)
    (made / "bin").mkdir()
    for name in (*PROGRAMS, "libllama.so"):
        shutil.copy2(work / "build" / "bin" / name, made / "bin" / name)
    for name in KEPT:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, made / name)
        else:
            shutil.copy2(source / name, made / name)
    for name in BINDINGS:
        shutil.copy2(work / "source" / "llama_cpp" / name, bindings / name)
    shutil.copy2(work / "source" / "LICENSE.md", made / "python" / "LICENSE.md")
    (bindings / "__init__.py").write_text('"""Declarations of libllama: see llama_cpp.py."""\n')


def prove(build: Build, convert_python: Path, made: Path) -> None:
    """Run each program once, and load the library into a Python that has loaded PyTorch."""
    vocabulary = str(made / "models" / "ggml-vocab-qwen2.gguf")
    copied = str(build.work / "copied.gguf")
    _run(build, [str(made / "bin" / "llama-server"), "--version"], "checking")
    _run(build, [str(made / "bin" / "llama-quantize"), vocabulary, copied, "COPY"], "checking")
    code = "import torch, llama_cpp.llama_cpp as llama; llama.llama_backend_init()"
    _run(build, [str(convert_python), "-c", code], "checking", python=made)


def _run(build: Build, command: Sequence[str], doing: str, python: Path | None = None) -> None:
    """Run a command of the build with a progress bar; on failure show the end of its output.

    `python` is a built folder whose bindings Python is to find.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("llama.cpp: {task.description:11}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
    )
    env = environment(build)
    if python:
        env |= {"LLAMA_CPP_LIB_PATH": str(python / "bin"), "PYTHONPATH": str(python / "python")}
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        build.log.open("a", encoding="utf-8", errors="replace") as log,
        subprocess.Popen(
            bound_process.command(command), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        ) as process,
    ):  # fmt: skip
        bar = progress.add_task(doing, total=1)
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            if step := STEP.match(line):
                progress.update(bar, completed=int(step[1]), total=int(step[2]))
        if process.wait() == 0:
            progress.update(bar, completed=progress.tasks[0].total)
    if process.returncode != 0:
        end = "\n".join(build.log.read_text(encoding="utf-8").splitlines()[-20:])
        raise PipelineError(
            f"{doing} llama.cpp failed with exit code {process.returncode}; the end of "
            f"{build.log}:\n{end}"
        )


def environment(build: Build) -> dict[str, str]:
    """Nothing of the user's environment: CFLAGS, CC or SOURCE_DATE_EPOCH would change the build."""
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": str(build.work),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ZIG_GLOBAL_CACHE_DIR": str(build.work / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(build.work / "zig"),
        "GIT_CEILING_DIRECTORIES": str(build.work),
        "NINJA_STATUS": "[%f/%t] ",
    }
