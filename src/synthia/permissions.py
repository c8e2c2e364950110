"""What the system does not let this user do, as one sentence, and the exit code of an interruption.

Not covered: permissions inside containers.
"""

import errno
import os
from pathlib import Path

from synthia.errors import MissingRequirement

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT, as shells write it."""
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


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
