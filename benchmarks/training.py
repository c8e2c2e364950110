"""Train a 7B model's shape with this project's engines and with stock trainers, on the same rows.

`python benchmarks/training.py --base FOLDER --work FOLDER --out FILE [--arms A,B] [--repeats N]` trains the
base model in the folder (`rehearse_gpu.py --stages fetch` draws one) for some steps of 8 rows, an arm a
process, and appends a line of JSON for each: tokens a second over the later half of the steps, peaks of
memory, the adapter's SHA-256. `training_chart.py` makes medians, a table and a chart of the lines. Ours run
the stage `train` itself. Lengths are drawn from a lognormal distribution (mean 652 tokens, at most 2,048);
the last 30 % of each row carry loss. Ids are drawn too, so nothing is learned. `--rows FILE` takes rows
that prepare wrote instead, `--set training.gpus=2` so many cards. `--profile 3` profiles the last three
steps (`profiled.py`), which makes them slower; `--leave 8` takes all but so many GiB of the card away after
the second step; `--nodes 2` trains with two nodes on this host, each with half of its cards, which NCCL
takes for different hosts. The packages are those of the Python that runs it, and stand in each line.

Not covered: whether an engine learns as well as another, which takes real rows and weights, and the
network between real hosts: that of these nodes is the loopback's.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT)]

from benchmarks import profiled  # noqa: E402

ROWS, LONGEST, LABELLED = 8, 2048, 0.3
PACKED = {"training.engine": "packed", "training.optim": "adamw_torch_fused"}
ARMS: dict[str, dict[str, str]] = {
    "ours": {**PACKED},
    **{
        f"ours, {memory}": {**PACKED, "training.memory": memory}
        for memory in (
            "all-values", "most-values", "inputs-values", "all-nf4", "most-nf4", "inputs-nf4"
        )
    },
    "ours, adamw_8bit": {**PACKED, "training.optim": "adamw_8bit"},
    "ours, engine unsloth": {"training.engine": "unsloth", "training.optim": "adamw_8bit"},
    "stock unsloth": {"stock": "unsloth"},
    "stock unsloth, packing": {"stock": "unsloth", "packing": "1"},
    "stock trl": {"stock": "trl"},
    "stock trl, packing": {"stock": "trl", "packing": "1"},
}  # fmt: skip
NAMES = ("torch", "transformers", "trl", "peft", "unsloth", "bitsandbytes", "triton")
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def main() -> None:
    """Run the arms, or with --inside one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="lines of JSON are appended")
    parser.add_argument("--recipe", default="synthia-7b")
    parser.add_argument("--set", action="append", default=[], help="for ours, as ./invoke pipeline")
    parser.add_argument("--rows", type=Path, help="a rows.jsonl of prepare, in place of drawn rows")
    parser.add_argument("--arms", default="ours;stock unsloth;stock trl", help="separated by ;")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--profile", type=int, default=0, help="so many of the last steps")
    parser.add_argument("--leave", type=float, default=0.0, help="GiB, from the third step on")
    parser.add_argument("--nodes", type=int, default=1, help="for ours")
    parser.add_argument("--card", type=float, default=0.0, help="GiB of the card to stand for")
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.inside:
        inside(words)
        return
    if words.nodes > 1 and "stock" in words.arms:
        parser.error("--nodes is for arms of ours: stock trainers are started on one card")
    from synthia import recipe as recipes

    made = recipes.load(PROJECT / "recipes", words.recipe)
    write_rows(words, [151644, 151645, *made.lora.trainable_token_indices])
    for name in words.arms.split(";") * words.repeats:
        command = [sys.executable, __file__, *sys.argv[1:], "--inside", name]
        began = time.monotonic()
        log = words.work / "log.txt"
        found = words.work / "found.json"
        found.unlink(missing_ok=True)
        with log.open("wb") as said:
            ended = [each.wait() for each in start(command, words.nodes, said)]
        line: dict[str, Any] = {"name": name, "ours": name.startswith("ours")}
        if ended[0] == 0:
            line |= json.loads(found.read_text())
        else:
            line["end"] = log.read_text(errors="replace")[-1500:]
        line |= {"card": words.card or "whole", "seconds": round(time.monotonic() - began, 1)}
        line |= {"rows": words.rows.name if words.rows else "drawn"}
        if words.leave:
            printed = log.read_text(errors="replace").splitlines()
            line["said"] = [
                each for each in printed if "out of memory" in each or "are left" in each
            ]
        more = [f"nodes={words.nodes}"] if words.nodes > 1 else []
        more += [f"leave={words.leave:g}"] if words.leave else []
        line |= {"set": words.set + more}
        line |= {"packages": {package: version(package) for package in NAMES}}
        with words.out.open("a") as lines:
            lines.write(json.dumps(line) + "\n")
        print(json.dumps({key: value for key, value in line.items() if key != "packages"}))
        sys.stdout.flush()


