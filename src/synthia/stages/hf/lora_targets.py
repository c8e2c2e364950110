"""Whether the base model has the layers that `lora.target_modules` names.

PEFT adapts what matches and says nothing of a name that matches nothing, as long as another one does: a
typing error trains less than was asked for. So every name must match, in prepare in the model that
config.json describes, and again in the model that is about to be trained.

Not covered: names of tables and wrong words, which the recipe refuses (`synthia.recipe_values`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from synthia.errors import UsageError
from synthia.recipe_values import ALL_LINEAR, unmatched


def require_described(folder: Path, targets: Sequence[str]) -> None:
    """Raise UsageError unless each name is a linear layer of the model that config.json describes.

    The model is made without values (on PyTorch's device "meta"), of any size in seconds.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    if targets == ALL_LINEAR:
        return
    config = AutoConfig.from_pretrained(str(folder))
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    linear = (name for name, layer in model.named_modules() if isinstance(layer, torch.nn.Linear))
    _require(targets, list(linear))


def require_adapted(model: Any, targets: Sequence[str]) -> None:
    """Raise UsageError unless each name has become a layer with LoRA's A and B in PEFT's model."""
    if targets != ALL_LINEAR:
        adapted = (name for name, layer in model.named_modules() if hasattr(layer, "lora_A"))
        _require(targets, list(adapted))


def _require(targets: Sequence[str], modules: list[str]) -> None:
    if missing := unmatched(targets, modules):
        raise UsageError(missing)
