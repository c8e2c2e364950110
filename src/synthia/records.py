"""Files of JSON and of JSON Lines, read and written one way: equal values give equal bytes.

A file is written into a hidden sibling and renamed, so that nobody ever reads half of one.

Not covered: manifests, which have a form of their own (`synthia.manifest`), and flushing to the disk:
a stage's files are flushed together when its folder is published.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def read(path: Path) -> Any:
    """Read a file of JSON."""
    return json.loads(path.read_bytes())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of one JSON object per line."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(path: Path, content: Any, *, sort_keys: bool = True) -> None:
    """Write JSON, by default with its keys sorted."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=sort_keys)
    write_text(path, text + "\n")


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object per line, with its keys in their order, one after the other."""
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> Path:
    """Write a file of text; return its path."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The hidden sibling to write into; it becomes the file when the block ends without an error."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
