"""The CUDA build is laid out from locked wheels, beside the one without, and never on a host."""

import subprocess
from pathlib import Path

from conftest import PROJECT

from synthia import llama_cuda, llama_flags


def wheels(folder: Path) -> Path:
    """The files that the wheels of the CUDA compiler bring, empty; nvcc prints its words."""
    root = folder / "site packages/nvidia/cu13"
    for name in ("bin", "include", "nvvm", "lib"):
        (root / name).mkdir(parents=True)
    for name in (*llama_cuda.LIBRARIES, "libcudart_static.a", "libcudadevrt.a"):
        (root / "lib" / name).touch()
    nvcc = root / "bin" / "nvcc"
    nvcc.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    nvcc.chmod(0o755)
    return root


def test_the_wheels_are_laid_out_as_cmake_looks_for_a_toolkit(tmp_path: Path) -> None:
    root = wheels(tmp_path)
    toolkit = llama_cuda.arrange(root, tmp_path / "work")
    libraries = {path.name for path in (toolkit / "lib64").iterdir()}
    assert {"libcudart.so", "libcublas.so", "libcublasLt.so", "libcudart_static.a"} <= libraries
    assert all(path.exists() for path in (toolkit / "lib64").iterdir())
    assert (toolkit / "bin/nvcc").exists()


def test_nvcc_names_no_temporary_file_in_its_objects(tmp_path: Path) -> None:
    llama_cuda.arrange(wheels(tmp_path), tmp_path / "work")
    command = [str(tmp_path / "work/nvcc"), "-c", "a file.cu"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == "<--objdir-as-tempdir><-c><a file.cu>"


def test_a_cuda_build_differs_from_a_hosts_only_by_what_is_named() -> None:
    own = [flag for flag in llama_cuda.FLAGS if flag not in llama_flags.CMAKE_FLAGS]
    assert {"-DBUILD_SHARED_LIBS=ON", "-DGGML_BACKEND_DL=ON", "-DGGML_CUDA=ON"} <= set(own)
    left = set(llama_flags.CMAKE_FLAGS) - set(llama_cuda.FLAGS)
    assert left == {"-DBUILD_SHARED_LIBS=OFF"}


def test_the_compiler_is_of_the_oldest_cuda_that_drivers_must_know() -> None:
    lock = (PROJECT / "requirements/cuda.txt").read_text()
    assert "nvidia-cuda-nvcc==13.0." in lock
    assert "nvidia-nvvm==13.0." in lock
