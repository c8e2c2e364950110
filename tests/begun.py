"""A command that takes minutes, begun before the first test and awaited by those that need what it makes.

Two of them together make up half of all the time, so they run beside the tests that need neither. The smoke
run is kept to one core: its threads wait for one another at every step, and beside other load two of them
take many times as long as one.
"""

import os
import signal
import subprocess
from pathlib import Path


class Begun:
    """A running ./invoke of a project, which prints into a file beside it."""

    def __init__(
        self, project: Path, printed: Path, *words: str, on_one_core: bool = False
    ) -> None:
        self.printed = printed
        with printed.open("wb") as file:
            self.process = subprocess.Popen(
                [str(project / "invoke"), *words], cwd=project.parent, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        if on_one_core:  # before it has started anything, which would keep the old ones
            os.sched_setaffinity(self.process.pid, {max(os.sched_getaffinity(0))})

    def finish(self) -> str:
        """Wait for its end, which must be a success; return what it printed."""
        ended = self.process.wait()
        said = self.printed.read_text(errors="replace")
        assert ended == 0, said[-8000:]
        return said

    def end(self) -> None:
        """End it with all that it started, where the tests ended before it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
