"""The bytes of a data file as rows: whatever a file holds becomes rows, or a sentence about the place.

Read are JSON Lines, one JSON array, and JSON objects one after the other, pretty-printed or not; all of
them also packed by gzip, Zstandard, bzip2 or xz; and the rows of Parquet and Arrow files. What a file is
says its first bytes, never its name.

Not covered: what a row means (`synthia.data.public_schemas`) and whether it is right
(`synthia.data.rules`).
"""

import gzip
import io
import itertools
import json
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from synthia.data import arrow_rows
from synthia.data.arrow_rows import Refused, say
from synthia.data.tool_calls import strict_json
from synthia.errors import UsageError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLOCK_BYTES = 2**20
HEAD_BYTES = 512
MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"\xff\xff\xff\xff": "Arrow stream",
    b"PK\x03\x04": "ZIP",
    b"PK\x05\x06": "ZIP",
    b"7z\xbc\xaf": "7-Zip",
    b"\x04\x22\x4d\x18": "LZ4",
    b"PARE": "Parquet with an encrypted footer",
    b"SQLite f": "SQLite",
    b"version ": "a pointer of Git LFS",
    b"<!DOCTYP": "HTML",
    b"<html": "HTML",
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"{\x00": "UTF-16",
    b"\x00{": "UTF-16",
    b"[\x00": "UTF-16",
}
"""What files begin with, by the documents of their formats."""
ARROW = ("Parquet", "Arrow", "Arrow stream")
UNPACK = "unpack it, and name the file inside"
FIXES = {
    "ZIP": UNPACK,
    "7-Zip": UNPACK,
    "LZ4": UNPACK,
    "tar": UNPACK,
    "nothing but NUL bytes": "get the file again: a crash or a full disk leaves such files",
    "Parquet with an encrypted footer": "write it without encryption",
    "SQLite": "export its rows as JSON Lines",
    "a pointer of Git LFS": "get the file itself: `git lfs pull`",
    "HTML": "get the file itself: this is a page, perhaps of a failed download",
    "UTF-16": "save it as UTF-8, e.g. by `iconv -f UTF-16 -t UTF-8 FILE`",
    "UTF-32": "save it as UTF-8, e.g. by `iconv -f UTF-32 -t UTF-8 FILE`",
}
"""Kinds that are not read, and what to do."""
NO_JSON = "write one JSON object a line; CSV, YAML and other forms must be converted to that first"
NOT_UTF8 = re.compile("[\udc80-\udcff]")
BETWEEN = re.compile(r"[\s,]*")
_EXTENT = json.JSONDecoder()


def kind(path: Path) -> str:
    """What a file is by its first bytes; "" for text."""
    with path.open("rb") as file:
        return _kind(file.read(HEAD_BYTES))


def _kind(head: bytes) -> str:
    if head[257:262] == b"ustar":
        return "tar"
    if head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:  # a frame to skip, as pzstd writes it
        return "Zstandard"
    if b"\0" in head[:8] and (not any(head[0:8:2]) or not any(head[1:8:2])):
        return "UTF-16" if any(head[:8]) else "nothing but NUL bytes"
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")


def opened(path: Path) -> IO[bytes]:
    """Open a file of text for reading, unpacked."""
    found = kind(path)
    if found == "gzip":
        return cast(IO[bytes], gzip.open(path))
    if found == "xz":
        return cast(IO[bytes], lzma.open(path))
    if found in ("Zstandard", "bzip2"):  # Python's bz2 passes over what stands behind the end
        import pyarrow

        codec = "bz2" if found == "bzip2" else "zstd"
        return io.BufferedReader(pyarrow.input_stream(str(path), compression=codec))
    return path.open("rb")


def damaged() -> tuple[type[Exception], ...]:
    """What reading a broken file raises."""
    import pyarrow

    return (EOFError, OSError, zlib.error, lzma.LZMAError, pyarrow.ArrowException)


