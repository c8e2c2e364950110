"""Other ways to write a change of a file: the exact strings, or the diffs, that make the same text of it.

Not covered: whether a way works; `datagen.also_right` runs each.
"""

import difflib
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

AROUND = 3
"""Lines before and after the changed ones that an edit may also name."""
PARTS = 16
"""Parts of a changed line that an edit may name."""
CONTEXTS = (3, 2, 1, 0, 1000)
"""Lines of context of a diff; the last is the whole file."""


def forms(root: Path, name: str, arguments: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Arguments that change the same file in the same way, by the tool `edit_file` or `apply_patch`."""
    if name == "edit_file":
        path, old, new = (arguments[key] for key in ("path", "old_string", "new_string"))
        text = (root / path).read_text(encoding="utf-8")
        for one, other in _strings(text, text.replace(old, new, 1)):
            yield {"path": path, "old_string": one, "new_string": other}
        return
    path, before, after = _patched(root, arguments["patch"])
    for context in CONTEXTS:
        patch = diff(path, before, after, context)
        yield from ({"patch": each} for each in (patch, patch.rstrip("\n")))
        bare = patch.replace(f"--- a/{path}\n+++ b/{path}\n", f"--- {path}\n+++ {path}\n")
        yield from ({"patch": each} for each in (bare, bare.rstrip("\n")))


def diff(path: str, before: str, after: str, context: int = 3) -> str:
    """A unified diff as git writes it, without its index line."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}",
        n=context,
    )  # fmt: skip
    return "".join(lines)


def _patched(root: Path, patch: str) -> tuple[str, str, str]:
    """The one file of a diff, its text, and its text afterwards."""
    import whatthepatch

    (part,) = whatthepatch.parse_patch(patch)
    path = re.sub(r"^[ab]/", "", part.header.new_path)
    before = (root / path).read_text(encoding="utf-8")
    return path, before, "\n".join(whatthepatch.apply_diff(part, before)) + "\n"


def _strings(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Pairs of an old and a new string: parts of a changed line; then whole lines with some around them.

    Whole lines come with and without their last newline and their first one's indentation.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    first, last = _apart(old, new)
    if len(old) - last - first == 1 == len(new) - last - first:
        yield from _parts(old[first].strip(), new[first].strip())
    for above in range(AROUND):
        for below in range(AROUND):
            start, end = max(first - above, 0), last - below
            if end < 0:
                continue
            one, other = ("".join(each[start : len(each) - end]) for each in (old, new))
            for a, b in ((one.rstrip("\n"), other.rstrip("\n")), (one, other)):
                yield a, b
                indent = len(a) - len(a.lstrip(" "))
                if indent and a[:indent] == b[:indent]:
                    yield a[indent:], b[indent:]


def _parts(one: str, other: str) -> Iterator[tuple[str, str]]:
    """What differs in a line, with some words before and after it; short ones first."""
    a, b = (re.findall(r"\w+|\s+|[^\w\s]", each) for each in (one, other))
    start, end = _apart(a, b)
    found = {
        ("".join(a[begin : len(a) - stop]), "".join(b[begin : len(b) - stop]))
        for begin in range(start + 1)
        for stop in range(end + 1)
    }
    whole = [(x, y) for x, y in found if x and x == x.strip() and y == y.strip()]
    yield from sorted(whole, key=lambda pair: (len(pair[0]), pair))[:PARTS]


def _apart(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many items two lists share at their start, and at their end beyond that."""
    shared = list(
        itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )
    start = len(shared)
    rest = zip(one[start:][::-1], other[start:][::-1], strict=False)
    return start, len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], rest)))
