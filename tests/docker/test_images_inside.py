"""What the built images hold; what containers can and cannot do: `test_little_project`."""

import subprocess
from collections.abc import Callable

import pytest

from synthia import engine, images

pytestmark = [pytest.mark.docker, pytest.mark.slow]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("user", ["1000:1000", "54321:65432", "0:0"])
def test_any_user_has_a_name_a_home_and_a_cache(run_inside: Run, user: str) -> None:
    code = (
        "import getpass, os, pathlib; print(getpass.getuser(), os.getuid());"
        "home = pathlib.Path.home(); home.mkdir(exist_ok=True);"
        "[(p / 'x').write_text('') or (p / 'x').unlink() for p in (home, pathlib.Path('/tmp'))];"
        "import torch, transformers; print(torch.ones(2).sum().item())"
    )
    done = run_inside("train", code, "--volume", "/cache", user=user)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["synthia", user.partition(":")[0], "2.0"]


@pytest.mark.parametrize("service", ["train", "convert"])
def test_the_packages_are_those_of_the_lock(run_inside: Run, service: str) -> None:
    code = (
        "import pathlib; from synthia import environments;"
        f"print(environments.differences(pathlib.Path('/synthia/requirements/{service}.txt')))"
    )
    assert run_inside(service, code).stdout.strip() == "[]"


def test_llama_cpp_is_where_the_flags_say_and_its_checksums_hold(run_inside: Run) -> None:
    code = (
        "import pathlib; from synthia import llama_build, llama_flags;"
        "place = llama_flags.place(pathlib.Path('/synthia/requirements'), pathlib.Path('/opt'));"
        "print(place, llama_build.damage(place))"
    )
    done = run_inside("convert", code)
    assert done.stdout.strip().endswith(" []"), done.stdout + done.stderr


def test_a_compiler_and_pythons_headers_are_there_for_triton(run_inside: Run) -> None:
    code = (
        "import pathlib, subprocess, sysconfig\n"
        "source = pathlib.Path('/tmp/stub.c'); source.write_text('#include <Python.h>\\nint x;')\n"
        "include = sysconfig.get_path('include')\n"
        "command = ['gcc', '-shared', '-fPIC', f'-I{include}', '/tmp/stub.c', '-o', '/tmp/stub.so']\n"
        "subprocess.run(command, check=True); import ctypes; ctypes.CDLL('/tmp/stub.so')\n"
    )
    done = run_inside("train", code)
    assert done.returncode == 0, done.stderr


def test_the_images_share_the_layers_with_torch(built_images: dict[str, images.Loaded]) -> None:
    layers = {}
    for name, loaded in built_images.items():
        found = engine.inspect(loaded.reference)
        assert found is not None
        layers[name] = list(found.diff_ids)
    own = len(layers["convert"]) - 1  # llama.cpp alone
    assert layers["convert"][:own] == layers["train"][:own]
