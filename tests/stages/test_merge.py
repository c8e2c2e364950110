"""The merged model is base + s*B@A to the last place, and every fault of a merge turns a gate red."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[2]

SCRIPT = """
import hashlib, json, shutil, sys
from pathlib import Path
import bitsandbytes
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM
from synthia import gates, recipe, records
from synthia.errors import PipelineError
from synthia.stages.hf import base_weights, load_model, merge_choices, trained_base
from synthia.stages import merge

project, root, found = Path(sys.argv[1]), Path(sys.argv[2]), {}
torch.manual_seed(0)
# As on a processor with AVX-512 BF16, whose form of NF4 has other values.
bitsandbytes.nn.modules.has_avx512bf16 = lambda: True

def make(name, tied, rows):
    base, adapter = root / name / "base", root / name / "adapter"
    config = LlamaConfig(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=tied)
    model = LlamaForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(base, max_shard_size="20KB")
    layers = ["embed_tokens"] if tied else ["embed_tokens", "lm_head"]
    tokens = {"trainable_token_indices": {layer: [2, 5] for layer in layers}} if rows else {}
    lora = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"],
                      task_type="CAUSAL_LM", **tokens)
    model = get_peft_model(model, lora)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 0.05 * torch.randn_like(parameter)
    model.save_pretrained(adapter)
    return base, adapter

def judge(base, changes, out):
    return {g.name: g.value for g in merge.judge(merge.audit(base, changes, out))}

for name, tied, rows in (("tied", True, True), ("untied", False, True), ("plain", True, False)):
    base, adapter = make(name, tied, rows)
    changes = merge.read_adapter(adapter)
    digests = []
    for attempt in ("first", "second"):
        out = root / name / attempt
        out.mkdir()
        merge.merge(base, changes, out)
        shutil.copy(base / "config.json", out)
        digests.append({p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in out.iterdir()})
    model = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(base, dtype=torch.float32),
                                      adapter)
    reference = model.merge_and_unload().state_dict()
    loaded = LlamaForCausalLM.from_pretrained(out, dtype=torch.float32).state_dict()
    worst = max(((loaded[key] - reference[key]).abs() / reference[key].abs().clamp(min=1e-6)).max()
                for key in reference)
    found[name] = {
        "equal": digests[0] == digests[1],
        "worst": worst.item(),
        "keys": merge.match(base, changes).value,
        "gates": judge(base, changes, out),
        "shards": len(base_weights.shards(out)),
        "summary": merge.summarise(merge.audit(base, changes, out)),
    }

def qlora(*words):
    return recipe.load(project / "recipes", "smoke",
                       ["model.load_in_4bit=true", 'model.dtype="bfloat16"', *words])
def quantised():
    return load_model.as_trained(qlora(), base)
ids = torch.arange(17)[None]
with torch.inference_mode():
    model = PeftModel.from_pretrained(quantised(), adapter).eval()
    trained = model(ids).logits
    merge_choices.merge_when_used(model, merge_choices.dequantised)
    used = model(ids).logits
    model = PeftModel.from_pretrained(quantised().dequantize(), adapter).merge_and_unload().eval()
    found["when used"] = {"nf4": torch.equal(used, model(ids).logits),
                          "changed": not torch.equal(used, trained)}

# Onto what: the values that QLoRA computes with, or the base's own
layers = quantised()
loaded = {f"{name}.weight": layer for name, layer in layers.named_modules()
          if type(layer).__name__ == "Linear4bit"}
read = trained_base.reader(base, torch.bfloat16)
values = {name: each for shard in base_weights.shards(base) for name, each in read(shard)}
own = {name: each for shard in base_weights.shards(base)
       for name, each in base_weights.tensors(shard)}
