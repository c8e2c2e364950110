"""What a stage says to the user: one line of progress at a time, and its errors. Libraries talk to a log.

Not covered: what the command itself prints, which starts the stages.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

LOGS = "logs"
"""The folder of logs among the outputs of a recipe; no manifest lists what lies there."""
_opened: list[TextIO] = []


def log(out: Path, stage: str) -> Path:
    """Where what libraries print goes while a stage fills the folder `out`."""
    return out.parent / LOGS / f"{stage}.txt"


def stream() -> TextIO:
    """Where progress goes: what standard error was before libraries were sent to the log."""
    return _opened[-1] if _opened else sys.stderr


def say(message: str) -> None:
    """Print a line for the user, above the bar of progress where one is shown."""
    tqdm = sys.modules.get("tqdm")  # not imported: then there is no bar
    if tqdm:
        tqdm.tqdm.write(message, file=stream())
    else:
        print(message, file=stream(), flush=True)


@contextmanager
def only_progress(log: Path) -> Iterator[None]:
    """Until the block ends, however it ends, all that is printed goes into a file, but for `stream`.

    What programs print that the process starts goes there too.
    """
    kept = [os.dup(descriptor) for descriptor in (1, 2)]
    terminal = os.fdopen(os.dup(kept[1]), "w", buffering=1)
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as file:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
    _opened.append(terminal)
    try:
        yield
    finally:
        for printed in (sys.stdout, sys.stderr):
            with suppress(OSError):  # on a full disk, of which the user must still hear
                printed.flush()
        for descriptor, before in zip((1, 2), kept, strict=True):
            os.dup2(before, descriptor)
            os.close(before)
        _opened.remove(terminal)
        terminal.close()


def last_words(log: Path, lines: int = 30) -> str:
    """The end of a log, for a stage that could not say itself why it ended; "" where it is empty."""
    if not log.is_file():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
