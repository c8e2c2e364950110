"""Train the LoRA adapter with TRL's SFTTrainer on ready-made ids and labels.

The model comes from Unsloth, or from transformers and PEFT: on a CPU, and for the packed engine
(`synthia.stages.hf.engine`), which passes the rows of a step together. Before the first step collated
batches are read back. A killed training continues from its last sealed checkpoint and ends in the same
bytes. On several GPUs the packed engine's rows are shared (`synthia.stages.hf.data_parallel`), on those of
several hosts too (`synthia.stages.hf.rendezvous`), of which node 0 writes.

Not covered: the engine unsloth on more than one GPU.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthia import nodes, records, resume, terminal
from synthia.errors import MissingRequirement, UsageError
from synthia.gates import Gate, at_most, of_rehearsal, require
from synthia.recipe import Recipe
from synthia.stages.hf import (
    adapter,
    collated,
    engine,
    lora_targets,
    sft_trainer,
    token_rows,
    tokenizer_files,
)

if TYPE_CHECKING:  # it imports torch, before which the stage sets variables
    from synthia.stages.hf.data_parallel import Share
    from synthia.stages.hf.rendezvous import Rendezvous


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Train. Reads fetch and prepare; continues when `out` already holds checkpoints.

    On a node other than node 0 nothing but the gates of before is returned, and `out` is to be thrown away.
    """
    from synthia.stages.hf import rendezvous

    machines, made_from = nodes.here()
    with rendezvous.of(machines) as bond:
        trainer, checked, bar, noted = shared(recipe, inputs, out, bond, made_from)
    if machines.rank:
        return checked
    gates = write(recipe, trainer, inputs["prepare"] / "tokenizer", out)
    noted |= {"nodes": machines.count, **sft_trainer.speed(bar.seen), **planned(trainer)}
    records.write(out / "run.json", noted)
    shutil.rmtree(out / resume.FOLDER)
    return [*checked, *(of_rehearsal(gates) if recipe.rehearsal else gates)]


def shared(
    recipe: Recipe, inputs: Mapping[str, Path], out: Path, bond: Rendezvous | None,
    made_from: Mapping[str, str],
) -> tuple[Any, list[Gate], Any, dict[str, Any]]:  # fmt: skip
    """Train with what there is of GPUs and nodes; return what `trained` does, and for run.json by what."""
    prepare_reporters(recipe, out.parent / "reports")
    from synthia.stages.hf import data_parallel

    gpus = data_parallel.take(recipe.training.gpus)
    import torch

    cuda = torch.cuda.is_available()
    require_gpu(recipe, cuda=cuda)
    if cuda:  # before CUDA starts and Unsloth is imported
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        # Steps differ in length: without it, memory that is free lies in pieces too small for the next.
        os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
        os.environ["UNSLOTH_DISABLE_STATISTICS"] = "1"
        os.environ["UNSLOTH_COMPILE_LOCATION"] = str(out / resume.FOLDER / "unsloth_compiled_cache")
    capability = torch.cuda.get_device_capability() if cuda else None
    chosen = engine.choose(recipe, inputs["fetch"], capability)
    place = out / resume.FOLDER
    resumed = resume.newest(place)
    gpus = gpus[: sft_trainer.rows_a_step(recipe)]
    several = chosen == engine.PACKED and len(gpus) > 1
    share = data_parallel.Share(0, len(gpus)) if several else data_parallel.ALONE
    if bond:
        if chosen != engine.PACKED:
            raise UsageError(
                f"the engine {chosen} trains on one machine alone: leave out --nnodes, or add --set "
                "training.engine=packed, which says what hinders it"
            )
        gpu = torch.cuda.get_device_name() if cuda else "none"
        made_from = {**made_from, "engine": chosen, "torch": torch.__version__, "GPU": gpu}
        share = bond.meet(max(1, len(gpus)), made_from)
        resumed = bond.bring(resumed, place)
    if resumed:
        terminal.say(f"continuing from {resumed.name}")
    if share.count > 1:
        on = f" on {bond.count} nodes" if bond else ""
        what = "GPUs      " if cuda else "processes "
        terminal.say(f"{what}{share.count}{on}: each passes its share of a step's rows")
        place.mkdir(exist_ok=True)
        share = data_parallel.start(accompany, share, gpus, place, recipe, dict(inputs), resumed)
    noted = {"engine": chosen, "gpus": share.count if cuda else 0}
    return *trained(recipe, inputs, out, chosen, resumed, share), noted


