"""How far two ways of merging a QLoRA adapter are from the model that was trained.

Trained: the adapter on the NF4 base. Merged can be W16 + delta (what is shipped here, and by
Unsloth and LLaMA-Factory) or dequantised NF4 + delta (axolotl). Reported, not judged.

Not covered: other ways of merging, and how answers differ; the B gates compare those.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from synthia import records
from synthia.recipe import Recipe
from synthia.stages.hf import load_model, prefix_batches

PROBES = 16
"""Gold answers over which the divergence is averaged."""


def compare(recipe: Recipe, inputs: Mapping[str, Path], merged: Path) -> dict[str, Any]:
    """Mean KL divergence in nats and shared first choices, each way against what was trained."""
    from peft import PeftModel

    probes = records.read_lines(inputs["prepare"] / "probes.jsonl")[:PROBES]
    terminator = probes[0]["gold_ids"][-1]
    base = load_model.as_trained(recipe, inputs["fetch"])
    model = PeftModel.from_pretrained(base, str(inputs["train"])).eval()
    trained = log_probabilities(model, probes, terminator)
    merge_when_used(model)
    dequantised = log_probabilities(model, probes, terminator)
    del model, base
    model = load_model.plain(merged, getattr(torch, recipe.model.dtype))
    shipped = log_probabilities(model, probes, terminator)
    return {
        "positions": len(trained),
        "w16_plus_delta": divergence(trained, shipped),
        "dequantised_nf4_plus_delta": divergence(trained, dequantised),
    }


def merge_when_used(model: Any) -> None:
    """Let each layer compute with dequantised NF4 + delta, merged anew for every use.

    Merged all at once a 7B model takes 15 GB in place of 6, which many a card that trained it has not.
    """
    from peft.tuners.lora import LoraLayer

    for layer in model.modules():
        if isinstance(layer, LoraLayer):
            layer.forward = partial(_merged, layer)  # type: ignore[method-assign]


def _merged(layer: Any, given: torch.Tensor) -> torch.Tensor:
    """What PEFT's merge into the dequantised layer computes for [..., in]."""
    from bitsandbytes.functional import dequantize_4bit

    base = layer.get_base_layer()
    weight = dequantize_4bit(base.weight.data, base.weight.quant_state).to(given.dtype)
    weight += layer.get_delta_weight(layer.active_adapters[0])
    return torch.nn.functional.linear(given, weight, base.bias)


def log_probabilities(model: Any, probes: list[dict[str, Any]], terminator: int) -> torch.Tensor:
    """Log probabilities [positions, vocabulary] on the CPU at every gold token."""
    rows = [[*probe["prompt_ids"], *probe["gold_ids"]] for probe in probes]
    shared = prefix_batches.first_turns([probe["prompt_ids"] for probe in probes], terminator)
    found: dict[int, torch.Tensor] = {}

    def note(batch: prefix_batches.Batch) -> None:
        hidden, _, _ = prefix_batches.read(model, batch)
        for row, index in enumerate(batch.indices):
            first = len(probes[index]["prompt_ids"]) - 1
            columns = [batch.column(row, p) for p in range(first, len(rows[index]) - 1)]
            logits = prefix_batches.inner(model).lm_head(hidden[row, columns]).float()
            found[index] = torch.log_softmax(logits, dim=-1).cpu()

    with torch.inference_mode():
        prefix_batches.over(rows, shared, note)
    return torch.cat([found[index] for index in range(len(rows))])


def divergence(trained: torch.Tensor, merged: torch.Tensor) -> dict[str, float]:
    """KL(trained || merged) and how often both have the same first choice."""
    kl = (trained.exp() * (trained - merged)).sum(dim=1).mean().item()
    same = (trained.argmax(dim=1) == merged.argmax(dim=1)).double().mean().item()
    return {"mean_kl": round(kl, 6), "same_first_choice": round(same, 6)}
