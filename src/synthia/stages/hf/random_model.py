"""A model folder of random weights in a real model's shape, for a rehearsal without a download.

Every number is drawn from its tensor's name, so that the same shape gives the same bytes on any machine and
any number of cores; one shard is in memory at a time. The values are chosen so that what is judged of a
rehearsal is judged as on a trained model: a plain random network turns every rounding into another first
choice, so the layers add less to the residual stream than the embedding brings, and the head answers each
token with one certain other. Where embedding and head are tied, that is the token itself.

Not covered: any sense in the answers.
"""

import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tqdm import tqdm

from synthia import manifest, records, terminal
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.recipe_sources import RandomModel
from synthia.stages.hf import base_weights, tokenizer_files, wheel_model

SHARD = 5 * 10**9
"""Bytes; the Hub's 7B models come in shards of this size, one of which merge has in memory."""
CHUNK = 2**24
"""Numbers drawn at a time in 32 bit."""
PEAK = 25.0
"""Logit of the certain token; all others together weigh as one of 12 to 13 (the logarithm of 152,064
tokens, and half of their variance)."""
BRANCHES = 1.0
"""Size of what all layers add to the residual stream, as a share of the embedding's, if nothing damped
it: the activation leaves about half."""
WRITES = ("o_proj.weight", "down_proj.weight")
"""Tensors that add to the residual stream."""


def make(model: RandomModel, project: Path, out: Path) -> list[Gate]:
    """Write config, weights in bfloat16 and tokenizer into `out`; return the gate T tokenizer."""
    records.write(out / "config.json", model.config)
    given = project / model.tokenizer
    if manifest.sha256(given) != model.tokenizer_sha256:
        raise UsageError(
            f"{model.tokenizer} is not the file whose SHA-256 model.tokenizer_sha256 says: run "
            "./invoke rehearse again, which writes both"
        )
    shutil.copyfile(given, out / "tokenizer.json")
    content = records.read(out / "tokenizer.json")
    tokens = {token["id"]: token["content"] for token in content["added_tokens"]}
    configuration = tokenizer_files.configuration(
        content,
        tokenizer_class=wheel_model.ARCHITECTURES[model.config["model_type"]][1],
        # Qwen pads with the token that its config calls the first of a text.
        specials={
            "eos_token": tokens[model.config["eos_token_id"]],
            "pad_token": tokens[model.config["bos_token_id"]],
        },
        length=model.config["max_position_embeddings"],
    )
    records.write(out / "tokenizer_config.json", configuration)
    write_weights(model.config, out)
    return [_tokenizer_gate(model, out)]


def write_weights(config: Mapping[str, Any], out: Path, limit: int = SHARD) -> None:
    """Write the shards, each of at most `limit` bytes or one tensor."""
    shards = list(_shards(shapes(config), limit))
    with (
        tqdm(total=sum(map(len, shards)), desc="random weights", file=terminal.stream()) as bar,
        ThreadPoolExecutor(os.cpu_count()) as threads,  # drawing is done by one core a tensor
    ):
        for number, shard in enumerate(shards, 1):
            made = threads.map(partial(_draw_one, config, shard), shard)
            tensors = {}
            for name, tensor in zip(shard, made, strict=True):
                tensors[name] = tensor
                bar.update()
            name = f"model-{number:05}-of-{len(shards):05}.safetensors"
            file = out / ("model.safetensors" if len(shards) == 1 else name)
            save_file(tensors, file, metadata={"format": "pt"})
            file.chmod(0o644)
            del tensors
    base_weights.write_index(out)


def shapes(config: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Shapes of all tensors that are stored, by name, as transformers' own model has them."""
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config))
    found = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    if config["tie_word_embeddings"]:
        del found[wheel_model.HEAD]
    return found


def draw(name: str, shape: tuple[int, ...], config: Mapping[str, Any]) -> torch.Tensor:
    """The values of one tensor in bfloat16."""
    if name == wheel_model.HEAD:
        table = draw(wheel_model.EMBEDDING, shape, config)
        return table.roll(1, dims=0).mul_(PEAK / shape[1])
    if len(shape) == 1 and name.endswith("norm.weight"):
        last = name == "model.norm.weight" and config["tie_word_embeddings"]
        return torch.full(shape, PEAK / shape[0] if last else 1.0, dtype=torch.bfloat16)
    # A row of `in` numbers of this size keeps the size of what it is multiplied with.
    scale = 1.0 if name == wheel_model.EMBEDDING else shape[-1] ** -0.5
    if name.endswith(WRITES):
        scale *= BRANCHES / (2 * config["num_hidden_layers"]) ** 0.5
    values = torch.empty(shape, dtype=torch.bfloat16)
    flat = values.view(-1)
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    for first in range(0, len(flat), CHUNK):
        part = flat[first : first + CHUNK]
        part.copy_(torch.randn(len(part), generator=generator).mul_(scale))
    return values


def _draw_one(
    config: Mapping[str, Any], shard: Mapping[str, tuple[int, ...]], name: str
) -> torch.Tensor:
    return draw(name, shard[name], config)


def _shards(
    wanted: Mapping[str, tuple[int, ...]], limit: int
) -> Iterator[dict[str, tuple[int, ...]]]:
    """Cut the tensors into groups of at most `limit` bytes in bfloat16, or of one tensor."""
    group: dict[str, tuple[int, ...]] = {}
    size = 0
    for name, shape in wanted.items():
        needed = 2 * torch.Size(shape).numel()
        if group and size + needed > limit:
            yield group
            group, size = {}, 0
        group[name] = shape
        size += needed
    yield group


def _tokenizer_gate(model: RandomModel, out: Path) -> Gate:
    """Gate T tokenizer: as loaded, it gives the ids of the model that is rehearsed."""
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(str(out))
    offenders = []
    for text, ids in wheel_model.CASES[model.config["model_type"]].items():
        found = loaded(text, add_special_tokens=False)["input_ids"]
        if found != ids:
            offenders.append(f"{json.dumps(text)} gives {found}, upstream {ids}")
    return none_found(
        "T tokenizer",
        offenders,
        metric="texts with other ids than the rehearsed model's tokenizer gives",
        why="rows would have other lengths than in the real run",
        fix="this is a bug of the rehearsal's tokenizer; report it",
    )
