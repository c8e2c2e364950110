"""Whether the base model has the layers that `lora.target_modules` names, and whether they train.

PEFT adapts what matches and says nothing of a name that matches nothing, as long as another one does: a
typing error trains less than was asked for. So every name must match, in prepare in the model that
config.json describes, and again in the model that is about to be trained. Two gates say that LoRA's A and B
get gradients before the first step, and after the last that B, which begins as zero, is no longer.

Not covered: names of tables and wrong words, which the recipe refuses (`synthia.recipe_values`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from synthia.errors import UsageError
from synthia.gates import Gate, none_found
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


def can_move(model: Any) -> Gate:
    """Gate T trainable: adapter, before the first step: every layer's A and B get gradients."""
    pairs = [(name, parameter) for name, parameter in model.named_parameters() if ".lora_" in name]
    offenders = [f"{name} is frozen" for name, parameter in pairs if not parameter.requires_grad]
    return none_found(
        "T trainable: adapter",
        offenders if pairs else ["the model has no LoRA layer"],
        metric="parts of the adapter that are not trained",
        why="a frozen adapter learns nothing, however long it is trained",
        fix="this is a bug in how the model is prepared for training; report it",
    )


def have_moved(model: Any) -> Gate:
    """Gate T trainable: adapter moved, after the last step: no layer's B is zero any more."""
    return none_found(
        "T trainable: adapter moved",
        [
            name
            for name, parameter in model.named_parameters()
            if ".lora_B." in name and not parameter.detach().any()
        ],
        metric="layers whose B is still zero",
        why="these layers were never trained: the adapter is an empty one",
        fix="raise training.learning_rate; at 0 steps or a rate near 0 nothing moves",
    )
