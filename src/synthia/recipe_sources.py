"""The section `model` of a recipe: where the base model comes from, a class each.

Not covered: getting it (`synthia.stages.fetch`), and whether a folder that is named holds a whole model
(`synthia.model_folder`).
"""

from typing import Any, Literal

from pydantic import Field

from synthia.recipe_sections import HubName, ProjectPath, Revision, Section, Sha256


class HubModel(Section):
    """A base model on the Hugging Face Hub."""

    source: Literal["hub"]
    repo_id: HubName
    revision: Revision
    """Full commit id: a branch or tag can move."""
    lock: dict[ProjectPath, Sha256] = Field(default={})
    """SHA-256 by file name. Files without an entry are recorded in the manifest at first fetch."""
    load_in_4bit: bool
    """Quantise the frozen base to NF4 when it is loaded for training (QLoRA)."""
    dtype: Literal["bfloat16", "float32"]
    """Compute dtype of the training."""


class Slice(Section):
    """A GGUF file, or one slice of it, inside a wheel of the package registry."""

    wheel: str = Field(pattern=r"^[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*$")
    sha256: Sha256
    """Of the wheel."""
    file: ProjectPath
    """The path inside the wheel."""


class WheelModel(Section):
    """A small model that wheels of the package registry carry as a GGUF file."""

    source: Literal["wheel"]
    repo_id: HubName
    """The Hub's name of the model inside, for the model card and the metadata."""
    slices: list[Slice] = Field(min_length=1)
    """Joined in this order they are the file."""
    gguf_sha256: Sha256
    """Of the whole file."""
    tie_word_embeddings: bool
    """As upstream's config.json says: a GGUF may hold a head of its own where the model has none."""
    load_in_4bit: bool
    dtype: Literal["bfloat16", "float32"]


class FolderModel(Section):
    """A base model in a folder of the project, as transformers saves one."""

    source: Literal["folder"]
    path: ProjectPath
    """With config.json, the tokenizer and weights as safetensors. A link may lead out of the project."""
    repo_id: HubName
    """The Hub's name of the model inside, for the model card and the metadata."""
    load_in_4bit: bool
    dtype: Literal["bfloat16", "float32"]


class RandomModel(Section):
    """Random weights of a model's exact shape: what `./invoke rehearse` puts in place of a download."""

    source: Literal["random"]
    repo_id: HubName
    """The model whose shape it is."""
    config: dict[str, Any]
    """Its config.json."""
    tokenizer: ProjectPath
    """Its tokenizer.json."""
    tokenizer_sha256: Sha256
    load_in_4bit: bool
    dtype: Literal["bfloat16", "float32"]


MODELS: dict[str, type[Section]] = {
    "hub": HubModel,
    "wheel": WheelModel,
    "folder": FolderModel,
    "random": RandomModel,
}
