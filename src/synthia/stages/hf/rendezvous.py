"""Several hosts meet before a training, know of one another while it goes on, and end together.

They meet at a TCPStore in node 0's process, where each says what it trains on; where one differs from
node 0, it is named and nothing is trained. Node 0's checkpoint is sent to all: they need no common folder.
All the time each node gives signs of life there. One that fails says why, one that was killed or whose
network is gone is missed, and the others end with a sentence.

Not covered: the sums of gradients (`synthia.stages.hf.data_parallel`), and guarding the port: as with
torchrun, whoever reaches it may join.
"""

import json
import os
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from synthia import resume, terminal
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.nodes import Nodes
from synthia.stages.hf.data_parallel import LIMIT, Share

BEAT, SILENCE = 2.0, 60.0
"""Seconds between signs of life, and after how many without one a node is given up."""
CHUNK = 4 * 2**20
"""Bytes of a checkpoint that are sent at once: the store takes 8 MiB."""
NAMED = 4
"""So many differences between nodes are named."""


class Rendezvous:
    """One node's bond with the others, for a `with` block: by whatever error that ends, all end."""

    def __init__(self, nodes: Nodes) -> None:
        """Open node 0's store, or reach it. Raises MissingRequirement and UsageError."""
        self.me, self.count = nodes.rank, nodes.count
        self.place = ("127.0.0.1" if self.me == 0 else nodes.host, nodes.port)
        self.over, self.lost, self.failed = threading.Event(), False, ""
        where = f"{nodes.host}:{nodes.port}"
        terminal.say(f"nodes     node {self.me} of {self.count} meets the others at {where}")
        try:
            self.store = self._reach(is_master=self.me == 0)
        except RuntimeError as error:
            raise MissingRequirement(
                f"node 0 cannot listen on port {nodes.port} ({str(error).splitlines()[0]}): name another "
                "one by --master-addr HOST:PORT, on all nodes"
                if self.me == 0
                else f"node 0 did not answer at {where} within {LIMIT}: start it, with a port that can be "
                "reached from here; or see there why it ended, or whether its training is current already"
            ) from None
        if self.store.add(f"node {self.me}", 1) > 1:
            raise UsageError(
                f"another node came with --node-rank {self.me}: each needs its own, 0 to {self.count - 1}"
            )
        self.beats: dict[int, bytes] = {}
        self.seen: dict[int, float] = {0: time.monotonic()} if self.me else {}
        # A client of its own: one that waits lets no other thread ask.
        self.beating = threading.Thread(target=self._beat, args=(self._reach(),), daemon=True)
        self.missing = threading.Thread(target=self._miss, daemon=True)
        self.beating.start()
        self.missing.start()

    def _reach(self, *, is_master: bool = False) -> Any:
        return torch.distributed.TCPStore(
            *self.place, is_master=is_master, wait_for_workers=False, timeout=LIMIT
        )

    def meet(self, processes: int, made_from: Mapping[str, str]) -> Share:
        """Wait for all nodes; return the share of the first of this one's `processes`.

        `made_from` is what is trained, by names. Raises UsageError where a node differs from node 0, and
        MissingRequirement where one does not come.
        """
        mine = {"--nnodes": str(self.count), **made_from}
        self.store.set(f"made from {self.me}", json.dumps([processes, mine]))
        until = time.monotonic() + LIMIT.total_seconds()
        counts: list[int] = []
        first: Mapping[str, str] = {}
        for node in range(self.count):
            if not self._await(f"made from {node}", until):
                raise MissingRequirement(
                    f"node {node} of {self.count} did not come within {LIMIT}: call it with the same words "
                    f"and --node-rank {node}, or see there why it ended"
                )
            found, theirs = json.loads(self.store.get(f"made from {node}"))
            counts.append(found)
            first = theirs if node == 0 else first
            if theirs != first:
                raise UsageError(
                    f"node {node} differs from node 0 in {_differences(theirs, first)}: give all nodes the "
                    "same project, recipe and kind of GPU; nothing was trained"
                )
        for node in set(range(self.count)) - {self.me}:  # one may have ended before its first beat
            self.seen.setdefault(node, time.monotonic())
        return Share(sum(counts[: self.me]), sum(counts), store=self.place)

    def bring(self, newest: Path | None, place: Path) -> Path | None:
        """Node 0's checkpoint `newest`, None for none; on other nodes a copy of it in `place`."""
        if self.me == 0:
            self._send(newest)
            return newest
        self._await("checkpoint")
        name, files = json.loads(self.store.get("checkpoint"))
        for file, chunks in files.items():
            (place / name).mkdir(parents=True, exist_ok=True)
            with (place / name / file).open("wb") as target:
                for number in range(chunks):
                    target.write(self.store.get(f"{file} {number}"))
        self.store.set(f"has {self.me}", "")
        found = resume.newest(place)
        if name and found is None:
            raise PipelineError(f"node 0's {name} did not arrive whole: call all nodes again")
        return found

    def _send(self, checkpoint: Path | None) -> None:
        files: dict[str, int] = {}
        for path in sorted(checkpoint.iterdir()) if checkpoint else ():
            files[path.name] = 0
            with path.open("rb") as file:
                for chunk in iter(partial(file.read, CHUNK), b""):
                    self.store.set(f"{path.name} {files[path.name]}", chunk)
                    files[path.name] += 1
        self.store.set("checkpoint", json.dumps([checkpoint.name if checkpoint else "", files]))
        for node in range(1, self.count):
            self._await(f"has {node}")
        for name, chunks in files.items():  # they lie in this process's memory
            for number in range(chunks):
                self.store.delete_key(f"{name} {number}")

    def _await(self, key: str, until: float = float("inf")) -> bool:
        """Wait for a key; whether it came in time."""
        while not self.store.check([key]):
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def _beat(self, store: Any) -> None:
        """Give signs of life, and note when those of others came."""
        number = 0
        try:
            while not self.over.wait(BEAT):
                number += 1
                store.set(f"beat {self.me}", str(number))
                for node in set(range(self.count)) - {self.me}:
                    beat = store.get(f"beat {node}") if store.check([f"beat {node}"]) else b""
                    if beat != self.beats.get(node, b""):
                        self.beats[node], self.seen[node] = beat, time.monotonic()
                if store.check(["failed"]):
                    self.failed = store.get("failed").decode()
        except RuntimeError:
            self.lost = True

    def _miss(self) -> None:
        """End this process where another node ended, unless it comes to an end by itself."""
        while not self.over.wait(BEAT):
            if (said := self._gone(SILENCE)) and not self.over.wait(2 * BEAT):
                terminal.say(f"\ntrain: {said}")
                os._exit(1)

    def _gone(self, silence: float) -> str:
        """Say of a node that it ended; "" where all go on."""
        now = time.monotonic()
        silent = [node for node in sorted(self.seen) if now - self.seen[node] > silence]
        if not (self.failed or self.lost or silent):
            return ""
        who = 0 if self.lost else min(silent, default=0)
        missed = f"node {who} is gone: it was killed, or cannot be reached any more"
        return (
            f"{self.failed or missed}. See there, and call all nodes again: a training that has begun goes "
            "on from node 0's last checkpoint"
        )

    def part(self) -> None:
        """Give no more signs of life, and miss nobody."""
        self.over.set()
        # Python aborts where it ends while a thread asks the store, and while one knows of node 0's store
        # its port is taken.
        for thread in (self.beating, self.missing):
            thread.join(5 * BEAT)

    def __enter__(self) -> "Rendezvous":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Part, node 0 last. After an error: say who ended, or tell the others that this node does."""
        if error is None:
            with suppress(RuntimeError):
                self.store.set(f"left {self.me}", "")
                for node in range(1, self.count if self.me == 0 else 0):
                    self._await(f"left {node}", time.monotonic() + SILENCE)
            self.part()
            return
        if isinstance(
            error, RuntimeError
        ):  # as the sums and the store raise it where a node is gone
            until = time.monotonic() + 4 * BEAT
            while not (said := self._gone(3 * BEAT)) and time.monotonic() < until:
                time.sleep(BEAT / 4)
            if said:
                self.part()
                raise PipelineError(said) from error
        words = str(error).strip() or type(error).__name__
        with suppress(RuntimeError):
            self.store.set("failed", f"node {self.me} ended ({words.splitlines()[0]})")
        self.part()
        time.sleep(5 * BEAT)  # the store, and what others sum with this node, end with it


def of(nodes: Nodes) -> AbstractContextManager[Rendezvous | None]:
    """The bond of several nodes; None for one."""
    return Rendezvous(nodes) if nodes.count > 1 else nullcontext()


def _differences(theirs: Mapping[str, str], first: Mapping[str, str]) -> str:
    """What differs, e.g. "recipe training and GPU (A100, not H100)"; of digests the name alone."""
    found = []
    for name in sorted(first.keys() | theirs.keys()):
        pair = [values.get(name, "nothing") for values in (theirs, first)]
        if pair[0] != pair[1]:
            long = max(map(len, pair)) >= 64
            found.append(name if long else f"{name} ({pair[0]}, not {pair[1]})")
    more = [f"{len(found) - NAMED} more"] if len(found) > NAMED else []
    return " and ".join([", ".join(found[:NAMED]), *more])
