"""Load a base model or a merged one with transformers, for training on a CPU and for sampling.

A 7B model in 32 bit takes 30 GB. Weights in bfloat16 that are computed in 32 bit stay as they are on a GPU:
what they are multiplied by is cut into three bfloat16 numbers whose sum it is (`parts`), which its tensor
cores multiply faster than 32-bit ones. Others stay in 16 bit where the GPU has no room for them in the
precision in which they are computed, and become that when their turn comes: slower, and the same numbers.
Where it has no room for those either, the layers that do not fit lie in the host's memory, pinned where
that has room, and go to the GPU whenever they are used. NF4's values are kept in 16 bit where they fit, for
sampling.

Not covered: Unsloth's loading for training on CUDA, see `synthia.stages.hf.adapter`.
"""

import gc
import json
from functools import partial
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from synthia.recipe import Recipe

RESIDENT = 0.7
"""Weights lie on the GPU where they take at most this share of its free memory, ..."""
STREAMED = 0.5
"""... else as many layers in 16 bit as take this one. The rest is for what is computed."""
WHOLE = -1
"""As the room for 16-bit weights on the GPU: they all fit."""
PINNED = 0.5
"""Layers are pinned where they take at most this share of the host's memory that is available: it is never
given back for other uses, as that of a mapped file is."""
ROWS = 4096
"""So many rows are multiplied by parts at once, which makes three times as many of them."""


def device() -> str:
    """Where models run: the first GPU, else the CPU."""
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def as_trained(recipe: Recipe, base: Path) -> Any:
    """The base as it is in training: in the recipe's dtype, its linear layers in NF4 for QLoRA."""
    dtype = getattr(torch, recipe.model.dtype)
    quantization = None
    if recipe.model.load_in_4bit:
        quantization = nf4(dtype)
    model = AutoModelForCausalLM.from_pretrained(
        str(base),
        dtype=dtype,
        quantization_config=quantization,
        attn_implementation="sdpa",
        device_map=device(),
    )
    keep_unpacked(model)
    return model


def keep_unpacked(model: Any) -> None:
    """Let NF4 layers compute alike on every processor.

    On one with AVX-512 BF16, bitsandbytes 0.50 packs a layer's weights anew at the first answer on the
    CPU: their scales are rounded to bfloat16, `dequantize_4bit` misreads them from then on, and layers
    whose inputs are no multiple of a block of 64 end in an error.
    """
    for layer in model.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu"):
            layer.support_avx512bf16_for_cpu = False


def nf4(dtype: torch.dtype) -> Any:
    """QLoRA's quantisation: NF4 with double quantisation, computed in `dtype`."""
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def plain(folder: Path, dtype: torch.dtype) -> Any:
    """A 16-bit model folder, computed in `dtype`."""
    if torch.cuda.is_available():
        size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
        held = json.loads((folder / "config.json").read_text()).get("dtype")
        cut = held == "bfloat16" and dtype == torch.float32
        if (room := room_for(size, dtype, free_bytes(), cut=cut)) is not None:
            return kept_in_16_bit(folder, dtype, room)
    model = AutoModelForCausalLM.from_pretrained(
        str(folder), dtype=dtype, attn_implementation="sdpa", device_map=device()
    )
    return model.eval()


def room_for(size: int, dtype: torch.dtype, free: int, *, cut: bool = False) -> int | None:
    """How many bytes of a model's 16-bit weights, `size` in all, go onto a GPU with so much free memory.

    WHOLE for all of them; None where they fit in `dtype`, and so need not stay in 16 bit. With `cut` they
    stay all the same, since they are multiplied by `parts`.
    """
    if not cut and size * dtype.itemsize // 2 <= RESIDENT * free:
        return None
    return WHOLE if size <= RESIDENT * free else int(STREAMED * free)


def free_bytes() -> int:
    """What PyTorch may still take of the GPU's memory."""
    gc.collect()
    torch.cuda.empty_cache()
    free, total = torch.cuda.mem_get_info()
    allowed = torch.cuda.get_per_process_memory_fraction() * total
    return int(min(free, allowed - torch.cuda.memory_allocated()))


