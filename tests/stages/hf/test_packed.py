"""Rows packed into one pass train as rows passed one at a time, and none sees another."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import importlib.util
import json
import os
import weakref
os.environ["TRITON_INTERPRET"] = "1"
from types import SimpleNamespace
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM, set_seed
from synthia.stages.hf import memory_plan, packed, token_rows
from synthia.stages.hf.cpu_trainer import CpuSFTTrainer
from synthia.stages.hf.fused_layer import FusedLayer

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

def together(model, rows, kept="all", sizes=None):
    causal, batch = model.get_base_model(), {**packed.collate(rows), "tokens": packed.tokens(model)}
    layers = [FusedLayer(layer, values=True) for layer in causal.model.layers]
    count, total, first = len(batch["wanted"]), 0.0, 0
    for size in sizes or [len(rows)]:
        some = {**packed.part(batch, first, first + size), "tokens": batch["tokens"]}
        total, first = total + packed.loss(causal, layers, some, kept, count), first + size
    return total.item(), gradients(model, total)

def close(ours, plain):
    return max(((one - other).norm() / other.norm()).item() for one, other in zip(ours, plain))

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
                      for name, value in packed.collate(rows[4:]).items() if name != "step"}}
found["labels"] = [rows[4]["labels"], rows[5]["labels"]]
packed.CHUNK = 16  # several chunks
for tied in (True, False):
    model = made(tied)
    (loss, packs), (single, singles) = together(model, rows), alone(model, rows)
    worst = max(((packs[name] - singles[name]).norm() / singles[name].norm()).item()
                for name in singles)
    found[str(tied)] = [loss, single, worst, sorted(packs) == sorted(singles), len(packs),
                        sum("trainable_tokens_delta" in name for name in packs)]
    for kept in ("most", "inputs"):
        loss_again, again = together(model, rows, kept)
        same = all(torch.equal(packs[name], again[name]) for name in packs)
        found[f"{tied} {kept}"] = [loss == loss_again, same]
    apart, parts = together(model, rows, "inputs", [2, 1, 3])
    found[f"{tied} parts"] = [apart, close([parts[n] for n in packs], packs.values())]
    deaf = [{**row, "labels": [-100] * len(row["labels"])} if number in (1, 3) else row
            for number, row in enumerate(rows)]
    changed = list(deaf)
    for number in (1, 3):
        said = row(len(deaf[number]["labels"]), 70)["input_ids"]
        changed[number] = {**deaf[number], "input_ids": said}
    (one, before), (two, after) = together(model, deaf), together(model, changed)
    found[f"{tied} seen"] = [one == two, all(torch.equal(before[name], after[name]) for name in before)]

class Short(packed.PackedSFTTrainer):  # a card that has no room for the first try
    def __init__(self, model):
        self.model, self.state, self.tries = model, SimpleNamespace(num_input_tokens_seen=0), []
        self.accelerator = SimpleNamespace(backward=self.backward)
        self.follow(packed.plan(model, 4, "auto", [(40, 20)], 6)[0])

    def _prepare_inputs(self, inputs):
        return inputs

    def compute_loss(self, *words, **named):
        self.tries.append(self.kept)
        if len(self.tries) > 1:
            self.left = self.first()
        return super().compute_loss(*words, **named)

    def backward(self, loss):
        loss.backward()
        if len(self.tries) == 1:  # half of a step is lost with it
            self.first = weakref.ref(loss)
            raise torch.OutOfMemoryError("no room")

model = made(True)
(loss, packs), short = together(model, rows), Short(model)
short.forget()
again = short.training_step(model, packed.collate(rows))
same = all(torch.equal(p.grad, packs[n]) for n, p in model.named_parameters() if p.requires_grad)
seen = short.state.num_input_tokens_seen
found["short"] = [loss == again.item(), short.tries, short.plan.used, seen, same]
found["left"] = short.left is None

if importlib.util.find_spec("triton"):  # Triton's own interpreter runs the GPU's kernels on a CPU
    from synthia.stages.hf import kernels
    r = lambda *shape: torch.randn(shape)
    x, w, both, low, b, c = r(5, 24), r(24), r(5, 40), r(5, 32), r(20, 16), r(20, 16)
    cos, sin = (torch.cat([half, half], 1) for half in (r(5, 4), r(5, 4)))
    down, a = r(5, 16), r(16, 20)
    calls = {
        "norm": lambda: kernels.norm(x, w, 1e-6, x * 2),
        "norm_backward": lambda: kernels.norm_backward(x, w, x * 3, x * 2, 1e-6),
        "rotate": lambda: [kernels.rotate(x.clone(), cos, sin, 2, back=b) for b in (False, True)],
        "swiglu": lambda: [kernels.swiglu(both, low, b, c)],
        "swiglu_backward": lambda: kernels.swiglu_backward(
            both.clone(), x[:, :20].clone(), low, b, c, down, a),
    }
    plain = {name: call() for name, call in calls.items()}
    kernels._on_gpu = lambda x: True
    found["kernels"] = {name: close(call(), plain[name]) for name, call in calls.items()}
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
def test_what_is_kept_for_the_backward_pass_changes_no_bit(
    found: dict[str, Any], tied: str
) -> None:
    for kept in ("most", "inputs"):
        assert found[f"{tied} {kept}"] == [True, True]


@pytest.mark.parametrize("tied", ["True", "False"])
def test_a_step_in_three_passes_is_the_same_step(found: dict[str, Any], tied: str) -> None:
    apart, worst = found[f"{tied} parts"]
    assert apart == pytest.approx(found[tied][0], rel=1e-6)
    assert worst < 1e-6


def test_out_of_memory_passes_the_step_again_keeping_less_with_the_same_bits(
    found: dict[str, Any],
) -> None:
    same_loss, tries, used, tokens, same_gradients = found["short"]
    assert (same_loss, same_gradients) == (True, True)
    assert tries == ["all", "most"]
    assert used == {"most": 1}
    assert tokens == 9 + 23 + 5 + 40 + 17 + 3
    assert found["left"]  # nothing of the first try takes memory during the second


def test_kernels_compute_what_plain_pytorch_does(found: dict[str, Any]) -> None:
    if "kernels" not in found:
        pytest.skip("the train environment of this machine has no Triton")
    assert len(found["kernels"]) == 5
    for name, apart in found["kernels"].items():
        assert apart < 1e-5, name


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
