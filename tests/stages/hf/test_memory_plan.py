"""What is kept for the backward pass follows from the card's memory and the length of a step."""

import json
import tomllib
from typing import Any

import pytest
from conftest import PROJECT

from synthia.stages.hf import memory_plan
from synthia.stages.hf.memory_plan import ALL, INPUTS, MOST, NF4, VALUES, Plan, Shape

GIB = 2**30
SHAPES = tomllib.loads((PROJECT / "recipes/shapes/qwen2.5-coder.toml").read_text())
CONFIG: dict[str, Any] = SHAPES["Qwen/Qwen2.5-Coder-7B"]
TRAINED = 40_398_848
SHAPE = Shape.of(CONFIG, rank=16, trained=TRAINED)
LOADED, EXPANDED = 5_709_084_672, 9_699_176_704
"""Bytes of the 7B model in NF4 as loaded with its adapters, and what NF4's values take beyond."""
ROWS = [(600, 200)] * 60 + [(1700, 510)] * 4


def plan(card: float, memory: str = "auto") -> Plan:
    free = int((card - 0.6) * GIB) - LOADED
    return memory_plan.make(SHAPE, memory, ROWS, 8, free=free, taken=LOADED, values=EXPANDED)


@pytest.mark.parametrize(
    ("card", "weights", "mean", "longest"),
    [
        (80, VALUES, ALL, ALL),
        (48, VALUES, ALL, ALL),
        (24, NF4, ALL, MOST),
        (16, NF4, MOST, MOST),
        (12, NF4, MOST, INPUTS),
    ],
)
def test_each_card_keeps_what_it_has_room_for(
    card: float, weights: str, mean: str, longest: str
) -> None:
    made = plan(card)
    assert made.weights == weights
    assert made.ways([(600, 200)] * 8) == (mean, [8])
    assert made.ways([(1100, 330)] * 8) == (longest, [8])


@pytest.mark.parametrize(
    ("kept", "weights", "tokens", "measured"),
    [  # bytes that PyTorch had allocated at most on an H100, with the longest step of a training
        (ALL, VALUES, 7120, 38_118_976_000),
        (MOST, VALUES, 7120, 22_936_461_824),
        (ALL, NF4, 7120, 28_359_240_192),
        (MOST, NF4, 7120, 13_373_475_840),
        (INPUTS, NF4, 7120, 8_832_853_504),
    ],
)
def test_the_estimate_is_within_a_tenth_of_what_was_measured(
    kept: str, weights: str, tokens: int, measured: int
) -> None:
    made = plan(80, f"{kept}-{weights}")
    assert made.weights == weights
    assert made.peak(kept, tokens, tokens * 3 // 10) == pytest.approx(measured, rel=0.1)


def test_a_step_that_fits_by_no_means_is_passed_in_parts_of_whole_rows() -> None:
    made = plan(12)
    rows = [(2048, 600)] * 8
    kept, passes = made.ways(rows)
    assert kept == INPUTS
    assert sum(passes) == 8
    assert len(passes) == 2
    assert made.peak(INPUTS, 2048 * passes[0], 600 * passes[0]) <= made.room
    with pytest.raises(ValueError, match=r"^90000$"):
        made.ways([(600, 200), (90_000, 200)])


@pytest.mark.parametrize(("card", "passes"), [(80, 1), (24, 2), (16, 3), (12, 8)])
def test_a_step_of_eight_rows_of_8192_tokens_is_held_by_every_card_from_12_gib(
    card: float, passes: int
) -> None:
    made, rows = plan(card), [(8192, 2400)] * 8
    kept, sizes = made.ways(rows)
    assert kept == INPUTS
    assert (len(sizes), sum(sizes)) == (passes, 8)
    assert all(made.peak(INPUTS, 8192 * size, 2400 * size) <= made.room for size in sizes)
    said = memory_plan.said(made, [*ROWS, *rows], 8, nf4=True)
    assert "(65,536 tokens) keeps each layer's input" in said
    assert (f"in {passes} passes" in said) == (passes > 1)


def test_a_mean_step_that_needs_several_passes_is_said_so() -> None:
    said = memory_plan.said(plan(12), [(4000, 1200)] * 16, 8, nf4=True)
    assert "step of mean length (32,000 tokens) keeps each layer's input" in said
    assert "GiB at most in 3 passes" in said.partition("longest")[0]


def test_out_of_memory_lowers_the_plan_until_nothing_less_is_left() -> None:
    made, rows, tried = plan(16), [(600, 200)] * 2, []
    for _ in range(4):
        kept, passes = made.ways(rows)
        tried.append((kept, passes))
        made.lower(kept, [rows[:1], rows[1:]] if len(passes) == 2 else [rows])
    with pytest.raises(ValueError, match=r"^600$"):
        made.ways(rows)
    assert tried == [(ALL, [2]), (MOST, [2]), (INPUTS, [2]), (INPUTS, [1, 1])]


def test_an_asked_for_plan_is_followed_and_lowered_by_name() -> None:
    made, rows = plan(80, "all-nf4"), [(600, 200)] * 8
    for kept in (ALL, MOST, INPUTS):
        assert made.ways(rows) == (kept, [8])
        made.lower(kept, [rows])
    assert made.ways(rows)[0] == INPUTS
    assert len(made.ways(rows)[1]) > 1


def test_the_plan_is_said_with_its_estimate() -> None:
    said = memory_plan.said(plan(16), ROWS, 8, nf4=True)
    assert said.startswith(
        "memory plan: NF4 as it is; step of mean length (5,350 tokens) keeps all but gate and up"
    )
    assert "GiB may be taken" in said
    made = plan(80)
    made.note(ALL, [[(600, 200)] * 8])
    made.note(INPUTS, [[(600, 200)] * 4] * 2)
    assert made.used == {"all": 1, "inputs, 2 passes": 1}
    assert made.reckoned == made.peak(ALL, 4800, 1600)
    assert json.dumps(made.used)
