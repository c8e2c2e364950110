"""Rows of embedding and head that the base model never trained: gate T trainable.

LoRA on attention and MLP cannot move such a row. A head's row that was never a target has a logit that
hardly ever comes first; and where a family's unused rows have all become one, its tokens cannot be told
apart: measured on Qwen2.5-Coder-0.5B-Instruct, the rows of `<tool_call>`, `</tool_call>`, the vision marks
and the 271 unused ids are equal to the fourth digit, so a model tuned by LoRA alone has the same logit
for all of them, and its calls never open.

Not covered: rows that were trained badly, and training them (`synthia.stages.hf.token_rows`).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from synthia import records
from synthia.gates import Gate, none_found

FEWEST = 8
"""So many unused rows at least tell what a row looks like that was never trained."""
ALIKE = 0.1
"""They tell it when their distance from their mean is below this share of its length, ..."""
NEAR, TIMES = 0.01, 3.0
"""... and a row is one of them within this share, or so many times their own mean distance. Measured on
Qwen2.5-Coder-0.5B-Instruct: unused rows 0.001, `<tool_call>` below that, `<|im_start|>` 0.41."""
SIGMAS = 3.0
SAMPLE = 4096
"""Where no row is unused, mean and deviation of the norms are estimated from so many."""


def gate(
    folder: Path, ids: Iterable[int], covered: Sequence[int], *, by_norm: bool = False
) -> Gate:
    """Gate T trainable: each of these ids has a trained row, or is among those that the recipe trains.

    Where a model has no unused rows to compare with, `by_norm` takes a row of unusual length for one that
    was never trained: right for the few marks of turns, and not for the many thousand tokens of texts.
    """
    wanted = sorted(set(ids) - set(covered))
    names = _names(folder)
    offenders = []
    tables = 0
    for table_name, table in _tables(folder):
        tables += 1
        for token, said in _untrained(table, wanted, max(names) + 1, by_norm=by_norm):
            offenders.append(f"{table_name} row {token} ({names.get(token, 'no token')}): {said}")
    if not tables:
        offenders.append("there is no embedding: the model's folder holds no safetensors with one")
    return none_found(
        "T trainable",
        offenders,
        metric="rows of tokens to learn that the base never trained and the recipe does not train",
        why="LoRA cannot move these rows: the model cannot learn to write the token",
        fix="add the ids to lora.trainable_token_indices, or start from another base model",
    )


def _untrained(
    table: Any, wanted: Sequence[int], used: int, *, by_norm: bool
) -> Iterator[tuple[int, str]]:
    """The ids whose row in a table [vocabulary, hidden] was never trained, and how that is seen."""
    unused = table[used:].float()
    center = unused.mean(dim=0) if len(unused) >= FEWEST else table[:1].float().mean(dim=0)
    length = center.norm().item()
    apart = (unused - center).norm(dim=1).mean().item() if len(unused) >= FEWEST else math.inf
    if apart < ALIKE * length:
        limit = max(TIMES * apart / length, NEAR)
        for token in wanted:
            share = (table[token].float() - center).norm().item() / length
            if not share >= limit:
                yield token, f"it is one of the {len(unused)} unused rows, off by {share:.2%}"
        return
    if not by_norm:
        return
    norms = table.float().norm(dim=1)
    regular = norms[: SAMPLE * 4 : 4]
    mean, deviation = regular.mean().item(), regular.std().item()
    for token in wanted:
        sigmas = abs(norms[token].item() - mean) / max(deviation, 1e-12)
        if not sigmas <= SIGMAS:
            yield token, f"its norm is {sigmas:.1f} sigma from the mean"


def _names(folder: Path) -> dict[int, str]:
    """Tokens by id, added ones included."""
    content = records.read(folder / "tokenizer.json")
    names = {index: token for token, index in content["model"]["vocab"].items()}
    return names | {token["id"]: token["content"] for token in content["added_tokens"]}


def _tables(folder: Path) -> Iterator[tuple[str, Any]]:
    """The embedding and, where it is not tied, the head: [vocabulary, hidden], one at a time."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in sorted(file.keys()):
                if name.endswith(("embed_tokens.weight", "lm_head.weight")):
                    yield name, file.get_tensor(name)