def lines(path: Path) -> Iterator[list[bytes]]:
    """Read a file in lists of whole lines, a little more than BLOCK_BYTES each.

    A row of Parquet or Arrow is a line of JSON. Raises UsageError for a file that cannot be read.
    """
    found = kind(path)
    if found in FIXES:
        raise UsageError(f"{path.name} is {found}: {FIXES[found]}")
    if not found:
        with path.open("rb") as file:
            while read := file.readlines(BLOCK_BYTES):
                yield read
        return
    try:
        if found in ARROW:
            for batch in arrow_rows.batches(path, found):
                yield [arrow_rows.line(path, number, record) for number, record in batch]
            return
        with opened(path) as file:
            while read := file.readlines(BLOCK_BYTES):
                yield read
        _require_end(path, found)
    except damaged() as error:
        raise UsageError(f"{path.name} cannot be read as {found}: {say(error)}") from None


def _require_end(path: Path, found: str) -> None:
    """Raise LZMAError where more stands behind the end of an xz file: Python passes over it."""
    if found == "xz":
        with path.open("rb") as file:
            file.seek(-min(path.stat().st_size, BLOCK_BYTES), io.SEEK_END)
            if not file.read().rstrip(b"\0").endswith(b"YZ"):
                raise lzma.LZMAError("more stands behind its end")


def one_a_line(path: Path, number_of_rows: int) -> bool:
    """Whether a file whose rows have been read holds each of them on a line of its own, and no more."""
    if kind(path) in ARROW:
        return True
    lines = 0
    with opened(path) as file:
        for line in file:
            if not line.startswith(b"{") or not line.rstrip(b"\n").endswith(b"}"):
                return False
            lines += 1
    return lines == number_of_rows


def rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Each row of a file as its parsed JSON or `Refused`, with the number of its line.

    Entries of a JSON array and rows of Parquet and Arrow are counted from 1. 0 stands for the file.
    """
    found = kind(path)
    if found in FIXES:
        yield 0, Refused(f"the file is {found}", FIXES[found])
    elif found in ARROW:
        number = 0
        try:
            for batch in arrow_rows.batches(path, found):
                for number, record in batch:
                    yield number, record
        except damaged() as error:
            yield number + 1, _cannot_go_on(found, error)
    else:
        yield from _json(path, found)


def _json(path: Path, found: str) -> Iterator[tuple[int, Any]]:
    """Rows of a file of JSON, in whatever way its rows are set apart."""
    numbered = _numbered(path, found)
    waiting: list[tuple[int, Any]] = []
    for number, line in numbered:
        waiting.append((number, line))
        if isinstance(line, Refused) or line.strip():
            break
    first = waiting[-1][1].lstrip() if waiting and isinstance(waiting[-1][1], bytes) else b""
    if first and not (first[:1] == b"{" and _whole(first)):
        head = len(waiting)
        waiting += numbered
        read = [line for _, line in waiting if isinstance(line, bytes)]
        text = b"".join(read).decode("utf-8", "surrogateescape")
        # Where rows stand on lines of their own, a first line that is none of them is a wrong row.
        later = [line for line in read[head:] if line.strip()]
        if first[:1] == b"[":
            together = not later or not _whole(first)
        else:
            together = not any(line[:1] == b"{" and _whole(line) for line in later)
        if together:
            yield from _entries(text)
            yield from ((number, line) for number, line in waiting if isinstance(line, Refused))
            return
    for number, line in _joined(itertools.chain(waiting, numbered)):
        yield from _of_line(number, line)


def _joined(numbered: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Lines, and those of one object that is spread over several as one."""
    held: list[bytes] = []
    first = 0
    for number, line in numbered:
        if held and (not isinstance(line, bytes) or line.startswith(b"{")):
            yield first, b"".join(held)  # it did not end
            held = []
        if held:
            held.append(line)
            if line.startswith(b"}"):
                yield first, b"".join(held)
                held = []
        elif isinstance(line, bytes) and line.rstrip() == b"{":
            held, first = [line], number
        else:
            yield number, line
    if held:
        yield first, b"".join(held)


def _numbered(path: Path, found: str) -> Iterator[tuple[int, Any]]:
    """Lines with their numbers, and `Refused` where a packed file breaks off."""
    number = 0
    try:
        with opened(path) as file:
            for number, line in enumerate(file, start=1):
                if number == 1 and found and (inner := _kind(line)):
                    fix = FIXES.get(inner, UNPACK)
                    yield 1, Refused(f"inside of {found} the file is {inner}", fix)
                    return
                # Files that were joined have a mark at the start of each.
                yield number, line[3:] if line.startswith(BYTE_ORDER_MARK) else line
        _require_end(path, found)
    except damaged() as error:
        yield number + 1, _cannot_go_on(found, error)


