"""How far two ways of merging a QLoRA adapter are from the model that was trained.

Trained: the adapter on the NF4 base. Merged can be base + delta with the base in its own 16 bit (as Unsloth
and LLaMA-Factory merge) or in dequantised NF4 (as axolotl does). What was shipped is read from its folder;
the other way is computed layer by layer, when used, from the model that was trained.

Not covered: other ways of merging, and how answers differ; the B gates compare those.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from synthia import arms, records
from synthia.gates import Gate, at_most
from synthia.recipe import Recipe
from synthia.stages.hf import base_weights, load_model, prefix_batches

PROBES = 16
"""Gold answers, held out from training, over which the divergence is averaged, ..."""
POSITIONS = 1024
"""... at so many of their tokens at most, evenly spaced: each takes 0.6 MB for 152,064 logits."""
PREFIX = "base_model.model."
"""PEFT's before the name of a layer."""
KEYS = {"base16": "w16_plus_delta", "trained": "dequantised_nf4_plus_delta"}
"""What `merge.onto` is called in the audit."""
MAX_KL = {"trained": 0.002, "base16": 0.05}
"""Mean KL divergence in nats from what was trained that gate M merge: KL allows."""

Weights = Callable[[str, Any], torch.Tensor]
"""The weights [out, in] of a layer's name and layer, without the adapter."""


def compare(recipe: Recipe, inputs: Mapping[str, Path], merged: Path) -> dict[str, Any]:
    """Mean KL divergence in nats and shared first choices, each way against what was trained."""
    from peft import PeftModel

    probes = records.read_lines(inputs["prepare"] / "probes.jsonl")[:PROBES]
    terminator = probes[0]["gold_ids"][-1]
    base = load_model.as_trained(recipe, inputs["fetch"])
    model = PeftModel.from_pretrained(base, str(inputs["train"])).eval()
    trained = log_probabilities(model, probes, terminator)
    merge_when_used(
        model, sixteen_bit(inputs["fetch"]) if recipe.merge.onto == "trained" else dequantised
    )
    other = log_probabilities(model, probes, terminator)
    del model, base
    model = load_model.plain(merged, getattr(torch, recipe.model.dtype))
    shipped = log_probabilities(model, probes, terminator)
    (left_out,) = KEYS.keys() - {recipe.merge.onto}
    return {
        "onto": recipe.merge.onto,
        "positions": len(trained),
        KEYS[recipe.merge.onto]: divergence(trained, shipped),
        KEYS[left_out]: divergence(trained, other),
    }


def judge(onto: str, merges: Mapping[str, Any]) -> Gate:
    """Gate M merge: KL on what `compare` returned."""
    return at_most(
        "M merge: KL",
        merges[KEYS[onto]]["mean_kl"],
        MAX_KL[onto],
        metric=f'mean KL divergence in nats from the adapter on NF4, merged onto "{onto}"',
        why="the merged model answers otherwise than the one that was trained and probed",
        fix="was train/ trained on this fetch/? Run train and merge again"
        + ('; or set merge.onto = "trained"' if onto == "base16" else ""),
    )


def merge_when_used(model: Any, weights: Weights) -> None:
    """Let each quantised layer compute with `weights` + delta, merged anew for every use.

    Merged all at once a 7B model takes 15 GB in place of 6, which many a card that trained it has not.
    """
    from bitsandbytes.nn import Linear4bit
    from peft.tuners.lora import LoraLayer

    adapted = {n: each for n, each in model.named_modules() if isinstance(each, LoraLayer)}
    for name, layer in model.named_modules():
        if name in adapted or (
            isinstance(layer, Linear4bit) and name.removesuffix(".base_layer") not in adapted
        ):
            layer.forward = partial(_merged, name.removeprefix(PREFIX), layer, weights)


def _merged(name: str, layer: Any, weights: Weights, given: torch.Tensor) -> torch.Tensor:
    """What PEFT's merge into such a layer computes for [..., in]."""
    base = layer.get_base_layer() if hasattr(layer, "get_base_layer") else layer
    weight = weights(name, base).to(given)
    if base is not layer:
        weight += layer.get_delta_weight(layer.active_adapters[0])
    return torch.nn.functional.linear(given, weight, base.bias)


def dequantised(name: str, layer: Any) -> torch.Tensor:
    """The values that a quantised layer computes with."""
    from bitsandbytes.functional import dequantize_4bit

    values: torch.Tensor = dequantize_4bit(layer.weight.data, layer.weight.quant_state)
    return values


def sixteen_bit(folder: Path) -> Weights:
    """The base's own values, read from its files whenever they are used."""
    where = {n: shard for shard in base_weights.shards(folder) for n in base_weights.names(shard)}

    def read(name: str, layer: Any) -> torch.Tensor:
        with safe_open(where[f"{name}.weight"], framework="pt") as file:
            return base_weights.load(file, f"{name}.weight").clone()

    return read


def log_probabilities(model: Any, probes: list[dict[str, Any]], terminator: int) -> torch.Tensor:
    """Log probabilities [positions, vocabulary] on the CPU at gold tokens, POSITIONS at most."""
    rows = [[*probe["prompt_ids"], *probe["gold_ids"]] for probe in probes]
    shared = prefix_batches.first_turns([probe["prompt_ids"] for probe in probes], terminator)
    places = [
        (index, position)
        for index, (probe, row) in enumerate(zip(probes, rows, strict=True))
        for position in range(len(probe["prompt_ids"]) - 1, len(row) - 1)
    ]
    places = arms.asked(places, POSITIONS)
    found = torch.empty((len(places), model.config.vocab_size))

    def note(batch: prefix_batches.Batch) -> None:
        hidden, _, _ = prefix_batches.read(model, batch)
        for row, index in enumerate(batch.indices):
            numbers = [number for number, (each, _) in enumerate(places) if each == index]
            columns = [batch.column(row, places[number][1]) for number in numbers]
            logits = prefix_batches.inner(model).lm_head(hidden[row, columns]).float()
            found[numbers] = torch.log_softmax(logits, dim=-1).cpu()

    with torch.inference_mode():
        prefix_batches.over(rows, shared, note)
    return found


def divergence(trained: torch.Tensor, merged: torch.Tensor) -> dict[str, float]:
    """KL(trained || merged) and how often both have the same first choice."""
    rows = zip(trained, merged, strict=True)  # one at a time: three tables more would not be little
    kl = sum((one.exp() * (one - other)).sum().item() for one, other in rows) / len(trained)
    same = (trained.argmax(dim=1) == merged.argmax(dim=1)).double().mean().item()
    return {"mean_kl": round(kl, 6), "same_first_choice": round(same, 6)}
