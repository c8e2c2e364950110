"""`datagen` imports `synthia`, never the reverse, and is in no image and no container."""

import ast

from conftest import PROJECT


def imported(path: str) -> set[str]:
    found = set()
    for file in (PROJECT / path).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    return found


def test_synthia_never_imports_the_generator() -> None:
    assert "synthia" in imported("datagen")
    assert "datagen" not in imported("src")


def test_no_image_and_no_container_holds_the_generator() -> None:
    for name in (".dockerignore", "Dockerfile.train", "Dockerfile.convert", "compose.yaml"):
        assert "datagen" not in (PROJECT / name).read_text(encoding="utf-8"), name
