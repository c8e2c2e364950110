"""Clients of the stand-in for the Hub that fill a repository each, in processes that may be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub_stand_in import TOKEN, Fault, Hub

SOURCE = Path(__file__).resolve().parents[1] / "src"
CLIENTS = """
import os, sys
from pathlib import Path
from huggingface_hub import HfApi, constants
from synthia import manifest
from synthia.stages.hub import calls, repository
constants.HF_HUB_DISABLE_XET = True
calls.FIRST_WAIT = 0.01
url, token, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
files = {path.name: manifest.sha256(path) for path in sorted(folder.iterdir())}
for line in sys.stdin:  # a repository: a client of its own fills it
    if (child := os.fork()) == 0:
        os.dup2(2, 1)
        repository.fill(HfApi(endpoint=url, token=token), line.strip(), folder, files, stay_private=True)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Run = Callable[[str, Fault | float | None], int]
"""Run(repo_id, moment) lets a client fill a repository, and kills it at a moment, if not None: so many
seconds after its first request, or while it waits for an answer that a silent fault keeps from it.
Returns its exit code."""


@contextmanager
def of(hub: Hub, folder: Path, home: Path) -> Iterator[Run]:
    """Clients that upload the files of `folder`; `home` is for what the Hub's client keeps."""
    command = [sys.executable, "-c", CLIENTS, hub.url, TOKEN, str(folder)]
    env = {"PYTHONPATH": str(SOURCE), "HF_HOME": str(home)}
    clients = subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    assert clients.stdin
    assert clients.stdout
    with clients, clients.stdin as order, clients.stdout as said:

        def run(repo_id: str, moment: Fault | float | None) -> int:
            hub.log.clear()
            hub.faults = [moment] if isinstance(moment, Fault) else []
            order.write(f"{repo_id}\n")
            order.flush()
            pid = int(said.readline())
            if moment is not None:
                while not hub.log or any(fault.times for fault in hub.faults):
                    os.kill(pid, 0)  # raises when the client has ended without that request
                    time.sleep(0.001)
                time.sleep(0 if isinstance(moment, Fault) else moment)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return int(said.readline())

        yield run
