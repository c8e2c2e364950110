"""Forward passes over many rows of ids, what several begin with computed once.

Prompts with the same tools share their system turn, most of a short prompt. Beginnings that at least
ALIKE rows have go through the model one by one; their keys and values are repeated for every row. Then
the rest of a batch's rows, or all of those that begin like few others, is read together, padded on the
left and masked. Rows of about one length are read together, so that little is padding.

Not covered: bitwise equality with one row at a time. Sums of another shape differ in the last bits;
a test holds that the answers of the smoke model do not.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from transformers import DynamicCache

ALIKE = 4
"""Reckoned, not measured: what starting the programs of a pass costs a GPU, against ids computed twice."""
TOKENS = 16_384
"""In a batch, padding included: some 30 of the shipped probes."""
TOKENS_GPU = 65_536
"""With few rows a GPU waits for each token's programs, not for their work. As reckoned, 7B in bfloat16
takes 4 GB for so many keys and values, and twice that for a layer; in float32, as the merged model is read,
twice as much beside 30 GB of weights (57 GiB measured). With less room a batch is halved."""


@dataclass(frozen=True)
class Batch:
    """Some rows of ids, each cut into a beginning and the rest."""

    indices: list[int]
    """Places of the rows in the list that was cut into batches."""
    prefixes: list[list[int]]
    """What each row shares with others; nothing in a batch of rows that share nothing."""
    rests: list[list[int]]
    """At least one id each."""

    @property
    def offset(self) -> int:
        """Columns that the longest beginning takes."""
        return max(map(len, self.prefixes))

    @property
    def width(self) -> int:
        """Length of the longest rest."""
        return max(map(len, self.rests))

    def column(self, row: int, position: int) -> int:
        """Where in the padded rest the id at `position` of a row stands."""
        return position - len(self.prefixes[row]) + self.width - len(self.rests[row])


def over(
    rows: Sequence[Sequence[int]], shared: Sequence[int], work: Callable[[Batch], None]
) -> None:
    """Call `work` with batch after batch of rows that begin alike, or that do not.

    `shared` says of each row how many ids are its beginning: at least one, fewer than all. A batch that
    the GPU has no room for is cut in half and begun anew, and those after it have as few rows.
    """
    begin = [tuple(row[:count]) for row, count in zip(rows, shared, strict=True)]
    often = Counter(begin)
    begin = [each if often[each] >= ALIKE else () for each in begin]
    order = sorted(range(len(rows)), key=lambda index: (begin[index], len(rows[index]), index))
    most = len(rows)
    while order:
        batch = _batch(rows, begin, order, most)
        try:
            work(batch)
        except torch.OutOfMemoryError:
            if len(batch.indices) == 1:
                raise
            most = len(batch.indices) // 2
        else:
            order = order[len(batch.indices) :]
            continue
        torch.cuda.empty_cache()  # here, where the error no longer holds the batch's tensors


def _batch(
    rows: Sequence[Sequence[int]], begin: Sequence[tuple[int, ...]], order: Sequence[int], most: int
) -> Batch:
    """The first of the rows in `order`: at most `most`, as many as TOKENS allow, at least one."""
    tokens = TOKENS_GPU if torch.cuda.is_available() else TOKENS
    indices: list[int] = []
    offset = width = 0
    for index in order[:most]:
        offset = max(offset, len(begin[index]))
        width = max(width, len(rows[index]) - len(begin[index]))
        full = (len(indices) + 1) * (offset + width) > tokens
        if indices and (full or bool(begin[index]) != bool(begin[indices[0]])):
            break
        indices.append(index)
    return Batch(
        indices,
        [list(begin[index]) for index in indices],
        [list(rows[index][len(begin[index]) :]) for index in indices],
    )


def first_turns(prompts: Sequence[Sequence[int]], terminator: int) -> list[int]:
    """How many ids each prompt's first turn has, with its terminator.

    A prompt goes on after it: the next turn's header follows.
    """
    return [list(ids).index(terminator) + 1 for ids in prompts]


def read(model: Any, batch: Batch) -> tuple[torch.Tensor, Any, torch.Tensor]:
    """Run a batch through the model; return the last hidden states of the rests, cache and mask.

    Hidden states are [rows, width, hidden], on the model's device; the mask [rows, offset + width].
    """
    cache = beginnings(model, batch)
    ids = torch.zeros((len(batch.rests), batch.width), dtype=torch.long)
    mask = torch.ones((len(batch.rests), batch.offset + batch.width), dtype=torch.long)
    for row, (prefix, rest) in enumerate(zip(batch.prefixes, batch.rests, strict=True)):
        padding = batch.width - len(rest)
        ids[row, padding:] = torch.tensor(rest)
        mask[row, : batch.offset - len(prefix)] = 0
        mask[row, batch.offset : batch.offset + padding] = 0
    places = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, batch.offset :]
    ids, mask, places = (tensor.to(model.device) for tensor in (ids, mask, places))
    output = inner(model).model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=places,
        past_key_values=cache,
        use_cache=True,
    )
    return output.last_hidden_state, output.past_key_values, mask


def beginnings(model: Any, batch: Batch) -> Any:
    """Keys and values of each row's beginning, padded on the left to the longest; none of rows without."""
    cache = DynamicCache(config=model.config)
    if not batch.offset:
        return cache
    columns: list[list[tuple[torch.Tensor, torch.Tensor]]] = []
    for prefix, rows in groupby(batch.prefixes):
        one = DynamicCache(config=model.config)
        ids = torch.tensor([prefix], device=model.device)
        inner(model).model(input_ids=ids, past_key_values=one, use_cache=True)
        count, padding = len(list(rows)), batch.offset - len(prefix)
        columns.append([
            (_repeat(layer.keys, padding, count), _repeat(layer.values, padding, count))
            for layer in one.layers
        ])  # fmt: skip
    for number, pairs in enumerate(zip(*columns, strict=True)):
        keys, values = (torch.cat(side) for side in zip(*pairs, strict=True))
        cache.update(keys, values, number)
    return cache


def _repeat(states: torch.Tensor, padding: int, rows: int) -> torch.Tensor:
    """Pad [1, heads, length, size] on the left and repeat it for so many rows."""
    padded = torch.nn.functional.pad(states, (0, 0, padding, 0))
    return padded.expand(rows, -1, -1, -1)


def inner(model: Any) -> Any:
    """The causal language model, out of PEFT's wrapper if there is one."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model
