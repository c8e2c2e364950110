"""Every GGUF answers every probe; drafted answers are the plain greedy ones; equal runs are equal."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from synthia import arms
from synthia.host import environments
from synthia.run import llama_build

BY_IDS = ("f16_ids", "q5_k_m", "q4_k_m")

pytestmark = pytest.mark.slow


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("arm", [*BY_IDS, "f16_server"])
def test_every_probe_is_answered_in_order(smoke: Path, arm: str) -> None:
    probes = read(smoke / "prepare" / "probes.jsonl")
    answers = read(smoke / "sample_gguf" / f"{arm}.jsonl")
    assert [answer["id"] for answer in answers] == [probe["id"] for probe in probes]


@pytest.mark.parametrize("arm", BY_IDS)
def test_answers_end_at_a_stop_id_or_at_the_limit(smoke: Path, arm: str) -> None:
    probes = {probe["id"]: probe for probe in read(smoke / "prepare" / "probes.jsonl")}
    for answer in read(smoke / "sample_gguf" / f"{arm}.jsonl"):
        limit = math.ceil(4.0 * len(probes[answer["id"]]["gold_ids"]))
        assert len(answer["output_ids"]) <= limit
        if answer["stop_reason"] == "stop":
            assert answer["stop_id"] == answer["output_ids"][-1]
            assert "<|im_end|>" not in answer["text"]
        else:
            assert answer["stop_id"] is None
            assert len(answer["output_ids"]) == limit


@pytest.mark.parametrize("arm", ["f16_served", "q5_k_m_served", "q4_k_m_served"])
def test_some_probes_are_answered_as_served_with_every_seed(smoke: Path, arm: str) -> None:
    probes = read(smoke / "prepare" / "probes.jsonl")
    wanted = [(probe["id"], seed) for probe in arms.asked(probes, 4) for seed in (1, 2)]
    answers = read(smoke / "sample_gguf" / f"{arm}.jsonl")
    assert [(answer["id"], answer["seed"]) for answer in answers] == wanted


def test_the_files_own_temperature_is_what_the_server_takes_when_a_request_names_none(
    smoke: Path,
) -> None:
    # At 0 a seed decides nothing; with llama-server's own 0.8 the answers would part.
    for arm in ("f16_served", "q5_k_m_served", "q4_k_m_served"):
        answers = read(smoke / "sample_gguf" / f"{arm}.jsonl")
        by_seed: dict[int, list[Any]] = {1: [], 2: []}
        for answer in answers:
            by_seed[answer["seed"]].append((answer["content"], answer["tool_calls"]))
        assert by_seed[1] == by_seed[2]


def test_the_servers_calls_have_a_name_and_arguments(smoke: Path) -> None:
    answers = read(smoke / "sample_gguf" / "f16_server.jsonl")
    calls = [call for answer in answers for call in answer["tool_calls"]]
    assert calls
    assert all(set(call) == {"name", "arguments"} for call in calls)


def test_every_position_is_compared_for_each_file(smoke: Path) -> None:
    places = read(smoke / "sample_hf" / "positions.jsonl")
    wanted = sorted((place["probe_id"], place["position"], place["kind"]) for place in places)
    rows = read(smoke / "sample_gguf" / "fidelity.jsonl")
    for arm in ("f16", "q5_k_m", "q4_k_m"):
        found = [row for row in rows if row["arm"] == arm]
        assert sorted((row["probe_id"], row["position"], row["kind"]) for row in found) == wanted
        # A divergence is never negative, but for what float64 rounds.
        assert min(row["kld"] for row in found) > -1e-6
    assert len(rows) == 3 * len(wanted)


DRAFTS = """
import json, math, sys
from pathlib import Path
import numpy as np
from synthia.stages.gguf import libllama
from synthia.stages import sample_gguf

smoke, llama_cpp = map(Path, sys.argv[1:])
lines = (smoke / "prepare" / "probes.jsonl").read_text(encoding="utf-8").splitlines()
probes = [json.loads(line) for line in lines[::15]]
lib = libllama.load(llama_cpp)
path = smoke / "gguf" / "Synthia-Smoke-135M-F16.gguf"

def sampled(drafts):
    answers, logits = [], []
    with libllama.reader(lib, path, context=1024) as reader:
        for probe, draft in zip(probes, drafts):
            limit = 4 * len(probe["gold_ids"])
            ids, found = sample_gguf.answer(reader, {**probe, "gold_ids": draft}, limit)
            answers.append(ids)
            logits.append(found)
    return answers, logits

golds = [probe["gold_ids"] for probe in probes]
drafted, logits = sampled(golds)
again, same = sampled(golds)
# One wrong token as the draft is no draft: every token is chosen alone.
plain, _ = sampled([[5]] * len(probes))
# Half of gold, then nonsense: a draft that is left in the middle.
left, _ = sampled([[*gold[: len(gold) // 2], 5, 5, 5] for gold in golds])

exact = logits[0].astype(np.float16)
first_choices = [int(row.argmax()) for row in exact]
rows = sample_gguf.compare("f16", exact, exact.astype(np.float32), first_choices)
print(json.dumps({
    "plain": drafted == plain,
    "left": drafted == left,
    "again": drafted == again and all(map(np.array_equal, logits, same)),
    "kld": max(abs(row["kld"]) for row in rows),
    "sq_err": sum(row["sq_err"] for row in rows),
    "top1": all(row["top1_equal"] for row in rows),
}))
"""


@pytest.fixture(scope="module")
def found(smoke: Path, run_in: Callable[..., str]) -> dict[str, Any]:
    python = environments.ensure(PROJECT, "convert")
    llama_cpp = llama_build.ensure(python, environments.cache_root())
    outcomes: dict[str, Any] = json.loads(run_in("convert", DRAFTS, str(smoke), str(llama_cpp)))
    return outcomes


def test_the_draft_does_not_change_the_answer(found: dict[str, Any]) -> None:
    assert found["plain"]
    assert found["left"]


def test_equal_runs_give_equal_bits(found: dict[str, Any]) -> None:
    assert found["again"]


def test_logits_compared_with_themselves_differ_by_nothing(found: dict[str, Any]) -> None:
    assert found["kld"] < 1e-9
    assert found["sq_err"] == 0
    assert found["top1"]
