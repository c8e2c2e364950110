"""A second base image that differs from the first in all that must not get into the project's layers.

Made from the first by the engine: another CPython 3.13 in another place (pyenv's where this machine has
one, else the first base's own, moved), without the first one's; another `strip`; a shell that begins a
build's step with a narrow umask; settings for uv, pip and Python; files newer than the epoch, in
compressed layers.

Not covered: a base every shell of which has another umask, in the midst of a compilation too.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from synthia.host import engine

NAME = "synthia-test/second-base"
DOCKERFILE = """
ARG BASE
FROM ${BASE} AS moved
RUN mkdir -p /moved/bin /moved/lib && cp /usr/bin/python3.13 /moved/bin/ && \
    cp -a /usr/lib/python3.13 /moved/lib/ && cp -a /usr/lib/python3/dist-packages /moved/lib/python3.13/

FROM ${BASE}
COPY python /usr/local/
RUN --mount=type=bind,from=moved,source=/moved,target=/moved \
    if ! [ -e /usr/local/bin/python3.13 ]; then cp -a /moved/. /usr/local/; fi && /usr/sbin/ldconfig && \
    rm -r /usr/bin/python3* /usr/lib/python3* && ln -s python3.13 /usr/local/bin/python3 && \
    printf '#!/bin/sh\\nfor file; do :; done\\necho another binutils >>"$file"\\n' >/usr/bin/strip && \
    rm /bin/sh && \
    printf '#!/bin/bash -p\\nif [ $$ = 1 ]; then umask 077; fi\\nexec -a sh /bin/bash "$@"\\n' >/bin/sh && \
    chmod 0755 /bin/sh /usr/bin/strip
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON=2.7 PYTHONPATH=/elsewhere LC_ALL=C TZ=Asia/Kathmandu
"""


def make(first: str) -> str:
    """Build it on the base `first`; return the name by which the engine holds it."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "python"
        python.mkdir()
        for found in sorted(Path.home().glob(".pyenv/versions/3.13.*"))[-1:]:
            _copy(found, python)
        words = ["buildx", "build", "--network", "none", "--provenance=false", "--load"]
        words += ["--build-arg", f"BASE={first}", "--tag", NAME, "--file", "-", folder]
        done = subprocess.run(
            [engine.client(), *words], input=DOCKERFILE, text=True, capture_output=True, check=False
        )
    assert done.returncode == 0, done.stderr
    return NAME


def _copy(found: Path, to: Path) -> None:
    """What a base needs of a Python that pyenv installed."""
    left_out = shutil.ignore_patterns(
        "test", "__pycache__", "site-packages", "config-3.13*", "idlelib"
    )
    shutil.copytree(found / "lib", to / "lib", ignore=left_out, symlinks=True)
    shutil.copytree(found / "include", to / "include")
    (to / "bin").mkdir()
    shutil.copy2(found / "bin" / "python3.13", to / "bin")
