"""Seal each checkpoint that transformers writes, so that a killed training can be continued from it.

Not covered: which one is taken, and what a seal is (`synthia.resume`).
"""

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from synthia import resume


class WriteManifest(TrainerCallback):  # type: ignore[misc]
    """After each save, write the checkpoint's manifest. At the last step nothing is saved.

    Resumed from a checkpoint of the last step, transformers trains one step too many.
    """

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Take back the save that transformers asks for at the last step."""
        if state.global_step >= state.max_steps:
            control.should_save = False

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Seal the checkpoint that the Trainer has just written."""
        resume.seal(Path(args.output_dir) / f"checkpoint-{state.global_step}")