def accompany(
    share: Share, recipe: Recipe, inputs: Mapping[str, Path], resumed: Path | None
) -> None:
    """Train along with the stage on another GPU; what is written here is thrown away."""
    with tempfile.TemporaryDirectory(dir=share.meeting, ignore_cleanup_errors=True) as out:
        trained(recipe, inputs, Path(out), engine.PACKED, resumed, share)


def trained(
    recipe: Recipe, inputs: Mapping[str, Path], out: Path, chosen: str, resumed: Path | None,
    share: Share,
) -> tuple[Any, list[Gate], Any]:  # fmt: skip
    """Train to the end; return the trainer, the gates that were judged before, and the bar."""
    import torch

    cuda, pack = torch.cuda.is_available(), chosen == engine.PACKED
    rows = records.read_lines(inputs["prepare"] / "rows.jsonl")
    probes = records.read_lines(inputs["prepare"] / "probes.jsonl")
    length = max(len(row["input_ids"]) for row in rows)
    unsloth = chosen == engine.UNSLOTH
    load = adapter.load_with_unsloth if unsloth else adapter.load_with_peft
    model = load(recipe, inputs["fetch"], length)
    lora_targets.require_adapted(model, recipe.lora.target_modules)

    from synthia.stages.hf import checkpoints, data_parallel, finite, packed, stop_probe

    tokenizer = inputs["prepare"] / "tokenizer"
    trainer = sft_trainer.make_trainer(
        recipe, model, rows, tokenizer, out, cuda=cuda, chosen=chosen, share=share
    )
    checked = [
        *collated.check_batches(recipe, trainer, rows),
        lora_targets.can_move(model),
        token_rows.can_move(recipe, model),
    ]
    require(checked)
    ends = stop_probe.select(probes, recipe.training.probe_ends)
    pad = trainer.processing_class.pad_token_id
    data_parallel.join(share, "nccl" if cuda else "gloo")
    at_once = follow_plan(recipe, trainer, rows, ends, share) if pack else 8
    trainer.add_callback(stop_probe.StopProbe(ends, pad, recipe.training.probe_steps, at_once))
    if share.rank == 0:
        trainer.add_callback(checkpoints.WriteManifest())
    bar = sft_trainer.progress_bar()
    trainer.add_callback(bar)
    rows_of = packed.rows_of if pack else collated.rows_of
    trainer.add_callback(finite.Finite(trainer, rows, rows_of))
    weights = [parameter for parameter in model.parameters() if parameter.requires_grad]
    share.require_same(weights)
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)
    share.require_same(weights)
    data_parallel.leave(share)
    return trainer, checked, bar


def require_gpu(recipe: Recipe, *, cuda: bool) -> None:
    """Raise MissingRequirement where the recipe trains on a GPU that PyTorch does not see."""
    if recipe.runtime.gpu and not cuda:
        raise MissingRequirement(
            f"the recipe {recipe.name} trains on a GPU and PyTorch sees none, though the driver does: "
            "the driver is older than PyTorch's CUDA, or CUDA_VISIBLE_DEVICES hides it. ./invoke doctor "
            "says what the driver must be"
        )


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


def follow_plan(
    recipe: Recipe, trainer: Any, rows: Sequence[Mapping[str, Any]], ends: Sequence[Sequence[int]],
    share: Share,
) -> int:  # fmt: skip
    """Plan memory for the packed engine and say how; return how many ends are probed at once."""
    from synthia.stages.hf import packed

    sizes = [(len(row["input_ids"]), packed.labelled(row["labels"])) for row in rows]
    mine = -(-sft_trainer.rows_a_step(recipe) // share.count)
    memory = recipe.training.memory
    plan, said = packed.plan(trainer.model, recipe.lora.r, memory, sizes, mine, share.count)
    if said:
        terminal.say(said)
    trainer.follow(plan, share)
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