found["onto"] = {
    "layers": trained_base.quantised_layers(base) == set(loaded),
    "values": all(torch.equal(values[name], merge_choices.dequantised(name, layer).view_as(values[name]))
                  for name, layer in loaded.items()),
    "others": all(torch.equal(values[name], own[name]) for name in own if name not in loaded),
    "rounded": sum(not torch.equal(values[name], own[name]) for name in loaded),
}
prepared = root / "prepared"
prepared.mkdir()
rows = [{"prompt_ids": [1, 20 + row, 7, *range(30 + row, 36 + row)],
         "gold_ids": [*range(40 + row, 47 + row), 7]} for row in range(8)]
records.write_lines(prepared / "probes.jsonl", rows)
inputs = {"fetch": base, "prepare": prepared, "train": adapter}
for onto, tensors in (("trained", read), ("base16", base_weights.tensors)):
    out = root / onto
    out.mkdir()
    merge.merge(base, changes, out, tensors)
    shutil.copy(base / "config.json", out)
    found["onto"][onto] = merge_choices.compare(qlora(f'merge.onto="{onto}"'), inputs, out)
    kind = merge.judge(merge.audit(base, changes, out, tensors))
    found["onto"][onto]["gates"] = [gate.value for gate in kind]
found["onto"]["taken for the other"] = judge(base, changes, root / "trained")["M merge: sum"]

base, adapter = make("faults", False, False)
changes = merge.read_adapter(adapter)
def attempt(name, change_file):
    out = root / "faults" / name
    out.mkdir()
    merge.merge(base, changes, out)
    for shard in base_weights.shards(out):
        tensors = load_file(shard)
        change_file(tensors)
        save_file(tensors, shard, metadata={"format": "pt"})
    found[name] = judge(base, changes, out)

ADAPTED = "model.layers.0.self_attn.q_proj.weight"
def far(tensors):
    if ADAPTED in tensors: tensors[ADAPTED][0, 0] *= 1.02
def other(tensors):
    if "model.norm.weight" in tensors: tensors["model.norm.weight"][0] = 3.0
def infinite(tensors):
    if "model.norm.weight" in tensors: tensors["model.norm.weight"][0] = float("nan")
def dropped(tensors):
    tensors.pop("model.norm.weight", None)
for name, change in (("far", far), ("other", other), ("infinite", infinite), ("dropped", dropped)):
    attempt(name, change)
out = root / "faults" / "no-op"
out.mkdir()
merge.merge(base, {}, out)
found["no-op"] = judge(base, changes, out)

key = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
def edited(name, edit):
    weights = load_file(adapter / "adapter_model.safetensors")
    edit(weights)
    folder = root / "faults" / name
    shutil.copytree(adapter, folder)
    save_file(weights, folder / "adapter_model.safetensors")
    try:
        gate = merge.match(base, merge.read_adapter(folder))
        found[name] = {"keys": gate.value, "message": " ".join(gate.where)}
    except PipelineError as error:
        found[name] = {"keys": -1, "message": str(error)}
def rename(weights):
    for half in ("lora_A", "lora_B"):
        old = key.replace("lora_A", half)
        weights[old.replace("layers.0", "layers.7")] = weights.pop(old)
