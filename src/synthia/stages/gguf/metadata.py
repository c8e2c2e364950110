"""Read the metadata of a GGUF file, fast and without the library that wrote it.

Not covered: tensors, and files of another byte order.
"""

import mmap
import struct
from pathlib import Path
from typing import Any

from synthia.errors import PipelineError

SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q",
           11: "<q", 12: "<d"}  # fmt: skip
"""struct formats by GGUF's number of the type."""
STRING, ARRAY = 8, 9
LENGTH = struct.Struct("<Q")


def read(path: Path) -> dict[str, Any]:
    """All keys and values, in the file's order."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return walk(path, data)[0]


def walk(path: Path, data: mmap.mmap) -> tuple[dict[str, Any], int]:
    """All keys and values of a file's bytes, and the position after them."""
    magic, version, _, count = struct.unpack_from("<4sIQQ", data)
    if magic != b"GGUF" or version != 3:
        raise PipelineError(f"{path.name} is no GGUF file of version 3: convert it again")
    position = struct.calcsize("<4sIQQ")
    found = {}
    for _ in range(count):
        key, position = value(data, position, STRING)
        (kind,) = struct.unpack_from("<I", data, position)
        found[key], position = value(data, position + 4, kind)
    return found, position


def value(data: mmap.mmap, position: int, kind: int) -> tuple[Any, int]:
    """A value and the position after it."""
    if kind == STRING:
        (length,) = struct.unpack_from("<Q", data, position)
        end = position + 8 + length
        return data[position + 8 : end].decode(), end
    if kind != ARRAY:
        (found,) = struct.unpack_from(SCALARS[kind], data, position)
        return found, position + struct.calcsize(SCALARS[kind])
    inner, length = struct.unpack_from("<IQ", data, position)
    position += 12
    if inner in SCALARS:
        size = struct.calcsize(SCALARS[inner])
        values = struct.unpack_from(f"<{length}{SCALARS[inner][1]}", data, position)
        return list(values), position + size * length
    if inner == STRING:
        return _strings(data, position, length)
    items = []
    for _ in range(length):
        item, position = value(data, position, inner)
        items.append(item)
    return items, position


def _strings(data: mmap.mmap, position: int, count: int) -> tuple[list[str], int]:
    """The strings of an array and the position after them: a vocabulary has hundreds of thousands."""
    found = []
    for _ in range(count):
        begin = position + LENGTH.size
        position = begin + LENGTH.unpack_from(data, position)[0]
        found.append(data[begin:position].decode())
    return found, position
