"""The files that make a tokenizer, handed on unchanged from prepare to train to merge.

Not covered: what is in them; prepare writes them by the stop contract.
"""

import shutil
from pathlib import Path

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
