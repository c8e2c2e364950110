"""The report: one self-contained page that shows what ran and what was judged."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from synthia import arms, gates, manifest, recipe, report
from synthia.stage import of
from synthia.stages import answers

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
SMOKE = recipe.load(RECIPES, "smoke")
WORDS = {"metric": "answers that stop", "why": "they run on", "fix": "train longer"}


def failed_run(outputs: Path) -> Path:
    """Outputs of a run whose evaluate failed on one arm, in the smallest form."""
    folder = outputs / "evaluate.failed"
    folder.mkdir(parents=True)
    judged = [
        gates.at_least("B stop rate", 1.0, 0.99, arm="merged", **WORDS),
        gates.at_least("B stop rate", 0.5, 0.99, arm="q4_k_m", where=["p<1>"], **WORDS),
    ]
    gates.write(judged, folder / "gates.json")
    return outputs


def test_a_failed_run_says_which_gate_where_and_what_to_do(tmp_path: Path) -> None:
    page = report.write(failed_run(tmp_path), SMOKE).read_text()
    assert "1 of 2 gates failed" in page
    assert "gates passed" not in page
    assert "p&lt;1&gt;" in page
    assert "train longer" in page
    assert report.summary(tmp_path).endswith("1 of 2 gates failed")


def test_a_run_without_a_red_gate_says_how_many_passed(tmp_path: Path) -> None:
    (tmp_path / "evaluate").mkdir()
    judged = [
        gates.at_least("B stop rate", 1.0, 0.99, arm=arm, **WORDS) for arm in ("merged", "q4_k_m")
    ]
    gates.write(judged, tmp_path / "evaluate/gates.json")
    page = report.write(tmp_path, SMOKE).read_text()
    assert f"All {len(judged)} gates passed" in page
    assert "failed" not in report.summary(tmp_path)


def test_logits_are_shown_by_kind_of_token_and_against_what_they_were_compared_with(
    tmp_path: Path,
) -> None:
    outputs = failed_run(tmp_path)
    figures = {"stop": {"positions": 72, "mean_kld": 0.00021, "flips": 0},
               "text": {"positions": 40, "mean_kld": 0.5, "flips": 31}}  # fmt: skip
    metrics = {"merged": {}, "f16_ids": {"fidelity": {"by_kind": figures}},
               "q4_k_m": {"fidelity": {"by_kind": figures, "against_f16": figures}}}  # fmt: skip
    (outputs / "evaluate.failed" / "metrics.json").write_text(json.dumps(metrics))
    page = report.write(outputs, SMOKE).read_text()
    assert "q4_k_m against F16" in page
    assert page.count("0.5, 31") == 3
    (outputs / "evaluate.failed" / "metrics.json").unlink()
    assert "Logits by kind" not in report.write(outputs, SMOKE).read_text()


def test_text_of_models_and_data_cannot_become_markup(tmp_path: Path) -> None:
    outputs = failed_run(tmp_path)
    (outputs / "prepare").mkdir()
    probe = {"id": "p1", "gold_text": "<script>x</script>", "messages": [
        {"role": "user", "content": "<img src=x onerror=y>"}]}  # fmt: skip
    (outputs / "prepare/probes.jsonl").write_text(json.dumps(probe) + "\n")
    page = report.write(outputs, SMOKE).read_text()
    assert "<script>" not in page
    assert "<img" not in page


def test_the_base_is_compared_with_every_arm_by_form_and_by_kind(tmp_path: Path) -> None:
    rates = ("stop_rate", *answers.AT_FAULT)
    base = dict.fromkeys(rates, 0.0) | {"answers": 2, "answers_rightly": 0.39, "kinds": {}}
    counted = {"answers": 2, "strict_calls": 2, "exact_calls": 1, "right_calls": 2}
    tuned = dict.fromkeys(rates, 1.0) | {"answers": 2, "kinds": {"reading": counted}}
    (tmp_path / "evaluate").mkdir()
    (tmp_path / "evaluate/metrics.json").write_text(json.dumps({"base": base, "merged": tuned}))
    page = re.sub(r"<[^>]*>", " ", report.write(tmp_path, SMOKE).read_text())
    assert re.search(r"base\s+2\s+(0 %\s+){9}39 %", page)
    assert re.search(r"reading\s+merged\s+2\s+2\s+1\s+2\s", page)


class Balanced(HTMLParser):
    """Checks that every tag is closed in order."""

    VOID = frozenset({"meta", "line", "polyline", "br", "wbr", "text/"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.slow
def test_the_smoke_report_is_complete_and_loads_nothing(smoke: Path) -> None:
    page = (smoke / "report.html").read_text()
    assert not re.search(r"(src|href)\s*=|@import|url\(", page)
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert f"All {len(report.read_gates(smoke))} gates passed" in page
    assert page.count("<polyline") == 3
    assert page.count("<details") == report.TRANSCRIPTS + 1
    for stage in of(SMOKE):
        assert manifest.digest(smoke / stage.folder)[:16] in page
    for arm in arms.of(SMOKE.convert.types):
        assert f"<b>{arm.name} " in page


@pytest.mark.slow
def test_the_run_prints_the_gates_table(smoke_project: Path) -> None:
    printed = (smoke_project / "outputs/printed.txt").read_text()
    assert "B stop rate" in printed
    assert "gates passed" in printed
    assert "report: outputs/smoke/report.html" in printed
