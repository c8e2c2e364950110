"""Whether programs can be put into a folder and run there, asked before anything is downloaded into it.

Not covered: how much room it has (`synthia.host.disk`).
"""

import errno
import os
from pathlib import Path

from synthia.errors import MissingRequirement
from synthia.permissions import REFUSED

NO_FOLDER = (errno.ENOTDIR, errno.EEXIST, errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG)
"""What making a folder ends in where a file lies in its way, or nothing can be made."""
ADVICE = "set HOME, or SYNTHIA_CACHE, to a folder that you can write"


def require(folder: Path) -> None:
    """Make the folder; raise MissingRequirement where it cannot be written, or its programs cannot run."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno not in (*REFUSED, *NO_FOLDER):
            raise
        raise MissingRequirement(f"the cache cannot be made in {folder}: {ADVICE}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise MissingRequirement(f"{folder} cannot be written by uid {os.getuid()}: {ADVICE}")
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        raise MissingRequirement(
            f"{folder} is on a file system that is mounted noexec, where no library can be loaded: set "
            "SYNTHIA_CACHE to a folder on another one"
        )