edited("renamed", rename)
edited("half", lambda weights: weights.pop(key))
edited("unknown", lambda weights: weights.update(magnitude=torch.ones(1)))
edited("narrow", lambda weights: weights.update({key: weights[key][:, :7].contiguous()}))
edited("empty", lambda weights: weights.clear())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(
    run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("merge")
    outcomes: dict[str, dict[str, Any]] = json.loads(
        run_in("train", SCRIPT, str(PROJECT), str(folder)).splitlines()[-1]
    )
    return outcomes


@pytest.mark.parametrize("case", ["tied", "untied", "plain"])
def test_the_merged_model_is_pefts_rounded_to_16_bit(
    found: dict[str, dict[str, Any]], case: str
) -> None:
    assert found[case]["worst"] < 2**-8
    assert found[case]["keys"] == 0
    assert set(found[case]["gates"].values()) == {0}
    assert found[case]["shards"] > 1


def test_weights_that_are_made_when_used_give_the_bits_of_those_made_at_once(
    found: dict[str, dict[str, Any]],
) -> None:
    """What a card without room for them computes with: merged NF4."""
    assert found["when used"] == {"nf4": True, "changed": True}


def test_the_base_as_trained_is_what_the_quantised_layers_compute_with(
    found: dict[str, dict[str, Any]],
) -> None:
    onto = found["onto"]
    assert onto["layers"]
    assert onto["values"]
    assert onto["others"]
    assert onto["rounded"] == 14  # seven linear layers in each of two


def test_merged_onto_what_was_trained_the_model_is_nearer_to_it(
    found: dict[str, dict[str, Any]],
) -> None:
    onto = found["onto"]
    for choice in ("trained", "base16"):
        assert onto[choice]["onto"] == choice
        assert onto[choice]["gates"] == [0, 0, 0, 0]
        # Both ways are reported, whichever was shipped; each gives what the other measures of it.
        assert onto[choice]["positions"] == 64
    near, far = "dequantised_nf4_plus_delta", "w16_plus_delta"
    for choice in ("trained", "base16"):
        assert onto[choice][near]["mean_kl"] < onto[choice][far]["mean_kl"] / 4
    assert onto["trained"][far]["mean_kl"] == pytest.approx(onto["base16"][far]["mean_kl"], rel=0.2)
    assert onto["taken for the other"] > 0


@pytest.mark.parametrize("case", ["tied", "untied", "plain"])
def test_merging_twice_gives_the_same_bytes(found: dict[str, dict[str, Any]], case: str) -> None:
    assert found[case]["equal"]


def test_the_audit_counts_pairs_and_trained_rows(found: dict[str, dict[str, Any]]) -> None:
    assert found["plain"]["summary"]["adapted_tensors"] == 4
    assert found["tied"]["summary"]["adapted_tensors"] == 5
    assert found["untied"]["summary"]["adapted_tensors"] == 6
    assert found["plain"]["summary"]["worst_ulp"] <= 0.5


@pytest.mark.parametrize(
    ("fault", "gate"),
    [
        ("far", "M merge: sum"),
        ("other", "M merge: others"),
        ("dropped", "M merge: others"),
        ("infinite", "M merge: finite"),
        ("no-op", "M merge: unchanged"),
    ],
)
def test_a_fault_in_the_merged_files_turns_its_gate_red(
    found: dict[str, dict[str, Any]], fault: str, gate: str
) -> None:
    assert found[fault][gate] > 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("renamed", "model.layers.7.self_attn.q_proj.weight is 0 times in the base"),
        ("half", "lora_B"),
        ("unknown", "magnitude"),
        ("narrow", "of other sizes"),
        ("empty", "the adapter is empty"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused_by_name(
    found: dict[str, dict[str, Any]], fault: str, words: str
) -> None:
    assert found[fault]["keys"] != 0
    assert words in found[fault]["message"]


def test_the_smoke_model_keeps_its_stop_contract(smoke: Path) -> None:
    config = json.loads((smoke / "16bit" / "config.json").read_text())
    generation = json.loads((smoke / "16bit" / "generation_config.json").read_text())
    assert (config["eos_token_id"], config["pad_token_id"]) == (2, 0)
    stops = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    assert generation == {**stops, "do_sample": False}
    # transformers 4 and Ollama's importer read the first, transformers 5 the second.
    assert config["rope_theta"] == config["rope_parameters"]["rope_theta"] == 100000.0
    assert not {"id2label", "label2id", "problem_type", "return_dict"} & config.keys()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        prepared = smoke / "prepare" / "tokenizer" / name
        assert (smoke / "16bit" / name).read_bytes() == prepared.read_bytes()
    audit = json.loads((smoke / "16bit" / "merge_audit.json").read_text())
    assert (audit["adapted_tensors"], audit["untouched_tensors"]) == (210, 62)
