"""Run one stage inside its environment: `python -m synthia`, with a request as JSON on stdin.

The request is one line; it names the stage, the resolved recipe, the input folders, the work folder
and the lock. In a container standard input then stays open, and its end means that the caller is gone.
Before anything heavy is imported, the installed packages are compared with the lock. Gates are
written to `gates.json`; the exit code is that of the error family (1 gate, 2 use, 3 requirement).

Not covered: which stages run and when, and turning the work folder into an output; that is
`synthia.pipeline` on the host side.
"""

import errno
import faulthandler
import importlib
import json
import os
import platform
import resource
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

from synthia import gates, recipe, records, terminal
from synthia.errors import MissingRequirement, PipelineError
from synthia.gates import GateFailed
from synthia.host import environments, token
from synthia.permissions import INTERRUPTED
from synthia.stage import BY_NAME

NEARLY_FULL = 16 * 2**20
"""Free bytes under which any failure of a stage is put down to the full disk."""


def main() -> int:
    """Run the requested stage and return the process's exit code."""
    request = json.loads(sys.stdin.buffer.readline())
    contained = request["runtime"]["runtime"] == "docker"
    if contained:
        threading.Thread(target=_end_with_caller, daemon=True).start()
    out = Path(request["out"])
    try:
        if BY_NAME[request["stage"]].network:
            token.hide(token.find())
        remedy = "./invoke build" if contained else f"remove the folder {sys.prefix}"
        with terminal.only_progress(terminal.log(out, request["stage"])):
            faulthandler.enable()  # a crash inside a library leaves Python's stack in the log
            environments.verify(Path(request["lock"]), remedy)
            run(request, out)
    except PipelineError as error:
        print(f"\n{request['stage']}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:  # sent to the whole terminal: the caller says so
        return INTERRUPTED
    except Exception as error:
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        if full or shutil.disk_usage(out).free < NEARLY_FULL:
            missing = MissingRequirement(
                f"no space left on the disk of {out.parent} ({type(error).__name__} while writing "
                f"there): free some and run the command again; complete outputs are untouched"
            )
            print(f"\n{request['stage']}: {missing}", file=sys.stderr)
            return missing.exit_code
        raise
    return 0


def _end_with_caller() -> None:
    """Wait for the end of standard input, which a killed client leaves behind, and end at once."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)


def run(request: dict[str, Any], out: Path) -> None:
    """Run a stage into `out`: its gates are written there also when one fails, which is raised."""
    resolved = recipe.parse(request["recipe"], origin="the resolved recipe")
    inputs = {name: Path(path) for name, path in request["inputs"].items()}
    started = time.monotonic()
    stage = importlib.import_module(f"synthia.stages.{request['stage']}")
    try:
        judged = stage.run(resolved, inputs, out)
    except GateFailed as error:
        gates.write(error.gates, out / "gates.json")
        raise
    gates.write(judged, out / "gates.json")
    _write_run_facts(out / "run.json", time.monotonic() - started, request["runtime"])
    gates.require(judged)


def _write_run_facts(path: Path, seconds: float, runtime: dict[str, str]) -> None:
    """Add what may differ between equal runs to what the stage noted there itself."""
    noted = records.read(path) if path.exists() else {}
    facts = {
        **noted,
        **runtime,
        "seconds": round(seconds, 2),
        **_peaks(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
    }
    records.write(path, facts)


def _peaks() -> dict[str, int]:
    """The most memory that was taken, in bytes.

    On the host by the stage or by one program that it started, pages of mapped files included; on the
    GPU by PyTorch, without CUDA's own (about half a GB) and llama.cpp's.
    """
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peaks = {"host_bytes": max(resource.getrusage(one).ru_maxrss for one in who) * 1024}
    torch = sys.modules.get("torch")  # a stage that computes has imported it
    if torch is not None and torch.cuda.is_initialized():
        peaks["gpu_bytes"] = torch.cuda.max_memory_reserved()
    return peaks


if __name__ == "__main__":
    sys.exit(main())
