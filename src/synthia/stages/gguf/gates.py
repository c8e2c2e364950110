"""Static gates of GGUF files: tensors, template, token ids, tokenizer, metadata, llama.cpp's rendering.

Everything here is decided by the files as they are, before any answer is sampled.

Not covered: what the model computes (gates F) and answers (gates B).
"""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tqdm import tqdm

from synthia import records, terminal
from synthia.errors import PipelineError
from synthia.gates import Gate, none_found, require
from synthia.recipe import Recipe
from synthia.stages.gguf import (
    libllama,
    llama_server,
    metadata as gguf_metadata,
    tensor_parity,
    tokenizer_parity,
)

TEMPLATE = "tokenizer.chat_template"
SAMPLING = "general.sampling."
REQUIRED = (
    "general.architecture", "general.name", "general.license", "general.base_model.0.repo_url",
    "general.organization", "general.quantized_by", "general.license.link", "general.description",
    "general.tags", "general.languages", "general.dataset.count",
    "general.file_type", "general.size_label", "tokenizer.ggml.model", "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens", "tokenizer.ggml.merges", "tokenizer.ggml.token_type",
    "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
    "tokenizer.ggml.padding_token_id", TEMPLATE,
)  # fmt: skip
"""Keys that each file must have, besides the context length of its architecture."""

Metadata = Mapping[str, Any]


def judge(recipe: Recipe, inputs: Mapping[str, Path], files: Mapping[str, Path]) -> list[Gate]:
    """All static gates of the files, by type."""
    merged, prepared = inputs["merge"], inputs["prepare"]
    sys.path.insert(0, str(inputs["llama_cpp"] / "gguf-py"))  # the converter's own gguf
    whole = tensor_parity.whole(merged, files)
    require([whole])  # nothing else can be said of a file that libllama does not load
    metadata = {path.name: gguf_metadata.read(path) for path in files.values()}
    texts = records.read_lines(prepared / "texts.jsonl")
    lib = libllama.load(inputs["llama_cpp"])
    with libllama.model(lib, files["F16"], vocab_only=True) as vocabulary:
        ends = libllama.end_of_generation(lib, vocabulary)
        tokenize = libllama.tokenizer(lib, vocabulary)
        hugging_face = Tokenizer.from_file(str(merged / "tokenizer.json"))
        different = list(_different_ids(recipe, inputs, texts, hugging_face, tokenize))
    vocabularies = list(_different_vocabularies(files["F16"].name, metadata))
    fix = "look at convert's log and the converter's version; run ./invoke convert --force"
    return [
        whole,
        *tensor_parity.gates(merged, files["F16"]),
        none_found(
            "G static: template",
            list(_different_templates(prepared, merged, metadata)),
            metric="places whose chat template is not the recipe's, byte for byte",
            why="Hugging Face and llama.cpp would give the model different prompts",
            fix="merge copies prepare's tokenizer files: run ./invoke merge --force",
        ),
        none_found(
            "G static: token ids",
            list(_wrong_ids(recipe, hugging_face, metadata, ends)),
            metric="eos, eot, pad and stop ids that are not as declared",
            why="the model would not stop, or stop in the middle",
            fix=fix,
        ),
        none_found(
            "G static: pre-tokenizer",
            list(_guessed_pre_tokenizers(metadata)),
            metric="files whose tokenizer type or pre-tokenizer was only guessed",
            why="text would be cut into other tokens than in training",
            fix="the converter does not know this tokenizer: correct tokenizer.json in fetch",
        ),
        none_found(
            "G static: tokenizer",
            [*different, *vocabularies],
            metric="texts with other ids than Hugging Face's: vendored cases, rows, "
            f"{recipe.convert.random_strings} random strings",
            why="the model would read other tokens than it was trained on",
            fix=fix,
        ),
        none_found(
            "G static: sampling",
            list(_wrong_sampling(recipe, metadata)),
            metric="sampling parameters in a file that are not those that are measured and shipped",
            why="llama.cpp applies them: a repeat penalty corrupts repeated JSON keys",
            fix=fix,
        ),
        none_found(
            "G static: rope",
            list(_different_rope(records.read(merged / "config.json"), metadata)),
            metric="places whose base of the rotary embeddings is another than the others'",
            why="a reader that misses it takes 10,000, and answers wrongly without a word",
            fix="16bit/config.json needs rope_theta and rope_parameters: run ./invoke merge --force",
        ),
        none_found(
            "G static: metadata",
            list(_wrong_metadata(recipe, metadata)),
            metric="metadata keys that are missing or not as the recipe says",
            why="the hub and LM Studio show them, and clients read the context length",
            fix=fix,
        ),
        none_found(
            "T render: llama.cpp",
            render_differences(inputs["llama_cpp"], files["F16"], texts),
            metric="rows that llama-server renders differently, whole or up to the last answer",
            why="what is served would not be what was trained",
            fix="use only what both engines know in the chat template",
        ),
    ]


