"""Collated batches, read back: what reaches the model must be what prepare wrote.

Not covered: labels as prepare makes them (`synthia.stages.hf.encoding`).
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from synthia.gates import Gate, none_found
from synthia.recipe import Recipe

CHECKED_BATCHES = 8


def rows_of(batch: Mapping[str, Any]) -> Iterator[tuple[list[int], list[int], int]]:
    """Ids, labels and length of each row of a collated batch, padded or packed."""
    ids, labels = batch["input_ids"].tolist(), batch["labels"].tolist()
    if "attention_mask" in batch:
        yield from zip(ids, labels, map(sum, batch["attention_mask"].tolist()), strict=True)
        return
    for begin, end in itertools.pairwise(batch["cu_seq_lens_q"].tolist()):
        yield ids[0][begin:end], labels[0][begin:end], end - begin


def check_batches(recipe: Recipe, trainer: Any, rows: Sequence[Mapping[str, Any]]) -> list[Gate]:
    """Gates T stop and T pad on collated batches, as the model will get them."""
    wanted = {tuple(row["input_ids"]): row for row in rows}
    tokenizer = trainer.processing_class
    terminator = tokenizer.convert_tokens_to_ids(recipe.stop.terminator)
    wrong, padded, silent, seen = [], [], 0, 0
    for number, batch in enumerate(trainer.get_train_dataloader()):
        if number == CHECKED_BATCHES:
            break
        for ids, labels, used in rows_of(batch):
            row = wanted.get(tuple(ids[:used]))
            name = row["id"] if row else f"batch {number}"
            seen += 1
            silent += terminator not in labels
            if row is None or labels[:used] != row["labels"] or terminator not in labels:
                wrong.append(name)
            if set(labels[used:]) - {-100} or tokenizer.pad_token_id in labels:
                padded.append(name)
    return [
        none_found(
            "T stop: batch",
            wrong,
            metric="collated rows whose ids or labels are not prepare's",
            why=_why_changed(recipe, tokenizer, silent, seen),
            fix="Set stop.pad_token to a token that stops nothing"
            if tokenizer.pad_token == recipe.stop.terminator
            else "compare the collator's output with rows.jsonl; report this",
        ),
        none_found(
            "T pad: batch",
            padded,
            metric="collated rows with pad among the labels",
            why="the model would learn to write padding",
            fix="check pad_token and the collator; report this",
        ),
    ]


def _why_changed(recipe: Recipe, tokenizer: Any, silent: int, seen: int) -> str:
    """What collated rows that are not prepare's do, and from what that comes."""
    stop, pad = recipe.stop.terminator, tokenizer.pad_token_id
    if not silent:
        return "the model would be trained on other rows than those that were checked"
    cause = (
        f"pad token {pad} equals the stop token, and the collator masks it"
        if tokenizer.pad_token == stop
        else "the collator masks it or cuts it off"
    )
    return f"{silent} of {seen} rows never train {stop}: {cause}, and the model never stops"
