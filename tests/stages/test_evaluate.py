"""Evaluate: thresholds, the diagnosis, and fidelity figures."""

import json
from pathlib import Path
from typing import Any

import pytest

from synthia import arms, gates, recipe
from synthia.stages import evaluate

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
SMOKE = recipe.load(RECIPES, "smoke")
ARMS = arms.of(SMOKE.convert.types)
JUDGED = [arm.name for arm in ARMS if arm.name != arms.BASE]
GOOD: dict[str, Any] = {
    "answers": 100, "stop_rate": 1.0, "foreign_letters": 0.0, "tool_parse": 1.0, "tool_schema": 1.0,
    "exact_calls": 1.0, "abstention": 1.0,
    "fidelity": {"mean_kld": 0.0, "top1": 1.0, "nmse": 0.0, "stop_flips": 0, "structure_flips": 0.0},
    "at_fault": {key: [] for key in ("endless", "loops", "garbage", "premature", "unparsed",
                                     "invalid", "hidden", "inexact", "uncalled_for")},
}  # fmt: skip


def failed(arm: str, base: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    metrics = {"base": {**GOOD, "exact_calls": 0.0, **(base or {})}, arm: {**GOOD, **changes}}
    return [gate.name for gate in evaluate.judge(SMOKE, arm, metrics) if not gate.passed]


def test_a_perfect_arm_passes_every_gate() -> None:
    assert failed("merged") == []


@pytest.mark.parametrize(
    ("key", "value", "gate"),
    [
        ("stop_rate", 0.98, "B stop rate"),
        ("foreign_letters", 0.002, "B garbage: scripts"),
        ("tool_parse", 0.98, "B tools: parse"),
        ("tool_schema", 0.97, "B tools: schema"),
        ("exact_calls", 0.79, "B tools: exact"),
        ("abstention", 0.89, "B tools: abstention"),
    ],
)
def test_a_rate_under_its_threshold_fails_its_gate(key: str, value: float, gate: str) -> None:
    changes: dict[str, Any] = {key: value}
    assert failed("merged", **changes) == [gate]


@pytest.mark.parametrize(("key", "gate"), [("loops", "B loops"), ("garbage", "B garbage")])
def test_a_single_loop_or_garbage_answer_fails(key: str, gate: str) -> None:
    assert failed("merged", at_fault={**GOOD["at_fault"], key: ["p1"]}) == [gate]


def test_answers_that_stop_too_early_fail_beyond_the_share_that_may_not_stop() -> None:
    early = {**GOOD["at_fault"], "premature": ["p1"]}
    assert failed("merged", at_fault=early) == []
    assert failed("merged", at_fault={**early, "premature": ["p1", "p2"]}) == ["B stop rate: whole"]


def test_stopping_less_often_than_the_base_fails() -> None:
    assert failed("merged", stop_rate=0.993) == ["B stop rate"]
    assert failed("merged", base={"stop_rate": 0.9}, stop_rate=0.993) == []


def test_exact_calls_must_beat_the_base_by_the_recipes_gain() -> None:
    gate = "B tools: exact"
    assert failed("merged", base={"exact_calls": 0.65}, exact_calls=0.84) == [gate]
    assert failed("merged", base={"exact_calls": 0.65}, exact_calls=0.85) == []
    assert failed("merged", base={"exact_calls": 0.9}, exact_calls=0.99) == [gate]
    assert failed("merged", base={"exact_calls": 0.9}, exact_calls=1.0) == []


def test_a_call_that_the_server_hides_fails_the_server_arm_only() -> None:
    hidden = {**GOOD["at_fault"], "hidden": ["p1"]}
    assert failed("f16_server", at_fault=hidden) == ["B tools: server"]
    assert failed("merged", at_fault=hidden) == []


def test_calls_lost_on_the_shipped_parameters_fail_the_served_arm() -> None:
    # Two seeds; p1 and p2 are right greedily, p3 is not; as served p2 goes wrong once, p3 twice.
    found = {"at_fault": {"inexact": ["p2", "p3", "p3"]}}
    lost = evaluate.lost_calls(found, ["p1", "p2", "p3"], ["p3", "p9"], 2)
    assert lost == 0.25
    assert failed("q4_k_m_served", lost_calls=lost) == ["B as served: calls"]
    assert failed("q4_k_m_served", lost_calls=0.0, exact_calls=0.5) == []


def test_a_call_that_is_lost_as_served_is_no_loss_where_greedy_has_none_right() -> None:
    assert evaluate.lost_calls({"at_fault": {"inexact": ["p1"]}}, ["p1"], ["p1"], 1) == 0.0


def test_an_arm_as_served_is_judged_by_stopping_and_by_hidden_calls() -> None:
    hidden = {**GOOD["at_fault"], "hidden": ["p1"]}
    served: dict[str, Any] = {"lost_calls": 0.0}
    assert failed("f16_served", at_fault=hidden, **served) == ["B tools: server"]
    assert failed("f16_served", stop_rate=0.9, **served) == ["B stop rate"]


def rows(**changes: Any) -> list[dict[str, Any]]:
    good = {"kld": 0.001, "top1_equal": True, "sq_err": 1e-5, "sq_ref": 1.0}
    kinds = ["stop"] * 10 + ["structure"] * 50 + ["text"] * 40
    return [{**good, "kind": kind, **changes} for kind in kinds]


def fidelity(arm: str, found: list[dict[str, Any]]) -> list[str]:
    metrics = {"base": GOOD, arm: {**GOOD, "fidelity": evaluate.compare(found)}}
    return [gate.name for gate in evaluate.judge(SMOKE, arm, metrics) if not gate.passed]


def test_a_close_gguf_passes_and_figures_are_means_over_positions() -> None:
    assert fidelity("f16_ids", rows()) == []
    assert fidelity("q4_k_m", rows()) == []
    figures = evaluate.compare(rows())
    assert figures["nmse"] == pytest.approx(1e-5)
    assert figures["mean_kld"] == pytest.approx(0.001)
    assert figures["top1"] == 1.0


def test_figures_are_told_by_kind_of_token_and_against_f16() -> None:
    found = rows()
    assert "against_f16" not in evaluate.compare(found)
    found[-1] = {**found[-1], "kld": 0.041, "top1_equal": False}
    figures = evaluate.compare([{**row, "kld_f16": 0.0, "top1_equal_f16": True} for row in found])
    assert list(figures["by_kind"]) == ["stop", "structure", "text"]
    assert figures["by_kind"]["text"] == {
        "positions": 40, "mean_kld": pytest.approx(0.002), "flips": 1,
    }  # fmt: skip
    assert figures["by_kind"]["structure"]["flips"] == 0
    assert figures["against_f16"]["text"] == {"positions": 40, "mean_kld": 0.0, "flips": 0}


@pytest.mark.parametrize("kind", ["mark", "name", "structure"])
def test_what_a_call_cannot_do_without_counts_as_its_structure(kind: str) -> None:
    found = [*rows(), {**rows()[0], "kind": kind, "top1_equal": False}]
    assert fidelity("q4_k_m", found) == ["F fidelity: structure flips"]


def test_fidelity_figures_are_the_same_in_every_python() -> None:
    # Python 3.11 adds these up to 0, 3.12's compensated sum and fsum to 2.
    found = [rows()[0] | {"kld": kld, "sq_err": kld} for kld in (1.0, 1e100, 1.0, -1e100)]
    assert evaluate.compare(found)["mean_kld"] == 0.5
    assert evaluate.compare(found)["nmse"] == 2.0 / (4 * rows()[0]["sq_ref"])
    shuffled = [found[index] for index in (1, 0, 3, 2)]
    assert evaluate.compare(shuffled) == evaluate.compare(found)


def test_each_fidelity_gate_turns_red() -> None:
    assert fidelity("f16_ids", rows(sq_err=0.01)) == ["F fidelity: NMSE"]
    assert fidelity("q5_k_m", rows(kld=0.021)) == ["F fidelity: KLD"]
    assert fidelity("q4_k_m", rows(kld=0.051)) == ["F fidelity: KLD"]
    one_stop = rows()
    one_stop[0] = {**one_stop[0], "top1_equal": False}
    assert fidelity("q4_k_m", one_stop) == ["F fidelity: stop flips"]
    one_brace = rows()
    one_brace[20] = {**one_brace[20], "top1_equal": False}
    assert fidelity("q4_k_m", one_brace) == ["F fidelity: structure flips"]


def test_every_arm_by_ids_is_judged_by_fidelity_and_no_other() -> None:
    for arm in JUDGED:
        judged = evaluate.judge(SMOKE, arm, {"base": GOOD, arm: GOOD})
        by_logits = [gate for gate in judged if gate.name.startswith("F ")]
        assert len(by_logits) == (4 if arm in ("f16_ids", "q5_k_m", "q4_k_m") else 0), arm


def diagnosed(
    *bad: str, types: list[str] = SMOKE.convert.types, failing: int = 9
) -> dict[str, str]:
    """Of ten answers of each bad arm, so many fail; of the others all are good."""
    in_order = arms.of(types)
    answered = {
        arm.name: {str(n): arm.name not in bad or n >= failing for n in range(10)}
        for arm in in_order
    }
    metrics = {arm.name: GOOD for arm in in_order}
    metrics |= {arm: {**GOOD, "stop_rate": 0.1} for arm in bad}
    gates = [g for arm in metrics if arm != arms.BASE for g in evaluate.judge(SMOKE, arm, metrics)]
    return evaluate.diagnose(gates, in_order, answered)


def test_the_first_arm_that_fails_names_the_stage() -> None:
    assert diagnosed("q4_k_m")["arm"] == "q4_k_m"
    assert diagnosed("f16_ids", "f16_server", "q4_k_m")["stage"] == "convert"
    assert diagnosed("merged", "f16_ids")["stage"] == "merge"
    assert diagnosed(*JUDGED)["stage"] == "train"


def test_the_verdict_says_how_many_answers_the_arm_before_has_right_and_whether_that_proves_anything() -> (
    None
):
    assert diagnosed("merged")["evidence"] == (
        "as adapter, 9 of 9 failing answers recover (95 % interval 66% to 100%), 0 good ones fail, "
        "p = 0.0039"
    )
    assert diagnosed("q4_k_m", failing=3)["evidence"].endswith(
        "as f16_ids, 3 of 3 failing answers recover (95 % interval 29% to 100%), 0 good ones fail, "
        "p = 0.25: not enough evidence"
    )


def test_an_arm_of_any_type_is_diagnosed() -> None:
    found = diagnosed("iq4_xs", types=["F16", "IQ4_XS"])
    assert found["arm"] == "iq4_xs"
    assert found["gate"] == "B stop rate"


def test_a_diagnosis_of_success_needs_that_no_gate_is_red() -> None:
    words = gates.Gate(
        name="B stop rate", metric="m", value=0.1, threshold=">= 1", passed=False, why="w", fix="f",
        arm="another",
    )  # fmt: skip
    found = evaluate.diagnose([words], ARMS, {})
    assert found["arm"] == "another"
    assert found["gate"] == "B stop rate"
    assert "red" in found["cause"]
    assert evaluate.diagnose([], ARMS, {})["cause"] == diagnosed()["cause"] == "every arm passed"


@pytest.mark.slow
def test_the_smoke_run_learned_what_its_base_could_not(smoke: Path) -> None:
    metrics = json.loads((smoke / "evaluate/metrics.json").read_text())
    assert list(metrics) == sorted(arm.name for arm in ARMS)
    assert metrics["base"]["exact_calls"] == 0.0
    for arm in JUDGED:
        assert metrics[arm]["exact_calls"] >= 0.8, arm
        assert metrics[arm]["stop_rate"] >= 0.99, arm
        if not arm.endswith("_served"):
            assert metrics[arm]["answers"] >= 60, arm
            continue
        asked = SMOKE.evaluate.served_probes * len(SMOKE.evaluate.served_seeds)
        assert metrics[arm]["answers"] == asked, arm
    assert metrics["base"]["answers"] == SMOKE.evaluate.base_max_probes
