"""Train the LoRA adapter with TRL's SFTTrainer on ready-made ids and labels.

The model comes from Unsloth, or from transformers and PEFT: on a CPU, and for the packed engine
(`synthia.stages.hf.engine`), which passes the rows of a step together. With `load_in_4bit` its frozen
weights are NF4 (QLoRA). Before the first step a collated batch is read back: what reaches the model must
be what prepare wrote. A killed training continues from its last sealed checkpoint and ends in the same
bytes.

Not covered: training on several GPUs.
"""

import importlib.util
import itertools
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import records, resume, terminal
from synthia.errors import MissingRequirement
from synthia.gates import Gate, at_most, none_found, of_rehearsal, require
from synthia.recipe import Recipe
from synthia.stages.hf import engine, lora_targets, token_rows, tokenizer_files

CHECKED_BATCHES = 8


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Train. Reads fetch and prepare; continues when `out` already holds checkpoints."""
    prepare_reporters(recipe, out.parent / "reports")
    import torch

    cuda = torch.cuda.is_available()
    require_gpu(recipe, cuda=cuda)
    if cuda:  # before CUDA starts and Unsloth is imported
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # Steps differ in length: without it, memory that is free lies in pieces too small for the next.
        os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        os.environ["UNSLOTH_DISABLE_STATISTICS"] = "1"
        os.environ["UNSLOTH_COMPILE_LOCATION"] = str(out / resume.FOLDER / "unsloth_compiled_cache")
    rows = records.read_lines(inputs["prepare"] / "rows.jsonl")
    probes = records.read_lines(inputs["prepare"] / "probes.jsonl")
    length = max(len(row["input_ids"]) for row in rows)
    capability = torch.cuda.get_device_capability() if cuda else None
    chosen = engine.choose(recipe, inputs["fetch"], capability)
    load = load_with_unsloth if chosen == engine.UNSLOTH else load_with_peft
    model = load(recipe, inputs["fetch"], length)
    lora_targets.require_adapted(model, recipe.lora.target_modules)

    from synthia.stages.hf import checkpoints, finite, stop_probe

    tokenizer = inputs["prepare"] / "tokenizer"
    trainer = make_trainer(recipe, model, rows, tokenizer, out, cuda=cuda, chosen=chosen)
    checked = [
        *check_batches(recipe, trainer, rows),
        lora_targets.can_move(model),
        token_rows.can_move(recipe, model),
    ]
    require(checked)
    ends = stop_probe.select(probes, recipe.training.probe_ends)
    pad = trainer.processing_class.pad_token_id
    at_once = follow_plan(recipe, trainer, rows, ends) if chosen == engine.PACKED else 8
    trainer.add_callback(stop_probe.StopProbe(ends, pad, recipe.training.probe_steps, at_once))
    trainer.add_callback(checkpoints.WriteManifest())
    bar = progress_bar()
    trainer.add_callback(bar)
    trainer.add_callback(finite.Finite(trainer, rows, _rows_of))
    resumed = resume.newest(out / resume.FOLDER)
    if resumed:
        terminal.say(f"continuing from {resumed.name}")
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    gates = write(recipe, trainer, tokenizer, out)
    records.write(out / "run.json", {"engine": chosen, **speed(bar.seen), **planned(trainer)})
    shutil.rmtree(out / resume.FOLDER)
    return [*checked, *(of_rehearsal(gates) if recipe.rehearsal else gates)]


def require_gpu(recipe: Recipe, *, cuda: bool) -> None:
    """Raise MissingRequirement where the recipe trains on a GPU that PyTorch does not see."""
    if recipe.runtime.gpu and not cuda:
        raise MissingRequirement(
            f"the recipe {recipe.name} trains on a GPU and PyTorch sees none, though the driver does: "
            "the driver is older than PyTorch's CUDA, or CUDA_VISIBLE_DEVICES hides it. ./invoke doctor "
            "says what the driver must be"
        )


def make_deterministic() -> None:
    """Let PyTorch take kernels that give the same bits every time (flash attention has others)."""
    import torch

    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # a debugging aid, and slow


def prepare_reporters(recipe: Recipe, folder: Path) -> None:
    """Let reporters write into a folder and ask no network. Raises MissingRequirement without a package."""
    missing = [name for name in recipe.training.report_to if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingRequirement(
            f"training.report_to names {' and '.join(missing)}, which the train environment does not "
            "hold: add it to requirements/train.in and run ./invoke lock, or leave it out"
        )
    where = {"TENSORBOARD_LOGGING_DIR": folder, "TRACKIO_DIR": folder, "WANDB_DIR": folder}
    if recipe.training.report_to:
        folder.mkdir(exist_ok=True)
        os.environ.update({name: str(path) for name, path in where.items()})
        os.environ.setdefault("WANDB_MODE", "offline")


def load_with_peft(recipe: Recipe, base: Path, length: int) -> Any:
    """The base from transformers with PEFT's LoRA; NF4 by bitsandbytes where the recipe asks."""
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    from synthia.stages.hf import load_model

    set_seed(recipe.training.seed)
    make_deterministic()
    model = load_model.as_trained(recipe, base)
    config = LoraConfig(**lora_arguments(recipe, model), task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    token_rows.free(model)
    return model


def load_with_unsloth(recipe: Recipe, base: Path, length: int) -> Any:
    """The base from Unsloth, patched for speed. Unsloth must be imported before TRL."""
    import torch
    from unsloth import FastLanguageModel

    make_deterministic()
    model, _ = FastLanguageModel.from_pretrained(
        str(base),
        max_seq_length=length,
        dtype=getattr(torch, recipe.model.dtype),
        load_in_4bit=recipe.model.load_in_4bit,
        # Without this, a name that looks like Qwen's is silently replaced by another repository's.
        use_exact_model_name=True,
        random_state=recipe.training.seed,
    )
    checkpointing = "unsloth" if recipe.training.gradient_checkpointing else False
    model = FastLanguageModel.get_peft_model(
        model,
        **lora_arguments(recipe, model),
        random_state=recipe.training.seed,
        use_gradient_checkpointing=checkpointing,
    )
    token_rows.free(model)
    return model


def lora_arguments(recipe: Recipe, model: Any) -> dict[str, Any]:
    """Arguments that PEFT's LoraConfig and Unsloth's get_peft_model share."""
    lora = recipe.lora
    arguments: dict[str, Any] = {
        "r": lora.r,
        "lora_alpha": lora.lora_alpha,
        "lora_dropout": lora.lora_dropout,
        "target_modules": lora.target_modules,
        "bias": "none",
    }
    if lora.trainable_token_indices:
        layers = (
            ["embed_tokens"] if model.config.tie_word_embeddings else ["embed_tokens", "lm_head"]
        )
        arguments["trainable_token_indices"] = {
            layer: list(lora.trainable_token_indices) for layer in layers
        }
    return arguments


def follow_plan(
    recipe: Recipe, trainer: Any, rows: Sequence[Mapping[str, Any]], ends: Sequence[Sequence[int]]
) -> int:
    """Plan memory for the packed engine and say how; return how many ends are probed at once."""
    from synthia.stages.hf import packed

    training = recipe.training
    sizes = [(len(row["input_ids"]), packed.labelled(row["labels"])) for row in rows]
    rows_a_step = training.per_device_train_batch_size * training.gradient_accumulation_steps
    plan, said = packed.plan(trainer.model, recipe.lora.r, training.memory, sizes, rows_a_step)
    if said:
        terminal.say(said)
    trainer.follow(plan)
    return plan.probed(max(map(len, ends))) if said else 8


def planned(trainer: Any) -> dict[str, Any]:
    """For run.json, on a GPU: how steps were passed, and the peak of memory as reckoned and as measured."""
    plan = getattr(trainer, "plan", None)
    if plan is None or not plan.room:
        return {}
    return {
        "frozen_weights": plan.weights,
        "steps_by_what_was_kept": plan.used,
        "planned_bytes": plan.reckoned,
        "allocated_bytes": trainer.taken,
    }


def make_trainer(
    recipe: Recipe, model: Any, rows: Sequence[Mapping[str, Any]], tokenizer: Path, out: Path, *,
    cuda: bool, chosen: str,
) -> Any:  # fmt: skip
    """TRL's SFTTrainer on ids and labels, with its own preparation of data switched off."""
    from datasets import Dataset
    from transformers import AutoTokenizer, PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from synthia.stages.hf import packed
    from synthia.stages.hf.cpu_trainer import CpuSFTTrainer

    training = recipe.training
    pack = chosen == engine.PACKED
    rows_a_step = training.per_device_train_batch_size * training.gradient_accumulation_steps
    config = SFTConfig(
        output_dir=str(out / resume.FOLDER),
        learning_rate=training.learning_rate,
        per_device_train_batch_size=rows_a_step if pack else training.per_device_train_batch_size,
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
        save_steps=training.save_steps,
        save_total_limit=2,
        bf16=cuda and recipe.model.dtype == "bfloat16",
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
        include_num_input_tokens_seen="no" if pack else "non_padding",
        disable_tqdm=True,  # our own bar shows loss and tokens a second
        report_to=training.report_to or "none",
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
        data_collator=packed.collate if pack else None,
        processing_class=AutoTokenizer.from_pretrained(str(tokenizer)),
    )
    for parameter in model.parameters():
        if (
            parameter.requires_grad
        ):  # TRL rounds a 4-bit model's adapter to 16 bit: small steps are lost
            parameter.data = parameter.data.float()
    trainer.remove_callback(PrinterCallback)
    return trainer


def _rows_of(batch: Mapping[str, Any]) -> Iterator[tuple[list[int], list[int], int]]:
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
        for ids, labels, used in _rows_of(batch):
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


def write(recipe: Recipe, trainer: Any, tokenizer: Path, out: Path) -> list[Gate]:
    """Write adapter, tokenizer files and histories; judge the gates T loss and T probe."""
    from synthia.stages.hf import stop_probe

    trainer.model.save_pretrained(out)
    (out / "adapter_model.safetensors").chmod(0o644)  # made readable for its owner alone
    (out / "README.md").unlink(missing_ok=True)  # PEFT's card, with the base's local path
    config_file = out / "adapter_config.json"
    config = records.read(config_file)
    config["base_model_name_or_path"] = recipe.model.repo_id
    config["target_modules"] = sorted(config["target_modules"])
    records.write(config_file, config)
    tokenizer_files.copy(tokenizer, out)
    history = trainer.state.log_history
    keys = ("step", "loss", "learning_rate", "grad_norm")
    losses = [{key: row[key] for key in keys} for row in history if "loss" in row]
    probes = [
        {
            "step": row["step"],
            "rank1_rate": row["stop_rank1_rate"],
            "mean_rank": row["stop_mean_rank"],
        }
        for row in history
        if "stop_rank1_rate" in row
    ]
    records.write(out / "loss_history.json", losses)
    records.write(out / "stop_probe.json", probes)
    last = probes[-1]
    moment = f"step {last['step']}"
    rows = [token_rows.have_moved(trainer.model)] if recipe.lora.trainable_token_indices else []
    return [
        lora_targets.have_moved(trainer.model),
        *rows,
        *judge_loss([row["loss"] for row in losses], recipe.training.max_final_loss),
        stop_probe.gate(last["rank1_rate"], stop_probe.FINAL_RATE, moment),
    ]


def judge_loss(losses: Sequence[float], bound: float) -> list[Gate]:
    """Gate T loss: finite, falling, and below the recipe's bound over the last tenth of the steps."""
    tenth = max(1, len(losses) // 10)
    first, final = sum(losses[:tenth]) / tenth, sum(losses[-tenth:]) / tenth
    fix = "check learning rate and data; look at the loss curve in the report"
    return [
        at_most(
            "T loss",
            final,
            bound,
            metric="mean loss over the last tenth of the steps",
            why="a model with a high loss has not learned the data",
            fix=fix,
        ),
        at_most(
            "T loss: falling",
            final / first,
            1.0,
            metric="final loss over first loss",
            why="a loss that does not fall means that nothing was learned",
            fix=fix,
        ),
    ]