def _different_templates(
    prepared: Path, merged: Path, metadata: Mapping[str, Metadata]
) -> Iterator[str]:
    wanted = (prepared / "tokenizer" / "chat_template.jinja").read_bytes().decode()
    config = records.read(merged / "tokenizer_config.json")
    found = {
        "16bit/chat_template.jinja": (merged / "chat_template.jinja").read_bytes().decode(),
        "16bit/tokenizer_config.json": config.get("chat_template"),
        **{f"gguf/{name}": values.get(TEMPLATE) for name, values in metadata.items()},
    }
    return (name for name, template in found.items() if template != wanted)


def _wrong_ids(
    recipe: Recipe, tokenizer: Tokenizer, metadata: Mapping[str, Metadata], ends: set[int]
) -> Iterator[str]:
    stop = recipe.stop
    declared = {
        "tokenizer.ggml.eos_token_id": stop.eos_token,
        "tokenizer.ggml.eot_token_id": stop.terminator,
        "tokenizer.ggml.padding_token_id": stop.pad_token,
    }
    for name, values in metadata.items():
        for key, token in declared.items():
            if values.get(key) != tokenizer.token_to_id(token):
                yield f"gguf/{name}: {key} is {values.get(key)}, {token} is {tokenizer.token_to_id(token)}"
        if values.get("tokenizer.ggml.add_bos_token") or values.get("tokenizer.ggml.add_eos_token"):
            yield f"gguf/{name}: llama.cpp would add a token to each prompt"
    for number in stop.stop_token_ids:
        if number not in ends:
            yield f"llama.cpp does not stop at {number} ({tokenizer.id_to_token(number)})"


def _guessed_pre_tokenizers(metadata: Mapping[str, Metadata]) -> Iterator[str]:
    for name, values in metadata.items():
        kind, pre = values.get("tokenizer.ggml.model"), values.get("tokenizer.ggml.pre")
        if kind != "gpt2" or pre in (None, "", "default"):
            yield f"gguf/{name}: tokenizer {kind}, pre-tokenizer {pre}; a byte-level BPE is gpt2"


