"""SFTTrainer's loss without a GPU.

TRL 1.15 computes the loss in a Triton kernel that projects only the labelled positions through the
head. Triton has no CPU driver, so this subclass, the way that TRL recommends, does the same in plain
PyTorch: hidden states of all positions, logits of the labelled ones, summed cross entropy over the
number of labels in the whole optimizer step.

Not covered: anything that TRL's loss offers beyond plain negative log likelihood.
"""

from typing import Any

import torch
from trl import SFTTrainer


class CpuSFTTrainer(SFTTrainer):  # type: ignore[misc]
    """SFTTrainer with the loss in PyTorch."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Mean negative log likelihood of the labels; input_ids and labels are [batch, length]."""
        causal = model.get_base_model()
        hidden = causal.model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
        ).last_hidden_state
        labels = inputs["labels"][:, 1:]
        labelled = labels != -100
        logits = causal.lm_head(hidden[:, :-1][labelled]).float()
        total = torch.nn.functional.cross_entropy(logits, labels[labelled], reduction="sum")
        count = labelled.sum() if num_items_in_batch is None else num_items_in_batch
        return total / count
