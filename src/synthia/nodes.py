"""The machines that train together, by torchrun's words: how many, which one this is, where node 0 is.

They are facts of a launch: no recipe and no manifest names them. The train stage's process gets them in a
variable of its environment, beside what its manifest will say, which the nodes compare.

Not covered: how they meet (`synthia.stages.hf.rendezvous`), and what the command does on a node other than
node 0 (`synthia.worker_node`).
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from synthia.errors import UsageError

PORT = 29500
"""torchrun's."""
VARIABLE = "SYNTHIA_NODES"


@dataclass(frozen=True)
class Nodes:
    """One machine among those that train together; alone by default."""

    count: int = 1
    rank: int = 0
    host: str = ""
    """Node 0, as the others reach it."""
    port: int = PORT

    def env(self, identity: Mapping[str, Any]) -> dict[str, str]:
        """The variable for the train stage, whose manifest is to hold `identity`."""
        parts = [
            (f"{name} {key}", value)
            for name, part in identity.items()
            for key, value in (part.items() if isinstance(part, dict) else ())
        ]
        digests = {name: _digest(value) for name, value in parts}
        return {VARIABLE: json.dumps({"nodes": asdict(self), "made_from": digests})}


ALONE = Nodes()


def read(nnodes: int, node_rank: int, master_addr: str) -> Nodes:
    """Read the command's words. Raises UsageError."""
    said = f"--nnodes {nnodes} --node-rank {node_rank} --master-addr {master_addr or '(left out)'}"
    if not 0 <= node_rank < nnodes:
        raise UsageError(f"{said}: of N nodes the ranks are 0 to N-1, and node 0 is the first")
    if nnodes == 1:
        return ALONE
    try:
        address = urlsplit(f"//{master_addr}")
        host, port = address.hostname, address.port or PORT
    except ValueError:
        host, port = None, PORT
    if not host or address.netloc != master_addr:
        raise UsageError(
            f"{said}: --master-addr names node 0 as the other nodes reach it, HOST or HOST:PORT, on all "
            f"nodes alike; without a port it is {PORT}"
        )
    return Nodes(nnodes, node_rank, host, port)


def here() -> tuple[Nodes, dict[str, str]]:
    """For the train stage: the nodes, and by name digests of what it is to be made from."""
    given = json.loads(os.environ.get(VARIABLE, '{"nodes": {}, "made_from": {}}'))
    return Nodes(**given["nodes"]), given["made_from"]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
