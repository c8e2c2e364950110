"""Start a program so that it ends when this process does, however that ends.

Not covered: the programs that it starts in turn.
"""

import sys
from collections.abc import Sequence

_DIE_WITH_PARENT = (
    "import ctypes, os, signal, sys\n"
    "ctypes.CDLL(None).prctl(1, signal.SIGKILL)\n"  # PR_SET_PDEATHSIG, which outlives the exec
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def command(words: Sequence[str]) -> list[str]:
    """The command that starts `words`, whose first is the program's path."""
    # A process of its own sets it: a function between fork and exec is not safe beside threads.
    return [sys.executable, "-I", "-S", "-c", _DIE_WITH_PARENT, *words]
