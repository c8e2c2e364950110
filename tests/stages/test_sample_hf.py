"""Batched, prefix-sharing, guess-checking answers are those of one plain prompt at a time."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import json, random
import torch
from transformers import LlamaConfig, LlamaForCausalLM
from synthia.data import call_formats
from synthia.stages.hf import fidelity_positions, greedy, prefix_batches

torch.manual_seed(1)
random.seed(1)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, initializer_range=0.5)).eval()
STOP = 9
systems = [[1, *random.choices(range(10, 64), k=length), STOP] for length in (5, 11, 11)]
own = [[1, *random.choices(range(10, 64), k=3 + n), STOP] for n in range(20)]
prompts = [
    [*(systems[n % 3] if n % 4 else own[n]), *random.choices(range(10, 64), k=1 + n % 7)]
    for n in range(20)
]

TIE = 1e-3  # between such logits, sums of another shape may choose otherwise

def plain(prompt, limit):
    ids, margin = list(prompt), 1.0
    with torch.inference_mode():
        while len(ids) - len(prompt) < limit:
            best = model(input_ids=torch.tensor([ids])).logits[0, -1].topk(2)
            ids.append(best.indices[0].item())
            margin = min(margin, (best.values[0] - best.values[1]).item())
            if ids[-1] == STOP:
                break
    return ids[len(prompt):], margin

limits = [3 + n % 5 * 6 for n in range(20)]
wanted, margins = zip(*[plain(prompt, limit) for prompt, limit in zip(prompts, limits)])
clear = [n for n, margin in enumerate(margins) if margin > TIE]
# Guesses: right to the end, right at first, wrong from the start.
golds = [
    [wanted[n], [*wanted[n][: len(wanted[n]) // 2], 8, 8], [8, 8, 8]][n % 3][: limits[n]]
    for n in range(20)
]
rows = [[*prompt, *gold[:-1]] for prompt, gold in zip(prompts, golds)]
shared = prefix_batches.first_turns(prompts, STOP)
answers, logits = {}, 0.0
cut = []
for size in (1, 7, 24):
    answers[size] = [None] * 20
    def note(batch):
        global logits
        if len(batch.indices) > size:  # as a GPU says it whose memory is too small
            raise torch.OutOfMemoryError
        cut.append(len(batch.indices))
        read = prefix_batches.read(model, batch)
        for row, index in enumerate(batch.indices):
            whole = model(input_ids=torch.tensor([rows[index]])).logits[0]
            for position in range(len(prompts[index]) - 1, len(rows[index])):
                hidden = read[0][row, batch.column(row, position)]
                logits = max(logits, (model.lm_head(hidden) - whole[position]).abs().max().item())
        found = greedy.answer(model, batch, [golds[i] for i in batch.indices],
                              [limits[i] for i in batch.indices], [STOP], read)
        for index, ids in zip(batch.indices, found):
            answers[size][index] = ids
    with torch.inference_mode():
        prefix_batches.over(rows, shared, note)
many = [[n, *[5] * (40 + 37 * n % 900)] for n in range(400)] + [[7] * 20_000]
batches = []
def count(batch):
    ids = (batch.offset + batch.width) * len(batch.indices)
    batches.append({"rows": len(batch.indices), "ids": ids})
prefix_batches.over(many, [1] * 401, count)
arguments = '{"path": "a \\\\"b\\\\" {c}", "n": -1.5}'
text = '<tool_call>\\n{"name": "read_file", "arguments": ' + arguments + '}\\n</tool_call>'
kinds = call_formats.parts("Hi {x} " + text)
letters = {"mark": "m", "name": "n", "structure": "s", "argument": "a", "text": "."}
class ByCharacter:
    def __call__(self, text, **_):
        spans = [(n, n + 1) for n in range(len(text))]
        return {"input_ids": [ord(c) for c in text], "offset_mapping": spans}
def probe(name, gold):
    return {"id": name, "prompt_ids": [0], "gold_text": gold, "gold_ids": [*map(ord, gold), STOP]}
golds = [probe("call", text), probe("words", "I did it. " * 30)] * 10
chosen = {}
for count in (100, 10_000):
    places = fidelity_positions.choose(ByCharacter(), golds, count, "hermes")
    chosen[count] = {k: sum(p["kind"] == k for p in places) for k in fidelity_positions.SHARES}
print(json.dumps({
    "equal": {size: all(found[n] == wanted[n] for n in clear) for size, found in answers.items()},
    "clear": len(clear),
    "cut": cut,
    "batches": batches,
    "ids": sum(map(len, many)),
    "stopped": sum(ids[-1] == STOP for ids in wanted),
    "logits": logits,
    "kinds": "".join(letters[kind] for kind in kinds),
    "chosen": chosen,
}))
"""


