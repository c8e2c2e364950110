"""Copies of a project with a little Qwen2, as machines that train together on this one's processors."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import little_qwen
from conftest import PROJECT

FRONT = """
import json, sys
from pathlib import Path
from synthia import nodes, pipeline, recipe, worker_node
from synthia.errors import PipelineError
last, *words = json.loads(sys.argv[1])
asked = recipe.parse(json.loads(Path("recipe.json").read_text()), origin="the test")
here = nodes.read(*words)
try:
    if here.rank:
        print(worker_node.run(Path.cwd(), asked, here, runtime="host"))
    else:
        pipeline.run(Path.cwd(), asked, last=last, runtime="host", nodes=here)
except PipelineError as error:
    print(f"invoke: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""
QUICK = {
    "data_parallel.py": {
        "named = os.environ.get(VISIBLE)": 'return os.environ.get("GPUS", "").split()',
        "PATIENCE = 20.0": "PATIENCE = 1.0",
    },
    "rendezvous.py": {"BEAT, SILENCE = 2.0, 60.0": "BEAT, SILENCE = 0.2, 4.0"},
}
"""What the copies have otherwise: processes that a variable names for GPUs, and little patience."""


def make(root: Path) -> str:
    """Fill a folder with a project whose fetch and prepare have run; return its recipe's name."""
    root.mkdir()
    values = little_qwen.make(root)["synthia-7b"]
    values["training"] |= {"max_steps": 10, "save_steps": 2, "probe_steps": 3, "probe_ends": 2,
                           "gradient_accumulation_steps": 4}  # fmt: skip
    for name in ("src", "requirements"):
        shutil.copytree(PROJECT / name, root / name)
    for name, changes in QUICK.items():
        file = root / "src/synthia/stages/hf" / name
        text = file.read_text()
        for before, after in changes.items():
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        file.write_text(text)
    (root / "recipe.json").write_text(json.dumps(values))
    said = call(root, last="prepare").communicate()[1]
    assert (root / "outputs" / values["name"] / "prepare").exists(), said
    return str(values["name"])


def call(project: Path, *words: Any, last: str = "train", **env: str) -> subprocess.Popen[str]:
    """Start what ./invoke train does, with --nnodes, --node-rank and --master-addr."""
    asked = json.dumps([last, *(words or (1, 0, ""))])
    return subprocess.Popen(
        [sys.executable, "-c", FRONT, asked], cwd=project, text=True, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1", **env},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@contextmanager
def taken() -> Iterator[int]:
    """A port of this machine on which somebody listens."""
    with socket.create_server(("", 0)) as found:
        yield found.getsockname()[1]


def address() -> str:
    """Where nobody listens now."""
    with taken() as port:
        return f"127.0.0.1:{port}"
