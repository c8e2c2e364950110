"""Weights in 16 bit compute what the same do in 32 bit, and NF4's values what NF4 does.

Not covered: layers in the host's memory, and products of bfloat16 parts, which need a GPU.
"""

import json
from collections.abc import Callable

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json, sys
from pathlib import Path
import torch
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM, set_seed
from synthia.stages.hf import load_model

found = {"equal": [], "kinds": []}
ids = torch.arange(40)[None] * 7 % 97
for tied in (True, False):
    set_seed(3)
    folder = Path(sys.argv[1]) / str(tied)
    Qwen2ForCausalLM(Qwen2Config(
        vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, tie_word_embeddings=tied)).to(torch.bfloat16).save_pretrained(folder)
    wide = load_model.plain(folder, torch.float32)
    kept = load_model.kept_in_16_bit(folder, torch.float32, load_model.WHOLE)
    with torch.inference_mode():
        found["equal"].append(torch.equal(wide(ids).logits, kept(ids).logits))
        kinds = {str(weight.dtype) for weight in kept.parameters()}
        found["kinds"].append([str(kept(ids).logits.dtype), *sorted(kinds)])
seven = 15_231_233_024  # bytes of Qwen2.5-Coder-7B in 16 bit
free = {card: int(card * 2**30 * 0.98) for card in (80, 48, 24, 16, 12)}
found["rooms"] = {card: load_model.room_for(seven, torch.float32, room) for card, room in free.items()}
found["in 16 bit"] = [load_model.room_for(seven, torch.bfloat16, free[card]) for card in (24, 16)]
found["half"] = free[12] // 2, free[16] // 2
found["cut"] = load_model.room_for(seven, torch.float32, free[80], cut=True)
drawn = torch.randn(300, 200) * torch.exp(8 * torch.randn(300, 200))
drawn[0, :4] = torch.tensor([0.0, 3e38, 1e-30, 1 / 3])
cut = load_model.parts(drawn)
found["parts"] = [str(part.dtype) for part in cut]
found["sum"] = torch.equal(sum(part.double() for part in cut), drawn.double())
set_seed(3)
Qwen2ForCausalLM(Qwen2Config(
    vocab_size=97, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2)).to(torch.bfloat16).save_pretrained(folder)
nf4 = load_model.nf4(torch.bfloat16)
packed = AutoModelForCausalLM.from_pretrained(
    folder, dtype=torch.bfloat16, quantization_config=nf4, device_map="cpu").eval()
load_model.keep_unpacked(packed)
with torch.inference_mode():
    before = packed(ids).logits
    expanded = load_model.with_values(packed)
    found["values"] = torch.equal(before, expanded(ids).logits)
linear = [each for name, each in expanded.named_modules() if "proj" in name]
found["layers"] = sorted({type(each).__name__ for each in linear})
print(json.dumps(found))
"""


def test_weights_stay_in_16_bit_where_32_do_not_fit_and_compute_the_same(
    run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = json.loads(
        run_in("train", SCRIPT, str(tmp_path_factory.mktemp("models"))).splitlines()[-1]
    )
    assert found["equal"] == [True, True]
    assert found["kinds"] == [["torch.float32", "torch.bfloat16"]] * 2
    half_of_12, half_of_16 = found["half"]
    all_of_it = -1
    assert found["rooms"] == {
        "80": None,
        "48": None,
        "24": all_of_it,
        "16": half_of_16,
        "12": half_of_12,
    }
    assert found["in 16 bit"] == [None, half_of_16]
    assert found["cut"] == all_of_it
    assert found["parts"] == ["torch.bfloat16"] * 3
    assert found["sum"] is True
    assert found["values"] is True
    assert found["layers"] == ["Linear"]
