"""The stop-token probe: does the model rank the terminator first where the gold answers end?

Teacher-forced and cheap, so it can be watched while training runs: a run that does not learn to stop
is visible after minutes, not after the merge.

Not covered: free-running answers; sample_hf and evaluate judge those.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers import TrainerCallback

from synthia.gates import Gate, at_least, require

EARLY_SHARE, EARLY_RATE, EARLY_STEPS = 0.2, 0.5, 100
"""After a fifth of the steps half of the ends must be learned, in runs of at least 100 steps: a
shorter run has seen too few rows by then to judge it."""
FINAL_RATE = 0.99


class StopProbe(TrainerCallback):  # type: ignore[misc]
    """Measure at every `probe_steps` steps and at the end; keep the history in the trainer's state.

    The history in the state is saved with each checkpoint, so a resumed run has it whole.
    """

    def __init__(
        self, ends: Sequence[Sequence[int]], pad: int, probe_steps: int, at_once: int = 8
    ) -> None:
        self.ends, self.pad, self.probe_steps, self.at_once = ends, pad, probe_steps, at_once

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Probe where it is due, and stop a run that does not learn to stop."""
        step, last = state.global_step, state.max_steps
        if step % self.probe_steps and step != last:
            return
        rate, rank = measure(kwargs["model"], self.ends, self.pad, self.at_once)
        state.log_history.append({"step": step, "stop_rank1_rate": rate, "stop_mean_rank": rank})
        if last >= EARLY_STEPS and step >= EARLY_SHARE * last and step < last:
            require([gate(rate, EARLY_RATE, f"step {step} of {last}")])


def measure(
    model: Any, ends: Sequence[Sequence[int]], pad: int, at_once: int = 8
) -> tuple[float, float]:
    """Share of ends whose last id ranks first before it, and its mean rank (1 is first).

    Each end is ids [length] of a prompt with its gold answer; the last id is the terminator.
    """
    training = model.training
    model.eval()
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    ranks: list[int] = []
    with torch.no_grad():
        for start in range(0, len(ends), at_once):
            batch = ends[start : start + at_once]
            width = max(len(ids) for ids in batch) - 1
            ids = torch.full((len(batch), width), pad)
            mask = torch.zeros_like(ids)
            for row, end in enumerate(batch):
                ids[row, : len(end) - 1] = torch.tensor(end[:-1])
                mask[row, : len(end) - 1] = 1
            ids, mask = ids.to(model.device), mask.to(model.device)
            hidden = inner.model(input_ids=ids, attention_mask=mask).last_hidden_state
            before = torch.tensor([len(end) - 2 for end in batch], device=hidden.device)
            rows = torch.arange(len(batch), device=hidden.device)
            logits = inner.lm_head(hidden[rows, before]).float()
            target = torch.tensor([end[-1] for end in batch], device=hidden.device)
            above = logits > logits.gather(1, target[:, None])
            ranks += (above.sum(dim=1) + 1).tolist()
    model.train(training)
    return sum(rank == 1 for rank in ranks) / len(ranks), sum(ranks) / len(ranks)


def select(probes: Sequence[Mapping[str, Any]], count: int) -> list[list[int]]:
    """Ids of prompt and gold answer of evenly spaced probes."""
    step = max(1, len(probes) // count)
    return [[*probe["prompt_ids"], *probe["gold_ids"]] for probe in probes[::step]][:count]


def gate(rate: float, threshold: float, moment: str) -> Gate:
    """Gate T probe."""
    return at_least(
        "T probe",
        rate,
        threshold,
        metric=f"gold ends at which the terminator ranks first, at {moment}",
        why="a model that does not rank its stop token first at the end of an answer runs on",
        fix="look at mask.html: is the terminator trained? Does gate T trainable hold? Train longer",
    )
