"""The Hub's token: where it is found, and that it is never shown.

It comes from the environment (HF_TOKEN), or from a file that nobody but its owner may read: the one
that HF_TOKEN_PATH names, as in a container, or the one that the Hub's own client keeps.

Not covered: what the token may do; the Hub says so when it is used.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from synthia.errors import UsageError

VARIABLE, FILE_VARIABLE = "HF_TOKEN", "HF_TOKEN_PATH"
SHOWN = "hf_***"
"""What stands for the token wherever it would be printed."""


def find() -> str:
    """The token, or "" where there is none. Raises UsageError for a file that others may read."""
    if given := os.environ.get(VARIABLE, "").strip():
        return given
    file = _file()
    if not file.is_file():
        return ""
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        raise UsageError(
            f"{file} holds the Hub's token and has the mode {mode:04o}, so others can read it: "
            f"chmod 600 {file}"
        )
    return file.read_text(encoding="utf-8").strip()


def _file() -> Path:
    if named := os.environ.get(FILE_VARIABLE, ""):
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME", "") or "~/.cache/huggingface"
    return Path(home).expanduser() / "token"


def hide(token: str) -> None:
    """Let this process print `SHOWN` in place of the token, in tracebacks too."""
    if token:
        sys.stdout = _Hiding(sys.stdout, token)
        sys.stderr = _Hiding(sys.stderr, token)


class _Hiding:
    """A text stream that replaces the token in what is written to it."""

    def __init__(self, stream: TextIO, token: str) -> None:
        self._stream, self._token = stream, token

    def write(self, text: str) -> int:
        self._stream.write(text.replace(self._token, SHOWN))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
