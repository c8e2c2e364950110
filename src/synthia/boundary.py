"""Run a module as `python -m` does, and turn what the user causes into an exit code without a traceback.

    python -m synthia.boundary MODULE WORDS...

Ctrl-C reaches every process of the command. The one that a person started says so; this one clears up
(`finally` blocks run) and is silent, and the processes that it has forked just end. A file that the system
does not let this user write is one sentence and exit code 3.

Not covered: the project's own errors, which each tool prints, and stages (`synthia.__main__`).
"""

import os
import runpy
import signal
import sys
from types import FrameType

from synthia.permissions import INTERRUPTED, REFUSED, no_permission


def main() -> int:
    """Run the module that the first word names, with the others; return 130 when interrupted."""
    runner = os.getpid()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if os.getpid() != runner:
            os._exit(INTERRUPTED)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    del sys.argv[0]
    module = sys.argv[0]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if error.errno not in REFUSED or not error.filename:
            raise
        missing = no_permission(error)
        print(f"{module}: {missing}", file=sys.stderr)
        return missing.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
