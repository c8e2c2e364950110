"""A base model in a folder of the project (`model.source = "folder"`): its files and their digests.

Not covered: copying them, and judging what is in them; fetch does both.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from synthia import manifest
from synthia.errors import UsageError
from synthia.recipe_values import ALL_LINEAR, unmatched

PATTERNS = ("*.safetensors", "*.json", "merges.txt", "vocab.txt", "tokenizer.model", "LICENSE*")
"""Weights and tables only: no pickled weights, no code, no second copies in other formats."""
NEEDED = ("config.json", "tokenizer.json", "tokenizer_config.json", "*.safetensors")


def files(folder: Path) -> list[Path]:
    """The files of a model folder that are the model, by name."""
    found = (path for path in folder.glob("*") if path.is_file())
    return sorted(path for path in found if _named(path, PATTERNS))


def require(project: Path, path: str, targets: Sequence[str]) -> None:
    """Raise UsageError where the folder is no model that transformers saves, or has not all layers
    that `lora.target_modules` names.
    """
    folder = project / path
    if not folder.is_dir():
        raise UsageError(f"model.path: there is no folder {path} in the project")
    missing = [need for need in NEEDED if not any(_named(file, [need]) for file in files(folder))]
    if missing:
        there = ", ".join(sorted(file.name for file in folder.glob("*"))[:8]) or "nothing"
        raise UsageError(
            f"model.path: {path} holds no {', '.join(missing)} (there: {there}); save the model and its "
            "tokenizer with transformers' save_pretrained"
        )
    for shard in sorted(folder.glob("*.safetensors")):
        needed, size = _header(shard)[1], shard.stat().st_size
        if size < needed:
            raise UsageError(
                f"model.path: {path}/{shard.name} has {size} bytes, its own header says {needed}: it was "
                "copied or downloaded in part. Get it again"
            )
    wrong = "" if targets == ALL_LINEAR else unmatched(targets, linear_layers(folder))
    if wrong:
        raise UsageError(wrong)


def linear_layers(folder: Path) -> list[str]:
    """Paths of the layers whose weights are matrices, as the headers of the safetensors files name them.

    A header is its length in 8 bytes, then JSON (https://github.com/huggingface/safetensors#format).
    """
    found = []
    for shard in sorted(folder.glob("*.safetensors")):
        header, _ = _header(shard)
        found += [
            name.removesuffix(".weight")
            for name, entry in header.items()
            if name.endswith(".weight") and len(entry["shape"]) == 2
        ]
    return found


def _header(shard: Path) -> tuple[dict[str, Any], int]:
    """A shard's tensors by name, and how many bytes the whole file must have."""
    with shard.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return header, 8 + length + max((e["data_offsets"][1] for e in header.values()), default=0)


def digests(project: Path, path: str, memory: Path) -> dict[str, str]:
    """SHA-256 by project-relative path. A file whose size, inode and times are those noted in `memory`
    is not hashed again: reading 15 GB at every call would make "nothing to do" slow.
    """
    try:
        noted = json.loads(memory.read_bytes())
    except (OSError, ValueError):
        noted = {}
    found: dict[str, tuple[list[int], str]] = {}
    for file in files(project / path):
        name = f"{path}/{file.name}"
        seen = manifest.stat(file)
        known = noted.get(name, [None, ""])
        found[name] = (seen, known[1] if known[0] == seen else manifest.sha256(file))
    if memory.parent.is_dir():
        with suppress(PermissionError):
            memory.write_text(json.dumps(found), encoding="utf-8")
    return {name: digest for name, (_, digest) in found.items()}


def _named(path: Path, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path.name, pattern) for pattern in patterns)
