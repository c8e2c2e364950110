"""The base model with its LoRA adapter, ready to train: from transformers and PEFT, or from Unsloth.

With `load_in_4bit` the frozen weights are NF4 (QLoRA).

Not covered: which of the two loads it (`synthia.stages.hf.engine`), and whether an adapter reached every
layer that was named (`synthia.stages.hf.lora_targets`).
"""

from pathlib import Path
from typing import Any

from synthia.recipe import Recipe
from synthia.stages.hf import token_rows


def make_deterministic() -> None:
    """Let PyTorch take kernels that give the same bits every time (flash attention has others)."""
    import torch

    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # a debugging aid, and slow


def load_with_peft(recipe: Recipe, base: Path, length: int) -> Any:
    """The base from transformers with PEFT's LoRA; NF4 by bitsandbytes where the recipe asks."""
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    from synthia.stages.hf import load_model

    set_seed(recipe.training.seed)
    make_deterministic()
    model = load_model.as_trained(recipe, base)
    config = LoraConfig(**lora_arguments(recipe, model), task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    token_rows.free(model)
    return model


def load_with_unsloth(recipe: Recipe, base: Path, length: int) -> Any:
    """The base from Unsloth, patched for speed. Unsloth must be imported before TRL."""
    import torch
    from unsloth import FastLanguageModel

    make_deterministic()
    model, _ = FastLanguageModel.from_pretrained(
        str(base),
        max_seq_length=length,
        dtype=getattr(torch, recipe.model.dtype),
        load_in_4bit=recipe.model.load_in_4bit,
        # Without this, a name that looks like Qwen's is silently replaced by another repository's.
        use_exact_model_name=True,
        random_state=recipe.training.seed,
    )
    checkpointing = "unsloth" if recipe.training.gradient_checkpointing else False
    model = FastLanguageModel.get_peft_model(
        model,
        **lora_arguments(recipe, model),
        random_state=recipe.training.seed,
        use_gradient_checkpointing=checkpointing,
    )
    token_rows.free(model)
    return model


def lora_arguments(recipe: Recipe, model: Any) -> dict[str, Any]:
    """Arguments that PEFT's LoraConfig and Unsloth's get_peft_model share."""
    lora = recipe.lora
    arguments: dict[str, Any] = {
        "r": lora.r,
        "lora_alpha": lora.lora_alpha,
        "lora_dropout": lora.lora_dropout,
        "target_modules": lora.target_modules,
        "bias": "none",
    }
    if lora.trainable_token_indices:
        layers = (
            ["embed_tokens"] if model.config.tie_word_embeddings else ["embed_tokens", "lm_head"]
        )
        arguments["trainable_token_indices"] = {
            layer: list(lora.trainable_token_indices) for layer in layers
        }
    return arguments
