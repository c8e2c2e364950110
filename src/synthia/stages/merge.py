"""Merge the adapter into the base in 16 bit: W + (alpha / r) * B @ A, shard by shard.

Where the base was quantised for training, `merge.onto` says what W is: the values that training computed
with, or the base's own. How far the merged model is from what was trained is then measured and judged.

The sum is made in fp64 and rounded once: in fp32, where base and delta cancel, the result could be
off by more than the last place, and by other bits on another machine. Where a GPU is, it does the
sums, and rounds to NF4 as it did in training. The files are read again
afterwards and audited: each adapted tensor within one unit in the last place of that sum, every
other one bit for bit W. The model gets its stop
contract in `config.json` and `generation_config.json`, and the tokenizer files of train.

Not covered: adapters other than plain LoRA with trained token rows; anything else in the adapter is
an error, never ignored.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from synthia import records, terminal
from synthia.errors import PipelineError
from synthia.gates import Gate, none_found, of_rehearsal, require
from synthia.recipe import Recipe
from synthia.stages.hf import base_weights, load_model, model_config, tokenizer_files
from synthia.stages.hf.trained_base import Tensors, reader

PREFIX = "base_model.model."
LORA_A, LORA_B = ".lora_A.weight", ".lora_B.weight"
TOKEN_ROWS = ".token_adapter.trainable_tokens_delta"
CHUNK = 2048
"""Rows of a tensor that are worked on at a time: fp64 copies of a whole one are large."""


@dataclass(frozen=True)
class Change:
    """What the adapter does to one tensor of the base."""

    a: torch.Tensor | None = None
    """[r, in]"""
    b: torch.Tensor | None = None
    """[out, r]"""
    scale: float = 0.0
    rows: tuple[int, ...] = ()
    """Token ids whose rows are replaced ..."""
    values: torch.Tensor | None = None
    """... by these: [len(rows), hidden]"""

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether a tensor of this shape can be changed so."""
        if self.a is not None and self.b is not None:
            return shape == (self.b.shape[0], self.a.shape[1])
        return self.values is None or shape[1] == self.values.shape[1]

    def apply(self, base: torch.Tensor, first: int = 0) -> torch.Tensor:
        """The changed rows `first`, `first + 1`, ... of a tensor, in the dtype of `base`."""
        result = base.clone()
        if self.a is not None and self.b is not None:
            b = self.b[first : first + len(base)].to(base)
            result += self.scale * (b @ self.a.to(base))
        if self.values is not None:
            for row, value in zip(self.rows, self.values, strict=True):
                if first <= row < first + len(base):
                    result[row - first] = value.to(base)
        return result


@dataclass
class Audit:
    """What re-reading the merged model found."""

    adapted: int = 0
    untouched: int = 0
    far: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    worst_ulp: float = 0.0
    changed_values: int = 0
    delta: float = 0.0
    """Sum of the squares of all intended differences from the base ..."""
    lost: float = 0.0
    """... and of what rounding to 16 bit took from them."""
    slack: float = 0.0
    """Share of the base's value by which a sum in less than fp64 may be off."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write the merged model. Reads fetch, prepare and train."""
    changes = read_adapter(inputs["train"])
    gates = [match(inputs["fetch"], changes)]
    require(gates)
    tensors: Tensors = base_weights.tensors
    if recipe.model.load_in_4bit and recipe.merge.onto == "trained":
        tensors = reader(inputs["fetch"], getattr(torch, recipe.model.dtype))
    merge(inputs["fetch"], changes, out, tensors)
    tokenizer_files.copy(inputs["train"], out)
    write_configuration(recipe, inputs["fetch"], out)
    found = audit(inputs["fetch"], changes, out, tensors)
    gates += judge(found)
    require(gates)
    merges: Any = "the base was trained in 16 bit or more: all ways of merging coincide"
    if recipe.model.load_in_4bit:
        from synthia.stages.hf import merge_choices

        merges = merge_choices.compare(recipe, inputs, out)
        judged = [merge_choices.judge(recipe.merge.onto, merges)]
        gates += of_rehearsal(judged) if recipe.rehearsal else judged
    records.write(out / "merge_audit.json", {**summarise(found), "merges": merges})
    return gates


