"""Compile llama.cpp in a work folder: unpack the source, configure, compile, collect, try out.

The compiler is clang as Zig packages it, with its own libc++, linked statically: a machine needs no
compiler, no C++ library and no headers. The programs are linked statically but for libc, because
shared libraries with a libc++ each free one another's memory. cmake's flags are named one by one:
it would otherwise turn off AVX when SOURCE_DATE_EPOCH is set, and turn on what it finds on this
machine. Fused multiply-adds are off: with them, quantised bytes depend on the compiler.

On a host `synthia.run.llama_build` says when it is built and where it goes; an image's build stage runs
this module itself: python -m synthia.llama_cpp.compile TOOLS_PYTHON CONVERT_PYTHON REQUIREMENTS ROOT, or
without the second word for one small library.

Not covered: GPUs (`synthia.llama_cpp.cuda`).
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from synthia import bound_process, manifest
from synthia.errors import MissingRequirement, PipelineError
from synthia.llama_cpp import flags as llama_flags
from synthia.llama_cpp.flags import (
    ARCHIVES,
    BINDINGS,
    CHECKSUMS,
    CMAKE_FLAGS,
    COMPILER_FLAGS,
    EXPORTED,
    KEPT,
    PROGRAMS,
    SDIST_LOCK,
    TOOLS,
)

JOBS = Path("/run/secrets/jobs")
"""Where a build of an image may say how many compilers run at once; the result must not depend on it."""
PART, PART_FILE = "ggml-base", "ggml/src/libggml-base.a"
STEP = re.compile(r"\[(\d+)/(\d+)\] ")
"""How ninja counts."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build: its tools, its work folder, and the file that its output goes to."""

    tools: Mapping[str, Path]
    """The programs by name of their distribution."""
    work: Path
    log: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that this build adds."""


def make(
    tools_python: Path, convert_python: Path, requirements: Path, *, work: Path, log: Path
) -> Path:
    """Build in the folder `work` and return the finished folder in it, with its checksums."""
    made = work / "made"
    made.mkdir(mode=0o755)
    build = Build(tools=find_tools(tools_python), work=work, log=log)
    unpack(tools_python, requirements / SDIST_LOCK, work)
    compile(build)
    collect(work, made)
    prove(build, convert_python, made)
    write_checksums(made)
    return made


def write_checksums(made: Path) -> None:
    """Note the SHA-256 of every file of a finished build."""
    checksums = {path: manifest.sha256(made / path) for path in manifest.list_outputs(made)}
    (made / CHECKSUMS).write_bytes(manifest.encode(checksums))


def into_image(tools_python: Path, convert_python: Path, requirements: Path, root: Path) -> None:
    """Build into the folder that a stage in a container looks for it in."""
    folder = llama_flags.place(requirements, root)
    work = root / "work"
    work.mkdir()
    make(tools_python, convert_python, requirements, work=work, log=work / "log").rename(folder)
    shutil.rmtree(work)


def part_into_image(tools_python: Path, requirements: Path, root: Path) -> None:
    """Build one library of llama.cpp, the same way: what ./invoke reproduce repeats quickly."""
    work = root / "work"
    work.mkdir()
    build = Build(tools=find_tools(tools_python), work=work, log=work / "log")
    unpack(tools_python, requirements / SDIST_LOCK, work)
    compile_targets(build, [PART], link=False)
    (root / "ggml").mkdir(mode=0o755)
    shutil.copy2(work / "build" / PART_FILE, root / "ggml")
    shutil.rmtree(work)


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
    wrappers = compile_targets(build, PROGRAMS)
    into = build.work / "build"
    exported = build.work / "exported.map"
    exported.write_text(EXPORTED, encoding="utf-8")
    library = [str(wrappers / "c++"), "-shared", "-O3", "-s", f"-Wl,--version-script={exported}"]
    library += ["-Wl,--whole-archive", *(str(into / name) for name in ARCHIVES)]
    library += ["-Wl,--no-whole-archive", "-o", str(into / "bin" / "libllama.so")]
    run(build, library, "linking")


def compile_targets(build: Build, targets: Sequence[str], *, link: bool = True) -> Path:
    """Configure, and compile targets of llama.cpp's build; return the folder of the compiler's scripts.

    Without `link`, for archives alone, nothing is linked, not even where cmake looks at the compiler: the
    first program that zig links takes it minutes, in which it compiles its C++ library.
    """
    wrappers = wrap_compiler(build, link=link)
    source = build.work / "source" / "vendor" / "llama.cpp"
    into = build.work / "build"
    configure = [str(build.tools["cmake"]), "-G", "Ninja", "-S", str(source), "-B", str(into)]
    configure += [f"-DCMAKE_MAKE_PROGRAM={build.tools['ninja']}", *CMAKE_FLAGS]
    configure += [
        f"-DCMAKE_C_COMPILER={wrappers / 'cc'}",
        f"-DCMAKE_CXX_COMPILER={wrappers / 'c++'}",
    ]
    configure += [f"-DCMAKE_AR={wrappers / 'ar'}", f"-DCMAKE_RANLIB={wrappers / 'ranlib'}"]
    configure += [] if link else ["-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"]
    ninja = [str(build.tools["ninja"]), "-C", str(into), "-j", jobs(), *targets]
    build.log.write_bytes(b"")
    run(build, configure, "configuring")
    run(build, ninja, "compiling")
    return wrappers


def jobs() -> str:
    """How many compilers run at once: one a core, unless who builds an image says otherwise."""
    return JOBS.read_text().strip() if JOBS.exists() else str(len(os.sched_getaffinity(0)))


def wrap_compiler(build: Build, *, link: bool) -> Path:
    """Write cc, c++, ar and ranlib: scripts, because cmake wants programs of one word each."""
    wrappers = build.work / "wrappers"
    wrappers.mkdir()
    flags = [*COMPILER_FLAGS, f"-ffile-prefix-map={build.work}=.", *([] if link else ["-c"])]
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
    run(build, [str(made / "bin" / "llama-server"), "--version"], "checking")
    run(build, [str(made / "bin" / "llama-quantize"), vocabulary, copied, "COPY"], "checking")
    code = "import torch, llama_cpp.llama_cpp as llama; llama.llama_backend_init()"
    run(build, [str(convert_python), "-c", code], "checking", python=made)


def run(build: Build, command: Sequence[str], doing: str, python: Path | None = None) -> None:
    """Run a command of the build and say how far it is; on failure show the end of its output.

    `python` is a built folder whose bindings Python is to find.
    """
    env = environment(build)
    if python:
        env |= {"LLAMA_CPP_LIB_PATH": str(python / "bin"), "PYTHONPATH": str(python / "python")}
    begun, tenth = time.monotonic(), 0
    start, end = ("\r", "") if sys.stderr.isatty() else ("", "\n")
    with (
        build.log.open("a", encoding="utf-8", errors="replace") as log,
        subprocess.Popen(
            bound_process.command(command), env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            step = STEP.match(line)
            if step and (start or int(step[1]) * 10 // int(step[2]) > tenth):
                tenth = int(step[1]) * 10 // int(step[2])
                said = f"{start}llama.cpp: {doing} {step[1]}/{step[2]}"
                print(said, end=end, file=sys.stderr, flush=True)
    seconds = time.monotonic() - begun
    print(f"{start}llama.cpp: {doing}, {seconds:.0f} s          ", file=sys.stderr)
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
        **build.variables,
    }


if __name__ == "__main__":
    words = [Path(word) for word in sys.argv[1:]]
    if len(words) == 3:
        part_into_image(*words)
    else:
        into_image(*words)
