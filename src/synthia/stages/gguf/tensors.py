"""Find the tensors of a GGUF file, fast: names, types, and their bytes as arrays on the file.

Not covered: the meaning of the bytes; gguf's `quants` makes numbers of them.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthia.errors import PipelineError
from synthia.stages.gguf import metadata

ALIGNMENT = 32
"""Of the data, where `general.alignment` says nothing (GGUF's specification)."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of a file."""

    name: str
    kind: Any
    """gguf.GGMLQuantizationType"""
    data: np.ndarray
    """float16 or float32 by its shape, else bytes by [..., bytes of a row]; mapped from the file."""


def read(path: Path, mode: Any = "r") -> Iterator[Tensor]:
    """All tensors; `mode` is numpy.memmap's. Raises PipelineError where the file ends too early."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    infos, start = _infos(path)
    size = path.stat().st_size
    for name, shape, number, offset in infos:
        kind = GGMLQuantizationType(number)
        block, width = GGML_QUANT_SIZES[kind]
        rows = (*shape[:-1], shape[-1] // block * width)
        dtype, count = {"F32": (np.float32, 4), "F16": (np.float16, 2)}.get(
            kind.name, (np.uint8, 1)
        )
        place, length = start + offset, int(np.prod(rows))
        if place + length > size:
            raise PipelineError(
                f"{path.name} ends before its tensor {name} does: it has {size} bytes and needs "
                f"{place + length} or more. It was copied or downloaded in part"
            )
        whole = np.memmap(path, dtype, mode, place, (*rows[:-1], rows[-1] // count))
        yield Tensor(name, kind, whole)


def sizes(path: Path) -> dict[str, int]:
    """Bytes of each tensor by its name, those that fill it up to the next one's beginning among them."""
    infos, start = _infos(path)
    begins = sorted(start + offset for *_, offset in infos)
    ends = dict(zip(begins, [*begins[1:], path.stat().st_size], strict=True))
    return {name: ends[start + offset] - (start + offset) for name, *_, offset in infos}


def start(path: Path) -> int:
    """Where the tensors' bytes begin."""
    return _infos(path)[1]


def _infos(path: Path) -> tuple[list[tuple[str, tuple[int, ...], int, int]], int]:
    """Name, shape (rows first), type and offset of each tensor; and where the data begin."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        known, position = metadata.walk(path, data)
        alignment = known.get("general.alignment", ALIGNMENT)
        _, _, tensors, _ = struct.unpack_from("<4sIQQ", data)
        found = []
        for _ in range(tensors):
            name, position = metadata.value(data, position, metadata.STRING)
            (count,) = struct.unpack_from("<I", data, position)
            *shape, number, offset = struct.unpack_from(f"<{count}QIQ", data, position + 4)
            position += 4 + 8 * count + 12
            found.append((name, tuple(reversed(shape)), number, offset))
    return found, -(-position // alignment) * alignment
