"""What the GPU does in some steps of a training, by kind of kernel.

`training.py --profile N` profiles the last N steps of an arm: PyTorch's profiler notes each kernel, whose
name tells what kind of work it is. `--leave` takes memory away while an arm trains.

Not covered: what the processor does meanwhile; a GPU that is not busy waits for it.
"""

import json
import re
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

KINDS = {
    "copies": r"memcpy|memset|^void at::native.*(copy_kernel|direct_copy|CatArray)",
    "attention": r"flash|fmha|attention",
    "4 to 16 bit": r"dequant",
    "optimizer": r"adam|optimizer|multi_tensor",
    "products": r"gemm|gemv|nvjet|cutlass|cublas|splitk|matmul",
    "loss": r"cross_entropy|logsumexp|softmax|cce",
    "compiled or Triton": r"^\w+$",
}
"""Kinds of kernels by their names, the first that fits; "else" is what fits none.

Triton names a kernel by its function alone, C++ with types and arguments.
"""
WORK = ("kernel", "gpu_memcpy", "gpu_memset")


def summary(events: Iterable[Mapping[str, Any]], steps: int, seconds: float) -> dict[str, Any]:
    """What `steps` steps took, a step: milliseconds by kind, kernels, and the eight that took longest.

    `events` are those of Chrome's trace format, durations in microseconds; `seconds` is the clock's time.
    """
    kinds = dict.fromkeys([*KINDS, "else"], 0.0)
    kernels: dict[str, list[float]] = {}
    for event in events:
        if event.get("cat") not in WORK:
            continue
        name, taken = str(event["name"]), float(event["dur"]) / 1000 / steps
        kind = next(
            (k for k, like in KINDS.items() if re.search(like, name, re.IGNORECASE)), "else"
        )
        kinds[kind] += taken
        kernels.setdefault(name, []).append(taken)
    longest = sorted(kernels.items(), key=lambda found: -sum(found[1]))[:8]
    return {
        "steps": steps,
        "ms": round(1000 * seconds / steps, 1),
        "busy_ms": round(sum(kinds.values()), 1),
        "kernels": round(sum(map(len, kernels.values())) / steps),
        "kinds_ms": {kind: round(taken, 1) for kind, taken in kinds.items()},
        "longest": [
            {"name": name[:120], "ms": round(sum(taken), 2), "count": round(len(taken) / steps)}
            for name, taken in longest
        ],
    }


def watch(trainer: Any, steps: int, found: dict[str, Any]) -> None:
    """Let a trainer of transformers put the summary of its last steps into `found`."""
    import torch
    from torch.profiler import ProfilerActivity, profile
    from transformers import TrainerCallback

    cuda = torch.cuda.is_available()
    seen = profile(activities=[ProfilerActivity.CUDA if cuda else ProfilerActivity.CPU])
    began: list[float] = []

    def now() -> float:
        if cuda:
            torch.cuda.synchronize()
        return time.perf_counter()

    class Watch(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == args.max_steps - steps:
                began.append(now())
                seen.start()

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == args.max_steps:
                seconds = now() - began[0]
                seen.stop()
                with tempfile.TemporaryDirectory() as folder:
                    trace = Path(folder) / "trace.json"
                    seen.export_chrome_trace(str(trace))
                    events = json.loads(trace.read_text())["traceEvents"]
                found["profile"] = summary(events, steps, seconds)

    trainer.add_callback(Watch())


def leave(trainer: Any, gib: float) -> None:
    """After the second step, take all of the GPU's memory that is free but so many GiB."""
    import torch
    from transformers import TrainerCallback

    held: list[torch.Tensor] = []

    class Leave(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            if state.global_step == 2:
                torch.cuda.empty_cache()
                free = torch.cuda.mem_get_info()[0]
                held.append(torch.empty(int(free - gib * 2**30), dtype=torch.uint8, device="cuda"))
                print(f"{gib:g} of {free / 2**30:.1f} GiB that were free are left", flush=True)

    trainer.add_callback(Leave())
