"""What single values of a recipe may be, where a type and a bound do not say it.

Each check returns the value or raises ValueError with a sentence that says what to write instead.

Not covered: the sections and their keys (`synthia.recipe_sections`), and whether the base model has the
modules that `lora.target_modules` names: that takes the model (`synthia.stages.hf.lora_targets`).
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

ALL_LINEAR = "all-linear"
"""PEFT's word for every linear layer but the head: INCLUDE_LINEAR_LAYERS_SHORTHAND in `peft.utils`."""
TABLES = ("embed_tokens", "lm_head")
HUB_NAME = r"^\w[\w.-]*/\w[\w.-]*$"
HUB = "hub:"
HUB_DATA = r"hub:(\w[\w.-]*/\w[\w.-]*)@([0-9a-f]{40})#([\w.-][\w./ -]*)"
"""A data set of the Hub: its name, the full revision, and a split or the path of a file."""
OPTIMIZERS = (
    "adafactor", "adagrad", "adamw_8bit", "adamw_bnb_8bit", "adamw_torch", "adamw_torch_4bit",
    "adamw_torch_8bit", "adamw_torch_fused", "ademamix", "ademamix_8bit", "lion_32bit", "lion_8bit",
    "paged_adamw_32bit", "paged_adamw_8bit", "paged_ademamix_32bit", "paged_ademamix_8bit",
    "paged_lion_32bit", "paged_lion_8bit", "rmsprop", "rmsprop_bnb", "rmsprop_bnb_32bit",
    "rmsprop_bnb_8bit", "sgd",
)  # fmt: skip
"""Those of transformers' OptimizerNames (`transformers.training_args`, 5.17) that PyTorch, bitsandbytes
and torchao provide, ..."""
NOT_INSTALLED = (
    "adalomo", "adamw_anyprecision", "adamw_torch_npu_fused", "adamw_torch_xla", "apollo_adamw",
    "apollo_adamw_layerwise", "galore_adafactor", "galore_adafactor_layerwise", "galore_adamw",
    "galore_adamw_8bit", "galore_adamw_8bit_layerwise", "galore_adamw_layerwise", "grokadamw", "lomo",
    "schedule_free_adamw", "schedule_free_radam", "schedule_free_sgd", "stable_adamw",
)  # fmt: skip
"""... and those that need a package or a device which the train environment does not have."""
ALIASES = {
    "alpha": "lora_alpha",
    "base_model": "repo_id",
    "batch": "per_device_train_batch_size",
    "batch_size": "per_device_train_batch_size",
    "bs": "per_device_train_batch_size",
    "dataset": "files",
    "dropout": "lora_dropout",
    "epoch": "num_train_epochs",
    "epochs": "num_train_epochs",
    "grad_accum": "gradient_accumulation_steps",
    "lr": "learning_rate",
    "max_seq_length": "max_length",
    "model_name": "repo_id",
    "optimizer": "optim",
    "path": "files",
    "rank": "r",
    "scheduler": "lr_scheduler_type",
    "steps": "max_steps",
    "train": "files",
    "train_file": "files",
    "train_files": "files",
    "wd": "weight_decay",
}
"""Short names, and those of other trainers, by the key that they mean."""
TRUTHS = {
    "true": "true", "yes": "true", "on": "true", "1": "true",
    "false": "false", "no": "false", "off": "false", "0": "false", "none": "false",
}  # fmt: skip
"""Words of YAML and Python, by TOML's."""


PUBLIC_KEY = re.compile(
    r"\s*-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\s*"
)


def public_key(text: str) -> str:
    """Accept one public key as PEM, or nothing."""
    if text and not PUBLIC_KEY.fullmatch(text):
        raise ValueError(
            "must be one public key as PEM, its BEGIN and END lines included, as `openssl pkey -pubout` "
            "writes it"
        )
    return text


def inside_project(path: str) -> str:
    """Accept a relative path that stays under the project."""
    parts = PurePosixPath(path).parts
    elsewhere = re.match(r"/|~|[A-Za-z]:|[\w+.-]+://", path)  # a Windows drive, a URL
    if not parts or elsewhere or ".." in parts or "\\" in path:
        raise ValueError(
            "must be a relative path inside the project, with forward slashes: copy or link the file "
            "into the project"
        )
    return path


def data_file(name: str) -> str:
    """Accept a path inside the project, or a data set of the Hub."""
    if not name.startswith(HUB):
        return inside_project(name)
    if not re.fullmatch(HUB_DATA, name) or ".." in name.partition("#")[2].split("/"):
        raise ValueError(
            "a data set of the Hub is written hub:owner/name@revision#split, with the full commit id of 40 "
            "hex digits (a branch or tag can move) and a split such as train, or a file's path"
        )
    return name


def hub_name(name: str) -> str:
    """Accept `owner/name` as the Hub writes it."""
    if not re.match(HUB_NAME, name):
        raise ValueError(
            "is no name on the Hub, which is owner/name. For a folder of this machine write "
            'source = "folder" with path = "models/..." inside the project'
        )
    return name


def recipe_name(name: str) -> str:
    """Accept a name that is also a folder's on any file system, and part of a URL."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise ValueError(
            "a recipe's file is named with small letters, digits, '.', '_' and '-', the first a letter "
            "or digit: rename the file"
        )
    return name


def target_modules(names: list[str] | str) -> list[str] | str:
    """Accept names of linear layers, or PEFT's word for all of them."""
    if isinstance(names, str):
        if names != ALL_LINEAR:
            raise ValueError(f'is a list of names, or the word "{ALL_LINEAR}" alone')
        return names
    if ALL_LINEAR in names:
        raise ValueError(f'write the word alone: target_modules = "{ALL_LINEAR}"')
    tables = [name for name in names if name.rpartition(".")[2] in TABLES]
    if tables:
        raise ValueError(
            f"{', '.join(tables)}: a table of the vocabulary, which merge cannot add an adapter to. To "
            "train rows of embedding and head, name their ids in lora.trainable_token_indices"
        )
    if not names or not all(names):
        raise ValueError("names at least one module, e.g. q_proj")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)}: named twice")
    return names


def optimizer(name: str) -> str:
    """Accept an optimizer that transformers knows and the train environment can make."""
    if name in NOT_INSTALLED:
        raise ValueError(
            "needs a package or a device that the train environment does not have; there are "
            f"{', '.join(OPTIMIZERS)}"
        )
    if name not in OPTIMIZERS:
        raise ValueError(f"is none of transformers' optimizers: {', '.join(OPTIMIZERS)}")
    return name


def steps(number: int) -> int:
    """Accept -1 or a number of steps: transformers takes 0 for -1, and trains whole epochs."""
    if number == 0:
        raise ValueError(
            "trains nothing: write -1 for as many steps as the epochs need, or more than 0"
        )
    return number


def unmatched(targets: Sequence[str], modules: Sequence[str]) -> str:
    """Say which of `lora.target_modules` no linear layer is called, or "".

    Compared as PEFT does: a name is a layer's whole path, or its end after a dot.
    """
    ends = {module[at:] for module in modules for at in _starts(module)}
    missing = [name for name in targets if name not in ends]
    there = sorted({name.rpartition(".")[2] for name in modules} - set(TABLES))
    if not missing:
        return ""
    return (
        f"lora.target_modules names {', '.join(missing)}, which no linear layer of the base model is "
        f"called; it has {', '.join(there) or 'none'}"
    )


def _starts(path: str) -> list[int]:
    return [0, *(at + 1 for at, character in enumerate(path) if character == ".")]