def _cannot_go_on(found: str, error: Exception) -> Refused:
    message = f"from here on the file cannot be read as {found or 'text'}: {say(error)}"
    return Refused(message, "get the file again: it is damaged or cut off")


def _whole(text: bytes) -> bool:
    """Whether a complete JSON value stands at the start."""
    try:
        _EXTENT.raw_decode(text.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return False
    return True


def _of_line(number: int, line: bytes | Refused) -> Iterator[tuple[int, Any]]:
    if isinstance(line, Refused):
        yield number, line
        return
    text = line.strip()
    if not text:
        return
    try:
        yield number, strict_json(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8: byte {text[error.start]:#04x} in column {error.start + 1}"
        yield number, Refused(message, "save the file as UTF-8")
    except json.JSONDecodeError as error:
        if _whole(text):  # with more on the line: a comma, or another row
            found = _entries(text.decode("utf-8"), array=False)
            yield from ((number, record) for _, record in found)
        else:
            line_of_file = f"line {number + error.lineno - 1}, " if b"\n" in text else ""
            message = f"is no JSON: {error.msg} in {line_of_file}column {error.colno}"
            yield number, Refused(message, "write one JSON object a line")
    except ValueError as error:
        yield number, Refused(str(error), "correct this line")


def _entries(text: str, *, array: bool | None = None) -> Iterator[tuple[int, Any]]:
    """JSON values one after the other, with or without commas, or the entries of one array."""
    position = len(text) - len(text.lstrip())
    array = text[position : position + 1] == "[" if array is None else array
    position += array
    line, counted, entry = 1, 0, 0
    ended = False
    while True:
        position = cast("re.Match[str]", BETWEEN.match(text, position)).end()
        line, counted = line + text.count("\n", counted, position), position
        entry += 1
        number = entry if array else line
        if array and text[position : position + 1] == "]":
            position += 1
            ended = True
            if rest := text[position : position + 200].strip():
                message = f"after the end of the JSON array stands more: {rest[:40]!r}"
                yield number, Refused(message, "write one array, or one JSON object a line")
            continue
        if position == len(text):
            if array and not ended:
                yield number, Refused("the JSON array does not end", "is the file cut off?")
            return
        try:
            end = _EXTENT.raw_decode(text, position)[1]
        except (ValueError, RecursionError) as error:
            said = "a whole number has more than 4,300 digits"
            if isinstance(error, RecursionError):
                said = "it is nested too deeply"
            elif isinstance(error, json.JSONDecodeError):
                said = error.msg
            column = getattr(error, "colno", 1)
            where = f"line {getattr(error, 'lineno', line)}, column {column}"
            if entry == 1 and text[position] not in '{["':
                begin = text[position : position + 40].split("\n")[0]
                said = f"begins with {begin!r}" if begin.isprintable() else "is binary data"
                yield number, Refused(f"{said}, which is no JSON", NO_JSON)
                position = _next(text, position)
                continue
            yield number, Refused(f"is no JSON: {said} in {where}", "correct this row")
            position = _next(text, position)
            continue
        yield number, _strictly(text[position:end])
        position = end


def _strictly(text: str) -> Any:
    if wrong := NOT_UTF8.search(text):
        byte = ord(wrong[0]) - 0xDC00
        column = wrong.start() - text.rfind("\n", 0, wrong.start())
        return Refused(f"is not UTF-8: byte {byte:#04x} in column {column}", "save it as UTF-8")
    try:
        return strict_json(text)
    except ValueError as error:
        return Refused(str(error), "correct this row")


def _next(text: str, position: int) -> int:
    """Where the next value begins after one that is no JSON: on a line, as far in as this one."""
    start = text.rfind("\n", 0, position) + 1
    margin = text[start:position]
    margin = "" if margin.strip() else margin
    found = re.compile(rf"\n{re.escape(margin)}(?=\{{)").search(text, position)
    return found.end() if found else len(text)
