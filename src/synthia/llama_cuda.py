"""llama.cpp with its CUDA backend, for the convert image: the same source, programs and folders.

Here the backends are shared libraries that are loaded when a GPU is there, so the compiler is the
image's own, with one C++ library for all of them. The CUDA compiler comes from locked wheels, and what
it compiles is PTX, which the driver turns into code for its GPU. Compiled twice in the same folder, the
objects are the same bytes: nvcc must then put nothing into /tmp (`--objdir-as-tempdir`).

Not covered: a host's build, which is for the processor alone (`synthia.llama_build`).
"""

import shutil
import sys
from pathlib import Path

from synthia import llama_compile, llama_flags

FLAGS = (
    *(flag for flag in llama_flags.CMAKE_FLAGS if "SHARED_LIBS" not in flag),
    "-DBUILD_SHARED_LIBS=ON",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CUDA=ON",
    "-DGGML_CUDA_FA=OFF",  # half of the compile time, and evaluation does without
    "-DGGML_CUDA_NO_VMM=ON",  # else it links the driver's library, which a build has not
    "-DGGML_CUDA_NCCL=OFF",
    "-DCMAKE_CUDA_ARCHITECTURES=80-virtual;90-virtual",
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
)
LIBRARIES = ("libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13")
"""What the backend loads; the driver brings the rest."""


def build(
    tools_python: Path, cuda_python: Path, requirements: Path, *, work: Path, log: Path
) -> Path:
    """Build in `work`, which must be the same path each time, and return the finished folder in it."""
    (root,) = cuda_python.parents[1].glob("lib/python3*/site-packages/nvidia/cu13")
    made = work / "made"
    made.mkdir(mode=0o755)
    toolkit = arrange(root, work)
    tools = llama_compile.find_tools(tools_python)
    paths = {"LIBRARY_PATH": str(toolkit / "lib64")}
    build = llama_compile.Build(tools=tools, work=work, log=log, variables=paths)
    log.write_bytes(b"")
    llama_compile.unpack(tools_python, requirements / llama_flags.SDIST_LOCK, work)
    flags = f"-ffp-contract=off -ffile-prefix-map={work}=."
    configure = [str(tools["cmake"]), "-G", "Ninja", "-B", str(work / "build"), *FLAGS]
    configure += ["-S", str(work / "source" / "vendor" / "llama.cpp")]
    configure += [f"-DCMAKE_MAKE_PROGRAM={tools['ninja']}", f"-DCUDAToolkit_ROOT={toolkit}"]
    configure += [f"-DCMAKE_CUDA_COMPILER={work / 'nvcc'}"]
    configure += [f"-DCMAKE_C_FLAGS={flags}", f"-DCMAKE_CXX_FLAGS={flags}"]
    llama_compile.run(build, configure, "configuring")
    ninja = [str(tools["ninja"]), "-C", str(work / "build"), *llama_flags.PROGRAMS, "ggml-cuda"]
    llama_compile.run(build, ninja, "compiling")
    llama_compile.collect(work, made)
    for path in sorted((work / "build" / "bin").glob("*.so*")):
        (made / "bin" / path.name).unlink(missing_ok=True)
        shutil.copy2(path, made / "bin" / path.name, follow_symlinks=False)
    for name in LIBRARIES:
        shutil.copy2(root / "lib" / name, made / "bin" / name)
    llama_compile.write_checksums(made)
    return made


def arrange(root: Path, work: Path) -> Path:
    """Lay the wheels' files out as cmake looks for a toolkit, and write nvcc's wrapper."""
    toolkit = work / "toolkit"
    (toolkit / "lib64").mkdir(parents=True)
    for name in ("bin", "include", "nvvm"):
        (toolkit / name).symlink_to(root / name)
    for name in LIBRARIES:
        (toolkit / "lib64" / name.removesuffix(".13")).symlink_to(root / "lib" / name)
    for path in (root / "lib").glob("*.a"):
        (toolkit / "lib64" / path.name).symlink_to(path)
    wrapper = work / "nvcc"
    wrapper.write_text(
        f'#!/bin/sh\nexec "{root}/bin/nvcc" --objdir-as-tempdir "$@"\n', encoding="utf-8"
    )
    wrapper.chmod(0o755)
    return toolkit


def into_image(tools_python: Path, cuda_python: Path, requirements: Path, root: Path) -> None:
    """Build into a folder beside the one without CUDA."""
    folder = llama_flags.place(requirements, root)
    work = root / "work"
    work.mkdir()
    made = build(tools_python, cuda_python, requirements, work=work, log=work / "log")
    made.rename(folder.with_name(f"{folder.name}-cuda"))
    shutil.rmtree(work)


if __name__ == "__main__":
    into_image(*(Path(word) for word in sys.argv[1:]))
