"""A little project with two recipes on a two-layer Qwen2 that keeps the real vocabulary and template."""

import shutil
from pathlib import Path
from typing import Any

from conftest import PROJECT

from synthia import recipe, rehearsal
from synthia.data import vocabulary
from synthia.host import environments

ROWS, PROBES = 12, 6
SMALL = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
"""Of 8-bit blocks' 32 values. With the vocabulary's 151,936 rows the tied model has 20 MB."""
TRAINING = {"max_steps": 2, "per_device_train_batch_size": 1, "gradient_accumulation_steps": 2}


def make(root: Path) -> dict[str, dict[str, Any]]:
    """Fill a folder with data, template and tokenizer; return the resolved recipes by name.

    One is tied and trains plainly, the other has a head of its own, ends its rows with a second token and
    packs them.
    """
    (root / "data").mkdir()
    for name, count in (("smoke", ROWS), ("smoke_probes", PROBES)):
        lines = (PROJECT / "data" / f"{name}.jsonl").read_bytes().splitlines(keepends=True)
        (root / "data" / f"{name}.jsonl").write_bytes(b"".join(lines[:count]))
    for name in ("chat_templates", "recipes"):
        shutil.copytree(PROJECT / name, root / name)
    made = vocabulary.qwen2(PROJECT / "requirements", environments.cache_root())
    shutil.copyfile(made, root / "tokenizer.json")
    return {name: _resolved(root, name) for name in ("qwen-0.5b", "synthia-7b")}


def _resolved(root: Path, name: str) -> dict[str, Any]:
    loaded = recipe.load(root / "recipes", name, [
        'data.files=["data/smoke.jsonl"]', "data.probes=data/smoke_probes.jsonl",
        'convert.types=["F16", "Q8_0"]',
    ])  # fmt: skip
    derived = rehearsal.derive(root, loaded, "tokenizer.json", gpu=False, layers=2, hidden=256)
    values = derived.model_dump(mode="json")
    packs = {"engine": "packed"} if name == "synthia-7b" else {}
    values["model"]["config"] |= SMALL
    values["training"] |= {**TRAINING, **packs, "logging_steps": 1, "probe_steps": 2}
    values["convert"] |= {"random_strings": 20}
    values["data"] |= {"longest": None}
    return values
