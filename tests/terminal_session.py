"""A session at a terminal, scripted: each line is typed when the program asks for it, and all is kept."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterable, Sequence

SECONDS = 600.0


def hold(words: Sequence[str], lines: Iterable[str], *, prompt: str = "you> ") -> str:
    """What a terminal shows of the program `words` while `lines` are typed, one at each prompt.

    It is printed as it comes, too. Raises AssertionError when it does not end well, or in time.
    """
    ours, theirs = pty.openpty()
    shown, begun, waiting = b"", 0, list(lines)
    deadline = time.monotonic() + SECONDS
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        while time.monotonic() < deadline:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                more = os.read(ours, 4096)
            except OSError:  # the last process has closed the terminal
                break
            shown += more
            print(more.decode(errors="replace").replace("\r", ""), end="", flush=True)
            if waiting and shown[begun:].endswith(prompt.encode()):
                begun = len(shown)
                os.write(ours, f"{waiting.pop(0)}\n".encode())
        else:
            process.kill()
    os.close(ours)
    text = shown.decode(errors="replace").replace("\r\n", "\n")
    assert process.returncode == 0, text
    return text
