"""The fixture `served`: the product as `./invoke serve` serves it, once for all clients."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import on_one_core


@pytest.fixture(scope="session")
def served(smoke_project: Path) -> Iterator[str]:
    """What `./invoke serve` printed on its way up; the server listens until the tests are over."""
    with serving(smoke_project) as said:
        yield said


@contextmanager
def serving(project: Path, *more: str) -> Iterator[str]:
    """`./invoke serve` with more words; yields what it printed once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(project / "invoke"), "serve", "--recipe", "smoke", "--port", str(port), *more]
    with on_one_core():
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            start_new_session=True,
        )  # fmt: skip
    with process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        try:
            _wait_for(f"http://127.0.0.1:{port}/health")
            yield "".join(lines)
        finally:
            os.killpg(process.pid, signal.SIGINT)


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"nothing answers at {url}")
