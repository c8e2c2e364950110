"""Loss and gradients of the packed engine beside PEFT's, in 32 and in 16 bit, on one step of rows.

    python benchmarks/gradients.py

in the train environment (`./invoke pipeline --recipe smoke` makes it) draws a small model of Qwen2's kind
with LoRA on all its layers and two trained token rows, takes what transformers and PEFT compute of it in 32
bit, one row at a time, and prints by what tensors the others differ from that: the norm of the difference
by the norm of the gradient, the worst of all layers. On a GPU, where there is one, packed runs its kernels.

Not covered: Unsloth, whole trainings (`benchmarks/loss_curves.py`), and that no row sees another
(`tests/stages/hf/test_packed.py`).
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM, set_seed

from synthia.stages.hf import load_model, memory_plan, packed, token_rows
from synthia.stages.hf.engine import LAYERS
from synthia.stages.hf.fused_layer import FusedLayer

VOCABULARY, TOKENS = 4096, [5, 90]
LENGTHS = (19, 301, 77, 40, 203, 128, 64, 350)
Row = Mapping[str, Sequence[int]]
Found = tuple[float, dict[str, torch.Tensor]]


def main() -> None:
    """Compute a step in four ways and print the table."""
    rows = [drawn(length, seed) for seed, length in enumerate(LENGTHS)]
    truth = alone(made(torch.float32), rows)
    ways = {
        "packed, 32 bit": together(made(torch.float32), rows),
        "packed, bfloat16": together(made(torch.bfloat16), rows),
        "PEFT, bfloat16": alone(made(torch.bfloat16), rows),
    }
    print(f"| | {' | '.join(ways)} |")
    print("|---" * (len(ways) + 1) + "|")
    losses = [abs(loss - truth[0]) / truth[0] for loss, _ in ways.values()]
    print(f"| loss | {' | '.join(f'{apart:.1g}' for apart in losses)} |")
    for kind in sorted({kind_of(name) for name in truth[1]}):
        worst = [worst_of(kind, found, truth) for found in ways.values()]
        print(f"| {kind} | {' | '.join(f'{apart:.2g}' for apart in worst)} |")


def drawn(length: int, seed: int) -> Row:
    """A row of ids, the later half of it labelled."""
    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, VOCABULARY, (length,), generator=draw)
    ids[2], ids[-1] = TOKENS[0], TOKENS[1]
    labels = torch.where(torch.arange(length) < length // 2, packed.IGNORED, ids)
    return {"input_ids": ids.tolist(), "labels": labels.tolist()}


def made(kind: torch.dtype) -> Any:
    """The model, its frozen weights the same 16 bits in either kind, its adapter in 32 bit."""
    set_seed(1)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=VOCABULARY, hidden_size=256, intermediate_size=704, num_hidden_layers=4,
            num_attention_heads=4, num_key_value_heads=2, attn_implementation="sdpa",
        )
    )  # fmt: skip
    model = model.to(torch.bfloat16).to(kind)
    adapted = get_peft_model(
        model,
        LoraConfig(
            r=16, lora_alpha=16, target_modules=list(LAYERS), init_lora_weights=False,
            trainable_token_indices=dict.fromkeys(("embed_tokens", "lm_head"), TOKENS),
        ),
    )  # fmt: skip
    token_rows.free(adapted)
    return adapted.to(load_model.device()).train()


def alone(model: Any, rows: Sequence[Row]) -> Found:
    """The step by transformers and PEFT, a row at a time, under autocast in 16 bit."""
    kind, total = next(model.parameters()).dtype, torch.zeros((), device=model.device)
    count = sum(packed.labelled(row["labels"]) for row in rows)
    for row in rows:
        ids, labels = (torch.tensor([row[key]], device=model.device) for key in row)
        with torch.autocast(model.device.type, kind, enabled=kind == torch.bfloat16):
            logits = model(input_ids=ids).logits[0, :-1]
        wrong = torch.nn.functional.cross_entropy(logits.float(), labels[0, 1:], reduction="sum")
        total = total + wrong / count
    return total.item(), gradients(model, total)


def together(model: Any, rows: Sequence[Row]) -> Found:
    """The step by the packed engine, in one pass."""
    batch = {**packed.collate(rows), "tokens": packed.tokens(model)}
    batch = {
        key: value.to(model.device) if torch.is_tensor(value) else value
        for key, value in batch.items()
    }
    causal = model.get_base_model()
    layers = [FusedLayer(layer, values=True) for layer in causal.model.layers]
    total = packed.loss(causal, layers, batch, memory_plan.ALL, len(batch["wanted"]))
    return total.item(), gradients(model, total)


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    """What each trained tensor gets."""
    loss.backward()
    return {name: p.grad.float() for name, p in model.named_parameters() if p.grad is not None}


def kind_of(name: str) -> str:
    """What a tensor is, whichever its layer."""
    parts = name.split(".")
    if token_rows.DELTA in name:
        return f"rows of {parts[-4]}"
    return f"{parts[-4]} {parts[-3].removeprefix('lora_')}"


def worst_of(kind: str, found: Found, truth: Found) -> float:
    """How far the worst gradient of a kind is from the true one, by the true one's norm."""
    return max(
        float((found[1][name] - true).norm() / true.norm())
        for name, true in truth[1].items()
        if kind_of(name) == kind
    )


if __name__ == "__main__":
    main()
