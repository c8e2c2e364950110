"""The project's own hygiene: line endings, no registry hosts, ruff and mypy."""

import re
import subprocess
import sys
from pathlib import Path

from conftest import PROJECT, tracked_files

BINARY = {".png", ".gguf", ".safetensors"}


def read(path: str) -> bytes:
    return (PROJECT / path).read_bytes()


def text_files() -> list[str]:
    return [path for path in tracked_files() if Path(path).suffix not in BINARY]


def test_every_text_file_has_lf_line_endings() -> None:
    assert [path for path in text_files() if b"\r" in read(path)] == []
    attributes = (PROJECT / ".gitattributes").read_text()
    assert "* text=auto eol=lf" in attributes


def test_no_file_names_a_package_registry_host() -> None:
    hosts = re.compile(rb"(pypi|pythonhosted|debian|npmjs)\.(org|com|net)", re.IGNORECASE)
    assert [path for path in text_files() if hosts.search(read(path))] == []


def test_no_lock_in_a_format_that_names_hosts() -> None:
    assert [path for path in tracked_files() if Path(path).name in ("uv.lock", "pylock.toml")] == []


def test_every_module_says_what_it_does_and_what_it_does_not_cover() -> None:
    import ast

    folders = (PROJECT / "src", PROJECT / "datagen")
    tables = PROJECT / "datagen" / "tables"  # there Python files are data
    for path in (path for folder in folders for path in folder.rglob("*.py")):
        if path.is_relative_to(tables):
            continue
        docstring = ast.get_docstring(ast.parse(path.read_text()))
        assert docstring, path
        if path.name != "__init__.py":
            assert "Not covered:" in docstring, path


def test_pipeline_fits_on_a_page() -> None:
    assert len((PROJECT / "src/synthia/pipeline.py").read_text().splitlines()) < 200


def test_light_modules_do_not_import_heavy_packages() -> None:
    import ast

    heavy = {"torch", "transformers", "trl", "peft", "datasets", "numpy", "gguf", "safetensors"}
    for path in (PROJECT / "src/synthia").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & heavy, path


def run(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", ".")


def test_mypy_finds_nothing() -> None:
    run("mypy", "--strict", "-p", "synthia", "-p", "datagen")
    run("mypy", "--strict", "tasks.py", "tests", "benchmarks")
