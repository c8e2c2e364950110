"""The files that make a tokenizer, handed on unchanged from prepare to train to merge.

Not covered: the stop contract in them, which prepare writes.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NAMES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
)
"""A tokenizer has the last two or not, depending on the model."""


def copy(source: Path, target: Path) -> None:
    """Copy the tokenizer's files byte for byte."""
    for name in NAMES:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


def configuration(
    content: Mapping[str, Any], *, tokenizer_class: str, specials: Mapping[str, str], length: int
) -> dict[str, Any]:
    """tokenizer_config.json for the tokenizer.json whose content this is.

    `specials` are its tokens by name ("eos_token", ...), `length` the model's context in tokens.
    """
    return {
        "tokenizer_class": tokenizer_class,
        "add_prefix_space": False,
        **specials,
        "clean_up_tokenization_spaces": False,
        "model_max_length": length,
        "added_tokens_decoder": {
            str(token.pop("id")): token for token in [dict(t) for t in content["added_tokens"]]
        },
    }
