"""The rows of one optimizer step in one pass: laid end to end, without padding, none seeing another.

An optimizer step has the same rows, the same labels and the same loss as rows passed one at a time, the
sum over its labels divided by their number; only the order of sums differs. On a GPU attention runs in
PyTorch's variable-length kernel, elsewhere in its plain one under a mask of blocks. Trained rows of
embedding and head (`synthia.stages.hf.token_rows`) are put beside the frozen table, not into a copy of
it, which PEFT makes at every use: 1.1 GB, and its gradient, for a 7B model's head.

Not covered: choosing which rows make a step (Trainer's sampler), several GPUs, and attention with a
window or a scale of its own.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils.checkpoint import checkpoint
from transformers import AttentionInterface
from trl import SFTTrainer

from synthia.errors import PipelineError

ATTENTION = "varlen"
CHUNK = 512
"""Labelled positions whose logits are held at once: 311 MB in 32 bit at Qwen's 152,064 tokens."""
IGNORED = -100


def collate(examples: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, Any]:
    """One batch of all rows: ids, labels and positions [1, total], and where each row begins and ends.

    No label is predicted from another row's last token: the first of each row is ignored.
    """
    lengths = [len(example["input_ids"]) for example in examples]
    ends = torch.tensor([0, *itertools.accumulate(lengths)], dtype=torch.int32)
    labels = torch.tensor([[label for example in examples for label in example["labels"]]])
    labels[0, ends[:-1].long()] = IGNORED
    return {
        "input_ids": torch.tensor(
            [[token for example in examples for token in example["input_ids"]]]
        ),
        "labels": labels,
        "position_ids": torch.cat([torch.arange(length) for length in lengths])[None],
        "cu_seq_lens_q": ends,
        "max_length_q": max(lengths),
    }


class PackedSFTTrainer(SFTTrainer):  # type: ignore[misc]
    """SFTTrainer on batches of `collate`."""

    def training_step(self, model: Any, *words: Any, **named: Any) -> torch.Tensor:
        """Forward and backward with attention over rows: what is recomputed backward needs it too."""
        with _attention(model):
            loss: torch.Tensor = super().training_step(model, *words, **named)
        return loss

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Mean negative log likelihood of the labels of a batch of `collate`."""
        causal = model.get_base_model()
        positions, rows = (
            inputs["position_ids"],
            {name: inputs[name] for name in ("cu_seq_lens_q", "max_length_q")},
        )
        hidden = causal.model(
            inputs_embeds=embed(causal, inputs["input_ids"]),
            position_ids=positions,
            use_cache=False,
            **rows,
        ).last_hidden_state
        labels = inputs["labels"][:, 1:]
        labelled = labels != IGNORED
        before, wanted = hidden[:, :-1][labelled], labels[labelled]
        count = labelled.sum() if num_items_in_batch is None else num_items_in_batch
        total = torch.zeros((), device=hidden.device)
        for some, their in zip(before.split(CHUNK), wanted.split(CHUNK), strict=True):
            total = total + checkpoint(_loss, causal, some, their, use_reentrant=False)
        return total / count


def _loss(causal: Any, hidden: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    logits = head(causal, hidden).float()
    return torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")


def embed(causal: Any, ids: torch.Tensor) -> torch.Tensor:
    """Embeddings [1, total, hidden] of ids [1, total], trained rows among them."""
    table, trained = _table(causal.get_input_embeddings())
    found = torch.nn.functional.embedding(ids, table)
    for token, row in trained:
        found = torch.where((ids == token)[..., None], row.to(found.dtype), found)
    return found


def head(causal: Any, hidden: torch.Tensor) -> torch.Tensor:
    """Logits [positions, vocabulary] of hidden states [positions, hidden], trained rows among them."""
    table, trained = _table(causal.get_output_embeddings())
    logits = torch.nn.functional.linear(hidden, table)
    if not trained:
        return logits
    tokens = torch.tensor([token for token, _ in trained], device=logits.device)
    rows = torch.stack([row for _, row in trained]).to(table.dtype)
    return logits.index_copy(1, tokens, torch.nn.functional.linear(hidden, rows).to(logits.dtype))


def _table(layer: Any) -> tuple[torch.Tensor, list[tuple[int, torch.Tensor]]]:
    """A layer's frozen table, and the trained rows by token; a tied head's are the embedding's."""
    adapter = getattr(layer, "token_adapter", None)
    if adapter is None:
        return layer.weight, []
    trained: list[tuple[int, torch.Tensor]] = []
    for name in adapter.active_adapters:
        trained += zip(
            adapter.token_indices[name], adapter.trainable_tokens_delta[name], strict=True
        )
    return adapter.base_layer.weight, trained


@contextmanager
def _attention(model: Any) -> Iterator[None]:
    """Attend within rows while a step runs; on a CPU the plain kernel tells them by their positions."""
    config = model.get_base_model().config
    before = config._attn_implementation
    config._attn_implementation = ATTENTION if model.device.type == "cuda" else "sdpa"
    try:
        yield
    finally:
        config._attn_implementation = before


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    cu_seq_lens_q: torch.Tensor,
    max_length_q: int,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Causal attention within rows; query, key and value are [1, heads, total, width]."""
    from torch.nn.attention.varlen import varlen_attn

    if scaling is not None and abs(scaling * query.shape[-1] ** 0.5 - 1) > 1e-6:
        raise PipelineError(f"attention with the scale {scaling}: set training.engine = 'unsloth'")
    states = [state[0].transpose(0, 1) for state in (query, key, value)]
    around = (cu_seq_lens_q, cu_seq_lens_q, max_length_q, max_length_q)
    return varlen_attn(*states, *around, is_causal=True)[None], None


AttentionInterface.register(ATTENTION, _attend)
