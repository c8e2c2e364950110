"""Whether an assistant knows what it names: paths and modules that stood somewhere before the call.

A model that learns to open files nobody mentioned learns to make up paths. A name counts as known
when its last part stood in a turn, a result, an earlier call or a declared tool before; a test file
also when the module that it tests did, since test_<module>.py is where one would look.

Not covered: whether the path is right; a call that fails shows that by itself.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any


def unknown_names(row: Mapping[str, Any]) -> list[str]:
    """Paths and modules in trained calls that nothing before the call names."""
    known = json.dumps(row["tools"], ensure_ascii=False)
    found = []
    for message in row["messages"]:
        calls = [call["function"] for call in message.get("tool_calls", [])]
        if message.get("weight", 1) != 0:
            found += [
                name
                for call in calls
                for name in _names(call["name"], call["arguments"])
                if not _known(name, known)
            ]
        known += message["content"] + json.dumps(calls, ensure_ascii=False)
    return found


def _names(tool: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    if tool in ("read_file", "list_directory", "search", "run_tests", "git_diff"):
        yield arguments.get("path", ".").partition("::")[0]
    elif tool == "apply_patch":
        yield from re.findall(r"^--- a/(.*)$", arguments.get("patch", ""), re.MULTILINE)
    elif tool == "run_python":
        imported = re.findall(
            r"^\s*(?:from|import) ([\w.]+)", arguments.get("code", ""), re.MULTILINE
        )
        yield from (
            f"{name.replace('.', '/')}.py"
            for name in imported
            if name.partition(".")[0] not in sys.stdlib_module_names
        )


def _known(name: str, known: str) -> bool:
    stem = PurePosixPath(name).stem
    return not stem or stem in known or stem.removeprefix("test_") in known
