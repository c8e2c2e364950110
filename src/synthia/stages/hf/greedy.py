"""Greedy answers to many prompts, with the gold answer as a guess.

The guess is read in one pass together with the prompt and kept only as far as the model itself would
have written it: each token is still the likeliest one after those before it. A tuned model mostly
writes the gold answer, so few steps are left. What follows is one token a step, rows that are done
leaving the batch.

Not covered: sampling at a temperature. Bitwise equality with one prompt at a time: sums of another
shape differ in the last bits; a test holds that the smoke model's answers do not.
"""

from collections.abc import Sequence
from typing import Any

import torch

from synthia.stages.hf.prefix_batches import Batch, inner


def answer(
    model: Any, batch: Batch, drafts: Sequence[Sequence[int]], limits: Sequence[int],
    stops: Sequence[int], read: tuple[torch.Tensor, Any, torch.Tensor],
) -> list[list[int]]:  # fmt: skip
    """Answer a batch of prompts, each up to a stop id (included) or its limit.

    `read` is what prefix_batches.read gave for the prompts, each followed by its draft without the
    draft's last id; `batch` holds the same rows.
    """
    hidden, cache, mask = read
    answers: list[list[int]] = []
    for row, draft in enumerate(drafts):
        start = batch.width - len(draft)  # the column of the prompt's last id
        choices = likeliest(model, hidden[row, start:])
        found = accept(choices, list(draft)[:-1])
        answers.append(cut(found, limits[row], stops))
        mask[row, batch.offset + start + len(found) :] = 0
    active = list(range(len(answers)))
    while True:
        going = [
            place
            for place, row in enumerate(active)
            if answers[row][-1] not in stops and len(answers[row]) < limits[row]
        ]
        if not going:
            return answers
        if len(going) < len(active):
            kept = torch.tensor(going, device=mask.device)
            cache.batch_select_indices(kept)
            mask, active = mask[kept], [active[place] for place in going]
        ids = torch.tensor([[answers[row][-1]] for row in active], device=mask.device)
        mask = torch.cat([mask, torch.ones_like(ids)], dim=1)
        output = inner(model).model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=mask.sum(dim=1, keepdim=True) - 1,
            past_key_values=cache,
            use_cache=True,
        )
        for row, token in zip(
            active, likeliest(model, output.last_hidden_state[:, -1]), strict=True
        ):
            answers[row].append(token)


def likeliest(model: Any, hidden: torch.Tensor) -> list[Any]:
    """The likeliest next token after each hidden state."""
    found: list[Any] = inner(model).lm_head(hidden).argmax(dim=-1).tolist()
    return found


def accept(choices: Sequence[int], guess: Sequence[int]) -> list[int]:
    """The model's own tokens: `choices[i]` is its choice after the guess's first i tokens."""
    for count, token in enumerate(guess):
        if choices[count] != token:
            return list(choices[: count + 1])
    return list(choices[: len(guess) + 1])


def cut(ids: Sequence[int], limit: int, stops: Sequence[int]) -> list[int]:
    """An answer up to its first stop id (included), or its limit."""
    for place, token in enumerate(ids[:limit]):
        if token in stops:
            return list(ids[: place + 1])
    return list(ids[:limit])
