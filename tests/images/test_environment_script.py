"""The script that fills an environment: what it does to a library is the same wherever it runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pydantic_core
from conftest import PROJECT

LIBRARY = next(Path(pydantic_core.__file__).parent.glob("_pydantic_core*.so"))
LOAD = """
import importlib.machinery, importlib.util, sys
loader = importlib.machinery.ExtensionFileLoader("pydantic_core._pydantic_core", sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
loader.exec_module(module)
print(module.__version__)
"""


def cut() -> str:
    """The program that cuts a library behind what is loaded."""
    script = (PROJECT / "docker/environment.sh").read_text()
    found = re.search(r"<<'CUT'\n(.*?)^CUT$", script, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def run(library: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-I", "-B", "-", str(library)]
    return subprocess.run(words, input=cut(), capture_output=True, text=True, check=False)


def test_a_library_is_cut_behind_the_last_byte_that_is_loaded_and_still_loads(
    tmp_path: Path,
) -> None:
    copy = tmp_path / LIBRARY.name
    shutil.copy2(LIBRARY, copy)
    with copy.open("ab") as file:
        file.write(b"debugging symbols" * 1000)
    assert run(copy).returncode == 0
    content, before = copy.read_bytes(), LIBRARY.read_bytes()
    assert len(content) < len(before)  # the table of sections is gone too
    assert content[40:48] == bytes(8)
    changed = {at for at in range(64) if content[at] != before[at]}
    assert content[64:] == before[64 : len(content)]
    assert changed <= {*range(40, 48), *range(60, 64)}
    words = [sys.executable, "-c", LOAD, str(copy)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == pydantic_core.__version__, done.stderr


def test_cut_twice_it_is_the_same(tmp_path: Path) -> None:
    copy = tmp_path / LIBRARY.name
    shutil.copy2(LIBRARY, copy)
    run(copy)
    once = copy.read_bytes()
    assert run(copy).returncode == 0
    assert copy.read_bytes() == once


def test_what_is_no_library_stops_the_build(tmp_path: Path) -> None:
    text = tmp_path / "a.so"
    text.write_text("a script of a linker")
    done = run(text)
    assert done.returncode != 0
    assert "no 64-bit ELF file" in done.stderr
    assert text.read_text() == "a script of a linker"


def test_no_tool_of_the_base_writes_into_an_image() -> None:
    script = (PROJECT / "docker/environment.sh").read_text()
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("#")]
    assert not [line for line in lines if re.search(r"\b(strip|objcopy|patchelf)\b", line)]
