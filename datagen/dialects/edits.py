"""A file's change as exact strings: what to look for, once in the file, and what to put there.

Not covered: which tool takes them (`datagen.dialects.forms`).
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

import whatthepatch

NEAR = 3
"""Changes with fewer equal lines between them are one edit."""
AROUND = 3
"""Lines shown before and after a changed place."""


@dataclass(frozen=True)
class Edit:
    """`old` stands exactly once in the file at its moment; `new` takes its place."""

    old: str
    new: str
    text: str
    """The whole file afterwards."""
    line: int
    """Where both begin, from 1."""


def edits(before: str, after: str, *, context: int = 0) -> list[Edit]:
    """The edits that make `after` of `before`, from top to bottom, each made on what the last left.

    `context` lines are kept around each where there are so many; more where `old` would otherwise
    be empty or stand more than once. Raises ValueError for a file that holds nothing to look for.
    """
    old, new = before.split("\n"), after.split("\n")
    found = []
    text = before
    for i1, i2, j1, j2 in _places(old, new):
        lines = new[:j1] + old[i1:]
        start, end = j1, j1 + i2 - i1
        made = new[j1:j2]
        wider = max(context, int(not (i2 - i1 and j2 - j1)))
        while True:
            low, high = max(start - wider, 0), min(end + wider, len(lines))
            sought = "\n".join(lines[low:high])
            if sought.strip() and _stands_once(sought, text):
                break
            if low == 0 and high == len(lines):
                raise ValueError("it holds nothing but blank lines")
            wider += 1
        put = "\n".join([*lines[low:start], *made, *lines[end:high]])
        text = text.replace(sought, put)
        found.append(Edit(sought, put, text, low + 1))
    if text != after:
        raise AssertionError("the edits do not make the file")
    return found


def _stands_once(sought: str, text: str) -> bool:
    """Whether a string stands in a text once, also where places overlap."""
    return text.find(sought, text.index(sought) + 1) < 0


def _places(old: list[str], new: list[str]) -> list[tuple[int, int, int, int]]:
    """What differs, as half-open ranges of lines of both, near ones joined."""
    places: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if places and i1 - places[-1][1] < NEAR:
            places[-1] = (places[-1][0], i2, places[-1][2], j2)
        else:
            places.append((i1, i2, j1, j2))
    return places


def patched(patch: str, files: dict[str, str]) -> dict[str, str]:
    """By path what a unified diff makes of files; "" stands for one that it creates."""
    made = {}
    for part in whatthepatch.parse_patch(patch):
        path = re.sub(r"^[ab]/", "", part.header.new_path)
        made[path] = "\n".join(whatthepatch.apply_diff(part, files.get(path, ""))) + "\n"
    return made


def numbered(text: str, mark: str = "\t", *, first: int = 1) -> str:
    """Lines with their numbers, as `cat -n` writes them."""
    lines = text.splitlines()
    return "\n".join(f"{number:6}{mark}{line}" for number, line in enumerate(lines, start=first))


def snippet(edit: Edit) -> str:
    """The numbered lines around an edit, after it."""
    lines = edit.text.splitlines()
    low = max(edit.line - 1 - AROUND, 0)
    high = edit.line - 1 + len(edit.new.split("\n")) + AROUND
    return numbered("\n".join(lines[low:high]), first=low + 1)


def block(edit: Edit) -> str:
    """As Aider and Cline write an edit in text."""
    return f"------- SEARCH\n{edit.old}\n=======\n{edit.new}\n+++++++ REPLACE"


def hunk(edit: Edit) -> str:
    """As Codex writes an edit: the lines that stay, go and come, without numbers."""
    old, new = edit.old.split("\n"), edit.new.split("\n")
    lines = ["@@"]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [f" {line}" for line in old[i1:i2]]
        else:
            lines += [f"-{line}" for line in old[i1:i2]] + [f"+{line}" for line in new[j1:j2]]
    return "\n".join(lines)
