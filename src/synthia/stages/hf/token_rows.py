"""The rows of embedding and head that a recipe trains beside LoRA (`lora.trainable_token_indices`).

PEFT keeps them as `trainable_tokens_delta` in a wrapper around the layer. Two ways to lose them without
a word are met here: Unsloth freezes whatever is not LoRA's own A and B, and rows in 16 bit swallow most
of an optimizer's small steps. Gates say before the first step that they can move, and afterwards that
they did.

Not covered: merging them, see `synthia.stages.merge`.
"""

from collections.abc import Iterator
from typing import Any

from synthia.gates import Gate, none_found
from synthia.recipe import Recipe

DELTA = "trainable_tokens_delta"
NAME = "T trainable: rows"
MOVED = "T trainable: moved"
WHY = "a base model that never saw the turns' marks cannot learn to write them with LoRA alone"


def free(model: Any) -> None:
    """Let the rows train, in 32 bit, after a library has frozen them."""
    for name, parameter in model.named_parameters():
        if DELTA in name:
            parameter.data = parameter.data.float()
            parameter.requires_grad_(True)


def layers(model: Any) -> Iterator[tuple[str, Any]]:
    """Name and PEFT layer of each table whose rows are trained; a head that is tied has none."""
    for name, module in model.named_modules():
        if hasattr(module, DELTA) and not module.tied_adapter:
            yield name.removesuffix(".token_adapter"), module


def can_move(recipe: Recipe, model: Any) -> Gate:
    """Gate T trainable: rows, before the first step: every table's rows get gradients."""
    wanted = recipe.lora.trainable_token_indices
    found = list(layers(model))
    offenders = [] if found or not wanted else ["the model has no table with trained rows"]
    for name, layer in found:
        for parameter in getattr(layer, DELTA).values():
            if not parameter.requires_grad:
                offenders.append(f"{name}: rows {wanted} are frozen")
    return none_found(
        NAME,
        offenders,
        metric="tables whose rows the recipe trains and the trainer does not",
        why=WHY,
        fix="this is a bug in how the model is prepared for training; report it",
    )


def have_moved(model: Any) -> Gate:
    """Gate T trainable: moved, after the last step: every row differs from the base's."""
    offenders = []
    for name, layer in layers(model):
        for adapter, rows in getattr(layer, DELTA).items():
            original = layer.trainable_tokens_original[adapter]
            same = (rows.detach().float() == original.to(rows.device).float()).all(dim=1).tolist()
            ids = layer.token_indices[adapter]
            offenders += [
                f"{name} row {token}" for token, still in zip(ids, same, strict=True) if still
            ]
    return none_found(
        MOVED,
        offenders,
        metric="rows that the recipe trains and that are still the base's",
        why=WHY,
        fix="check that the rows' tokens occur in the data; else report this",
    )