def _different_ids(
    recipe: Recipe,
    inputs: Mapping[str, Path],
    texts: Sequence[Mapping[str, Any]],
    hugging_face: Tokenizer,
    tokenize: Any,
) -> Iterator[str]:
    vendored = inputs["llama_cpp"] / "models" / "ggml-vocab-qwen2.gguf.inp"
    special = sorted(token.content for token in hugging_face.get_added_tokens_decoder().values())
    strings = tokenizer_parity.random_strings(recipe.convert.random_strings, special)
    # llama.cpp does not normalise (Qwen2: NFC), so text is compared as it is after that. Rows are taken as
    # they are: a row that normalising changes is one that clients cannot send to a GGUF as it was trained.
    if hugging_face.normalizer:
        strings = map(hugging_face.normalizer.normalize_str, strings)
    compared = {
        **{f"case {n}": text for n, text in enumerate(tokenizer_parity.cases(vendored), 1)},
        **{row["id"]: row["text"] for row in texts},
        **{f"random string {n}": text for n, text in enumerate(strings, 1)},
    }

    def encode(strings: Sequence[str]) -> list[list[int]]:
        encodings = hugging_face.encode_batch(list(strings), add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    return iter(tokenizer_parity.differences(compared, encode, tokenize))


def _different_vocabularies(first: str, metadata: Mapping[str, Metadata]) -> Iterator[str]:
    """The ids are compared on the F16 file; the others must hold the same tokenizer."""
    for name, values in metadata.items():
        for key in sorted(metadata[first].keys() | values.keys()):
            if key.startswith("tokenizer.") and values.get(key) != metadata[first].get(key):
                yield f"gguf/{name}: {key} differs from that of gguf/{first}"


def _wrong_sampling(recipe: Recipe, metadata: Mapping[str, Metadata]) -> Iterator[str]:
    """The arms as served measure the recipe's temperature; nothing else may be in a file."""
    wanted = {f"{SAMPLING}temp": recipe.serve.temperature}
    for name, values in metadata.items():
        for key in values:
            if key.startswith(SAMPLING) and key not in wanted:
                yield f"gguf/{name}: {key} = {values[key]}"
        for key, value in wanted.items():
            if key not in values or not math.isclose(values[key], value, rel_tol=1e-6):
                yield f"gguf/{name}: {key} is {values.get(key)}, the recipe ships {value}"


def _different_rope(config: Metadata, metadata: Mapping[str, Metadata]) -> Iterator[str]:
    """Compare both forms in config.json with each file's `rope.freq_base`."""
    new = (config.get("rope_parameters") or {}).get("rope_theta")
    if new is None or config.get("rope_theta") != new:
        yield f"16bit/config.json: rope_theta {config.get('rope_theta')}, in rope_parameters {new}"
    for name, values in metadata.items():
        base = values.get(f"{values.get('general.architecture')}.rope.freq_base")
        if new is None or base is None or not math.isclose(base, new, rel_tol=1e-6):
            yield f"gguf/{name}: rope.freq_base is {base}, 16bit/config.json says {new}"


def _wrong_metadata(recipe: Recipe, metadata: Mapping[str, Metadata]) -> Iterator[str]:
    wanted = {
        "general.name": recipe.convert.name,
        "general.license": recipe.convert.license,
        "general.license.link": recipe.convert.license_link,
        "general.organization": recipe.convert.organization,
        "general.quantized_by": recipe.convert.organization,
        "general.languages": recipe.convert.languages,
    }
    for name, values in metadata.items():
        required = [*REQUIRED, f"{values.get('general.architecture')}.context_length"]
        for key in required:
            if values.get(key) in (None, "", []):
                yield f"gguf/{name}: {key} is missing"
        for key, value in wanted.items():
            if values.get(key) != value:
                yield f"gguf/{name}: {key} is {values.get(key)!r}, the recipe says {value!r}"
        url = str(values.get("general.base_model.0.repo_url", ""))
        if not url.endswith(recipe.model.repo_id):
            yield f"gguf/{name}: the base model is {url!r}, the recipe says {recipe.model.repo_id!r}"


def render_differences(
    llama_cpp: Path, model: Path, texts: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Rows whose text, or whose prompt of the last answer, llama-server renders differently."""
    found: list[str] = []
    try:
        with llama_server.running(llama_cpp, model, context=512) as ask:
            for row in tqdm(texts, desc="render", unit="row", file=terminal.stream()):
                found += _render_difference(ask, row)
    except PipelineError as error:  # it does not start with a template that it cannot parse
        said = [line for line in str(error).splitlines() if line.startswith("Error: ")]
        if not said:
            raise
        found.append(f"llama-server does not take the template: {said[-1].removeprefix('Error: ')}")
    return found


def _render_difference(ask: llama_server.Ask, row: Mapping[str, Any]) -> Iterator[str]:
    whole = {"messages": row["messages"], "add_generation_prompt": False}
    prompt = {"messages": row["messages"][:-1], "add_generation_prompt": True}
    tools = {"tools": row["tools"]} if row["tools"] else {}
    try:
        rendered = ask("/apply-template", {**whole, **tools})["prompt"]
        begun = ask("/apply-template", {**prompt, **tools})["prompt"]
    except llama_server.Refused as error:
        yield f"{row['id']}: {error}"
        return
    if rendered != row["text"]:
        yield f"{row['id']}: {_first_difference(rendered, row['text'])}"
    elif not row["text"].startswith(begun):
        yield f"{row['id']}, prompt: {_first_difference(begun, row['text'])}"


def _first_difference(rendered: str, wanted: str) -> str:
    at = next(
        (
            place
            for place, pair in enumerate(zip(rendered, wanted, strict=False))
            if len(set(pair)) > 1
        ),
        min(len(rendered), len(wanted)),
    )
    return (
        f"at character {at} llama-server has {rendered[at : at + 40]!r}, "
        f"training has {wanted[at : at + 40]!r}"
    )
