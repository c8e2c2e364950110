"""Forward passes over many prompts that begin alike, each beginning computed once.

Prompts of the same tools share their system turn, most of a short prompt. Rows are sorted, cut into
batches, and what a batch has in common goes through the model once, as a batch of one; its keys and
values are then repeated for every row. The rest is padded on the left and masked.

Not covered: bitwise equality with one row at a time. Sums of another shape differ in the last bits;
a test holds that the answers of the smoke model do not.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

SIZE = 24
"""Rows in a batch."""


@dataclass
class Batch:
    """Some rows of ids, what they begin with in common, and the rest of each."""

    indices: list[int]
    """Places of the rows in the list that was cut into batches."""
    prefix: list[int]
    rests: list[list[int]]
    """At least one id each."""

    @property
    def width(self) -> int:
        """Length of the longest rest."""
        return max(map(len, self.rests))

    def column(self, row: int, position: int) -> int:
        """Where in the padded rest the id at `position` of a row stands; negative in the prefix."""
        return position - len(self.prefix) + self.width - len(self.rests[row])


def batches(rows: Sequence[Sequence[int]], size: int = SIZE) -> Iterator[Batch]:
    """Cut rows of ids into batches of rows that begin alike."""
    order = sorted(range(len(rows)), key=lambda index: (list(rows[index]), index))
    for start in range(0, len(order), size):
        indices = order[start : start + size]
        chosen = [list(rows[index]) for index in indices]
        shared = len(os.path.commonprefix([*chosen, min(chosen, key=len)[:-1]]))
        yield Batch(indices, chosen[0][:shared], [row[shared:] for row in chosen])


def read(model: Any, batch: Batch) -> tuple[torch.Tensor, Any, torch.Tensor]:
    """Run a batch through the model; return the last hidden states of the rests, cache and mask.

    Hidden states are [rows, width, hidden], on the model's device; the mask [rows, prefix + width].
    """
    rows, shared, width = len(batch.rests), len(batch.prefix), batch.width
    body = inner(model)
    cache = DynamicCache(config=model.config)
    if shared:
        prefix = torch.tensor([batch.prefix], device=model.device)
        body.model(input_ids=prefix, past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(rows)
    ids = torch.zeros((rows, width), dtype=torch.long)
    mask = torch.ones((rows, shared + width), dtype=torch.long)
    for row, rest in enumerate(batch.rests):
        padding = width - len(rest)
        ids[row, padding:] = torch.tensor(rest)
        mask[row, shared : shared + padding] = 0
    places = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, shared:]
    ids, mask, places = (tensor.to(model.device) for tensor in (ids, mask, places))
    output = body.model(
        input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True
    )
    return output.last_hidden_state, output.past_key_values, mask


def inner(model: Any) -> Any:
    """The causal language model, out of PEFT's wrapper if there is one."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
