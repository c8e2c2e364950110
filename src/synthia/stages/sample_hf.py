"""Let base, adapter and merged model answer the probes, by token ids, greedily.

Base and adapter run as in training (NF4 for QLoRA), the merged model in fp32. Then the merged
model's logits at chosen places of the gold answers, teacher-forced in fp32: what each GGUF is
compared with. A logit row has one entry per row of the model's embedding, as in the GGUF.

Not covered: judging the answers (evaluate) and the GGUF's answers (sample_gguf).
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoTokenizer

from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stages import fidelity_positions, load_model, prefix_batches

Probe = Mapping[str, Any]


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write three files of answers, and positions with their logits. Judges nothing itself."""
    from peft import PeftModel

    probes = _read_jsonl(inputs["prepare"] / "probes.jsonl")
    tokenizer = AutoTokenizer.from_pretrained(str(inputs["prepare"] / "tokenizer"))
    facts = {}

    model = load_model.as_trained(recipe, inputs["fetch"]).eval()
    facts["base"] = sample(recipe, model, tokenizer, probes, out / "base.jsonl")
    model = PeftModel.from_pretrained(model, str(inputs["train"])).eval()
    facts["adapter"] = sample(recipe, model, tokenizer, probes, out / "adapter.jsonl")
    del model
    model = load_model.plain(inputs["merge"], torch.float32)
    facts["merged"] = sample(recipe, model, tokenizer, probes, out / "merged.jsonl")

    positions = fidelity_positions.choose(tokenizer, probes, recipe.evaluate.fidelity_positions)
    started = time.monotonic()
    logits = teacher_forced(model, probes, positions)
    facts["logits"] = {"seconds": round(time.monotonic() - started, 1)}
    # What float16 rounds away (a relative 2^-11) is far below what the gates F allow; the first
    # choice, which a tie might turn, is kept from the full precision.
    first = logits.argmax(dim=1).tolist()
    np.save(out / "logits.npy", logits.to(torch.float16).numpy())
    records = [{**place, "top1": top1} for place, top1 in zip(positions, first, strict=True)]
    _write_jsonl(out / "positions.jsonl", records)
    (out / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    return []


def sample(
    recipe: Recipe, model: Any, tokenizer: Any, probes: Sequence[Probe], path: Path
) -> dict[str, float]:
    """Answer every probe into a file of JSON lines; return seconds and tokens."""
    started = time.monotonic()
    factor = recipe.evaluate.max_new_tokens_factor
    limits = [math.ceil(factor * len(probe["gold_ids"])) for probe in probes]
    stops = recipe.stop.stop_token_ids
    prompts = [probe["prompt_ids"] for probe in probes]
    answers: list[list[int]] = [[] for _ in probes]
    with torch.inference_mode(), tqdm(total=len(probes), desc=path.stem, unit="probe") as bar:
        for batch in prefix_batches.batches(prompts):
            allowed = [limits[index] for index in batch.indices]
            found = greedy(model, batch, allowed, stops)
            for index, ids in zip(batch.indices, found, strict=True):
                answers[index] = ids
            bar.update(len(batch.indices))
    records = []
    for probe, ids in zip(probes, answers, strict=True):
        stopped = ids[-1] in stops
        text = tokenizer.decode(ids[:-1] if stopped else ids, skip_special_tokens=False)
        reason = {"stop_reason": "stop" if stopped else "length", "stop_id": ids[-1] if stopped else None}
        records.append({"id": probe["id"], "output_ids": ids, "text": text, **reason})
    _write_jsonl(path, records)
    seconds = time.monotonic() - started
    return {"seconds": round(seconds, 1), "tokens": sum(map(len, answers))}


def greedy(
    model: Any, batch: prefix_batches.Batch, limits: Sequence[int], stops: Sequence[int]
) -> list[list[int]]:
    """Answer a batch: the likeliest token each time, until a stop id (included) or the limit.

    Rows that are done leave the batch.
    """
    head = prefix_batches.inner(model).lm_head
    hidden, cache, mask = prefix_batches.read(model, batch)
    answers: list[list[int]] = [[] for _ in batch.rests]
    active = list(range(len(answers)))
    while True:
        tokens = head(hidden[:, -1]).argmax(dim=-1).tolist()
        for row, token in zip(active, tokens, strict=True):
            answers[row].append(token)
        going = [
            place
            for place, row in enumerate(active)
            if answers[row][-1] not in stops and len(answers[row]) < limits[row]
        ]
        if not going:
            return answers
        if len(going) < len(active):
            kept = torch.tensor(going, device=mask.device)
            cache.batch_select_indices(kept)
            mask, active = mask[kept], [active[place] for place in going]
        ids = torch.tensor([[answers[row][-1]] for row in active], device=mask.device)
        mask = torch.cat([mask, torch.ones_like(ids)], dim=1)
        output = prefix_batches.inner(model).model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=mask.sum(dim=1, keepdim=True) - 1,
            past_key_values=cache,
            use_cache=True,
        )
        hidden = output.last_hidden_state


def teacher_forced(
    model: Any, probes: Sequence[Probe], positions: Sequence[Mapping[str, Any]]
) -> torch.Tensor:
    """Logits [positions, vocabulary] in fp32 for the token after each position of prompt + gold."""
    rows = [[*probe["prompt_ids"], *probe["gold_ids"]] for probe in probes]
    places: dict[str, list[tuple[int, int]]] = {}
    for number, place in enumerate(positions):
        places.setdefault(place["probe_id"], []).append((number, place["position"]))
    model = prefix_batches.inner(model)
    logits = torch.empty((len(positions), model.config.vocab_size))
    with torch.inference_mode(), tqdm(total=len(rows), desc="logits", unit="probe") as bar:
        for batch in prefix_batches.batches(rows):
            hidden, _, _ = prefix_batches.read(model, batch)
            for row, index in enumerate(batch.indices):
                wanted = places.get(probes[index]["id"], [])
                columns = [batch.column(row, position) for _, position in wanted]
                numbers = [number for number, _ in wanted]
                logits[numbers] = model.lm_head(hidden[row, columns]).float().cpu()
            bar.update(len(batch.indices))
    return logits


def _read_jsonl(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _write_jsonl(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")
