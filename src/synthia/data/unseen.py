"""What a trained turn names that nothing before it showed: a path's folder, a patch's line, a name.

Whoever wrote the row knew it; the model cannot, and learns to make such things up. A thing counts as
seen when it stands in an earlier turn, in a call, in a result, or in the declared tools, whatever the
quotation marks of JSON around it. What the assistant creates itself (a new file, an added line) needs
no source.

Not covered: paraphrases, and whether what was seen is used rightly. A name that stands anywhere before
counts as seen, so the count is a lower bound.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

FOLDER = "folder"
HUNK = "line of a patch"
NAME = "name"
PATTERN = "search pattern"
GLOB = "file extension"
KEY = "data key"
KINDS = (FOLDER, HUNK, NAME, PATTERN, GLOB, KEY)

PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+|[\w-]+\.[A-Za-z]\w{0,4}")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,}")
CODE = re.compile(r"`([^`\n]+)`")
CODE_KEYS = ("code", "script", "python", "source")
PATTERN_KEYS = ("pattern", "regex", "query")
OLD_KEYS = ("old_string", "old_str", "oldText", "old_text", "search", "old")
NEW_KEYS = ("content", "contents", "file_text", "text", "new_str", "new_string", "newText")
GLOB_KEYS = ("glob", "include", "file_pattern")
COMMON = frozenset(
    """
    class from import return yield raise async await lambda assert except global True False None self
    test tests test_ TODO FIXME print route app get post delete update status error json jsonify main http
    """.split()  # noqa: SIM905
)
"""Words that belong to the language and its libraries, not to a project."""


def unseen(row: Mapping[str, Any]) -> list[tuple[int, str, str]]:
    """Each thing that a trained turn names unseen: the index of the turn, the kind, and the thing."""
    known = "\n".join(_texts(row.get("tools", [])))
    found = []
    for index, turn in enumerate(row["messages"]):
        calls = [call["function"] for call in turn.get("tool_calls", [])]
        if turn["role"] == "assistant" and turn.get("weight", 1) != 0:
            seen = Seen(known)
            for kind, thing in _named(turn["content"], calls, seen):
                found.append((index, kind, thing))
        known += "\n".join(("", turn["content"], *_texts(_parsed(turn["content"])), *_texts(calls)))
    return found


def _parsed(text: str) -> Any:
    """What a result holds that is JSON."""
    try:
        return json.loads(text) if text[:1] in ("{", "[") else None
    except ValueError:
        return None


def _texts(value: Any) -> Iterator[str]:
    """All texts inside a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)


class Seen:
    """The text before a turn."""

    def __init__(self, text: str) -> None:
        self.text = text.casefold()
        self.lines: set[str] | None = None

    def has(self, thing: str) -> bool:
        """Whether it stands there."""
        return thing.casefold() in self.text

    def line(self, line: str) -> bool:
        """Whether it stands there, its indentation aside."""
        return not line.strip() or line.strip().casefold() in self.text


def _named(
    content: str, calls: Sequence[Mapping[str, Any]], seen: Seen
) -> Iterator[tuple[str, str]]:
    if calls:
        made = json.dumps(calls, ensure_ascii=False) if any(map(_makes, calls)) else ""
        yield from (
            (NAME, name) for name in _in_text(content) if not seen.has(name) and name not in made
        )
    for call in calls:
        arguments = call["arguments"]
        makes = _makes(call)
        for key, value in arguments.items():
            if not isinstance(value, str):
                continue
            if "\n@@" in value or value.startswith("@@"):
                yield from _in_patch(value, seen)
            elif key in CODE_KEYS:
                yield from _in_code(value, seen)
            elif key in PATTERN_KEYS:
                yield from _in_pattern(value, seen)
            elif key in GLOB_KEYS:
                yield from _in_glob(value, seen)
            elif key in OLD_KEYS:
                yield from ((HUNK, line) for line in value.splitlines() if not seen.line(line))
            elif key not in NEW_KEYS and not makes and PATH.fullmatch(value.partition("::")[0]):
                yield from _in_path(value.partition("::")[0], seen)


def _makes(call: Mapping[str, Any]) -> bool:
    """Whether a call writes something new: a file, or the added lines of a patch."""
    return any(
        key in NEW_KEYS or (isinstance(value, str) and "@@" in value)
        for key, value in call["arguments"].items()
    )


def _in_text(text: str) -> Iterator[str]:
    """Code between backticks that is one name."""
    for code in CODE.findall(text):
        name = code.partition("(")[0]
        if re.fullmatch(r"[A-Za-z_]\w{3,}", name) and ("_" in name or code != name):
            yield name


def _in_path(path: str, seen: Seen) -> Iterator[tuple[str, str]]:
    """Folders that nothing named; of the file itself only the stem, since that is where one would look."""
    *folders, _ = path.strip("/").split("/")
    for folder in folders:
        if folder not in (".", "..", "tests") and not re.search(
            rf"(?<![\w-]){re.escape(folder.casefold())}[/.]|(?<![\w-]){re.escape(folder.casefold())}(?![\w-])",
            seen.text,
        ):
            yield FOLDER, f"{folder}/"


def _in_patch(patch: str, seen: Seen) -> Iterator[tuple[str, str]]:
    creates = False
    for line in patch.splitlines():
        if line.startswith("--- "):
            creates = line == "--- /dev/null"
            if not creates:
                yield from _in_path(line.removeprefix("--- ").removeprefix("a/"), seen)
        elif line.startswith("*** Update File: "):
            creates = False
            yield from _in_path(line.removeprefix("*** Update File: "), seen)
        elif line.startswith(("+++ ", "@@", "diff ", "+", "\\", "*** ")):
            continue
        elif not creates and not seen.line(line[1:]):
            yield HUNK, line


def _in_code(code: str, seen: Seen) -> Iterator[tuple[str, str]]:
    for module, names in re.findall(r"^\s*from ([\w.]+) import ([\w, ]+)", code, re.MULTILINE):
        if module.partition(".")[0] in sys.stdlib_module_names or not seen.has(
            module.partition(".")[0]
        ):
            continue
        for name in re.split(r"[ ,]+", names.partition(" as ")[0]):
            if name and not seen.has(name):
                yield NAME, name
        for part in module.split("."):
            if not seen.has(part):
                yield FOLDER, module
    for key in re.findall(r"""\w\[["'](\w{2,})["']\]|\.get\(["'](\w{2,})["']""", code):
        name = key[0] or key[1]
        if not seen.has(name) and f'"{name}":' not in code and f"'{name}':" not in code:
            yield KEY, name


def _in_pattern(pattern: str, seen: Seen) -> Iterator[tuple[str, str]]:
    text = re.sub(r"\\[a-zA-Z]|\(\?\w+[)=:!]?", " ", pattern)
    words = [word for word in WORD.findall(text) if word not in COMMON]
    if words and not any(map(seen.has, words)):
        yield PATTERN, pattern


def _in_glob(glob: str, seen: Seen) -> Iterator[tuple[str, str]]:
    extension = glob.rpartition(".")[2]
    if extension.isalnum() and not re.search(
        rf"(?<![a-z]){re.escape(extension.casefold())}(?![a-z])", seen.text
    ):
        yield GLOB, glob
