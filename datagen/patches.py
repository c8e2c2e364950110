"""Unified diffs, as the tool `apply_patch` takes them.

Not covered: applying them (`datagen.workbench`).
"""

import difflib


def diff(path: str, old: str, new: str) -> str:
    """The change of one file as a unified diff with three lines of context; "" old creates it."""
    before = "/dev/null" if not old else f"a/{path}"
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), before, f"b/{path}"
    )
    return "".join(lines)
