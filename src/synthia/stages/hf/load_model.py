"""Load a base model or a merged one with transformers, for training on a CPU and for sampling.

Not covered: Unsloth's loading for training on CUDA, see `synthia.stages.train`.
"""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from synthia.recipe import Recipe


def device() -> str:
    """Where models run: the first GPU, else the CPU."""
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def as_trained(recipe: Recipe, base: Path) -> Any:
    """The base as it is in training: in the recipe's dtype, its linear layers in NF4 for QLoRA."""
    dtype = getattr(torch, recipe.model.dtype)
    quantization = None
    if recipe.model.load_in_4bit:
        quantization = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=dtype,
        )
    return AutoModelForCausalLM.from_pretrained(
        str(base),
        dtype=dtype,
        quantization_config=quantization,
        attn_implementation="sdpa",
        device_map=device(),
    )


def plain(folder: Path, dtype: torch.dtype) -> Any:
    """A 16-bit model folder, computed in `dtype`."""
    model = AutoModelForCausalLM.from_pretrained(
        str(folder), dtype=dtype, attn_implementation="sdpa", device_map=device()
    )
    return model.eval()
