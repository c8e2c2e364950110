"""Manifests and all-or-nothing output folders.

Each stage's folder holds `manifest.json`, which says what it was made from (recipe sections,
environment, digests of the input manifests, of data and code) and the SHA-256 of every file made.
It holds no time, host name or path, so that equal work gives equal bytes; digests of manifests form
a chain, and one digest names a whole build. What may differ between equal runs is in `run.json`.

A stage writes into a hidden sibling folder. When it is done, its files are flushed to disk, the
manifest is written last, and the folder is renamed into place: a kill at any moment leaves either
the complete old output, the complete new one, or none.

Not covered: what a stage depends on; `synthia.pipeline` says that.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

NAME = "manifest.json"
NOT_OUTPUTS = (NAME, "run.json")
"""Files of a stage's folder that its manifest does not list."""


def sha256(path: Path) -> str:
    """SHA-256 of a file as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(folder: Path) -> str:
    """SHA-256 of a folder's manifest: the name of that output and of all it was made from."""
    return sha256(folder / NAME)


def encode(manifest: Mapping[str, Any]) -> bytes:
    """Write a manifest in its one form: sorted keys, UTF-8, one line feed at the end."""
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1)
    return (text + "\n").encode("utf-8")


def read(folder: Path) -> dict[str, Any] | None:
    """Read a folder's manifest; None where there is none or it is no JSON object."""
    try:
        manifest = json.loads((folder / NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def work_folder(folder: Path) -> Path:
    """The hidden sibling into which a folder's next content is written."""
    return folder.with_name(f".{folder.name}.partial")


def list_outputs(folder: Path) -> list[str]:
    """Relative POSIX paths of all files below a folder that a manifest lists, sorted."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path not in NOT_OUTPUTS)


def publish(work: Path, folder: Path, identity: Mapping[str, Any]) -> str:
    """Turn a finished work folder into the complete output `folder`; return its digest.

    `identity` is the manifest without its outputs.
    """
    outputs = {path: sha256(work / path) for path in list_outputs(work)}
    (work / NAME).write_bytes(encode({**identity, "outputs": outputs}))
    for path in work.rglob("*"):
        _flush(path)
    _flush(work)
    discarded = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(discarded, ignore_errors=True)
    if folder.exists():
        folder.rename(discarded)
    work.rename(folder)
    _flush(folder.parent)
    shutil.rmtree(discarded, ignore_errors=True)
    remember(folder)
    return digest(folder)


def damage(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Say which outputs are missing or differ from the manifest.

    A file whose size, inode and times are those seen when it was last hashed is not hashed again
    (git's index does the same): reading 25 GB at every call would make "nothing to do" slow.
    """
    seen = _seen(folder)
    problems = []
    changed = False
    for path, expected in manifest["outputs"].items():
        file = folder / path
        if not file.is_file():
            problems.append(f"{folder.name}/{path} is missing")
        elif seen.get(path) != stat(file):
            if sha256(file) != expected:
                problems.append(f"{folder.name}/{path} was changed")
            else:
                changed = True
    if changed and not problems:
        remember(folder)
    return problems


def remember(folder: Path) -> None:
    """Note size, inode and times of a folder's verified files, beside the folder.

    A reader who may not write there does without: the files are hashed again the next time.
    """
    stats = {path: stat(folder / path) for path in list_outputs(folder)}
    with suppress(PermissionError):
        _seen_file(folder).write_text(json.dumps(stats), encoding="utf-8")


def _seen_file(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.seen.json")


def _seen(folder: Path) -> dict[str, list[int]]:
    try:
        seen: dict[str, list[int]] = json.loads(_seen_file(folder).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return seen


def stat(file: Path) -> list[int]:
    """Size, inode and times of a file: while they stay, so does its content, for all who play fair."""
    found = file.stat()
    return [found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns]


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
