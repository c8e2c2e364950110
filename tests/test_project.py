"""The project's own hygiene: line endings, no registry hosts, ruff and mypy."""

import os
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

    folders = (PROJECT / "src", PROJECT / "datagen", PROJECT / "verbs")
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


def test_all_but_the_stages_can_be_imported_where_nothing_heavy_is_installed() -> None:
    source = PROJECT / "src"
    paths = [path for path in source.rglob("*.py") if "stages" not in path.parts]
    names = [".".join(path.relative_to(source).with_suffix("").parts) for path in paths]
    light = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    assert len(light) > 50
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    code += "; print(sorted({'torch', 'transformers', 'numpy', 'datasets'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code, *light],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(source)},
    )  # fmt: skip
    assert done.stdout == "[]\n", done.stderr


def test_no_import_breaks_a_contract_of_pyproject() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])}
    done = subprocess.run(
        [program, "--no-cache"], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    assert "4 kept, 0 broken" in done.stdout, done.stdout + done.stderr


def run(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    run("ruff", "check", ".")


def test_mypy_finds_nothing() -> None:
    run("mypy", "--strict", "-p", "synthia", "-p", "datagen", "-p", "verbs")
    run("mypy", "--strict", "tasks.py", "tests", "benchmarks")
