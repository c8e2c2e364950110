"""Tools that only the held-out probes offer: small ones that work in the same project folder.

Whether a model calls a tool rightly that it has never seen in training is measured with them.

Not covered: the tools of the training rows (`datagen.tool_schemas`, `datagen.workbench`).
"""

import ast
import csv
import difflib
import hashlib
import io
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from datagen.session import Session
from datagen.workbench import Refused, Workbench

TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 1}


def _existing(bench: Workbench, path: str) -> Path:
    full = bench.path(path)
    if full.is_dir():
        raise Refused(f"{path} is a directory")
    if not full.exists():
        raise Refused(f"no such file: {path}")
    return full


def _vacant(bench: Workbench, path: str) -> Path:
    full = bench.path(path)
    if full.exists():
        raise Refused(f"{path} exists already")
    full.parent.mkdir(parents=True, exist_ok=True)
    return full


def _json(bench: Workbench, path: str) -> Any:
    try:
        return json.loads(_existing(bench, path).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise Refused(f"{path} is no JSON, see line {error.lineno}") from None


def count_lines(bench: Workbench, path: str) -> str:
    """How many lines a file has."""
    return str(len(_existing(bench, path).read_text(encoding="utf-8").splitlines()))


def word_count(bench: Workbench, path: str) -> str:
    """How many words a file has."""
    return str(len(_existing(bench, path).read_text(encoding="utf-8").split()))


def file_hash(bench: Workbench, path: str, algorithm: str) -> str:
    """The first 16 digits of a file's hash."""
    return hashlib.new(algorithm, _existing(bench, path).read_bytes()).hexdigest()[:16]


def rename_file(bench: Workbench, old_path: str, new_path: str) -> str:
    """Give a file another path."""
    _existing(bench, old_path).rename(_vacant(bench, new_path))
    return f"{old_path} -> {new_path}"


def copy_file(bench: Workbench, source: str, destination: str) -> str:
    """Copy a file."""
    text = _existing(bench, source).read_text(encoding="utf-8")
    _vacant(bench, destination).write_text(text, encoding="utf-8")
    return f"copied {source} to {destination}"


def delete_file(bench: Workbench, path: str) -> str:
    """Remove a file."""
    _existing(bench, path).unlink()
    return f"deleted {path}"


def make_directory(bench: Workbench, path: str) -> str:
    """Make a folder, and those on the way."""
    _vacant(bench, path).mkdir()
    return f"made {path}"


def merge_files(bench: Workbench, paths: list[str], target: str) -> str:
    """Write several files into one, in the given order."""
    texts = [_existing(bench, path).read_text(encoding="utf-8") for path in paths]
    _vacant(bench, target).write_text("".join(texts), encoding="utf-8")
    return f"merged {len(paths)} files into {target}"


def json_get(bench: Workbench, path: str, key: str) -> str:
    """The value at a dotted key."""
    value = _json(bench, path)
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            raise Refused(f"{path} has no key {key}")
        value = value[part]
    return json.dumps(value, ensure_ascii=False)


def json_set(bench: Workbench, path: str, key: str, value: float) -> str:
    """Store a number at a dotted key."""
    whole = part = _json(bench, path)
    *way, last = key.split(".")
    for step in way:
        part = part.get(step)
        if not isinstance(part, dict):
            raise Refused(f"{path} has no key {key}")
    part[last] = value
    bench.path(path).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return f"{key} = {value}"


def csv_column(bench: Workbench, path: str, column: str) -> str:
    """One column of a table, a value a line."""
    rows = list(csv.DictReader(io.StringIO(_existing(bench, path).read_text(encoding="utf-8"))))
    if not rows or column not in rows[0]:
        raise Refused(f"{path} has no column {column}")
    return "\n".join(row[column] for row in rows)


def head(bench: Workbench, path: str, lines: int) -> str:
    """The first lines of a file."""
    return "\n".join(_existing(bench, path).read_text(encoding="utf-8").splitlines()[:lines])


def tail(bench: Workbench, path: str, lines: int) -> str:
    """The last lines of a file."""
    return "\n".join(_existing(bench, path).read_text(encoding="utf-8").splitlines()[-lines:])


def find_definition(bench: Workbench, name: str) -> str:
    """Where Python code defines a function or class."""
    found = [
        f"{path}:{node.lineno}"
        for path in bench.files()
        if path.endswith(".py")
        for node in ast.walk(ast.parse(bench.path(path).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name
    ]
    if not found:
        raise Refused(f"nothing defines {name}")
    return "\n".join(found)


def list_routes(bench: Workbench, path: str) -> str:
    """Methods and paths that a Flask module declares."""
    text = _existing(bench, path).read_text(encoding="utf-8")
    found = re.findall(r'^@app\.(get|post|put|delete)\("(.*)"\)', text, re.MULTILINE)
    return "\n".join(f"{method.upper()} {route}" for method, route in found) or "no routes"


def replace_text(bench: Workbench, path: str, old: str, new: str) -> str:
    """Replace each occurrence of a text."""
    full = _existing(bench, path)
    text = full.read_text(encoding="utf-8")
    if old not in text:
        raise Refused(f"{path} does not contain {old!r}")
    full.write_text(text.replace(old, new), encoding="utf-8")
    return f"replaced {text.count(old)} in {path}"


def sort_lines(bench: Workbench, path: str, descending: bool = False) -> str:
    """Sort the lines of a file."""
    full = _existing(bench, path)
    lines = sorted(full.read_text(encoding="utf-8").splitlines(), reverse=descending)
    full.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"sorted {len(lines)} lines"


def format_json(bench: Workbench, path: str, indent: int) -> str:
    """Write a JSON file anew with a certain indentation."""
    value = _json(bench, path)
    bench.path(path).write_text(json.dumps(value, indent=indent) + "\n", encoding="utf-8")
    return f"formatted {path}"


def compare_files(bench: Workbench, first: str, second: str) -> str:
    """The lines in which two files differ."""
    one, two = (
        _existing(bench, path).read_text(encoding="utf-8").splitlines() for path in (first, second)
    )
    lines = [line for line in difflib.ndiff(one, two) if line[0] in "+-"]
    return "\n".join(lines) or "identical"


def git_log(bench: Workbench, limit: int) -> str:
    """The latest commits, newest first."""
    from dulwich.repo import Repo

    if not (bench.root / ".git").exists():
        raise Refused("not a git repository")
    walker = Repo(str(bench.root)).get_walker(max_entries=limit)
    return "\n".join(
        f"{entry.commit.id.decode()[:7]} {entry.commit.message.decode().splitlines()[0]}"
        for entry in walker
    )


Tool = Callable[..., str]
_DECLARED: tuple[tuple[Tool, str, dict[str, Any]], ...] = (
    (count_lines, "Count the lines of a file", {"path": TEXT}),
    (word_count, "Count the words of a file", {"path": TEXT}),
    (file_hash, "Fingerprint a file",
     {"path": TEXT, "algorithm": {"type": "string", "enum": ["md5", "sha1", "sha256"]}}),
    (rename_file, "Rename or move a file", {"old_path": TEXT, "new_path": TEXT}),
    (copy_file, "Copy a file", {"source": TEXT, "destination": TEXT}),
    (delete_file, "Delete a file", {"path": TEXT}),
    (make_directory, "Create a folder", {"path": TEXT}),
    (merge_files, "Concatenate files, in the given order, into a new one",
     {"paths": {"type": "array", "items": TEXT}, "target": TEXT}),
    (json_get, "Read one value of a JSON file",
     {"path": TEXT, "key": {"type": "string", "description": "Dotted, e.g. a.b"}}),
    (json_set, "Store a number in a JSON file",
     {"path": TEXT, "key": {"type": "string", "description": "Dotted, e.g. a.b"},
      "value": {"type": "number"}}),
    (csv_column, "Print one column of a CSV file", {"path": TEXT, "column": TEXT}),
    (head, "Print the first lines of a file", {"path": TEXT, "lines": COUNT}),
    (tail, "Print the last lines of a file", {"path": TEXT, "lines": COUNT}),
    (find_definition, "Locate the definition of a Python function or class", {"name": TEXT}),
    (list_routes, "List the routes of a Flask module", {"path": TEXT}),
    (replace_text, "Replace a text everywhere in a file", {"path": TEXT, "old": TEXT, "new": TEXT}),
    (sort_lines, "Sort the lines of a file",
     {"path": TEXT, "descending": {"type": "boolean", "description": "Default false"}}),
    (format_json, "Re-indent a JSON file",
     {"path": TEXT, "indent": {"type": "integer", "minimum": 0}}),
    (compare_files, "Show the lines in which two files differ", {"first": TEXT, "second": TEXT}),
    (git_log, "Show the latest commits", {"limit": COUNT}),
)  # fmt: skip
OPTIONAL = {"descending"}

PROBE_TOOLS: dict[str, dict[str, Any]] = {
    function.__name__: {
        "type": "function",
        "function": {
            "name": function.__name__,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": [name for name in properties if name not in OPTIONAL],
            },
        },
    }
    for function, description, properties in _DECLARED
}
"""By name."""


def extend(session: Session) -> None:
    """Let a session call these tools besides the usual ones."""
    session.bench.schemas.update(PROBE_TOOLS)
    for function, _, _ in _DECLARED:
        session.bench.tools[function.__name__] = partial(function, session.bench)