@pytest.fixture(scope="module")
def found(run_in: Callable[..., str]) -> dict[str, Any]:
    outcomes: dict[str, Any] = json.loads(run_in("train", SCRIPT))
    return outcomes


def test_answers_equal_those_of_one_prompt_at_a_time(found: dict[str, Any]) -> None:
    assert found["equal"] == {"1": True, "7": True, "24": True}
    assert found["clear"] >= 15
    assert 0 < found["stopped"] < 20


def test_logits_equal_those_of_one_row_at_a_time(found: dict[str, Any]) -> None:
    assert found["logits"] < 1e-4


def test_a_batch_without_room_is_cut_in_half_until_it_fits(found: dict[str, Any]) -> None:
    alone, alike = 5, 15
    assert found["cut"] == [1] * 20 + [alone, 7, 7, 1] + [alone, alike]


def test_a_batch_has_no_more_ids_than_it_may_and_little_padding(found: dict[str, Any]) -> None:
    for batch in found["batches"]:
        assert batch["ids"] <= 16_384 or batch["rows"] == 1
    assert sum(batch["rows"] for batch in found["batches"]) == 401
    padded = sum(batch["ids"] for batch in found["batches"])
    assert padded < 1.2 * found["ids"]


def test_each_token_of_a_call_has_the_kind_of_what_breaks_when_it_is_wrong(
    found: dict[str, Any],
) -> None:
    call = '\n{"name": "read_file", "arguments": {"path": "a \\"b\\" {c}", "n": -1.5}}\n'
    wanted = "sssssssssssnnnnnnnnnssssssssssssssssssaaaassssaaaaaaaaaaassssasssaaaasss"
    assert len(wanted) == len(call)
    assert found["kinds"] == "." * 7 + "m" * 11 + wanted + "m" * 12


def test_places_are_a_mix_of_all_kinds(found: dict[str, Any]) -> None:
    few, all_of_them = found["chosen"]["100"], found["chosen"]["10000"]
    assert few == {  # there are no more stops, and the others share what is left
        "stop": 20, "mark": 13, "name": 13, "structure": 24, "argument": 12, "text": 18,
    }  # fmt: skip
    assert all_of_them["text"] == 10 * 300


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_arm_of_the_smoke_run_answers_every_probe_and_the_base_every_fourth(
    smoke: Path,
) -> None:
    probes = {probe["id"]: probe for probe in read(smoke / "prepare" / "probes.jsonl")}
    for arm, factor, step in (("base", 1.5, 4), ("adapter", 4.0, 1), ("merged", 4.0, 1)):
        answers = read(smoke / "sample_hf" / f"{arm}.jsonl")
        assert [answer["id"] for answer in answers] == list(probes)[::step]
        for answer in answers:
            limit = math.ceil(factor * len(probes[answer["id"]]["gold_ids"]))
            assert len(answer["output_ids"]) <= limit
            stopped = answer["output_ids"][-1] == 2
            assert answer["stop_reason"] == ("stop" if stopped else "length")
            assert answer["stop_id"] == (2 if stopped else None)
            assert stopped or len(answer["output_ids"]) == limit
            assert 2 not in answer["output_ids"][:-1]


def test_logits_are_compared_at_every_stop_and_at_all_kinds_of_tokens(smoke: Path) -> None:
    probes = read(smoke / "prepare" / "probes.jsonl")
    positions = read(smoke / "sample_hf" / "positions.jsonl")
    assert len(positions) == 1024
    assert sum(place["kind"] == "stop" for place in positions) == len(probes)
    golds = {probe["id"]: [*probe["prompt_ids"], *probe["gold_ids"]] for probe in probes}
    assert all(golds[p["probe_id"]][p["position"] + 1] == p["target_id"] for p in positions)
    for kind in ("mark", "name", "structure", "argument", "text"):
        assert sum(p["kind"] == kind for p in positions) >= 90, kind
