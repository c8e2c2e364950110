"""llama.cpp with its CUDA backend, for the convert image: the same source, programs and folders.

Here the backends are shared libraries that are loaded when a GPU is there, so the compiler is the
image's own, with one C++ library for all of them. The CUDA compiler comes from locked wheels, and what
it compiles is PTX, which the driver turns into code for its GPU. Compiled twice in the same folder, the
objects are the same bytes: nvcc must then put nothing into /tmp (`--objdir-as-tempdir`), and the host
compiler must take its random numbers from the file's name (`-frandom-seed`).

Not covered: a host's build, which is for the processor alone (`synthia.run.llama_build`).
"""

import shutil
import sys
from pathlib import Path

from synthia.llama_cpp import compile as llama_compile, flags as llama_flags

FLAGS = (
    *(flag for flag in llama_flags.CMAKE_FLAGS if "SHARED_LIBS" not in flag),
    "-DBUILD_SHARED_LIBS=ON",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CUDA=ON",
    "-DGGML_CUDA_FA=OFF",  # half of the compile time, and evaluation does without
    "-DGGML_CUDA_NO_VMM=ON",  # else it links the driver's library, which a build has not
    "-DGGML_CUDA_NCCL=OFF",
    # Compute capability 8.0, which training in bfloat16 needs too; newer GPUs run the same code.
    "-DCMAKE_CUDA_ARCHITECTURES=80-virtual",
    "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
)
LIBRARIES = {
    "libcudart.so.13": "nvidia_cuda_runtime",
    "libcublas.so.13": "nvidia_cublas",
    "libcublasLt.so.13": "nvidia_cublas",
}
"""What the backend loads, and the wheels that bring it; the driver brings the rest."""
WHEELS = "wheels"
"""Where a built folder keeps what those wheels say of themselves: their METADATA and licences."""


def build(
    tools_python: Path,
    cuda_python: Path,
    convert_python: Path,
    requirements: Path,
    *,
    work: Path,
    log: Path,
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
    ninja = [str(tools["ninja"]), "-C", str(work / "build"), "-j", llama_compile.jobs()]
    ninja += [*llama_flags.PROGRAMS, "ggml-cuda"]
    llama_compile.run(build, ninja, "compiling")
    llama_compile.collect(work, made)
    for path in sorted((work / "build" / "bin").glob("*.so*")):
        (made / "bin" / path.name).unlink(missing_ok=True)
        shutil.copy2(path, made / "bin" / path.name, follow_symlinks=False)
    add_libraries(root, made)
    llama_compile.prove(build, convert_python, made)
    # Without a driver it finds no GPU, and still loads.
    code = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
    backend = str(made / "bin" / "libggml-cuda.so")
    llama_compile.run(build, [str(convert_python), "-c", code, backend], "checking")
    llama_compile.write_checksums(made)
    return made


def add_libraries(root: Path, made: Path) -> None:
    """Copy the libraries that the backend loads, with what their wheels say of themselves."""
    for name in LIBRARIES:
        shutil.copy2(root / "lib" / name, made / "bin" / name)
    for wheel in sorted(set(LIBRARIES.values())):
        (said,) = root.parents[1].glob(f"{wheel}-*.dist-info")
        for path in sorted(said.rglob("*")):
            if path.is_file() and (path.name == "METADATA" or "license" in path.name.lower()):
                to = made / WHEELS / wheel / path.relative_to(said)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, to)


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
        "#!/bin/sh\n"
        'for word; do case "$word" in *.cu) seed="${word##*/}";; esac; done\n'
        f'exec "{root}/bin/nvcc" --objdir-as-tempdir -Xcompiler "-frandom-seed=${{seed:-none}}" "$@"\n',
        encoding="utf-8",
    )
    wrapper.chmod(0o755)
    return toolkit


def place(requirements: Path, root: Path) -> Path:
    """The folder of the build, beside the one without CUDA."""
    folder = llama_flags.place(requirements, root)
    return folder.with_name(f"{folder.name}-cuda")


def into_image(
    tools_python: Path, cuda_python: Path, convert_python: Path, requirements: Path, root: Path
) -> None:
    """Build into the folder that a stage in a container looks for it in."""
    work = root / "work"
    work.mkdir()
    log = work / "log"
    made = build(tools_python, cuda_python, convert_python, requirements, work=work, log=log)
    made.rename(place(requirements, root))
    shutil.rmtree(work)


if __name__ == "__main__":
    into_image(*(Path(word) for word in sys.argv[1:]))
