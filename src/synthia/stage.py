"""The stages on one page: what each reads and writes, where it runs, and what decides its output.

A new stage is its module in `synthia.stages` and its row here; the Invoke task is made from the row.

Not covered: which of them are stale (`synthia.pipeline`), how one is started (`synthia.run.launch`), and
what happens inside.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # for ./invoke --list, which reads this module, it takes too long
    from synthia.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the pipeline."""

    name: str
    """The module in `synthia.stages` and the Invoke task."""
    does: str
    """What the task says of itself in `./invoke --list`."""
    environment: str
    folder: str
    """Under `outputs/<recipe>/`."""
    reads: tuple[str, ...] = ()
    """The stages whose folders it reads."""
    sections: tuple[str, ...]
    """The parts of the recipe that decide its output."""
    data: tuple[str, ...] = ()
    """Keys of the recipe's data section whose files it reads."""
    files: tuple[str, ...] = ()
    """Other files of the project that it reads."""
    needs: str = ""
    """The optional section of the recipe without which it does not run."""
    llama_cpp: bool = False
    """It runs llama.cpp's programs."""
    network: bool = False
    gpu: bool = False
    """It computes on the GPU when the recipe has one."""
    resumes: bool = False
    """A killed run is continued in the same work folder, not begun anew."""
    signs: bool = False
    """What it made is signed, on this machine, where the recipe holds a public key."""
    sums: str = ""
    """Why its bytes may differ on another machine, image or runtime though its inputs are equal: numbers
    are added in the order of threads, processor and kernels. Empty: they depend on the inputs alone."""


# fmt: off
STAGES = (
    # base model snapshot, and hub_data/: data sets of the Hub; every file's SHA-256 checked
    Stage(name="fetch", does="Get the base model and check every file's SHA-256.",
          environment="train", folder="fetch", network=True, resumes=True,
          sections=("model", "stop", "data.hub", "lora.trainable_token_indices")),
    # input_ids and labels per row, rendered probes, the tokenizer by the stop contract, mask.html
    Stage(name="prepare", does="Check the data and turn it into token ids and labels.",
          environment="train", folder="prepare", reads=("fetch",),
          sections=("family", "data", "stop", "lora.target_modules",
                    "lora.trainable_token_indices"),
          data=("files", "probes", "chat_template")),
    # LoRA adapter, loss history, stop-token probe curve
    Stage(name="train", does="Train the LoRA adapter.",
          environment="train", folder="train", reads=("fetch", "prepare"),
          sections=("model", "stop", "lora", "training", "rehearsal", "runtime.gpu"), gpu=True,
          resumes=True,
          sums="gradients are sums"),
    # 16-bit safetensors, tokenizer files, generation_config; merge audit
    Stage(name="merge", does="Merge the adapter into the 16-bit base model.",
          environment="train", folder="16bit", reads=("fetch", "prepare", "train"),
          sections=("model", "stop", "merge", "serve", "rehearsal"), gpu=True,
          sums="the adapter's product B·A is a sum"),
    # <name>-F16.gguf and its quantised siblings, Ollama's files; static gates
    Stage(name="convert", does="Convert the merged model to GGUF and quantise it.",
          environment="convert", folder="gguf", reads=("prepare", "merge"),
          sections=("description", "family", "model", "stop", "data.files", "data.ollama_template",
                    "convert", "serve"),
          data=("ollama_template",), llama_cpp=True),
    # answers of base, adapter and merged model to the probes; the merged model's logits
    Stage(name="sample_hf", does="Let base, adapter and merged model answer the probes.",
          environment="train", folder="sample_hf",
          reads=("fetch", "prepare", "train", "merge"), gpu=True,
          sections=("family", "model", "stop", "evaluate.max_new_tokens_factor",
                    "evaluate.base_max_new_tokens_factor", "evaluate.max_probes",
                    "evaluate.base_max_probes", "evaluate.fidelity_positions"),
          sums="logits are sums, and a near tie may turn"),
    # answers of each GGUF: by ids, through the server's template, as served; its logits compared
    Stage(name="sample_gguf", does="Let every GGUF file answer the probes.",
          environment="convert", folder="sample_gguf",
          reads=("prepare", "convert", "sample_hf"), llama_cpp=True, gpu=True,
          sections=("convert.name", "convert.types", "evaluate.max_new_tokens_factor",
                    "evaluate.max_probes", "evaluate.served_probes", "evaluate.served_seeds"),
          sums="logits are sums, and a near tie may turn"),
    # verdict per gate and arm
    Stage(name="evaluate", does="Judge the answers: stopping, loops, garbage, tool calls, fidelity.",
          environment="convert", folder="evaluate",
          reads=("prepare", "sample_hf", "sample_gguf"),
          sections=("family", "stop", "convert.types", "evaluate", "rehearsal")),
    # a folder a repository: the exact files to upload, with model card and checksums
    Stage(name="package", does="Write the exact set of files that publish uploads.",
          environment="train", folder="package", needs="hub", files=("LICENSE",), signs=True,
          reads=("fetch", "prepare", "train", "merge", "convert", "evaluate"),
          sections=("family", "hub", "description", "model", "stop", "lora", "training", "merge",
                    "data.max_length", "convert", "serve")),
    # receipt.json: the commit of each repository and the SHA-256 of each of its files
    Stage(name="publish", does="Upload a finished run to the Hub, one verified commit a repository.",
          environment="convert", folder="publish", needs="hub", network=True, llama_cpp=True,
          resumes=True, reads=("prepare", "evaluate", "package"),
          sections=("hub", "convert.types", "evaluate.max_probes")),
)
# fmt: on
BY_NAME = {stage.name: stage for stage in STAGES}


def of(recipe: "Recipe") -> tuple[Stage, ...]:
    """The stages that a recipe runs, in their order."""
    return tuple(
        stage for stage in STAGES if not stage.needs or getattr(recipe, stage.needs) is not None
    )


def folder(project: Path, recipe: "Recipe", stage: Stage) -> Path:
    """Where a stage's output lies."""
    return project / "outputs" / recipe.name / stage.folder