def read_adapter(folder: Path) -> dict[str, Change]:
    """Changes by the name of the base's tensor. Raises PipelineError for what is no plain LoRA."""
    config = records.read(folder / "adapter_config.json")
    weights = load_file(folder / "adapter_model.safetensors")
    scale = config["lora_alpha"] / config["r"]
    changes = {}
    for key in sorted(weights):
        if key.endswith(LORA_A):
            stem = key.removesuffix(LORA_A)
            pair = {"a": weights.pop(key), "b": weights.pop(stem + LORA_B)}
            changes[stem.removeprefix(PREFIX) + ".weight"] = Change(**pair, scale=scale)
        elif key.endswith(TOKEN_ROWS):
            stem = key.removesuffix(TOKEN_ROWS)
            rows = config["trainable_token_indices"][stem.rpartition(".")[2]]
            change = Change(rows=tuple(rows), values=weights.pop(key))
            changes[stem.removeprefix(PREFIX) + ".weight"] = change
    if weights:
        raise PipelineError(
            f"{folder.name}/adapter_model.safetensors holds {sorted(weights)[:3]}, which merge does "
            "not know; only LoRA pairs and trained token rows can be merged"
        )
    return changes


def match(base: Path, changes: Mapping[str, Change]) -> Gate:
    """Gate M merge: keys. Each part of the adapter meets exactly one tensor, of the right shape."""
    shapes: dict[str, list[tuple[int, ...]]] = {}
    for shard in base_weights.shards(base):
        for name, shape in base_weights.shapes(shard).items():
            shapes.setdefault(name, []).append(shape)
    offenders = []
    for name, change in changes.items():
        found = shapes.get(name, [])
        if len(found) != 1:
            offenders.append(f"{name} is {len(found)} times in the base")
        elif not change.fits(found[0]):
            offenders.append(f"{name} is {found[0]} in the base, of other sizes in the adapter")
    if not changes:
        offenders.append("the adapter is empty")
    return none_found(
        "M merge: keys",
        offenders,
        metric="parts of the adapter that do not meet exactly one tensor of the base",
        why="an unmatched part is lost, and the merged model is not the one that was trained",
        fix="was the adapter trained on this base? Run fetch, prepare and train again",
    )


def merge(
    base: Path, changes: Mapping[str, Change], out: Path, tensors: Tensors = base_weights.tensors
) -> None:
    """Write each shard of the base with its changes applied, under the same file names."""
    shards = base_weights.shards(base)
    count = sum(len(base_weights.names(shard)) for shard in shards)
    with tqdm(total=count, desc="merge", unit="tensor", file=terminal.stream()) as bar:
        for shard in shards:
            merged = {}
            for name, tensor in tensors(shard):
                if name in changes:
                    tensor = merge_tensor(tensor, changes[name])
                merged[name] = tensor.cpu().contiguous()
                bar.update()
            save_file(merged, out / shard.name, metadata={"format": "pt"})
            (out / shard.name).chmod(0o644)  # safetensors makes files that only their owner reads
    base_weights.write_index(out)


def merge_tensor(base: torch.Tensor, change: Change) -> torch.Tensor:
    """One changed tensor in the base's dtype, made a slice of its rows at a time."""
    base = base.to(load_model.device())
    merged = torch.empty_like(base)
    for first in range(0, len(base), CHUNK):
        rows = slice(first, first + CHUNK)
        merged[rows] = change.apply(base[rows].double(), first).to(base.dtype)
    return merged


def audit(
    base: Path, changes: Mapping[str, Change], out: Path, tensors: Tensors = base_weights.tensors
) -> Audit:
    """Read the merged files again and compare them with the base and the adapter, in fp64."""
    found = Audit()
    shards = base_weights.shards(base)
    for shard in tqdm(shards, desc="audit", unit="shard", file=terminal.stream()):
        with safe_open(out / shard.name, framework="pt") as merged:
            names = base_weights.names(shard)
            found.altered += sorted(set(merged.keys()) ^ set(names))
            for name, before in tensors(shard):
                if name in merged.keys():
                    compare_tensor(name, before, merged.get_tensor(name), changes.get(name), found)
    return found


