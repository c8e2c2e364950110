"""Run llama-server for one model, and talk to it.

It listens on a socket in a private temporary folder: no port can be taken, nothing reaches it from
outside, and it works without any network. It ends with the `with` block, and also with this process
however that ends.

Not covered: what is asked of it.
"""

import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synthia import bound_process
from synthia.errors import PipelineError

ALL = -1
"""llama.cpp's word for every layer."""
Ask = Callable[[str, Any], Any]
"""Ask(path, body) posts JSON and returns the answer's JSON."""
STARTING_SECONDS = 600.0
ANSWER_SECONDS = 3600.0
OPTIONS = (
    # One request at a time, and batches of one size: what is computed together decides the last
    # bits of a logit, and so which of two near-equal tokens comes first.
    *("--parallel", "1", "--batch-size", "512", "--ubatch-size", "512", "--flash-attn", "off"),
    *("--no-warmup", "--cache-ram", "0", "--fit", "off", "--offline"),
    # A last message of the assistant is a complete one, not the beginning of an answer.
    *("--jinja", "--no-prefill-assistant"),
)


class Refused(PipelineError):
    """The server answered, but not with what was asked."""


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix domain socket, which the standard library has no client for."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket; called by the base class."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@contextmanager
def running(llama_cpp: Path, model: Path, *, context: int, gpu_layers: int = ALL) -> Iterator[Ask]:
    """Serve `model` with a context of so many tokens; yields the function that asks it.

    On a GPU, if there is one, lie so many of its layers.

    The thread that enters must live until it leaves: the server is bound to it.
    """
    with tempfile.TemporaryDirectory(prefix="llama-") as folder:
        path = f"{folder}/server.sock"
        threads = str(len(os.sched_getaffinity(0)))
        words = [str(llama_cpp / "bin" / "llama-server"), "--model", str(model), "--host", path]
        words += ["--ctx-size", str(context), "--threads", threads, *OPTIONS]
        words += ["--n-gpu-layers", str(gpu_layers)]
        with (Path(folder) / "log.txt").open("w+", encoding="utf-8", errors="replace") as log:
            process = subprocess.Popen(
                bound_process.command(words),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                _wait_until_ready(process, path, Path(log.name), model)
                yield lambda route, body: _post(path, route, body)
            finally:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], path: str, log: Path, model: Path) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if _request(path, "GET", "/health", None)[0] == 200:
                return
        except OSError:
            pass  # it does not listen yet
        time.sleep(0.05)
    end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    raise PipelineError(f"llama-server could not serve {model.name}; the end of its log:\n{end}")


def _post(path: str, route: str, body: Any) -> Any:
    status, answer = _request(path, "POST", route, json.dumps(body, ensure_ascii=False).encode())
    if status != 200:
        raise Refused(f"llama-server refused POST {route} with {status}: {answer[:500]!r}")
    return json.loads(answer)


def _request(path: str, method: str, route: str, body: bytes | None) -> tuple[int, bytes]:
    connection = _SocketConnection(path)
    try:
        connection.request(method, route, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
