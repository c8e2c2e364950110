"""Every name in lora.target_modules adapts a layer, by the locked transformers and PEFT."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow

SCRIPT = """
import json, sys
from pathlib import Path
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM
from synthia import recipe
from synthia.errors import UsageError
from synthia.stages.hf import adapter, lora_targets, untrained_rows

project, root, found = Path(sys.argv[1]), Path(sys.argv[2]), {}
config = LlamaConfig(hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
                     num_key_value_heads=2, vocab_size=64)
config.save_pretrained(root)
def said(function, *words):
    try:
        function(*words)
        return ""
    except UsageError as error:
        return str(error)
for words in ('["q_proj", "v_prj"]', '["q_proj", "1.mlp.up_proj"]', "all-linear", '["q_proj", "norm"]'):
    chosen = recipe.load(project / "recipes", "smoke", ["lora.target_modules=" + words])
    described = said(lora_targets.require_described, root, chosen.lora.target_modules)
    model = LlamaForCausalLM(config)
    try:
        words_of = adapter.lora_arguments(chosen, model)
        model = get_peft_model(model, LoraConfig(**words_of, task_type="CAUSAL_LM"))
        adapted = said(lora_targets.require_adapted, model, chosen.lora.target_modules)
    except ValueError:
        adapted = "PEFT refuses it"
    layers = {name.split(".")[-1] for name, layer in model.named_modules() if hasattr(layer, "lora_A")}
    found[words] = [described, adapted, sorted(layers)]

(root / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"a": 0}}, "added_tokens": []}))
gate = untrained_rows.gate(root, [0], [], by_norm=True)
found["no weights"] = [gate.passed, *gate.where]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root: Path = tmp_path_factory.mktemp("targets")
    outcomes: dict[str, Any] = json.loads(run_in("train", SCRIPT, str(PROJECT), str(root)))
    return outcomes


def test_a_name_that_matches_nothing_is_named_before_and_after_loading(
    found: dict[str, Any],
) -> None:
    described, adapted, layers = found['["q_proj", "v_prj"]']
    assert layers == ["q_proj"], "PEFT says nothing of v_prj"
    assert described.startswith("lora.target_modules names v_prj, which no linear layer")
    assert described.endswith(
        "it has down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj"
    )
    assert adapted.startswith("lora.target_modules names v_prj, ")


def test_a_path_of_one_layer_matches_as_in_peft(found: dict[str, Any]) -> None:
    assert found['["q_proj", "1.mlp.up_proj"]'] == ["", "", ["q_proj", "up_proj"]]


def test_all_linear_is_every_layer_but_the_head(found: dict[str, Any]) -> None:
    every = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
    assert found["all-linear"] == ["", "", every]


def test_a_layer_that_is_not_linear_is_named_before_loading(found: dict[str, Any]) -> None:
    described, adapted, _ = found['["q_proj", "norm"]']
    assert "names norm, which no linear layer" in described
    assert adapted == "PEFT refuses it"


def test_a_model_without_safetensors_is_red(found: dict[str, Any]) -> None:
    passed, where = found["no weights"]
    assert not passed
    assert "no safetensors" in where
