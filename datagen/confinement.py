"""Run Python in a forked process that is held inside one folder, with a fixed clock and seed.

The child gets resource limits from the kernel (CPU time, memory, file size, processes) and an alarm
that ends it. An audit hook refuses writes outside the folder, reads outside the folder and Python's
own, connections to anything but loopback, and other programs. Clock, random seed and umask are set.

Not covered: hostile code. An audit hook can be got around by code that sets out to; what runs here
are the project's own scenarios, never the text of a data file.
"""

import gc
import os
import random
import resource
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLOCK = "2025-03-03T09:30:00+00:00"
"""What the clock shows inside: it stands still."""
MEMORY = 2 * 2**30
"""Bytes beyond what the process has mapped before it is confined."""
FILE_SIZE = 2**20
PROCESSES = 512
OWN = Path(__file__).resolve().parents[1]
"""The folder that `datagen` is imported from, which code inside neither imports from nor reads."""
OUTPUT = 64 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")
READ_ONLY_PLACES = ("/dev/null", "/dev/urandom", "/etc/mime.types", "/usr/share", "/etc/localtime")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.truncate",
           "os.link", "os.symlink", "shutil.rmtree", "shutil.move"}  # fmt: skip
PROGRAMS = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.system",
            "os.startfile", "pty.spawn"}  # fmt: skip


class TimedOut(Exception):
    """The child's time was up."""


def run(root: Path, work: Callable[[], int], *, seconds: int) -> tuple[int, str]:
    """Run `work` in a child whose working directory is `root`.

    Returns its exit code and what it wrote to stdout and stderr. Raises TimedOut.
    """
    with tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            _child(root, work, output.fileno(), seconds)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        text = output.read(OUTPUT).decode("utf-8", "replace")
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGXCPU):
        raise TimedOut
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status), text
    return os.WEXITSTATUS(status), text


def _child(root: Path, work: Callable[[], int], output: int, seconds: int) -> None:
    code = 1
    gc.freeze()  # a collection in here would touch, and so copy, every object of the parent
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        os.chdir(root)
        _limit(seconds)
        _fix_surroundings(root)
        sys.addaudithook(_guard(root))
        code = work()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _limit(seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_CPU, seconds + 1),
        (resource.RLIMIT_AS, _mapped() + MEMORY),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _mapped() -> int:
    """Bytes of address space in use: libraries that a caller has loaded may have reserved gigabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _fix_surroundings(root: Path) -> None:
    import time_machine

    random.seed(0)
    os.umask(0o022)
    sys.dont_write_bytecode = True
    sys.path[:] = [str(root), *(entry for entry in sys.path if Path(entry).resolve() != OWN)]
    os.environ.clear()
    os.environ.update(PATH="/nonexistent", HOME=str(root), TZ="UTC", LC_ALL="C.UTF-8")
    os.environ.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", COLUMNS="80", NO_COLOR="1")
    time_machine.travel(CLOCK, tick=False).start()


def _guard(root: Path) -> Callable[[str, tuple[Any, ...]], None]:
    readable = [str(root), sys.prefix, sys.base_prefix, *READ_ONLY_PLACES]
    readable += [str(Path(entry).resolve()) for entry in sys.path if entry]

    def inside(path: Any, places: list[str]) -> bool:
        if isinstance(path, int):
            return True  # an open file
        real = os.path.realpath(os.fsdecode(path))
        return any(real == place or real.startswith(place + os.sep) for place in places)

    def guard(event: str, words: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = words
            writing = isinstance(flags, int) and flags & WRITES
            if path is not None and not inside(
                path, [str(root), "/dev/null"] if writing else readable
            ):
                raise PermissionError(f"outside the project folder: {os.fsdecode(path)}")
        elif event in CHANGES:
            paths = [word for word in words[:2] if isinstance(word, str | bytes)]
            if not all(inside(path, [str(root)]) for path in paths):
                raise PermissionError("outside the project folder")
        elif event in ("socket.connect", "socket.bind"):
            address = words[1]
            if not isinstance(address, tuple) or address[0] not in LOOPBACK:
                raise PermissionError(f"no network: {address}")
        elif event == "socket.getaddrinfo":
            if words[0] not in LOOPBACK:
                raise PermissionError(f"no network: {words[0]}")
        elif event in PROGRAMS:
            raise PermissionError(f"no other programs: {event}")

    return guard
