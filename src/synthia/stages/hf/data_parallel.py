"""Train on several GPUs: a process for each passes its share of every step's rows.

All processes run the same Trainer over the same batches. Each passes the rows of its share; loss and
gradients are summed (NCCL's ring, whose order of sums is fixed) before the optimizer's step, which all take
alike. So a step has the same rows whatever the number of GPUs, and for one number the same bits. The
process that was started first is the stage; it ends when another one of its host fails, and they end
with it. That of rank 0 alone writes.

Not covered: how several hosts find one another and end together (`synthia.stages.hf.rendezvous`), and
engines other than the packed one: these train on the first GPU.
"""

import ctypes
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch.multiprocessing.spawn import ProcessException

from synthia import terminal
from synthia.errors import PipelineError

LIMIT = timedelta(minutes=30)
"""How long nodes wait for one another: one may still download the model, or load it from a slower disk."""
PATIENCE = 20.0
"""Seconds in which this process, too, meets an error that another one met, and says it itself."""
VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Share:
    """One process's part in each step: its rank, and how many processes there are."""

    rank: int = 0
    count: int = 1
    meeting: str = ""
    """A folder that the processes of this host share while they find one another."""
    store: tuple[str, int] | None = None
    """Host and port of the store at which those of several hosts do."""

    def of(self, lengths: Sequence[int]) -> list[int]:
        """Which rows of a step, whose lengths in tokens are given, this process passes; perhaps none.

        The longest row first goes to the process that has the fewest tokens. Then, while it helps, the
        process that has the most gives a row away, or changes it for a shorter one.
        """
        shares: list[list[int]] = [[] for _ in range(self.count)]
        for row in sorted(range(len(lengths)), key=lambda row: (-lengths[row], row)):
            min(shares, key=lambda share: _sum(share, lengths)).append(row)
        while (better := _better(shares, lengths)) is not None:
            shares = better
        return sorted(shares[self.rank])

    def add_up(self, weights: Sequence[torch.Tensor], loss: torch.Tensor) -> torch.Tensor:
        """Sum the gradients of all processes in place, and return the sum of their losses."""
        if self.count == 1:
            return loss
        given = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
        flat = torch.cat([*(gradient.reshape(-1) for gradient in given), loss.reshape(1)])
        torch.distributed.all_reduce(flat)
        *sums, total = flat.split([*(gradient.numel() for gradient in given), 1])
        for weight, gradient in zip(weights, sums, strict=True):
            weight.grad = gradient.view_as(weight)
        return total[0]

    def require_same(self, weights: Sequence[torch.Tensor]) -> None:
        """Raise PipelineError where processes hold different weights."""
        if self.count == 1:
            return
        mark = torch.stack([weight.detach().double().sum() for weight in weights])
        both = torch.stack([mark, -mark])
        torch.distributed.all_reduce(both, op=torch.distributed.ReduceOp.MAX)
        if not torch.equal(both[0], -both[1]):
            raise PipelineError(
                "the processes that train together hold different weights, so no one of them is the "
                "trained adapter: set training.gpus = 1, and report this"
            )


ALONE = Share()


def _sum(rows: Sequence[int], lengths: Sequence[int]) -> int:
    return sum(lengths[row] for row in rows)


def _better(shares: Sequence[list[int]], lengths: Sequence[int]) -> list[list[int]] | None:
    """Shares of which the largest has lost most to one other; None where it can lose nothing."""
    sums = [_sum(share, lengths) for share in shares]
    most = max(range(len(shares)), key=lambda number: sums[number])
    least, found = sums[most], None
    for other, share in enumerate(shares):
        for given in shares[most] if other != most else ():
            for taken in (None, *share):
                moved = lengths[given] - (0 if taken is None else lengths[taken])
                if (larger := max(sums[most] - moved, sums[other] + moved)) < least:
                    least, found = larger, (other, given, taken)
    if found is None:
        return None
    other, given, taken = found
    made = [list(share) for share in shares]
    made[most].remove(given)
    made[other].append(given)
    if taken is not None:
        made[other].remove(taken)
        made[most].append(taken)
    return made


def take(wanted: int | str) -> list[str]:
    """The GPUs to train on, "all" or so many at most, as CUDA's variable names them.

    Lets this process see the first alone: Trainer would spread a batch over all that it sees. To be
    called before CUDA starts. Without a GPU: none.
    """
    count = torch.cuda.device_count()
    named = os.environ.get(VISIBLE)
    names = [str(number) for number in range(count)] if named is None else named.split(",")[:count]
    if len(names) > 1:
        os.environ[VISIBLE] = names[0]
    return names if wanted == "all" else names[: int(wanted)]


def start(
    work: Callable[..., None], share: Share, gpus: Sequence[str], place: Path, *words: Any
) -> Share:
    """Start a process for each GPU but the first, in which `work(share, *words)` trains along.

    They meet in a new folder in `place`, which is there until `leave`, or for whoever clears that up.

    This process is the first, with `share`, and must call `join` with what is returned, as `work` must
    with its own share. Where one of the others ends early, so does this process.
    """
    share = replace(share, meeting=tempfile.mkdtemp(prefix="meeting-", dir=place))
    if len(gpus) < 2:
        return share
    context = torch.multiprocessing.start_processes(
        _accompany,
        args=(work, share, list(gpus), words),
        nprocs=len(gpus) - 1,
        join=False,
        daemon=True,
        start_method="spawn",
    )
    threading.Thread(target=_watch, args=(context, gpus), daemon=True).start()
    return share


def join(share: Share, backend: str) -> None:
    """Meet the other processes; to be called by all of them, once their models are loaded."""
    if share.count == 1:
        return
    os.environ.setdefault("NCCL_ALGO", "Ring")
    limit = None if share.store is None else LIMIT
    store = (
        torch.distributed.FileStore(str(Path(share.meeting) / "store"), share.count)
        if share.store is None
        else torch.distributed.TCPStore(*share.store, timeout=LIMIT)
    )
    torch.distributed.init_process_group(
        backend, store=store, rank=share.rank, world_size=share.count, timeout=limit
    )


def leave(share: Share) -> None:
    """Part from the other processes."""
    if share.count > 1:
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
    if share.rank == 0 and share.meeting:
        shutil.rmtree(share.meeting, ignore_errors=True)  # others may be removing what is theirs


def _accompany(
    number: int,
    work: Callable[..., None],
    first: Share,
    gpus: Sequence[str],
    words: Sequence[Any],
) -> None:
    ctypes.CDLL(None).prctl(
        1, signal.SIGKILL
    )  # PR_SET_PDEATHSIG: it may wait for the first for ever
    os.environ[VISIBLE] = gpus[number + 1]
    work(replace(first, rank=first.rank + number + 1), *words)


def _watch(context: Any, gpus: Sequence[str]) -> None:
    """End this process where another one failed, unless it comes to the same end by itself."""
    try:
        while not context.join():
            pass
    except ProcessException as error:
        time.sleep(PATIENCE)
        (last,) = error.msg.strip().splitlines()[-1:]
        terminal.say(
            f"\nthe process that trained on GPU {gpus[error.error_index + 1]} ended: {last}"
        )
        sys.stderr.write(error.msg)
        sys.stderr.flush()
        os._exit(1)
