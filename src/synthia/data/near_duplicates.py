"""Find equal and nearly equal rows among millions: fingerprints lie in files, not in memory.

One file a column: the exact keys, one of each band, the signatures. A column of keys is read from
start to end once a partition, and a partition holds the same number of rows however many there are;
signatures are read where they lie. So memory stays flat.

Not covered: what a fingerprint is (`synthia.data.fingerprints`).
"""

import os
import tempfile
from array import array
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from synthia.data.fingerprints import BAND, NEAR, PERMUTATIONS, similarity

CHUNK = 2**16
PARTITION = 2**16
"""Rows a partition holds on average."""
COMPARED = 8
"""A row is compared with so many of the first rows that share its band: groups of thousands are
copies of one form, and the first ones stand for it."""
BANDS = PERMUTATIONS // BAND


class Columns:
    """Fingerprints of rows, in temporary files that vanish with the object (a context manager)."""

    def __init__(self) -> None:
        self.rows = 0
        self._folder = tempfile.TemporaryDirectory(prefix="synthia-")
        folder = Path(self._folder.name)
        self._files: dict[str, BinaryIO] = {
            name: (folder / name).open("w+b")
            for name in ("exact", "signature", *(f"band{number}" for number in range(BANDS)))
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()
        self._folder.cleanup()

    def append(
        self, exact: "array[int]", bands: "list[array[int]]", signatures: "array[int]"
    ) -> None:
        """Add rows: exact keys, one array of keys a band, signatures one after the other."""
        self.rows += len(exact)
        self._files["exact"].write(exact.tobytes())
        self._files["signature"].write(signatures.tobytes())
        for number, keys in enumerate(bands):
            self._files[f"band{number}"].write(keys.tobytes())

    def equal(self) -> Iterator[tuple[int, int]]:
        """Pairs of a row and the first earlier row that equals it, rows ascending in parts."""
        if self.rows:
            for group in self._groups("exact"):
                for row in group[1:]:
                    yield row, group[0]

    def near(self) -> set[int]:
        """Rows whose similarity to an earlier row is at least NEAR, equal ones not counted."""
        if not self.rows:
            return set()
        found = {row for row, _ in self.equal()}
        equal = frozenset(found)
        for number in range(BANDS):
            for group in self._groups(f"band{number}"):
                for place, row in enumerate(group[1:], start=1):
                    if row not in found and any(
                        similarity(self._signature(row), self._signature(other)) >= NEAR
                        for other in group[: min(place, COMPARED)]
                    ):
                        found.add(row)
        return found - equal

    def _groups(self, name: str) -> Iterator[list[int]]:
        """Rows with the same key, two or more, each group ascending."""
        parts = self.rows // PARTITION + 1
        for part in range(parts):
            groups: dict[int, list[int]] = defaultdict(list)
            for row, key in enumerate(self._keys(name)):
                if key % parts == part:
                    groups[key].append(row)
            yield from (group for group in groups.values() if len(group) > 1)

    def _keys(self, name: str) -> "Iterator[int]":
        file = self._files[name]
        file.flush()
        for start in range(0, self.rows, CHUNK):
            size = min(CHUNK, self.rows - start) * 8
            yield from array("Q", os.pread(file.fileno(), size, start * 8))

    def _signature(self, row: int) -> "array[int]":
        file = self._files["signature"]
        file.flush()
        size = PERMUTATIONS * 4
        return array("I", os.pread(file.fileno(), size, row * size))
