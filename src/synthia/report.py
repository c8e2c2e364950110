"""The report of a run: one self-contained HTML page, and the gates table for the terminal.

It reads the folders of the stages, also of one that failed, and draws what it finds: what ran, the
chain of manifests, the loss against the original run's, the stop-token probe, the gates by arm, and
transcripts side by side. Nothing is loaded from anywhere when the page is opened.

Not covered: judging anything. Every verdict comes from the stages' `gates.json`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import arms, gates, manifest, records
from synthia.gates import Gate
from synthia.recipe import Recipe, resolved
from synthia.stage import STAGES, Stage, of

REFERENCE_LOSS = ((10, 2.718), (50, 1.587), (100, 1.213), (150, 1.016), (200, 0.849),
                  (250, 0.810), (300, 0.647))  # fmt: skip
"""Training loss of the original system's run by optimizer step: QLoRA of Qwen2.5-Coder-7B."""
TRANSCRIPTS = 10


def write(outputs: Path, recipe: Recipe) -> Path:
    """Write `report.html` from what lies under `outputs`, complete or not at all."""
    from jinja2 import Environment, PackageLoader

    environment = Environment(loader=PackageLoader("synthia", "."), autoescape=True)
    judged = read_gates(outputs)
    in_order = arms.of(recipe.convert.types)
    metrics = _json(_folder(outputs, "evaluate") / "metrics.json", {})
    html = environment.get_template("report.html.jinja").render(
        recipe=recipe,
        resolved=resolved(recipe),
        stages=[_stage(outputs, stage) for stage in of(recipe)],
        gates=judged,
        failed=[gate for gate in judged if not gate.passed],
        show=gates.show,
        arms=[arm.name for arm in in_order],
        by_arm=_by_arm(judged, in_order),
        metrics=metrics,
        compared=_compared(metrics),
        diagnosis=_json(_folder(outputs, "evaluate") / "diagnosis.json", {}),
        loss=_loss_chart(outputs),
        probe=_probe_chart(outputs),
        transcripts=_transcripts(outputs, in_order),
    )
    return records.write_text(outputs / "report.html", html)


def summary(outputs: Path) -> str:
    """The gates as a table of text, with the verdict last."""
    judged = read_gates(outputs)
    failed = sum(not gate.passed for gate in judged)
    measured = sum(gate.threshold == gates.NOT_JUDGED for gate in judged)
    count = len(judged) - measured
    verdict = f"{failed} of {count} gates failed" if failed else f"all {count} gates passed"
    verdict += f", {measured} were only measured" if measured else ""
    return f"{gates.table(judged)}\n{verdict}"


def read_gates(outputs: Path, stages: Sequence[Stage] = STAGES) -> list[Gate]:
    """The gates of these stages, in the pipeline's order."""
    paths = [_folder(outputs, stage.folder) / "gates.json" for stage in stages]
    return [gate for path in paths if path.exists() for gate in gates.read(path)]


def _folder(outputs: Path, name: str) -> Path:
    """A stage's folder: the evidence of its failure where the latest attempt failed."""
    failed = outputs / f"{name}.failed"
    return failed if failed.exists() else outputs / name


def _json(path: Path, default: Any) -> Any:
    return records.read(path) if path.exists() else default


def _jsonl(path: Path) -> list[dict[str, Any]]:
    return records.read_lines(path) if path.exists() else []


def _stage(outputs: Path, stage: Stage) -> dict[str, Any]:
    folder = _folder(outputs, stage.folder)
    found = manifest.read(folder)
    return {
        "name": stage.folder,
        "sums": stage.sums,
        "failed": folder.name.endswith(".failed"),
        "manifest": found,
        "digest": manifest.digest(folder) if found else "",
        "run": _json(folder / "run.json", {}),
        "size": sum((folder / path).stat().st_size for path in found["outputs"]) if found else 0,
    }


def _by_arm(judged: Sequence[Gate], in_order: Sequence[arms.Arm]) -> dict[str, dict[str, Gate]]:
    """Gates that were judged on several arms: by name, then by arm."""
    known = {arm.name for arm in in_order}
    table: dict[str, dict[str, Gate]] = {}
    for gate in judged:
        if gate.arm in known:
            table.setdefault(gate.name, {})[gate.arm] = gate
    return table


def _compared(metrics: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Figures by kind of token: of each arm whose logits were compared, and of what with."""
    found = {}
    for arm, measured in metrics.items():
        for key, words in (("by_kind", ""), ("against_f16", " against F16")):
            if figures := measured.get("fidelity", {}).get(key):
                found[arm + words] = figures
    return found


def _transcripts(outputs: Path, in_order: Sequence[arms.Arm]) -> list[dict[str, Any]]:
    """The first probes with what each arm answered."""
    answers: dict[str, dict[str, dict[str, Any]]] = {}
    for arm in in_order:
        rows = _jsonl(_folder(outputs, arm.sampled_in) / f"{arm.name}.jsonl")
        answers[arm.name] = {row["id"]: row for row in rows}
    asked = {name for rows in answers.values() for name in rows}
    every = _jsonl(_folder(outputs, "prepare") / "probes.jsonl")
    probes = [probe for probe in every if probe["id"] in asked]
    return [
        {
            "id": probe["id"],
            "messages": probe["messages"],
            "gold": probe["gold_text"],
            "answers": {name: rows.get(probe["id"]) for name, rows in answers.items()},
        }
        for probe in _spread(probes, TRANSCRIPTS)
    ]


def _spread(items: Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Pick evenly spaced items, the first and the last among them."""
    if len(items) <= count:
        return list(items)
    return [items[index * (len(items) - 1) // (count - 1)] for index in range(count)]


@dataclass(frozen=True)
class Chart:
    """Polylines in a box of 640 x 240 units with ticks, for an inline SVG."""

    lines: dict[str, str]
    """SVG points by label."""
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]


def _loss_chart(outputs: Path) -> Chart | None:
    history = _json(_folder(outputs, "train") / "loss_history.json", [])
    if not history:
        return None
    ours = [(row["step"], row["loss"]) for row in history]
    return _chart({"this run": ours, "original run": list(REFERENCE_LOSS)})


def _probe_chart(outputs: Path) -> Chart | None:
    history = _json(_folder(outputs, "train") / "stop_probe.json", [])
    if not history:
        return None
    return _chart({"rank 1": [(row["step"], row["rank1_rate"]) for row in history]}, top=1.0)


def _chart(series: dict[str, list[tuple[float, float]]], top: float | None = None) -> Chart:
    """Scale series onto the box: steps on a logarithmic axis, values from zero up."""
    points = [point for line in series.values() for point in line]
    last = max(10.0, max(x for x, _ in points))
    high = top or max(1.0, math.ceil(max(y for _, y in points)))

    def across(x: float) -> float:
        return 640 * math.log1p(x) / math.log1p(last)

    def down(y: float) -> float:
        return 240 - 240 * min(y, high) / high

    lines = {
        label: " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line)
        for label, line in series.items()
    }
    steps = [step for step in (0, 1, 3, 10, 30, 100, 300, 1000, 3000) if step <= last]
    return Chart(
        lines,
        [(across(step), str(step)) for step in steps],
        [(down(high * share), f"{high * share:g}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)],
    )
