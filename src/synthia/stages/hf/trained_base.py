"""The base model's weights as training computed with them: for QLoRA, rounded to NF4 and back.

Nothing of the model is loaded: each linear layer's tensor is rounded when its turn comes, so that one
tensor is in memory at a time. Which layers those are is asked of transformers, on a model without weights.

Not covered: other kinds of quantisation, and folders that hold NF4 already: their tensors come as they are.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors import safe_open

from synthia.stages.hf import base_weights, load_model

Tensors = Callable[[Path], Iterator[tuple[str, torch.Tensor]]]
"""Name and values of each tensor of a shard in 16 bit: `base_weights.tensors`, or a `reader`."""


def reader(folder: Path, dtype: torch.dtype) -> Tensors:
    """Return what reads the shards of a base as QLoRA computed with it in `dtype`."""
    layers = quantised_layers(folder)

    def read(shard: Path) -> Iterator[tuple[str, torch.Tensor]]:
        with safe_open(shard, framework="pt") as file:
            packed = {name for name in layers if name + base_weights.NF4_STATE in file.keys()}
        for name, tensor in base_weights.tensors(shard, load_model.device()):
            yield name, rounded(tensor, dtype) if name in layers - packed else tensor

    return read


def quantised_layers(folder: Path) -> set[str]:
    """Names of the tensors that transformers quantises when it loads this folder in 4 bit."""
    import bitsandbytes
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.integrations import replace_with_bnb_linear
    from transformers.quantizers.base import get_keys_to_not_convert

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(str(folder)))
    model = replace_with_bnb_linear(
        model, get_keys_to_not_convert(model), load_model.nf4(torch.bfloat16)
    )
    layers = model.named_modules()
    return {
        f"{name}.weight" for name, each in layers if isinstance(each, bitsandbytes.nn.Linear4bit)
    }


def rounded(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """A tensor's values after NF4 with double quantisation, as a layer in `dtype` computes with them.

    They are on the device on which models run: a GPU may round to other values than a CPU.
    """
    from bitsandbytes.functional import dequantize_4bit, quantize_4bit

    tensor = tensor.to(load_model.device())
    packed, state = quantize_4bit(tensor.to(dtype), quant_type="nf4", compress_statistics=True)
    return dequantize_4bit(packed, state).to(tensor.dtype)
