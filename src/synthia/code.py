"""Digests of the project's own code that a module runs: itself, all it imports from `synthia`, templates.

Manifests record them, so that a stage is stale when its code changed, and only then.

Not covered: third-party code (the environment's lock names that) and imports made at run time from
a computed name; the project has one, the stage itself.
"""

import ast
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

TEMPLATE = re.compile(r'"([\w./]+\.jinja)"')
"""How a module names a page that it fills in, and a page the one that it extends."""


def digests(source: Path, module: str) -> dict[str, str]:
    """SHA-256 by relative path of a module, all project modules that it imports, and their pages."""
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        path = _file(source, waiting.pop())
        if path is None or path.relative_to(source).as_posix() in found:
            continue
        content = path.read_bytes()
        found[path.relative_to(source).as_posix()] = hashlib.sha256(content).hexdigest()
        waiting += TEMPLATE.findall(content.decode("utf-8"))
        if path.suffix == ".py":
            waiting += _imports(ast.parse(content), path.parent.relative_to(source).parts)
    return dict(sorted(found.items()))


def _file(source: Path, module: str) -> Path | None:
    if module.endswith(".jinja"):
        page = source / "synthia" / module
        return page if page.is_file() else None
    path = source / module.replace(".", "/")
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def _imports(tree: ast.Module, package: Sequence[str]) -> list[str]:
    """Names of the project modules that a module of `package` imports.

    `from synthia import x` may name a module, and so may `from . import x`.
    """
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            whole = ".".join([*start, *([node.module] if node.module else [])])
            names += [whole, *(f"{whole}.{alias.name}" for alias in node.names)]
    ours = [name.split(".") for name in names if name.split(".")[0] == "synthia"]
    # Importing a module runs the packages that it lies in.
    return [".".join(parts[:count]) for parts in ours for count in range(1, len(parts) + 1)]
