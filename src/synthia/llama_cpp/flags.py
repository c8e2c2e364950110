"""Everything that decides a build of llama.cpp: flags, programs, files kept, and the name they give it.

Not covered: how it is compiled (`synthia.llama_cpp.compile`) and when (`synthia.run.llama_build`).
"""

import hashlib
import json
import re
from pathlib import Path

from synthia.errors import PipelineError

SDIST_LOCK = "llama-cpp.txt"
CHECKSUMS = "checksums.json"
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
PROGRAMS = ("llama-server", "llama-quantize", "llama-imatrix")
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


def identity(requirements: Path) -> dict[str, str]:
    """What decides the build, for manifests: digests of source and flags, versions of the tools."""
    lock = (requirements / "tools.txt").read_text(encoding="utf-8")
    sdist = (requirements / SDIST_LOCK).read_text(encoding="utf-8")
    return {
        "sdist": _only(r"--hash=sha256:([0-9a-f]{64})", sdist, SDIST_LOCK),
        "flags": hashlib.sha256(repr(DECISIVE).encode()).hexdigest(),
        **{tool: _only(rf"^{tool}==(\S+)", lock, "tools.txt") for tool in TOOLS},
    }


def _only(pattern: str, text: str, name: str) -> str:
    found: list[str] = re.findall(pattern, text, re.MULTILINE)
    if len(found) != 1:
        raise PipelineError(
            f"requirements/{name} has {len(found)} matches of {pattern}, and must have one; "
            "./invoke lock rewrites the lock files"
        )
    return found[0]


def place(requirements: Path, cache: Path) -> Path:
    """The folder of the build that requirements and flags decide, whether it is there or not."""
    decided = json.dumps(identity(requirements), sort_keys=True)
    return cache / "llama.cpp" / hashlib.sha256(decided.encode()).hexdigest()[:16]
