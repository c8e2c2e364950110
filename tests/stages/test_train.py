"""Training keeps prepare's labels, resumes exactly after a kill, and fails its gates when it must."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthia import recipe
from synthia.errors import MissingRequirement
from synthia.stages import train
from synthia.stages.hf import sft_trainer

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

# A toy model with the smoke tokenizer's vocabulary trains in seconds.
SCRIPT = """
import hashlib, json, os, signal, subprocess, sys
from pathlib import Path
import torch
from transformers import LlamaConfig, LlamaForCausalLM, set_seed
from synthia import manifest, recipe, resume
from synthia.errors import PipelineError
from synthia.stages.hf import adapter, token_rows
from synthia.stages import train

mode, project, smoke, root = sys.argv[1], *map(Path, sys.argv[2:5])
SETS = ["training.max_steps=6", "training.save_steps=2", "training.probe_steps=3",
        "training.probe_ends=4", "lora.trainable_token_indices=[2]", "lora.lora_dropout=0.1",
        "training.engine=auto"]
resolved = recipe.load(project / "recipes", "smoke", SETS)
inputs = {"fetch": root / "fetch", "prepare": smoke / "prepare"}

def run(out):
    out.mkdir(exist_ok=True)
    return {gate.name: gate.passed for gate in train.run(resolved, inputs, out)}

def digests(out):
    files = (out / name for name in manifest.list_outputs(out))
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files}

if mode == "killed":
    seal = resume.seal
    def seal_and_die(folder):
        seal(folder)
        if folder.name == "checkpoint-4":
            os.kill(os.getpid(), signal.SIGKILL)
    resume.seal = seal_and_die
    run(root / "resumed")
elif mode == "late":  # killed when all is trained and written, before the checkpoints are removed
    write = train.write
    def write_and_die(*arguments):
        write(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)
    train.write = write_and_die
    run(root / "late")
