"""The one family of errors that a user can meet, each with its exit code.

A message says what failed, what was found (file, line, value), and what to do. `tasks.py` and
`python -m synthia` catch `PipelineError` at the process boundary and print its text without a
traceback. Anything else that escapes is a bug of this project and keeps its traceback.

A file that the system does not let us write is one too: `no_permission` says whose it is.

Not covered: the error of a failed gate, which carries the gates judged (`synthia.gates.GateFailed`).
"""

import errno
import os
from pathlib import Path

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT, as shells write it."""
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


class PipelineError(Exception):
    """A stage or command could not do its work."""

    exit_code = 1


class StageStopped(PipelineError):
    """A stage ended in its own process, which has already said why; carries its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(PipelineError):
    """The recipe, the command's words or the data are wrong, and the user can correct them."""

    exit_code = 2


class MissingRequirement(PipelineError):
    """The machine lacks something that the run needs: a GPU, disk space, a package, a network."""

    exit_code = 3


def no_permission(error: OSError) -> MissingRequirement:
    """What to say of a path that this user may not read or write."""
    path = Path(os.fsdecode(error.filename or "."))
    if error.errno == errno.EROFS:
        why = "is on a file system that is mounted read-only"
    else:
        why = f"belongs to {_owner(path)}, and this process runs as uid {os.getuid()}"
    return MissingRequirement(
        f"{path} cannot be used: it {why}. Run the command as its owner, copy the project into a folder "
        "of your own, or, if it lies in the cache, set SYNTHIA_CACHE to a folder that you can write"
    )


def _owner(path: Path) -> str:
    """The owner of a path, or of the nearest folder above it that can be looked at."""
    for place in (path, *path.absolute().parents):
        try:
            return f"uid {place.stat().st_uid}"
        except OSError:
            continue
    return "another user"
