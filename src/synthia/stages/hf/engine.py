"""Which engine trains (`training.engine`), and why.

`packed` passes the rows of a step together through layers of its own (`synthia.stages.hf.packed`), for
models of Llama's and Qwen2's kind on GPUs that PyTorch's variable-length attention knows. `auto` takes it
where it can, Unsloth elsewhere. Without a GPU rows are passed one at a time unless `packed` is asked for.

Not covered: loading and training (`synthia.stages.train`), and memory (`synthia.stages.hf.memory_plan`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from synthia import records, terminal
from synthia.errors import UsageError
from synthia.recipe import Recipe
from synthia.recipe_values import ALL_LINEAR

PACKED, UNSLOTH, PLAIN = "packed", "unsloth", "plain"
KINDS = ("llama", "qwen2")
LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
CAPABILITY = (8, 0)
"""Ampere, the oldest that flash attention in PyTorch runs on."""


def choose(recipe: Recipe, base: Path, capability: tuple[int, int] | None) -> str:
    """PACKED, UNSLOTH or PLAIN for a base model's folder on a GPU of this capability, None without one.

    Says what `auto` chose. Raises UsageError where `packed` is asked for and cannot be had.
    """
    asked = recipe.training.engine
    if asked == UNSLOTH or (asked == "auto" and capability is None):
        return PLAIN if capability is None else UNSLOTH
    hindrances = list(missing(recipe, records.read(base / "config.json"), capability))
    if asked == PACKED and hindrances:
        raise UsageError(
            f'training.engine = "packed": {"; ".join(hindrances)}. Set training.engine = "unsloth"'
        )
    chosen = UNSLOTH if hindrances else PACKED
    if asked == "auto":
        why = "; ".join(hindrances) if hindrances else "the rows of a step in one pass"
        terminal.say(f"engine    {chosen}: {why}")
    return chosen


def missing(
    recipe: Recipe, config: Mapping[str, Any], capability: tuple[int, int] | None
) -> Iterator[str]:
    """What of a recipe, of a model's config.json or of a GPU the packed engine does not know."""
    kind, head = config.get("model_type"), config.get("head_dim")
    if kind not in KINDS:
        yield f"the model is a {kind}, known are {' and '.join(KINDS)}"
        return
    head = head or config["hidden_size"] // config["num_attention_heads"]
    if capability is not None and capability < CAPABILITY:
        yield f"the GPU's compute capability is {capability[0]}.{capability[1]}, 8.0 is needed"
    if head % 8 or head > 256 or head & (head - 1):
        yield f"its attention has heads of {head} numbers"
    if config.get("hidden_act", "silu") != "silu":
        yield f"its MLP's activation is {config['hidden_act']}"
    for key in ("use_sliding_window", "mlp_bias", "attention_bias", "attention_dropout"):
        if config.get(key):
            yield f"its config.json says {key}"
    if recipe.lora.lora_dropout:
        yield f"lora.lora_dropout is {recipe.lora.lora_dropout:g}, not 0"
    targets = recipe.lora.target_modules
    strange = [] if targets == ALL_LINEAR else sorted(set(targets) - set(LAYERS))
    if strange:
        yield f"lora.target_modules names {', '.join(strange)}"
