"""Greedy answers to many prompts, several tokens a step where the next ones can be guessed.

A guess (the gold answer at first, later the continuation of a repetition) is read in one pass and
kept only as far as the model itself would have written it: each token is still the likeliest one
after those before it. A tuned model mostly writes the gold answer and a base model mostly loops, so
few steps are left.

Not covered: sampling at a temperature. Bitwise equality with one prompt at a time: sums of another
shape differ in the last bits; a test holds that the smoke model's answers do not.
"""

from collections.abc import Sequence
from typing import Any

import torch

from synthia.stages.prefix_batches import Batch, inner

SEEN, GUESSED = 3, 8
"""When the last 3 tokens stood in the answer before, the 8 that followed them are the guess."""


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
        last = len(batch.rests[row]) - len(draft)
        start = batch.width - len(batch.rests[row]) + last
        choices = likeliest(model, hidden[row, start:])
        found = accept(choices, list(draft)[:-1])
        answers.append(cut(found, limits[row], stops))
        mask[row, len(batch.prefix) + start + len(found) :] = 0
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
        mask = step(model, cache, mask, [answers[row] for row in active])
        for row in active:
            answers[row] = cut(answers[row], limits[row], stops)


def step(model: Any, cache: Any, mask: torch.Tensor, answers: Sequence[list[int]]) -> torch.Tensor:
    """Make each answer longer by at least one token; return the mask of what the cache holds."""
    guesses = [repetition(ids) for ids in answers]
    width = 1 + max(map(len, guesses))
    ids = torch.zeros((len(answers), width), dtype=torch.long)
    added = torch.zeros_like(ids)
    for row, guess in enumerate(guesses):
        ids[row, : len(guess) + 1] = torch.tensor([answers[row][-1], *guess])
        added[row, : len(guess) + 1] = 1
    mask = torch.cat([mask, added.to(mask.device)], dim=1)
    places = mask.cumsum(dim=1)[:, -width:] - 1
    output = inner(model).model(
        input_ids=ids.to(mask.device),
        attention_mask=mask,
        position_ids=places,
        past_key_values=cache,
        use_cache=True,
    )
    choices = likeliest(model, output.last_hidden_state)
    longest = 0
    for row, guess in enumerate(guesses):
        found = accept(choices[row], guess)
        answers[row].extend(found)
        mask[row, mask.shape[1] - width + len(found) :] = 0
        longest = max(longest, len(found))
    if longest < width:
        cache.crop(longest - width)
        mask = mask[:, : longest - width]
    return mask


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


def repetition(ids: Sequence[int]) -> list[int]:
    """What followed when the last tokens stood in the answer before; empty where they did not."""
    tail = list(ids[-SEEN:])
    for start in range(len(ids) - SEEN - 1, -1, -1):
        if list(ids[start : start + SEEN]) == tail:
            period = len(ids) - SEEN - start
            return [ids[start + SEEN + index % period] for index in range(GUESSED)]
    return []
