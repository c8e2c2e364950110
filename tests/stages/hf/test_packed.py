"""Rows packed into one pass train as rows passed one at a time, and none sees another."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM, set_seed
from synthia.stages.hf import packed, token_rows
from synthia.stages.hf.cpu_trainer import CpuSFTTrainer

torch.use_deterministic_algorithms(True)

def made(tied):
    set_seed(1)
    model = Qwen2ForCausalLM(Qwen2Config(
        vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, tie_word_embeddings=tied, attn_implementation="sdpa"))
    layers = ["embed_tokens"] if tied else ["embed_tokens", "lm_head"]
    model = get_peft_model(model, LoraConfig(
        r=4, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False,
        trainable_token_indices={layer: [5, 90] for layer in layers}))
    token_rows.free(model)
    with torch.no_grad():  # rows that differ from the table, as after a step
        for name, parameter in model.named_parameters():
            if token_rows.DELTA in name:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.train()

def row(length, seed):
    draw = torch.Generator().manual_seed(seed)
    ids = torch.randint(1, 97, (length,), generator=draw)
    ids[2], ids[-1] = 5, 90
    labels = torch.where(torch.arange(length) < length // 2, -100, ids)
    return {"input_ids": ids.tolist(), "labels": labels.tolist()}

def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}

def together(model, rows):
    with packed._attention(model):
        loss = packed.PackedSFTTrainer.compute_loss(None, model, packed.collate(rows))
        return loss.item(), gradients(model, loss)

def alone(model, rows):
    count = torch.tensor(sum(label != -100 for row in rows for label in row["labels"][1:]))
    total = 0.0
    for row in rows:
        batch = {name: torch.tensor([ids]) for name, ids in row.items()}
        batch["attention_mask"] = torch.ones_like(batch["input_ids"])
        total += CpuSFTTrainer.compute_loss(None, model, batch, num_items_in_batch=count)
    return total.item(), gradients(model, total)

rows = [row(length, number) for number, length in enumerate((9, 23, 5, 40, 17, 3))]
found = {"collated": {name: value.tolist() if torch.is_tensor(value) else value
                      for name, value in packed.collate(rows[4:]).items()}}
found["labels"] = [rows[4]["labels"], rows[5]["labels"]]
packed.CHUNK = 16  # several chunks
for tied in (True, False):
    model = made(tied)
    (loss, packs), (single, singles) = together(model, rows), alone(model, rows)
    worst = max(((packs[name] - singles[name]).norm() / singles[name].norm()).item()
                for name in singles)
    found[str(tied)] = [loss, single, worst, sorted(packs) == sorted(singles), len(packs),
                        sum("trainable_tokens_delta" in name for name in packs)]
    deaf = [{**row, "labels": [-100] * len(row["labels"])} if number in (1, 3) else row
            for number, row in enumerate(rows)]
    changed = list(deaf)
    for number in (1, 3):
        said = row(len(deaf[number]["labels"]), 70)["input_ids"]
        changed[number] = {**deaf[number], "input_ids": said}
    (one, before), (two, after) = together(model, deaf), together(model, changed)
    found[f"{tied} seen"] = [one == two, all(torch.equal(before[name], after[name]) for name in before)]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(run_in: Callable[..., str]) -> dict[str, Any]:
    outcomes: dict[str, Any] = json.loads(run_in("train", SCRIPT).splitlines()[-1])
    return outcomes


@pytest.mark.parametrize("tied", ["True", "False"])
def test_loss_and_gradients_are_those_of_rows_passed_one_at_a_time(
    found: dict[str, Any], tied: str
) -> None:
    loss, single, worst, same_parameters, count, rows = found[tied]
    assert loss == pytest.approx(single, rel=1e-6)
    assert worst < 1e-5  # relative norm of the worst tensor's difference, in 32 bit
    assert same_parameters
    assert count == 2 * 2 * 3 + rows
    assert rows == (1 if tied == "True" else 2)


@pytest.mark.parametrize("tied", ["True", "False"])
def test_what_another_row_says_changes_no_bit_of_loss_and_gradients(
    found: dict[str, Any], tied: str
) -> None:
    assert found[f"{tied} seen"] == [True, True]


def test_a_batch_says_where_rows_begin_and_labels_no_first_token(found: dict[str, Any]) -> None:
    batch = found["collated"]
    assert batch["cu_seq_lens_q"] == [0, 17, 20]
    assert batch["max_length_q"] == 17
    assert batch["position_ids"] == [[*range(17), *range(3)]]
    (labels,) = batch["labels"]
    first, second = found["labels"]
    assert labels == [-100, *first[1:], -100, *second[1:]]