def kept_in_16_bit(folder: Path, dtype: torch.dtype, room: int) -> Any:
    """The same with the weights in 16 bit: all on the GPU, or layers of at most `room` bytes of them."""
    from accelerate import dispatch_model, infer_auto_device_map

    whole = room == WHOLE
    model = AutoModelForCausalLM.from_pretrained(
        str(folder),
        dtype="auto",
        attn_implementation="sdpa",
        device_map=device() if whole else "cpu",
    ).eval()
    compute_in(model, dtype)
    if whole:
        return model
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    places = infer_auto_device_map(
        model,
        max_memory={0: room, "cpu": 2 * size},
        no_split_module_classes=list(model._no_split_modules),
    )
    here = [model.get_submodule(name) for name, where in places.items() if where == "cpu"]
    if sum(w.nbytes for module in here for w in module.parameters()) <= PINNED * available_bytes():
        for module in here:
            pin(module)
    return dispatch_model(model, places)


def available_bytes() -> int:
    """How much of the host's memory new programs may take, as the kernel reckons it."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith("MemAvailable:")]
    return int(line.split()[1]) * 1024


def pin(module: Any) -> None:
    """Put a module's weights into pinned memory of the host, from which a GPU reads several times as fast.

    One piece for all of them, which are of one type: PyTorch rounds each piece up to a power of two.
    """
    weights = list(module.parameters())
    if not weights:
        return
    piece = torch.empty(
        sum(weight.numel() for weight in weights), dtype=weights[0].dtype, pin_memory=True
    )
    for weight, part in zip(weights, piece.split([w.numel() for w in weights]), strict=True):
        weight.data = part.view_as(weight).copy_(weight.data)


def compute_in(model: Any, dtype: torch.dtype) -> None:
    """Let a model's tables and products give `dtype`, with their weights kept in 16 bit.

    These become `dtype` whenever they are used; bfloat16 ones whose products are wanted in 32 bit stay as
    they are, and are multiplied by `parts`. The norms multiply in the precision of what they get.
    """
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            module.forward = partial(_looked_up, module, dtype)
        elif isinstance(module, torch.nn.Linear):
            module.forward = partial(_multiplied, module, dtype)


def _looked_up(table: torch.nn.Embedding, dtype: torch.dtype, ids: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.embedding(ids, table.weight).to(dtype)


def _multiplied(layer: torch.nn.Linear, dtype: torch.dtype, given: torch.Tensor) -> torch.Tensor:
    bias = None if layer.bias is None else layer.bias.to(dtype)
    if (layer.weight.dtype, dtype) != (torch.bfloat16, torch.float32):
        return torch.nn.functional.linear(given, layer.weight.to(dtype), bias)
    flat = given.reshape(-1, layer.in_features)
    out = torch.empty((len(flat), layer.out_features), device=given.device)
    for rows, sums in zip(flat.split(ROWS), out.split(ROWS), strict=True):
        # One product for all parts: with few rows it takes as long as the weights take to be read.
        high, middle, low = _product(torch.cat(parts(rows)), layer.weight.t()).chunk(3)
        torch.add(low.add_(middle), high, out=sums)
    out = out if bias is None else out.add_(bias)
    return out.view(*given.shape[:-1], -1)


def _product(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Two bfloat16 matrices' product, summed and kept in 32 bit."""
    if one.is_cuda:
        return torch.mm(one, other, out_dtype=torch.float32)
    return torch.mm(one.float(), other.float())


def parts(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Three bfloat16 tensors whose sum is the 32-bit x: 8 bits of its 24 each, the highest first.

    Exact where the last of the 24 bits is a normal number of bfloat16: from 2^-103 on.
    """
    high = x.to(torch.bfloat16)
    rest = x - high
    middle = rest.to(torch.bfloat16)
    return high, middle, (rest - middle).to(torch.bfloat16)


def with_values(model: Any) -> Any:
    """The same model with NF4's values in place of NF4, where the GPU has room for them; else as it is.

    They are what NF4 is turned into at each use. A product of one row alone, which bitsandbytes makes by a
    kernel of its own, may differ in its last bits.
    """
    from bitsandbytes.functional import dequantize_4bit
    from bitsandbytes.nn import Linear4bit

    layers = {name: each for name, each in model.named_modules() if isinstance(each, Linear4bit)}
    size = sum(2 * each.in_features * each.out_features for each in layers.values())
    if not layers or (model.device.type == "cuda" and size > RESIDENT * free_bytes()):
        return model
    for name, layer in layers.items():
        values = dequantize_4bit(layer.weight.data, layer.weight.quant_state)
        plain_one = torch.nn.Linear(layer.in_features, layer.out_features, device="meta")
        plain_one.weight = torch.nn.Parameter(values, requires_grad=False)
        plain_one.bias = layer.bias
        model.set_submodule(name, plain_one)
    return model
