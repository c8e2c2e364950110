"""What a run takes of this machine: reckoned from a model's shape before, measured by a rehearsal after.

Reckoned are weights, and what is made of them; measured are minutes and peaks of memory. What is measured
on the longest rows and full batches of a model in full size holds for the real run, minutes grow with its
tokens.

Not covered: a download's minutes, and memory that other programs take.
"""

import math
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import arms, gguf_types, manifest, records
from synthia.recipe import Recipe
from synthia.recipe_sources import RandomModel
from synthia.recipe_values import ALL_LINEAR
from synthia.stage import BY_NAME, folder, of
from synthia.stages.hf import memory_plan

NF4_BITS = 4.127
"""Of a weight in NF4 with its scales quantised too (QLoRA, arXiv 2305.14314, section 3)."""
ADAPTER_BYTES = 14
"""Of an adapter's weight in training, at most: itself, its gradient, 8-bit Adam's moments, a copy."""
CUDA_BYTES = 6 * 10**8
"""What CUDA takes of a GPU for one process, as seen on an H100."""


@dataclass(frozen=True)
class Machine:
    """Bytes that this machine has: of its first GPU, of host memory, free on the project's disk."""

    gpu: int
    host: int
    disk: int


def machine(project: Path) -> Machine:
    """Look at this machine; `gpu` is 0 without one."""
    gpu = 0
    if program := shutil.which("nvidia-smi"):
        query = [program, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
        said = subprocess.run(query, capture_output=True, text=True, check=False, timeout=60).stdout
        gpu = int(said.split()[0]) * 2**20 if said.strip()[:1].isdigit() else 0
    rows = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    host = int(rows["MemTotal"].split()[0]) * 1024
    return Machine(gpu=gpu, host=host, disk=shutil.disk_usage(project).free)


def weights(config: Mapping[str, Any]) -> tuple[int, int]:
    """Numbers in the layers, and in embedding and head, of a Qwen2 model with this config.json."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    head = hidden // config["num_attention_heads"]
    keys = head * config["num_key_value_heads"]
    attention = hidden * (2 * hidden + 2 * keys) + hidden + 2 * keys  # biases of q, k, v
    layer = attention + 3 * hidden * inner + 2 * hidden
    tables = (1 if config["tie_word_embeddings"] else 2) * config["vocab_size"] * hidden
    return config["num_hidden_layers"] * layer + hidden, tables


def adapter(config: Mapping[str, Any], recipe: Recipe) -> int:
    """Numbers that LoRA trains."""
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    keys = hidden // config["num_attention_heads"] * config["num_key_value_heads"]
    both = {"q_proj": (hidden, hidden), "k_proj": (hidden, keys), "v_proj": (hidden, keys),
            "o_proj": (hidden, hidden), "gate_proj": (hidden, inner), "up_proj": (hidden, inner),
            "down_proj": (inner, hidden)}  # fmt: skip
    targets = recipe.lora.target_modules
    names = both if targets == ALL_LINEAR else targets
    layers: int = config["num_hidden_layers"]
    return layers * recipe.lora.r * sum(sum(both.get(name, (0, 0))) for name in names)


def gpu_to_train(config: Mapping[str, Any], recipe: Recipe) -> int:
    """Bytes on the GPU while training: weights, adapter, and with checkpointing one layer's values.

    The packed engine takes what is there; this is the least that it needs, for the longest row alone.
    With Unsloth a layer keeps about eight values of the hidden size and four of the MLP's for each token
    until its gradient is known; checkpoints of the other layers' inputs go to the host.
    """
    layers, tables = weights(config)
    itemsize = 2 if recipe.model.dtype == "bfloat16" else 4
    base = layers * NF4_BITS / 8 if recipe.model.load_in_4bit else layers * itemsize
    base += tables * itemsize
    if recipe.runtime.gpu and recipe.training.engine != "unsloth":
        trained = adapter(config, recipe)
        shape = memory_plan.Shape.of(config, recipe.lora.r, trained, itemsize)
        row = shape.peak(memory_plan.INPUTS, recipe.data.max_length, recipe.data.max_length)
        states = trained * (memory_plan.MOMENTS + 4 + itemsize)
        return int(base + states + row + memory_plan.SLACK + CUDA_BYTES)
    tokens = recipe.training.per_device_train_batch_size * recipe.data.max_length
    values = 8 * config["hidden_size"] + 4 * config["intermediate_size"]
    kept = 1 if recipe.training.gradient_checkpointing else config["num_hidden_layers"]
    total = base + adapter(config, recipe) * ADAPTER_BYTES
    return int(total + tokens * values * itemsize * kept + CUDA_BYTES)


def sizes(config: Mapping[str, Any], recipe: Recipe) -> dict[str, int]:
    """Bytes on the disk by what lies there. llama.cpp's types take up to a bit more than named."""
    count = sum(weights(config))
    found = {"fetch": 2 * count, "16bit": 2 * count}
    for kind in recipe.convert.types:
        bits = gguf_types.bits(kind) + (1 if kind not in ("F16", "BF16", "F32") else 0)
        found[kind] = count * bits // 8
    return found


def disk_peak(found: Mapping[str, int]) -> int:
    """Bytes when most is there: in convert, which holds its F16 file twice for a moment, or at its end."""
    plain = found.get("F16", 0)
    models = found["fetch"] + found["16bit"]
    gguf = sum(found.values()) - models
    return models + max(2 * plain, gguf)


def before(project: Path, recipe: Recipe) -> list[str]:
    """What a recipe with random weights will take, against what this machine has."""
    if not isinstance(recipe.model, RandomModel):
        return []
    config = recipe.model.config
    count, here = sum(weights(config)), machine(project)
    peak = disk_peak(sizes(config, recipe))
    lines = [f"needs     {count / 1e9:.2f} billion weights; reckoned, against what is here:"]
    if recipe.runtime.gpu:
        lines.append(_line("GPU", gpu_to_train(config, recipe), here.gpu, "to train"))
    shard = min(5 * 10**9, 2 * count)  # merge has one in memory, and a few copies of a tensor
    lines.append(_line("memory", shard + 3 * 10**9, here.host, "to merge"))
    return [*lines, _line("disk", peak, here.disk, "at its peak, in convert")]


def after(project: Path, recipe: Recipe, rehearsed: Recipe, *, shrunk: bool) -> list[str]:
    """What the rehearsal took, stage by stage, and what the real run will."""
    here, measured = machine(project), _measured(project, rehearsed)
    if shrunk:
        total = sum(run.get("seconds", 0) for run, _ in measured.values())
        return [
            f"rehearsed in {total / 60:.1f} minutes; a shrunk model tells neither minutes nor memory of "
            "the real run: rehearse without --layers and --hidden for those"
        ]
    minutes = real_minutes(project, recipe, rehearsed)
    lines = ["the real run, from what the rehearsal took:"]
    lines.append(_row("stage", "rehearsed", "real", "GPU", "memory", "folder"))
    for name, (run, size) in measured.items():
        gpu = f"{_gb(run['gpu_bytes'] + CUDA_BYTES)}" if "gpu_bytes" in run else "-"
        real = f"{minutes[name]:.0f} min" if name != "fetch" else "download"
        seconds = f"{run.get('seconds', 0):.0f} s"
        lines.append(_row(name, seconds, real, gpu, _gb(run.get("host_bytes", 0)), _gb(size)))
    peaks = {key: max(run.get(key, 0) for run, _ in measured.values())
             for key in ("gpu_bytes", "host_bytes")}  # fmt: skip
    total = sum(value for name, value in minutes.items() if name != "fetch")
    lines.append(f"minutes   {total:.0f}, and the download of {_gb(measured['fetch'][1])}")
    if peaks["gpu_bytes"]:
        lines.append(_line("GPU", peaks["gpu_bytes"] + CUDA_BYTES, here.gpu, "at its peak"))
    lines.append(_line("memory", peaks["host_bytes"], here.host, "at its peak"))
    by_folder = {name: size for name, (_, size) in measured.items()}
    file = gguf_types.file_name(rehearsed.convert.name, "F16")
    f16 = folder(project, rehearsed, BY_NAME["convert"]) / file
    peak = by_folder["fetch"] + by_folder["merge"] + by_folder["convert"]
    peak = max(peak, by_folder["fetch"] + by_folder["merge"] + 2 * f16.stat().st_size)
    lines.append(
        _line("disk", peak, here.disk + sum(by_folder.values()), "at its peak, in convert")
    )
    return [*lines, *_deletable(rehearsed, by_folder)]


def _deletable(rehearsed: Recipe, sizes: Mapping[str, int]) -> Iterator[str]:
    yield (
        f"to delete outputs/{rehearsed.name}/ now; of the real run's folders fetch/ "
        f"({_gb(sizes['fetch'])}) when sample_hf is done, 16bit/ ({_gb(sizes['merge'])}) when the run "
        "is: each is made anew when something asks for it"
    )


def real_minutes(project: Path, recipe: Recipe, rehearsed: Recipe) -> dict[str, float]:
    """Minutes of each stage of the real run: training by its tokens, answers by those of gold.

    Tuned arms are taken to answer as long as gold, the base model as long as it may.
    """
    found = {name: run.get("seconds", 0.0) / 60 for name, (run, _) in
             _measured(project, rehearsed).items()}  # fmt: skip
    prepared = folder(project, rehearsed, BY_NAME["prepare"])
    statistics = records.read(prepared / "statistics.json")
    run = records.read(folder(project, rehearsed, BY_NAME["train"]) / "run.json")
    training = recipe.training
    tokens = statistics["tokens"] * training.num_train_epochs
    if training.max_steps > 0:
        rows = training.per_device_train_batch_size * training.gradient_accumulation_steps
        tokens = statistics["mean"] * rows * training.max_steps
    found["train"] += (tokens - run["train_tokens"]) / run["tokens_per_second"] / 60
    probes = records.read_lines(prepared / "probes.jsonl")
    ratio = _gold(probes, recipe.evaluate.max_probes) / _gold(probes, rehearsed.evaluate.max_probes)
    found["sample_gguf"] *= ratio
    answers = records.read(folder(project, rehearsed, BY_NAME["sample_hf"]) / "run.json")
    base = (
        _gold(probes, recipe.evaluate.base_max_probes) * recipe.evaluate.base_max_new_tokens_factor
    )
    base /= _gold(probes, rehearsed.evaluate.base_max_probes)
    for arm, factor in ((arms.BASE, base), (arms.ADAPTER, ratio), (arms.MERGED, ratio)):
        found["sample_hf"] += answers[arm]["seconds"] * (factor - 1) / 60
    return {name: max(0.0, value) for name, value in found.items()}


def _gold(probes: Sequence[Mapping[str, Any]], most: int | None) -> int:
    return sum(len(probe["gold_ids"]) for probe in arms.asked(probes, most))


def _measured(project: Path, rehearsed: Recipe) -> dict[str, tuple[dict[str, Any], int]]:
    """What each stage's run.json says, and the bytes of its folder."""
    found = {}
    for stage in of(rehearsed):
        out = folder(project, rehearsed, stage)
        run = records.read(out / "run.json") if (out / "run.json").exists() else {}
        found[stage.name] = (run, sum((out / p).stat().st_size for p in manifest.list_outputs(out)))
    return found


def _row(name: str, *cells: str) -> str:
    return f"{name:12}" + "".join(f"{cell:>11}" for cell in cells)


def _line(name: str, needed: int, there: int, when: str) -> str:
    verdict = "" if needed <= there else ": too little"
    return f"{name:9} {_gb(needed)} {when}, {_gb(there)} here{verdict}"


def _gb(size: float) -> str:
    return f"{math.ceil(size / 1e8) / 10:.1f} GB"
