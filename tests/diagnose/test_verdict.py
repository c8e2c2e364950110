"""A cause is named only with evidence: swaps that recover more answers than chance, or plain facts."""

from typing import Any

import pytest

from synthia.diagnose import command, verdict
from synthia.errors import UsageError
from synthia.stages.diagnosis import statistics


def artefact(path: str, failing: int, *, of: int = 12, swaps: Any = (), ranks: Any = ()) -> Any:
    gate = {"name": "B stop rate", "passed": not failing, "where": [], "why": "", "fix": "",
            "value": failing, "threshold": "", "metric": ""}  # fmt: skip
    samples = [
        {"id": str(n), "text": "", "faults": ["endless"] if n < failing else []} for n in range(of)
    ]
    return {"path": path, "gates": [gate], "notes": [], "samples": samples, "swaps": list(swaps),
            "stop_ranks": list(ranks)}  # fmt: skip


def swap(part: str, to: str, failing: int, recovered: int, worsened: int) -> dict[str, Any]:
    return {"part": part, "to": to, "failing": failing, "recovered": recovered, "worsened": worsened,
            "p": statistics.mcnemar(recovered, worsened),
            "interval": statistics.interval(recovered, failing)}  # fmt: skip


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # R's binom.test(part, whole)$conf.int
    [(0, 10, 0.0, 0.3084971), (10, 10, 0.6915029, 1.0), (7, 10, 0.3475471, 0.9332605),
     (1, 12, 0.0021076, 0.3847962)],
)  # fmt: skip
def test_intervals_are_clopper_and_pearsons(part: int, whole: int, low: float, high: float) -> None:
    assert statistics.interval(part, whole) == pytest.approx((low, high), abs=1e-6)


def test_mcnemar_is_exact() -> None:
    assert statistics.mcnemar(0, 0) == 1.0
    assert statistics.mcnemar(5, 0) == pytest.approx(0.0625)
    assert statistics.mcnemar(6, 0) == pytest.approx(0.03125)
    assert statistics.mcnemar(9, 2) == statistics.mcnemar(2, 9) == pytest.approx(0.0654297)


def test_few_failures_prove_nothing_and_are_open_questions() -> None:
    assert statistics.fault_rate(0, 12, 0.1) == "fine"
    assert statistics.fault_rate(2, 12, 0.1) == "open"
    assert statistics.fault_rate(5, 12, 0.1) == "fault"


def test_a_swap_that_recovers_the_answers_names_the_cause() -> None:
    swaps = [swap("stop ids", "<|im_end|> (2) as well", 12, 12, 0)]
    decided = verdict.decide([artefact("a", 12, swaps=swaps)])
    assert decided["cause"] == "its stop ids lack <|im_end|> (2), with which it ends turns"
    assert "12 of 12 failing answers recover (95 % interval 74% to 100%)" in decided["confidence"]
    assert "--fix" in decided["fix"]
    assert decided["mend"] == {"part": "stop ids", "to": "<|im_end|> (2) as well"}


def test_another_tokenizer_that_recovers_the_answers_is_the_cause() -> None:
    swaps = [swap("template", "ChatML", 12, 2, 0), swap("tokenizer", "base", 12, 11, 0)]
    decided = verdict.decide([artefact("a", 12, swaps=swaps)])
    assert decided["cause"] == "its tokenizer: with that of base the answers are good"
    assert decided["mend"] == {"part": "tokenizer", "to": "base"}


def test_report_and_terminal_show_each_swap_with_its_pairs_and_what_they_prove(
    tmp_path: Any,
) -> None:
    swaps = [swap("template", "ChatML", 12, 2, 0), swap("tokenizer", "base", 12, 11, 1)]
    found = [artefact("a", 12, swaps=swaps)]
    result = {"verdict": verdict.decide(found), "artefacts": found, "open": {}}
    command._page(tmp_path / "page.html", result)
    pages = ("\n".join(command.lines(result)), (tmp_path / "page.html").read_text("utf-8"))
    for page in pages:
        assert (
            "template: ChatML: 2 of 12 failing answers recover (95 % interval 2% to 48%), 0 good ones "
            "fail, p = 0.5: not enough evidence"
        ) in page
        assert "tokenizer: base: 11 of 12 failing answers recover" in page
        assert "1 good ones fail, p = 0.0063\n" in page or "p = 0.0063</li>" in page


def test_a_swap_that_recovers_few_answers_is_not_enough_evidence() -> None:
    swaps = [swap("template", "base", 5, 4, 0)]
    decided = verdict.decide([artefact("a", 5, swaps=swaps)])
    assert decided["cause"] == verdict.UNDECIDED
    assert "4 of 5 failing answers recover" in " ".join(decided["evidence"])


def test_weights_that_cannot_stop_are_the_cause_when_no_part_is() -> None:
    decided = verdict.decide([artefact("a", 12, ranks=[3, 8, 2, 9, 40, 7, 2, 5, 1, 6, 4, 11])])
    assert "not taught to stop" in decided["cause"]


def test_the_step_after_the_last_good_artefact_is_named() -> None:
    decided = verdict.decide([artefact("merged", 0), artefact("q4", 10, ranks=[0] * 12)])
    assert decided["first_bad"] == "q4"
    assert decided["cause"] == "the step from merged to this: that one answers well"


def test_what_is_no_artefact_is_refused(tmp_path: Any) -> None:
    text = tmp_path / "a.gguf"
    text.write_text("no")
    with pytest.raises(UsageError, match="is no GGUF file"):
        command.classify([str(text)])
    with pytest.raises(UsageError, match="holds neither"):
        command.classify([str(tmp_path)])
