"""Let base, adapter and merged model answer the probes, by token ids, greedily.

Base and adapter run as in training (NF4 for QLoRA), the merged model in fp32. Then the merged
model's logits at chosen places of the gold answers, teacher-forced in fp32: what each GGUF is
compared with. A logit row has one entry per row of the model's embedding, as in the GGUF.

Not covered: judging the answers (evaluate) and the GGUF's answers (sample_gguf).
"""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoTokenizer

from synthia import arms, families, records, terminal
from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stages import answer_records
from synthia.stages.hf import fidelity_positions, greedy, load_model, prefix_batches

Probe = Mapping[str, Any]


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write three files of answers, and positions with their logits. Judges nothing itself."""
    from peft import PeftModel

    every = records.read_lines(inputs["prepare"] / "probes.jsonl")
    probes = arms.asked(every, recipe.evaluate.max_probes)
    tokenizer = AutoTokenizer.from_pretrained(str(inputs["prepare"] / "tokenizer"))
    facts = {}

    model = load_model.as_trained(recipe, inputs["fetch"]).eval()
    if load_model.device() != "cpu":
        model = load_model.with_values(model)
    path = out / f"{arms.BASE}.jsonl"
    factor = recipe.evaluate.base_max_new_tokens_factor
    asked = arms.asked(every, recipe.evaluate.base_max_probes)
    facts[arms.BASE] = sample(recipe, model, tokenizer, asked, path, factor=factor)
    factor = recipe.evaluate.max_new_tokens_factor
    model = PeftModel.from_pretrained(model, str(inputs["train"])).eval()
    path = out / f"{arms.ADAPTER}.jsonl"
    facts[arms.ADAPTER] = sample(recipe, model, tokenizer, probes, path, factor=factor)
    del model
    calls = families.FAMILIES[recipe.family].calls
    count = recipe.evaluate.fidelity_positions
    positions = fidelity_positions.choose(tokenizer, probes, count, calls)
    model = load_model.plain(inputs["merge"], torch.float32)
    logits = torch.empty((len(positions), model.config.vocab_size))
    path = out / f"{arms.MERGED}.jsonl"
    facts[arms.MERGED] = sample(
        recipe, model, tokenizer, probes, path, factor=factor, positions=positions, logits=logits
    )
    # What float16 rounds away (a relative 2^-11) is far below what the gates F allow; the first
    # choice, which a tie might turn, is kept from the full precision.
    first = logits.argmax(dim=1).tolist()
    np.save(out / "logits.npy", logits.to(torch.float16).numpy())
    chosen = [{**place, "top1": top1} for place, top1 in zip(positions, first, strict=True)]
    records.write_lines(out / "positions.jsonl", chosen)
    records.write(out / "run.json", facts)
    return []


def sample(
    recipe: Recipe, model: Any, tokenizer: Any, probes: Sequence[Probe], path: Path, *,
    factor: float, positions: Sequence[Mapping[str, Any]] = (), logits: torch.Tensor | None = None,
) -> dict[str, float]:  # fmt: skip
    """Answer every probe into a file of JSON lines; return seconds and tokens.

    An answer is cut at `factor` times the length of the gold one. On the way, `logits` [positions,
    vocabulary] is filled with the model's logits for the token after each position of prompt and gold.
    """
    started = time.monotonic()
    stops = recipe.stop.stop_token_ids
    limits = [math.ceil(factor * len(probe["gold_ids"])) for probe in probes]
    rows = [[*probe["prompt_ids"], *probe["gold_ids"][:-1]] for probe in probes]
    terminator = tokenizer.convert_tokens_to_ids(recipe.stop.terminator)
    shared = prefix_batches.first_turns([probe["prompt_ids"] for probe in probes], terminator)
    answers: list[list[int]] = [[] for _ in probes]
    bar = tqdm(total=len(probes), desc=path.stem, unit="probe", file=terminal.stream())
    with torch.inference_mode(), bar:

        def answer(batch: prefix_batches.Batch) -> None:
            read = prefix_batches.read(model, batch)
            if logits is not None:
                names = [probes[index]["id"] for index in batch.indices]
                note_logits(model, batch, names, read[0], positions, logits)
            drafts = [probes[index]["gold_ids"] for index in batch.indices]
            allowed = [limits[index] for index in batch.indices]
            found = greedy.answer(model, batch, drafts, allowed, stops, read)
            for index, ids in zip(batch.indices, found, strict=True):
                answers[index] = ids
            bar.update(len(batch.indices))

        prefix_batches.over(rows, shared, answer)
    by_probe = zip(probes, answers, strict=True)
    written = [answer_records.by_id(tokenizer, probe["id"], ids, stops) for probe, ids in by_probe]
    records.write_lines(path, written)
    seconds = time.monotonic() - started
    return {"seconds": round(seconds, 1), "tokens": sum(map(len, answers))}


def note_logits(
    model: Any, batch: prefix_batches.Batch, ids: Sequence[str], hidden: torch.Tensor,
    positions: Sequence[Mapping[str, Any]], logits: torch.Tensor,
) -> None:  # fmt: skip
    """Fill in the rows of `logits` whose positions are in this batch."""
    for row, name in enumerate(ids):
        numbers = [number for number, place in enumerate(positions) if place["probe_id"] == name]
        columns = [batch.column(row, positions[number]["position"]) for number in numbers]
        logits[numbers] = model.lm_head(hidden[row, columns]).float().cpu()
