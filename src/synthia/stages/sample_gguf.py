"""Let each GGUF file answer the probes greedily, and compare its logits with the merged model's.

Each file reads prompt ids in process. The F16 file also answers through llama-server, which renders
its embedded template, parses tool calls, and hands over messages: as LM Studio and others do.

At last each file answers some probes as served: by llama-server without request options, so that the
sampling parameters in the file count, with each of several seeds. A request names its seed, and the
most tokens that an endless answer may cost; nothing else.

An answer by ids is decoded speculatively with the gold answer as the draft: prompt and gold are
read at once, the answer follows gold as long as gold is the model's own first choice, and goes on
token by token from where it is not. The draft decides how many tokens are computed together, never
which; and the logits that the comparison needs are a by-product. Probes are taken in the order of
their prompts, and what a prompt shares with the one before is not read again. Which tokens are
computed together decides the last bits of a logit, so this order is part of the result; it depends
on the probes alone, and equal runs give equal bytes.

Not covered: judging (evaluate).
"""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tqdm import tqdm

from synthia import arms, gguf_types, records, terminal
from synthia.errors import PipelineError
from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stages import answer_records
from synthia.stages.gguf import libllama, llama_server, offload

Probe = Mapping[str, Any]
Record = dict[str, Any]
BLOCK = 256
"""A context's size is a multiple of this."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write a file of answers for each arm, and `fidelity.jsonl`. Judges nothing itself."""
    every = records.read_lines(inputs["prepare"] / "probes.jsonl")
    probes = arms.asked(every, recipe.evaluate.max_probes)
    tokenizer = Tokenizer.from_file(str(inputs["prepare"] / "tokenizer" / "tokenizer.json"))
    positions = records.read_lines(inputs["sample_hf"] / "positions.jsonl")
    reference = np.load(inputs["sample_hf"] / "logits.npy", mmap_mode="r")
    lib = libllama.load(inputs["llama_cpp"])
    limits = {
        probe["id"]: math.ceil(recipe.evaluate.max_new_tokens_factor * len(probe["gold_ids"]))
        for probe in probes
    }
    longest = max(len(probe["prompt_ids"]) + limits[probe["id"]] for probe in probes)
    context = (longest // BLOCK + 1) * BLOCK
    ordered = sorted(probes, key=lambda probe: (probe["prompt_ids"], probe["id"]))
    facts = {}
    fidelity: list[Record] = []
    # What the quantised files are made from; as float16, for which see sample_hf.
    f16 = np.zeros(reference.shape, np.float16)
    f16_first = np.zeros(len(positions), np.int64)
    for kind in recipe.convert.types:
        started = time.monotonic()
        arm = kind.lower()
        path = inputs["convert"] / gguf_types.file_name(recipe.convert.name, kind)
        answers = {}
        placed = {"gpu_layers": place(inputs["llama_cpp"], path, context)}
        with libllama.reader(lib, path, context=context, **placed) as reader:
            for probe in tqdm(ordered, desc=arm, unit="probe", file=terminal.stream()):
                ids, logits = answer(reader, probe, limits[probe["id"]])
                answers[probe["id"]] = ids
                places = [n for n, p in enumerate(positions) if p["probe_id"] == probe["id"]]
                at = [positions[n]["position"] - first(probe) for n in places]
                rows = logits[np.array(at, np.int64)]
                merged = [positions[n]["top1"] for n in places]
                found = compare(arm, rows, reference[places], merged)
                if kind == "F16":
                    f16[places], f16_first[places] = rows, rows.argmax(axis=1)
                else:
                    against = compare(arm, rows, f16[places], f16_first[places].tolist())
                    found = [
                        {**row, "kld_f16": other["kld"], "top1_equal_f16": other["top1_equal"]}
                        for row, other in zip(found, against, strict=True)
                    ]
                named = [
                    {key: positions[n][key] for key in ("probe_id", "position", "kind")}
                    for n in places
                ]
                fidelity += [{**n, **row} for n, row in zip(named, found, strict=True)]
        written = [
            answer_records.by_id(tokenizer, probe["id"], answers[probe["id"]], reader.ends)
            for probe in probes
        ]
        records.write_lines(out / f"{arms.by_ids(kind)}.jsonl", written)
        facts[arm] = {"seconds": round(time.monotonic() - started, 1), **placed}
    order = {probe["id"]: number for number, probe in enumerate(probes)}
    fidelity.sort(key=lambda row: (row["arm"], order[row["probe_id"]], row["position"]))
    records.write_lines(out / "fidelity.jsonl", fidelity)

    for kind in recipe.convert.types:
        path = inputs["convert"] / gguf_types.file_name(recipe.convert.name, kind)
        layers = place(inputs["llama_cpp"], path, context)
        with llama_server.running(
            inputs["llama_cpp"], path, context=context, gpu_layers=layers
        ) as ask:
            if kind == "F16":
                started = time.monotonic()
                answers_by_id = {
                    probe["id"]: ask_server(ask, probe, limits[probe["id"]], temperature=0, seed=1)
                    for probe in tqdm(
                        ordered, desc=arms.SERVER, unit="probe", file=terminal.stream()
                    )
                }
                greedy = [answers_by_id[probe["id"]] for probe in probes]
                records.write_lines(out / f"{arms.SERVER}.jsonl", greedy)
                facts[arms.SERVER] = {"seconds": round(time.monotonic() - started, 1)}
            started, arm = time.monotonic(), arms.served(kind)
            asked = arms.asked(probes, recipe.evaluate.served_probes)
            served = [
                {**ask_server(ask, probe, limits[probe["id"]], seed=seed), "seed": seed}
                for probe in tqdm(asked, desc=arm, unit="probe", file=terminal.stream())
                for seed in recipe.evaluate.served_seeds
            ]
            records.write_lines(out / f"{arm}.jsonl", served)
            facts[arm] = {"seconds": round(time.monotonic() - started, 1)}
    records.write(out / "run.json", facts)
    return []


def place(llama_cpp: Path, path: Path, context: int) -> int:
    """How many layers of a file go to the GPU; said where not all do."""
    free = offload.free_bytes(llama_cpp)
    if free is None:
        return 0
    layers = offload.layers(path, context, free)
    if layers != llama_server.ALL:
        terminal.say(
            f"{path.name}: {layers} of its layers fit into {free / 1e9:.1f} GB of the GPU, the others "
            "are computed on the processor"
        )
    return layers


def answer(reader: libllama.Reader, probe: Probe, limit: int) -> tuple[list[int], np.ndarray]:
    """The model's greedy answer, its last id included, and its logits at each id of gold."""
    prompt, gold = probe["prompt_ids"], probe["gold_ids"]
    start = first(probe)
    logits = reader.logits([*prompt, *gold[:-1]], range(start, start + len(gold)))
    ids: list[int] = []
    for choice, drafted in zip(logits.argmax(axis=1).tolist(), gold, strict=True):
        ids.append(choice)
        if choice != drafted or choice in reader.ends or len(ids) == limit:
            break
    while ids[-1] not in reader.ends and len(ids) < limit:
        read = [*prompt, *ids]
        ids.append(int(reader.logits(read, [len(read) - 1])[0].argmax()))
    return ids, logits


def first(probe: Probe) -> int:
    """The position of the first logits that `answer` returns: at the last id of the prompt."""
    return len(probe["prompt_ids"]) - 1


def compare(
    arm: str, logits: np.ndarray, reference: np.ndarray, top1: Sequence[int]
) -> list[Record]:
    """Compare logits [places, vocabulary] with others, whose first choices are `top1`.

    `kld` is KL(reference || logits) in nats. `sq_err` and `sq_ref` are sum((a - b)^2) and sum(a^2) of
    the raw logits, from which evaluate makes the NMSE of llama.cpp's test-backend-ops.
    """
    found = []
    for ours, theirs, first_choice in zip(logits, reference, top1, strict=True):
        if ours.shape != theirs.shape:
            raise PipelineError(
                f"{arm} has {ours.size} logits a token and the merged model {theirs.size}: the GGUF "
                "was not made from it; run ./invoke convert --force"
            )
        ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
        expected, got = _log_softmax(theirs), _log_softmax(ours)
        found.append(
            {
                "arm": arm,
                "kld": float(np.sum(np.exp(expected) * (expected - got))),
                "top1_equal": bool(ours.argmax() == first_choice),
                "sq_err": float(np.sum((theirs - ours) ** 2)),
                "sq_ref": float(np.sum(theirs**2)),
            }
        )
    return found


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted))))


def ask_server(
    ask: llama_server.Ask, probe: Probe, limit: int, **options: float
) -> answer_records.Served:
    """The server's answer to a probe, as a chat client gets it that sends these options."""
    body = {"messages": probe["messages"], "max_tokens": limit, **options}
    if probe["tools"]:
        body["tools"] = probe["tools"]
    (choice,) = ask("/v1/chat/completions", body)["choices"]
    return answer_records.served(probe["id"], choice)
