"""End a training at the first step whose loss or gradient is no number, and say which rows it had.

Trainer would go on: its log shows the mean of the losses before in place of one that is no number, and
the weights are lost from that step on.

Not covered: a loss that is a number and too high, see the gates T loss (`synthia.stages.train`).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from synthia import resume
from synthia.errors import PipelineError

RowsOf = Callable[[Mapping[str, Any]], Iterable[tuple[list[int], list[int], int]]]


class Finite(TrainerCallback):  # type: ignore[misc]
    """Notes the rows of each step, and judges what the trainer logs after it."""

    def __init__(self, trainer: Any, rows: Sequence[Mapping[str, Any]], rows_of: RowsOf) -> None:
        self.names = {tuple(row["input_ids"]): row["id"] for row in rows}
        self.rows_of, self.step = rows_of, trainer.training_step
        self.seen: list[Mapping[str, Any]] = []
        self.before = "it was the first step"
        trainer.training_step = self._noted

    def _noted(self, model: Any, inputs: Mapping[str, Any], *words: Any, **named: Any) -> Any:
        self.seen.append(inputs)
        return self.step(model, inputs, *words, **named)

    def on_log(
        self,
        args: Any,
        state: Any,
        control: Any,
        logs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Raise PipelineError where the loss or the norm of the gradient is infinite or no number."""
        found = {name: logs[name] for name in ("loss", "grad_norm") if logs and name in logs}
        for name, value in found.items():
            if not math.isfinite(value):
                raise PipelineError(
                    self._said(name, float(value), state.global_step, args.output_dir)
                )
        if "loss" in found:
            self.before = f"the loss before was {found['loss']:.3f} at step {state.global_step}"
            self.seen.clear()

    def _said(self, name: str, value: float, step: int, folder: str) -> str:
        names = [
            self.names.get(tuple(ids[:used]), "a row that prepare did not write")
            for batch in self.seen
            for ids, _, used in self.rows_of(batch)
        ]
        kept = resume.newest(Path(folder))
        said = f"{kept.name} is kept" if kept else "no checkpoint was sealed yet"
        what = "loss" if name == "loss" else "norm of the gradient"
        return (
            f"the {what} is {value} at step {step}, and no later step would train anything; {self.before}; "
            f"{said}. Rows of this step: {', '.join(names)}. Look at them, lower training.learning_rate, "
            'raise training.warmup_steps, or take model.dtype = "bfloat16" where it is float16'
        )
