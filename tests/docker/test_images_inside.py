"""What the built images hold; what containers can and cannot do: `test_little_project`."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia.host import engine
from synthia.images import (
    build as images,
    inputs as image_inputs,
    notes as image_notes,
)
from synthia.images.notes import Note
from synthia.llama_cpp import cuda as llama_cuda, flags as llama_flags

pytestmark = [pytest.mark.docker, pytest.mark.slow]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("user", ["1000:1000", "54321:65432", "0:0"])
def test_any_user_can_compute(run_inside: Run, user: str) -> None:
    code = "import torch, transformers; print(torch.ones(2).sum().item())"
    done = run_inside("train", code, "--volume", "/cache", user=user)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2.0"]


@pytest.mark.parametrize("service", ["train", "convert"])
def test_the_packages_are_those_of_the_lock(run_inside: Run, service: str) -> None:
    code = (
        "import pathlib; from synthia.host import environments;"
        f"print(environments.differences(pathlib.Path('/synthia/requirements/{service}.txt')))"
    )
    assert run_inside(service, code).stdout.strip() == "[]"


def test_llama_cpp_is_where_the_flags_say_and_its_checksums_hold(run_inside: Run) -> None:
    code = (
        "import json, pathlib; from synthia import manifest; from synthia.llama_cpp import flags;"
        "place = flags.place(pathlib.Path('/synthia/requirements'), pathlib.Path('/opt'));"
        "said = json.loads((place / flags.CHECKSUMS).read_bytes());"
        "wrong = [path for path in said if manifest.sha256(place / path) != said[path]];"
        "print('bin/llama-quantize' in said, wrong)"
    )
    done = run_inside("convert", code)
    assert done.stdout.strip() == "True []", done.stdout + done.stderr


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


NEEDED = """
import pathlib, subprocess
site = pathlib.Path('/opt/environment/lib/python3.13/site-packages')
found = [path for path in site.rglob('*.so*') if path.is_file()]
there = {path.name for path in found}
there |= {path.name for path in pathlib.Path('/usr/lib/x86_64-linux-gnu').iterdir()}
there |= {path.name for path in pathlib.Path('/usr/local/lib').iterdir()}
for path in found:
    place = path.relative_to(site).parts[0]
    if place in ('torch', 'bitsandbytes', 'xformers', 'torchvision', 'triton', 'pyarrow'):
        said = subprocess.run(['readelf', '-d', path], capture_output=True, text=True).stdout
        for line in said.splitlines():
            name = line.partition('[')[2].partition(']')[0]
            # The driver's own, and what serves the Arrow Flight module alone, which is left out as well.
            if '(NEEDED)' in line and name not in there | {'libcuda.so.1', 'libarrow_flight.so.2600'}:
                print(path.relative_to(site), 'needs', name)
print('looked at', len(found) > 100)
"""


@pytest.mark.parametrize("service", ["train", "convert"])
def test_no_library_needs_one_that_was_left_out(run_inside: Run, service: str) -> None:
    assert run_inside(service, NEEDED).stdout.splitlines() == ["looked at True"]


READ = """
import json, pathlib, sys
from synthia.stages.gguf import libllama
lib = libllama.load(pathlib.Path(sys.argv[1]))
with libllama.reader(lib, pathlib.Path('/gguf/Synthia-Smoke-135M-F16.gguf'), context=256) as reader:
    logits = reader.logits(list(range(300, 340)), range(40))
print(json.dumps([logits.argmax(axis=1).tolist(), lib.llama_supports_gpu_offload()]))
"""


def test_the_cuda_backend_without_a_gpu_computes_on_the_processor_and_says_so(
    run_inside: Run, smoke: Path
) -> None:
    loaded = image_notes.current(image_inputs.gather(PROJECT, "convert-cuda"))
    if loaded is None:
        pytest.skip(
            "the engine holds no current image convert-cuda: ./invoke build --image convert-cuda"
        )
    choices = {}
    for place in (llama_flags.place, llama_cuda.place):
        folder = place(PROJECT / "requirements", Path("/opt"))
        code = f"import sys; sys.argv.append({str(folder)!r})\n{READ}"
        words = ("--volume", f"{smoke}/gguf:/gguf:ro")
        done = run_inside("convert", code, *words, image=loaded.reference)
        assert done.returncode == 0, done.stderr
        choices[place], gpu = json.loads(done.stdout)
        assert not gpu
        assert ("finds no GPU" in done.stderr) == (place is llama_cuda.place)
    assert choices[llama_flags.place] == choices[llama_cuda.place]


def test_compose_alone_finds_the_images_that_were_built(
    built_images: dict[str, Note],
) -> None:
    images.build(PROJECT, list(built_images), "", update_lock=False)
    env = {key: value for key, value in os.environ.items() if not key.startswith("SYNTHIA_")}
    command = ["docker", "compose", "--project-name", "synthia-test", "--project-directory"]
    for service in ("train", "convert"):
        words = [str(PROJECT), "run", "--rm", "--no-TTY", service, "python", "-c", "print('here')"]
        done = subprocess.run(
            [*command, *words], env=env, capture_output=True, text=True, check=False
        )
        assert done.stdout.split() == ["here"], done.stderr


def test_the_images_share_the_layers_with_torch(built_images: dict[str, Note]) -> None:
    layers = {}
    for name, loaded in built_images.items():
        found = engine.inspect(loaded.reference)
        assert found is not None
        layers[name] = list(found.diff_ids)
    own = len(layers["convert"]) - 1  # llama.cpp alone
    assert layers["convert"][:own] == layers["train"][:own]
