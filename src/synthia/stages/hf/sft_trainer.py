"""TRL's SFTTrainer on ready-made ids and labels, its bar, and how fast it was.

Not covered: what it trains (`synthia.stages.hf.adapter`), the packed engine's passes and memory
(`synthia.stages.hf.packed`), and gates (`synthia.stages.hf.collated`, `synthia.stages.train`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthia import resume, terminal
from synthia.recipe import Recipe
from synthia.stages.hf import engine

if TYPE_CHECKING:  # it imports torch, before which the stage sets variables
    from synthia.stages.hf.data_parallel import Share


def rows_a_step(recipe: Recipe) -> int:
    """How many rows an optimizer step has."""
    training = recipe.training
    return training.per_device_train_batch_size * training.gradient_accumulation_steps


def make_trainer(
    recipe: Recipe, model: Any, rows: Sequence[Mapping[str, Any]], tokenizer: Path, out: Path, *,
    cuda: bool, chosen: str, share: Share,
) -> Any:  # fmt: skip
    """TRL's SFTTrainer on ids and labels, with its own preparation of data switched off."""
    from datasets import Dataset
    from transformers import AutoTokenizer, PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from synthia.stages.hf import packed
    from synthia.stages.hf.cpu_trainer import CpuSFTTrainer

    training = recipe.training
    pack = chosen == engine.PACKED
    config = SFTConfig(
        output_dir=str(out / resume.FOLDER),
        learning_rate=training.learning_rate,
        per_device_train_batch_size=(
            rows_a_step(recipe) if pack else training.per_device_train_batch_size
        ),
        gradient_accumulation_steps=1 if pack else training.gradient_accumulation_steps,
        num_train_epochs=training.num_train_epochs,
        max_steps=training.max_steps,
        lr_scheduler_type=training.lr_scheduler_type,
        warmup_steps=training.warmup_steps,
        weight_decay=training.weight_decay,
        optim=training.optim,
        max_grad_norm=training.max_grad_norm,
        gradient_checkpointing=training.gradient_checkpointing and not pack,
        seed=training.seed,
        data_seed=training.seed,
        logging_steps=training.logging_steps,
        logging_nan_inf_filter=False,  # `synthia.stages.hf.finite` wants to see them
        save_strategy="steps" if share.rank == 0 else "no",
        save_steps=training.save_steps,
        save_total_limit=2,
        bf16=cuda and recipe.model.dtype == "bfloat16",
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
        include_num_input_tokens_seen="no" if pack else "non_padding",
        disable_tqdm=True,  # our own bar shows loss and tokens a second
        report_to=(training.report_to if share.rank == 0 else []) or "none",
        max_length=None,  # rows were measured by prepare; nothing may be cut here
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
    )
    dataset = Dataset.from_list(
        [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in rows]
    )
    plain = SFTTrainer if cuda else CpuSFTTrainer
    trainer = (packed.PackedSFTTrainer if pack else plain)(
        model=model,
        args=config,
        train_dataset=dataset,
        data_collator=partial(packed.collate, share=share) if pack else None,
        processing_class=AutoTokenizer.from_pretrained(str(tokenizer)),
    )
    for parameter in model.parameters():
        if (
            parameter.requires_grad
        ):  # TRL rounds a 4-bit model's adapter to 16 bit: small steps are lost
            parameter.data = parameter.data.float()
    trainer.remove_callback(PrinterCallback)
    return trainer


def progress_bar() -> Any:
    """A callback with one bar: steps, loss, tokens a second."""
    import time

    from tqdm import tqdm
    from transformers import TrainerCallback

    class Bar(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.bar = tqdm(
                total=state.max_steps,
                initial=state.global_step,
                desc="train",
                file=terminal.stream(),
            )
            self.started, self.before = time.monotonic(), state.num_input_tokens_seen
            self.seen = [(self.before, self.started)]

        def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            loss = (kwargs.get("logs") or {}).get("loss")
            if loss is not None:
                self.seen.append((state.num_input_tokens_seen, time.monotonic()))
                tokens = state.num_input_tokens_seen - self.before
                speed = tokens / (time.monotonic() - self.started)
                self.bar.set_postfix_str(f"loss {loss:.3f}, {speed:,.0f} tokens/s", refresh=False)
                self.bar.update(state.global_step - self.bar.n)

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.bar.close()

    return Bar()


def speed(seen: Sequence[tuple[int, float]]) -> dict[str, float]:
    """Tokens that were trained, and tokens a second over the later half, when kernels are compiled.

    `seen` holds tokens and seconds at the start and at each log.
    """
    (first, _), (half, since), (last, until) = seen[0], seen[(len(seen) - 1) // 2], seen[-1]
    rate = (last - half) / max(until - since, 1e-9)
    return {"train_tokens": last - first, "tokens_per_second": round(rate, 1)}
