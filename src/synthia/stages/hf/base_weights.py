"""Weights of a model folder, one tensor at a time, in 16 bit.

A folder from the Hub is either plain 16 bit or already quantised to NF4 by bitsandbytes; the second
is expanded to the bfloat16 values that its layers compute with. Only the tensor asked for is in
memory.

Not covered: other kinds of quantisation (refused), and weights in 32 bit (refused: the product is
16 bit, and rounding the base is no merge).
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from synthia import records
from synthia.errors import UsageError

NF4_STATE = ".quant_state.bitsandbytes__nf4"
NF4_PARTS = (".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map", NF4_STATE)
SIXTEEN_BIT = (torch.bfloat16, torch.float16)
DTYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32, "F64": torch.float64}
"""By their names in safetensors."""


def shards(folder: Path) -> list[Path]:
    """The folder's weight files in order of name."""
    found = sorted(folder.glob("*.safetensors"))
    if not found:
        raise UsageError(f"{folder.name}/ holds no .safetensors file; run fetch again")
    return found


def names(shard: Path) -> list[str]:
    """Names of a shard's tensors, those that only describe a quantised one left out."""
    with safe_open(shard, framework="pt") as file:
        keys = sorted(file.keys())
    return [key for key in keys if not any(part in key for part in NF4_PARTS)]


def tensors(shard: Path, device: str = "cpu") -> Iterator[tuple[str, torch.Tensor]]:
    """Name and 16-bit values of each of a shard's tensors, on the CPU.

    Those in NF4 are dequantised on the device: a GPU's values differ from a CPU's in the last place.
    """
    with safe_open(shard, framework="pt") as file:
        for name in names(shard):
            yield name, load(file, name, device)


def shapes(shard: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of a shard's tensors by name, as `tensors` gives them, without reading them."""
    found = {}
    with safe_open(shard, framework="pt") as file:
        for name in names(shard):
            if name + NF4_STATE in file.keys():
                state = json.loads(bytes(file.get_tensor(name + NF4_STATE).tolist()))
                found[name] = tuple(state["shape"])
            else:
                found[name] = tuple(file.get_slice(name).get_shape())
    return found


def require_mergeable(folder: Path) -> None:
    """Raise UsageError where `load` would refuse a tensor: said before a night's training, not after it."""
    for shard in shards(folder):
        with safe_open(shard, framework="pt") as file:
            for name in names(shard):
                if name + NF4_STATE not in file.keys():
                    _require_16_bit(name, DTYPES.get(file.get_slice(name).get_dtype()))


def _require_16_bit(name: str, dtype: Any) -> None:
    if dtype not in SIXTEEN_BIT:
        raise UsageError(
            f"{name} of the base model is {dtype or 'of another type'}; merge needs a base in bfloat16, "
            "float16 or bitsandbytes' NF4: choose another repo_id, or save the model in bfloat16"
        )


def load(file: Any, name: str, device: str = "cpu") -> torch.Tensor:
    """One tensor of an open shard in 16 bit, on the CPU; one in NF4 is dequantised on the device."""
    tensor: torch.Tensor = file.get_tensor(name)
    if name + NF4_STATE in file.keys():
        return _expand(file, name, tensor, device)
    _require_16_bit(name, tensor.dtype)
    return tensor


def _expand(file: Any, name: str, packed: torch.Tensor, device: str) -> torch.Tensor:
    """Dequantise an NF4 tensor: [packed bytes, 1] to the layer's [out, in] in bfloat16, on the CPU."""
    from bitsandbytes.functional import QuantState, dequantize_4bit

    parts = {
        part.lstrip("."): file.get_tensor(name + part)
        for part in NF4_PARTS
        if name + part in file.keys()
    }
    state = QuantState.from_dict(parts, device=torch.device(device))
    return dequantize_4bit(packed.to(device), state).to("cpu", torch.bfloat16)


def write_index(out: Path) -> None:
    """Write the index that transformers needs where a model has several shards."""
    files = shards(out)
    if len(files) == 1:
        return
    where, size = {}, 0
    for shard in files:
        for name, shape in shapes(shard).items():
            where[name] = shard.name
            size += 2 * math.prod(shape)
    index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(where.items()))}
    records.write(out / "model.safetensors.index.json", index, sort_keys=False)