def compare_tensor(
    name: str, before: torch.Tensor, after: torch.Tensor, change: Change | None, found: Audit
) -> None:
    """Note what is wrong with one tensor."""
    before, after = before.to(load_model.device()), after.to(load_model.device())
    if not torch.isfinite(after).all():
        found.broken.append(name)
    if after.shape != before.shape or after.dtype != before.dtype:
        found.altered.append(name)
    elif change is not None:
        found.adapted += 1
        audit_tensor(name, before, after, change, found)
    else:
        found.untouched += 1
        if not torch.equal(after.view(torch.int16), before.view(torch.int16)):
            found.altered.append(name)


def audit_tensor(
    name: str, before: torch.Tensor, after: torch.Tensor, change: Change, found: Audit
) -> None:
    """Compare one adapted tensor with base + delta, a slice of its rows at a time."""
    worst, changed = 0.0, 0
    for first in range(0, len(before), CHUNK):
        rows = slice(first, first + CHUNK)
        old, new = before[rows].double(), after[rows].double()
        wanted = change.apply(old, first)
        off = ((new - wanted).abs() - found.slack * old.abs()).clamp(min=0.0)
        # A NaN is no number of ulps: max() would pass it over.
        worst = max(worst, (off / ulp(wanted, after.dtype)).nan_to_num(nan=math.inf).max().item())
        changed += int((new != old).sum())
        found.delta += (wanted - old).square().sum().item()
        found.lost += off.square().sum().item()
    found.worst_ulp = max(found.worst_ulp, worst)
    found.changed_values += changed
    if worst > 1.0:
        found.far.append(f"{name}: {worst:.3g} ulp")
    if changed == 0:
        found.unchanged.append(name)


def ulp(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Distance of neighbouring numbers of a 16-bit dtype around each value."""
    digits = {torch.bfloat16: 8, torch.float16: 11}[dtype]
    exponent = torch.frexp(values).exponent - digits
    smallest = {torch.bfloat16: -133, torch.float16: -24}[dtype]  # subnormal numbers
    return torch.ldexp(torch.ones_like(values), exponent.clamp(min=smallest))


def judge(found: Audit) -> list[Gate]:
    """Gates M merge over the audit."""
    same = {
        "why": "the merged model is not the one that was trained",
        "fix": "this is a bug of merge or a damaged disk: run merge again with --force, and report it",
    }
    sums = "adapted tensors further than one ulp from base + delta"
    others = "other tensors that are not the base's bit for bit"
    return [
        none_found("M merge: sum", found.far, metric=sums, **same),
        none_found("M merge: others", found.altered, metric=others, **same),
        none_found(
            "M merge: finite",
            found.broken,
            why="such a model answers nonsense",
            fix="look at the loss curve: did the training diverge?",
            metric="tensors with NaN or infinity",
        ),
        none_found(
            "M merge: unchanged",
            found.unchanged,
            fix="train longer, or look at the adapter",
            why="an adapter that changes nothing in 16 bit was trained for nothing",
            metric="adapted tensors that came out as the base's",
        ),
    ]


def summarise(found: Audit) -> dict[str, Any]:
    """The audit's numbers for merge_audit.json."""
    return {
        "adapted_tensors": found.adapted,
        "untouched_tensors": found.untouched,
        "changed_values": found.changed_values,
        "worst_ulp": round(found.worst_ulp, 4),
        # Share of the trained difference (by norm) that rounding to 16 bit replaced by noise.
        "rounding_share": round(math.sqrt(found.lost / found.delta), 4),
    }


def write_configuration(recipe: Recipe, base: Path, out: Path) -> None:
    """Write config.json and generation_config.json by the stop contract and the shipped parameters."""
    vocabulary = records.read(out / "tokenizer.json")
    ids = {token["content"]: token["id"] for token in vocabulary["added_tokens"]}
    eos, pad = ids[recipe.stop.eos_token], ids[recipe.stop.pad_token]
    config = records.read(base / "config.json")
    config.pop("quantization_config", None)
    config |= {"eos_token_id": eos, "pad_token_id": pad}
    records.write(out / "config.json", model_config.with_both_rope_forms(config))
    records.write(out / "generation_config.json", model_config.generation(recipe, config))
