"""What the built images hold, and what a container of theirs can and cannot do."""

import subprocess
from collections.abc import Callable

import pytest

from synthia import engine, images

pytestmark = [pytest.mark.docker, pytest.mark.slow]
Run = Callable[..., subprocess.CompletedProcess[str]]
REACH_OUT = """
import os, socket
assert os.listdir("/sys/class/net") == ["lo"], os.listdir("/sys/class/net")
for name in ("example.com", "192.0.2.1"):
    try:
        socket.create_connection((name, 443), timeout=3)
    except OSError as error:
        print(name, type(error).__name__)
    else:
        raise SystemExit(f"reached {name}")
"""


@pytest.mark.parametrize("service", ["train", "convert"])
def test_the_network_is_off(run_inside: Run, service: str) -> None:
    done = run_inside(service, REACH_OUT)
    assert done.returncode == 0, done.stderr
    assert "192.0.2.1 OSError" in done.stdout


def test_the_hub_has_a_network(run_inside: Run) -> None:
    done = run_inside("hub", "import os; print(len(os.listdir('/sys/class/net')))")
    assert int(done.stdout) > 1


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


def test_nothing_but_outputs_and_cache_can_be_written(run_inside: Run) -> None:
    code = (
        "import pathlib\n"
        "for place in ('/', '/opt/environment', '/synthia', '/synthia/src', '/synthia/data', '/etc'):\n"
        "    try:\n"
        "        (pathlib.Path(place) / 'x').write_text('x')\n"
        "    except OSError as error:\n"
        "        print(place, error.strerror)\n"
    )
    done = run_inside("train", code, user="0:0")
    assert done.stdout.count("Read-only file system") == 6, done.stdout


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
