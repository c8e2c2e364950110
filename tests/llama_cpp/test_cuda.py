"""The CUDA build is laid out from locked wheels, beside the one without, and never on a host."""

import subprocess
from pathlib import Path

from conftest import PROJECT

from synthia.llama_cpp import cuda as llama_cuda, flags as llama_flags


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
    assert printed == "<--objdir-as-tempdir><-Xcompiler><-frandom-seed=a file.cu><-c><a file.cu>"


def test_libraries_come_with_what_their_wheels_say_of_themselves(tmp_path: Path) -> None:
    root = wheels(tmp_path)
    for wheel in set(llama_cuda.LIBRARIES.values()):
        said = tmp_path / f"site packages/{wheel}-13.0.1.dist-info"
        (said / "licenses").mkdir(parents=True)
        for name in ("METADATA", "RECORD", "licenses/License.txt"):
            (said / name).write_text(wheel)
    made = tmp_path / "made"
    (made / "bin").mkdir(parents=True)
    llama_cuda.add_libraries(root, made)
    assert {path.name for path in (made / "bin").iterdir()} == set(llama_cuda.LIBRARIES)
    kept = sorted(path.relative_to(made / "wheels") for path in made.rglob("*") if path.is_file()
                  and path.parent.name != "bin")  # fmt: skip
    assert [str(path) for path in kept] == [
        "nvidia_cublas/METADATA",
        "nvidia_cublas/licenses/License.txt",
        "nvidia_cuda_runtime/METADATA",
        "nvidia_cuda_runtime/licenses/License.txt",
    ]


def test_a_cuda_build_differs_from_a_hosts_only_by_what_is_named() -> None:
    own = [flag for flag in llama_cuda.FLAGS if flag not in llama_flags.CMAKE_FLAGS]
    assert {"-DBUILD_SHARED_LIBS=ON", "-DGGML_BACKEND_DL=ON", "-DGGML_CUDA=ON"} <= set(own)
    left = set(llama_flags.CMAKE_FLAGS) - set(llama_cuda.FLAGS)
    assert left == {"-DBUILD_SHARED_LIBS=OFF"}


def test_the_compiler_is_of_the_oldest_cuda_that_drivers_must_know() -> None:
    lock = (PROJECT / "requirements/cuda.txt").read_text()
    assert "nvidia-cuda-nvcc==13.0." in lock
    assert "nvidia-nvvm==13.0." in lock
