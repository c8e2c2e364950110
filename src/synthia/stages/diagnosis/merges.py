"""An adapter and its base, and a merged folder against both, with merge's own audit.

Not covered: adapters that merge does not know (DoRA and others): they are named and not judged.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from synthia import records
from synthia.errors import PipelineError
from synthia.gates import Gate, none_found
from synthia.stages import merge
from synthia.stages.hf import base_weights, trained_base

DTYPE = "M merge: dtype"
NO_OP = "a merge that changed nothing: these adapted tensors are still the base's"
AGAIN = "merge again: ./invoke merge, or PEFT's merge_and_unload on the base in its own dtype"

FLOAT32 = 2.0**-21
"""Other tools sum in float32, whose error (2^-24 an operation) is of the base's size also where base and
delta nearly cancel out: 2^-23.3 of it in a merge by PEFT, which was 11 of the tiny sum's own ulp."""


def adapter(path: Path, base: Path) -> list[Gate]:
    """Gates on an adapter: does it fit the base, does it change anything, is it finite?"""
    arm, weights = str(path), records.read(path / "adapter_config.json")
    try:
        changes = merge.read_adapter(path)
    except PipelineError as error:
        return [none_found("M merge: keys", [str(error)], arm=arm, metric="parts that are no plain LoRA",
                           why="merge would lose them", fix="merge it where it was made")]  # fmt: skip
    fits = merge.match(base, changes)
    named = str(weights.get("base_model_name_or_path") or "")
    why = (
        f"an adapter of another base: it names {named or 'none'}, and its parts do not meet {base}"
    )
    broken, frozen = [], []
    for name, change in changes.items():
        parts = [part for part in (change.a, change.b, change.values) if part is not None]
        if not all(torch.isfinite(part).all() for part in parts):
            broken.append(name)
        if change.b is not None and not change.b.any():
            frozen.append(name)
    return [
        Gate(**{**vars(fits), "arm": arm, "why": why if not fits.passed else fits.why,
                "fix": f"give --base with {named or 'the model that it was trained on'}"}),
        none_found("M merge: finite", broken, arm=arm, metric="parts of the adapter with NaN or infinity",
                   why="the training diverged", fix="train again with a lower learning rate"),
        none_found("T trainable: moved", frozen, arm=arm, metric="LoRA pairs whose B is still zero",
                   why="these layers were never trained: the adapter is a fresh or frozen one",
                   fix="check that the trainer updates the adapter; train again"),
    ]  # fmt: skip


def merged(path: Path, base: Path, adapters: Sequence[Path]) -> list[Gate]:
    """Gates on a merged folder: its dtype against the base's, and each tensor against base + adapter.

    A folder that was merged onto the values that QLoRA computes with is as good as one on the base's own.
    """
    changes: Mapping[str, Any] = merge.read_adapter(adapters[0]) if len(adapters) == 1 else {}
    found, other = _audit(path, base, changes, base_weights.tensors)
    if changes and not other and not _passed(found):
        for dtype in (torch.bfloat16, torch.float32):
            rounded, _ = _audit(path, base, changes, trained_base.reader(base, dtype))
            found = rounded if _passed(rounded) else found
    gates = [none_found(DTYPE, other, arm=str(path),
                        metric="tensors of a type that cannot hold the base's values",
                        why="merged at the wrong dtype: small values became zero, large ones infinite",
                        fix="load the base in its own dtype, then merge_and_unload")]  # fmt: skip
    if changes and not other:
        for gate in merge.judge(found):
            why = NO_OP if gate.name == "M merge: unchanged" else gate.why
            if gate.name != "M merge: finite":  # `weights` judges that one on any artefact
                gates.append(Gate(**{**vars(gate), "arm": str(path), "why": why, "fix": AGAIN}))
    return gates


def _passed(found: merge.Audit) -> bool:
    return all(gate.passed for gate in merge.judge(found))


def _audit(
    path: Path, base: Path, changes: Mapping[str, Any], tensors: trained_base.Tensors
) -> tuple[merge.Audit, list[str]]:
    """Compare a merged folder with the tensors of its base; with that, those of another dtype."""
    where = {
        name: shard
        for shard in sorted(path.glob("*.safetensors"))
        for name in base_weights.names(shard)
    }
    found, other = merge.Audit(slack=FLOAT32), []
    for shard in base_weights.shards(base):
        for name, before in tensors(shard):
            if name not in where:
                continue
            with safe_open(where[name], framework="pt") as file:
                after = file.get_tensor(name)
            if not _holds(after.dtype, before.dtype):
                lost = (
                    int((after.to(before.dtype) != before).sum())
                    if after.shape == before.shape
                    else 0
                )
                other.append(
                    f"{name} is {after.dtype}, the base's {before.dtype}; {lost} of {before.numel()} differ"
                )
            elif changes and after.dtype == before.dtype:
                merge.compare_tensor(name, before, after, changes.get(name), found)
    return found, other


def _holds(ours: torch.dtype, bases: torch.dtype) -> bool:
    """Whether a type has the base's range and digits."""
    mine, wanted = torch.finfo(ours), torch.finfo(bases)
    return bool(mine.max >= wanted.max and mine.eps <= wanted.eps)
