"""Processes that share the rows of each step train what one of them would, and end together."""

import json
import os
import subprocess
from typing import Any

import pytest
from conftest import PROJECT

from synthia.host import environments
from synthia.run import launch

pytestmark = pytest.mark.slow

MODULE = """
import json, sys, tempfile, time
from functools import partial
from pathlib import Path
import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM, set_seed
from trl import SFTConfig
from synthia.errors import PipelineError
from synthia.stages.hf import data_parallel, packed

def row(length, seed):
    ids = torch.randint(1, 97, (length,), generator=torch.Generator().manual_seed(seed)).tolist()
    return {"input_ids": ids, "labels": [-100] * (length // 2) + ids[length // 2:]}

ROWS = [row(length, number) for number, length in enumerate((9, 23, 5, 40, 17, 3, 31, 12, 8))]

def work(share, out):
    set_seed(1)
    torch.use_deterministic_algorithms(True)
    model = get_peft_model(
        Qwen2ForCausalLM(Qwen2Config(
            vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
            num_attention_heads=4, num_key_value_heads=2, attn_implementation="sdpa")),
        LoraConfig(r=4, target_modules=["q_proj", "v_proj", "down_proj"], init_lora_weights=False))
    with tempfile.TemporaryDirectory() as folder:
        trainer = packed.PackedSFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=folder, per_device_train_batch_size=4, max_steps=6, learning_rate=1e-2,
                logging_steps=1, save_strategy="no", report_to="none", use_cpu=True, max_length=None,
                dataset_kwargs={"skip_prepare_dataset": True}, remove_unused_columns=False,
                gradient_checkpointing=False, disable_tqdm=True, bf16=False),
            train_dataset=Dataset.from_list(ROWS),
            data_collator=partial(packed.collate, share=share),
            processing_class=TOKENIZER(),
        )
        data_parallel.join(share, "gloo")
        trainer.follow(packed.plan(model, 4, "auto", [(40, 20)], 4, share.count)[0], share)
        weights = [p for p in model.parameters() if p.requires_grad]
        share.require_same(weights)
        trainer.train()
        share.require_same(weights)
    found = {
        "weights": [p.detach().reshape(-1).tolist() for p in weights],
        "losses": [step["loss"] for step in trainer.state.log_history if "loss" in step],
        "tokens": trainer.state.num_input_tokens_seen,
        "passed": sum(trainer.plan.used.values()),
        "of five": share.of([5, 5, 4, 3, 3]),
    }
    if share.rank:
        weights[0].data += 1
    try:
        share.require_same(weights)
    except PipelineError as error:
        found["differ"] = str(error)
    (Path(out) / f"{share.count}-{share.rank}.json").write_text(json.dumps(found))
    if share.rank:
        raise ValueError("the card fell off the bus")
    time.sleep(600 if share.count > 1 else 0)  # until it is ended

def TOKENIZER():
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="a")),
        pad_token="a", eos_token="b")

if __name__ == "__main__":
    import along  # by a name that other processes can import
    data_parallel.PATIENCE = 0.0
    (out,) = sys.argv[1:]
    along.work(data_parallel.ALONE, out)
    share = data_parallel.Share(0, 2)
    along.work(data_parallel.start(along.work, share, ["0", "1"], Path(out), out), out)
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What one process found, and each of two, of which the second fails at last; and what was said."""
    folder = tmp_path_factory.mktemp("along")
    (folder / "along.py").write_text(MODULE)
    env = launch.stage_env(PROJECT, network=False)
    env["PYTHONPATH"] += f"{os.pathsep}{folder}"
    env["OMP_NUM_THREADS"] = "1"
    python = str(environments.ensure(PROJECT, "train"))
    words = [python, str(folder / "along.py"), str(folder)]
    ended = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stderr[-3000:]
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}, ended.stderr


@pytest.fixture
def found(done: tuple[dict[str, Any], str]) -> dict[str, Any]:
    return done[0]


def test_two_processes_hold_the_same_bits(found: dict[str, Any]) -> None:
    assert sorted(found) == ["1-0", "2-0", "2-1"]
    assert found["2-0"]["weights"] == found["2-1"]["weights"]
    assert found["2-0"]["losses"] == found["2-1"]["losses"]


def test_their_steps_have_the_rows_of_one_process_and_its_weights_but_for_rounding(
    found: dict[str, Any],
) -> None:
    alone, shared = found["1-0"], found["2-0"]
    assert alone["tokens"] == shared["tokens"] == 2 * 148  # two epochs of steps of 4, 4 and 1 rows
    assert shared["losses"] == pytest.approx(alone["losses"], rel=1e-4)
    for one, other in zip(alone["weights"], shared["weights"], strict=True):
        assert other == pytest.approx(one, rel=1e-3, abs=1e-5)


def test_a_step_of_one_row_leaves_a_process_without_any(found: dict[str, Any]) -> None:
    assert [found[name]["passed"] for name in ("1-0", "2-0", "2-1")] == [6, 6, 4]


def test_every_row_is_passed_once_and_no_process_has_more_tokens_than_it_must(
    found: dict[str, Any],
) -> None:
    one, other = found["2-0"]["of five"], found["2-1"]["of five"]
    assert sorted(one + other) == found["1-0"]["of five"] == [0, 1, 2, 3, 4]
    assert {sum([5, 5, 4, 3, 3][row] for row in rows) for rows in (one, other)} == {10}


def test_other_weights_are_found_by_all(found: dict[str, Any]) -> None:
    assert "differ" not in found["1-0"]
    for name in ("2-0", "2-1"):
        assert "hold different weights" in found[name]["differ"]


def test_where_one_fails_all_end_and_it_is_said(done: tuple[dict[str, Any], str]) -> None:
    said = "the process that trained on GPU 1 ended: ValueError: the card fell off the bus"
    assert said in done[1]