else:
    set_seed(0)
    LlamaForCausalLM(LlamaConfig(
        vocab_size=49152, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True,
    )).to(torch.bfloat16).save_pretrained(root / "fetch")
    found = {"gates": run(root / "undisturbed"), "codes": []}
    code = Path(sys.argv[5]).read_text()
    for killed in ("killed", "late"):
        done = subprocess.run([sys.executable, "-c", code, killed, *sys.argv[2:]],
                              stdout=subprocess.DEVNULL)
        found["codes"].append(done.returncode)
    torn = root / "resumed" / "checkpoints" / "checkpoint-5"
    torn.mkdir()
    (torn / "adapter_model.safetensors").write_bytes(b"half of it")
    found["left"] = sorted(p.name for p in torn.parent.glob("checkpoint-*"))
    run(root / "resumed")
    run(root / "late")
    names = ("undisturbed", "resumed", "late")
    found["digests"] = [digests(root / name) for name in names]
    found["losses"] = {}
    for engine in ("unsloth", "packed"):  # on a CPU the first is plain TRL
        words = [f"training.engine={engine}", "lora.lora_dropout=0", "training.max_steps=2",
                 "training.per_device_train_batch_size=2", "training.gradient_accumulation_steps=2"]
        (root / engine).mkdir()
        train.run(recipe.load(project / "recipes", "smoke", SETS + words), inputs, root / engine)
        found["losses"][engine] = [[row["loss"], row["grad_norm"]] for row in
                                   json.loads((root / engine / "loss_history.json").read_text())]
    (root / "lost").mkdir()
    try:
        train.run(recipe.load(project / "recipes", "smoke", [*SETS, "training.learning_rate=1e30"]),
                  inputs, root / "lost")
    except PipelineError as error:
        found["lost"] = [str(error), sorted(p.name for p in (root / "lost" / "checkpoints").iterdir()
                                            if p.is_dir())]
    found["early"] = [train.judge_loss(losses, 1.0)[0].passed for losses in
                      ([2.0, 0.5], [2.0, 1.5], [2.0, float("nan")])]
    found["rising"] = [train.judge_loss(losses, 1.0)[1].passed for losses in
                       ([0.5, 0.4], [0.4, 0.5], [0.4, float("nan")])]
    found["rows"] = {}
    for tied in (True, False):
        LlamaForCausalLM(LlamaConfig(
            vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
            num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=tied,
        )).to(torch.bfloat16).save_pretrained(root / "small")
        model = adapter.load_with_peft(resolved, root / "small", 0)
        said = [[name for name, _ in token_rows.layers(model)],
                token_rows.can_move(resolved, model).passed]
        for parameter in model.parameters():  # as Unsloth does to all that is not LoRA's A and B
            parameter.requires_grad_(False)
        said += [token_rows.can_move(resolved, model).where]
        token_rows.free(model)
        rows = [p for name, p in model.named_parameters() if token_rows.DELTA in name]
        said += [token_rows.can_move(resolved, model).passed, len(rows),
                 {str(p.dtype) for p in rows} == {"torch.float32"},
                 len(token_rows.have_moved(model).where)]
        with torch.no_grad():
            for parameter in rows:
                parameter += 1e-3
        said += [token_rows.have_moved(model).passed]
        found["rows"][str(tied)] = said
    print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(
    run_in: Callable[..., str], smoke: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    root: Path = tmp_path_factory.mktemp("train")
    code = root / "script.py"
    code.write_text(SCRIPT)
    arguments = ("all", str(PROJECT), str(smoke), str(root), str(code))
    printed = run_in("train", SCRIPT, *arguments)
    outcomes: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return outcomes


def test_a_killed_training_ends_in_the_same_bytes(found: dict[str, Any]) -> None:
    undisturbed, resumed, late = found["digests"]
    assert found["codes"] == [-9, -9]
    assert "checkpoint-4" in found["left"]
    assert resumed == undisturbed
    assert late == undisturbed


def test_rows_packed_into_one_pass_train_as_rows_passed_singly(found: dict[str, Any]) -> None:
    plain, packed = found["losses"]["unsloth"], found["losses"]["packed"]
    assert len(plain) == 2
    for one, other in zip(plain, packed, strict=True):
        assert other == pytest.approx(one, rel=1e-5)


def test_a_loss_that_is_no_number_ends_the_run_at_its_step(found: dict[str, Any]) -> None:
    said, kept = found["lost"]
    assert said.startswith("the loss is nan at step 3, ")
    assert "the loss before was 10." in said
    assert "checkpoint-2 is kept" in said
    assert "data/smoke.jsonl:" in said
    assert kept == ["checkpoint-2"]


def test_only_the_adapter_the_tokenizer_and_the_histories_are_left(found: dict[str, Any]) -> None:
    assert sorted(found["digests"][0]) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "chat_template.jinja",
        "loss_history.json",
        "stop_probe.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ]


def test_a_loss_that_is_high_or_no_number_fails(found: dict[str, Any]) -> None:
    assert found["early"] == [True, False, False]


def test_a_loss_that_rises_or_is_no_number_fails(found: dict[str, Any]) -> None:
    assert found["rising"] == [True, False, False]


def test_the_smoke_adapter_names_its_base_and_no_folder(smoke: Path) -> None:
    config = json.loads((smoke / "train" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert config["target_modules"] == sorted(config["target_modules"])
    assert "/tmp" not in json.dumps(config)


def test_the_smoke_run_learns_and_keeps_its_history(smoke: Path) -> None:
    losses = json.loads((smoke / "train" / "loss_history.json").read_text())
    assert [row["step"] for row in losses] == list(range(1, len(losses) + 1))
    assert set(losses[0]) == {"grad_norm", "learning_rate", "loss", "step"}
    probes = json.loads((smoke / "train" / "stop_probe.json").read_text())
    assert probes[-1]["step"] == losses[-1]["step"]
    assert probes[-1]["rank1_rate"] >= 0.99


def test_the_gates_of_a_run_that_trains_token_rows_see_them_move(found: dict[str, Any]) -> None:
    assert found["gates"]["T trainable: rows"]
    assert found["gates"]["T trainable: moved"]


def test_frozen_token_rows_are_red_and_freed_ones_train_in_32_bit(found: dict[str, Any]) -> None:
    embedding, head = "base_model.model.model.embed_tokens", "base_model.model.lm_head"
    for tied, tables in (("True", [embedding]), ("False", [embedding, head])):
        names, trained, frozen, freed, count, in_32_bit, still, moved = found["rows"][tied]
        assert names == tables
        assert trained
        assert frozen == [f"{name}: rows [2] are frozen" for name in tables]
        assert freed
        assert count == len(tables)
        assert in_32_bit
        assert still == len(tables)
        assert moved


def test_a_reporter_whose_package_is_missing_is_refused_in_one_sentence(tmp_path: Path) -> None:
    asked = recipe.load(PROJECT / "recipes", "smoke", ['training.report_to=["wandb"]'])
    with pytest.raises(
        MissingRequirement, match="names wandb, which the train environment does not"
    ):
        train.prepare_reporters(asked, tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_a_reporter_that_is_there_writes_beside_the_stages_and_asks_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of the reporter's name stands for its package."""
    (tmp_path / "wandb.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("WANDB_MODE", "WANDB_DIR", "TENSORBOARD_LOGGING_DIR", "TRACKIO_DIR"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    asked = recipe.load(PROJECT / "recipes", "smoke", ['training.report_to=["wandb"]'])
    train.prepare_reporters(asked, tmp_path / "reports")
    assert os.environ["WANDB_MODE"] == "offline"
    assert os.environ["WANDB_DIR"] == str(tmp_path / "reports")
    assert recipe.load(PROJECT / "recipes", "smoke").training.report_to == []


def test_the_speed_is_that_of_the_later_half() -> None:
    seen = [(0, 0.0), (100, 50.0), (200, 51.0), (300, 52.0)]
    assert sft_trainer.speed(seen) == {"train_tokens": 300, "tokens_per_second": 100.0}
    assert sft_trainer.speed(seen[:1]) == {"train_tokens": 0, "tokens_per_second": 0.0}