def start(command: Sequence[str], count: int, said: Any) -> list["subprocess.Popen[bytes]"]:
    """Start an arm, or its nodes, node 0 first."""
    if count == 1:
        return [subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)]
    from synthia import nodes
    from synthia.host import environments

    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    cards = named.split(",") if named else list(map(str, range(len(environments.gpu_names()))))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    started = []
    for rank in range(count):
        env = os.environ | nodes.Nodes(count, rank, "127.0.0.1", port).env({})
        # Without these NCCL sees one host, and passes by its network.
        env |= {"NCCL_HOSTID": f"node {rank}", "NCCL_P2P_DISABLE": "1", "NCCL_SHM_DISABLE": "1"}
        if cards:
            share = -(-len(cards) // count)
            env["CUDA_VISIBLE_DEVICES"] = ",".join(cards[rank * share : (rank + 1) * share])
        started.append(subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=env))
    return started


def version(name: str) -> str:
    """The version of an installed package; "" without it."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def write_rows(words: argparse.Namespace, marks: Sequence[int]) -> None:
    """Write what prepare would: rows, probes and the tokenizer's files."""
    from synthia.stages.hf import tokenizer_files

    folder = words.work / "prepare"
    (folder / "tokenizer").mkdir(parents=True, exist_ok=True)
    tokenizer_files.copy(words.base, folder / "tokenizer")
    vocabulary = json.loads((words.base / "config.json").read_text())["vocab_size"]
    count, draw = words.steps * ROWS, random.Random(0)
    if words.rows:
        rows = prepared(words.rows, count, draw)
    else:
        rows = [drawn(number, draw, marks, vocabulary) for number in range(count)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    probe = {"prompt_ids": rows[0]["input_ids"][:50], "gold_ids": [5, 6, 151645]}
    (folder / "probes.jsonl").write_text(json.dumps(probe) + "\n")


def prepared(path: Path, count: int, draw: random.Random) -> list[dict[str, Any]]:
    """So many of the rows that prepare wrote."""
    rows = [json.loads(line) for line in path.open()]
    if len(rows) < count:
        sys.exit(f"{path} has {len(rows)} rows: --steps {len(rows) // ROWS} at most")
    return draw.sample(rows, count)


def drawn(
    number: int, draw: random.Random, marks: Sequence[int], vocabulary: int
) -> dict[str, Any]:
    """A row of drawn length and ids, `marks` in front."""
    length = min(LONGEST, max(64, int(draw.lognormvariate(6.3, 0.6))))
    ids = [draw.randrange(1000, min(vocabulary, 150_000)) for _ in range(length)]
    ids[: len(marks)] = marks
    ids[-1] = 151645
    cut = int(length * (1 - LABELLED))
    return {"id": f"row {number}", "input_ids": ids, "labels": [-100] * cut + ids[cut:]}


def inside(words: argparse.Namespace) -> None:
    """Train one arm and write what it took."""
    settings = ARMS[words.inside]
    rows = [json.loads(line) for line in (words.work / "prepare" / "rows.jsonl").open()]
    if words.card:
        import torch

        total = torch.cuda.mem_get_info()[1]
        torch.cuda.set_per_process_memory_fraction((words.card - 0.6) * 2**30 / total)
    found = stock(words, settings, rows) if "stock" in settings else ours(words, settings)
    import torch

    if found:
        if torch.cuda.is_available():
            found["gpu"] = torch.cuda.get_device_name()
        (words.work / "found.json").write_text(json.dumps(found))


def ours(words: argparse.Namespace, settings: Mapping[str, str]) -> dict[str, Any]:
    """Run the stage; on a node other than node 0, which has nothing to say, the result is empty."""
    from synthia import nodes, recipe as recipes
    from synthia.stages import train
    from synthia.stages.hf import sft_trainer

    found: dict[str, Any] = {}
    make = sft_trainer.make_trainer

    def made(*args: Any, **options: Any) -> Any:
        trainer = make(*args, **options)
        if words.profile:
            profiled.watch(trainer, words.profile, found)
        if words.leave:
            profiled.leave(trainer, words.leave)
        return trainer

    sft_trainer.make_trainer = made
    rank = nodes.here()[0].rank
    out = words.work / (f"train of node {rank}" if rank else "train")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    every = ["max_steps", "save_steps", "probe_steps"]
    overrides = [f"training.{name}={words.steps}" for name in every]
    overrides += [f"{key}={value}" for key, value in settings.items()] + words.set
    recipe = recipes.load(PROJECT / "recipes", words.recipe, overrides)
    gates = train.run(recipe, {"fetch": words.base, "prepare": words.work / "prepare"}, out)
    if rank:
        return {}
    import torch

    losses = [row["loss"] for row in json.loads((out / "loss_history.json").read_text())]
    return {
        **found,
        **json.loads((out / "run.json").read_text()),
        "peak_gib": round(torch.cuda.max_memory_reserved() / 2**30, 2) if torch.cuda.is_available() else 0,
        "sha256": hashlib.sha256((out / "adapter_model.safetensors").read_bytes()).hexdigest(),
        "losses": losses[:: max(1, len(losses) // 6)],
        "red": [f"{gate.name} {gate.value}" for gate in gates if not gate.passed],
    }  # fmt: skip


def stock(
    words: argparse.Namespace, settings: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Unsloth or TRL as their own examples have it, on the same rows, labels and LoRA."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "UNSLOTH_DISABLE_STATISTICS": "1"}
    unsloth = settings["stock"] == "unsloth"
    if unsloth:
        from unsloth import FastLanguageModel
    import torch
    from datasets import Dataset
    from transformers import (
        AutoModelForCausalLM,
        AutoTokenizer,
        BitsAndBytesConfig,
        TrainerCallback,
    )
    from trl import SFTConfig, SFTTrainer

    lora: dict[str, Any] = {"r": 16, "lora_alpha": 16, "lora_dropout": 0.0, "bias": "none"}
    lora["target_modules"] = TARGETS
    packing = bool(settings.get("packing"))
    adapter = None
    if unsloth:
        model, _ = FastLanguageModel.from_pretrained(
            str(words.base), max_seq_length=LONGEST, load_in_4bit=True, dtype=torch.bfloat16,
            use_exact_model_name=True,
        )  # fmt: skip
        model = FastLanguageModel.get_peft_model(
            model, **lora, use_gradient_checkpointing="unsloth", random_state=1
        )
    else:
        from peft import LoraConfig

        nf4 = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )  # fmt: skip
        model = AutoModelForCausalLM.from_pretrained(
            str(words.base), quantization_config=nf4, dtype=torch.bfloat16,
            attn_implementation="sdpa", device_map={"": 0},
        )  # fmt: skip
        adapter = LoraConfig(**lora, task_type="CAUSAL_LM")
    times: list[tuple[float, int]] = []

    class Clock(TrainerCallback):  # type: ignore[misc]
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            torch.cuda.synchronize()
            times.append((time.monotonic(), state.num_input_tokens_seen))

    config = SFTConfig(
        output_dir=str(words.work / "stock"), per_device_train_batch_size=1,
        gradient_accumulation_steps=2 if packing else ROWS, max_steps=words.steps,
        learning_rate=2e-4, bf16=True, logging_steps=1, optim="adamw_8bit", report_to="none",
        save_strategy="no", packing=packing, max_length=4 * LONGEST if packing else None,
        gradient_checkpointing=not unsloth, include_num_input_tokens_seen="all", disable_tqdm=True,
        num_train_epochs=4,
    )  # fmt: skip
    data = [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows]
    trainer = SFTTrainer(
        model=model, args=config, train_dataset=Dataset.from_list(data), peft_config=adapter,
        processing_class=AutoTokenizer.from_pretrained(str(words.base)), callbacks=[Clock()],
    )  # fmt: skip
    profile: dict[str, Any] = {}
    if words.profile:
        profiled.watch(trainer, words.profile, profile)
    trainer.train()
    (since, first), (until, last) = times[len(times) // 2 - 1], times[-1]
    return {
        **profile,
        "tokens_per_second": round((last - first) / (until - since), 1),
        "train_tokens": last,
        "peak_gib": round(torch.cuda.max_memory_reserved() / 2**30, 2),
        "allocated_bytes": torch.cuda.max_memory_allocated(),
    }


if __name__ == "__main__":
    main()
