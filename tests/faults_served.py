"""Faults that only answers show: put into the finished answers of the smoke run, and judged by evaluate."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import PROJECT

from synthia import arms, gates, recipe, records
from synthia.data import tool_calls
from synthia.stages import evaluate

Answers = list[dict[str, Any]]


def judged(smoke: Path, out: Path) -> dict[str, Any]:
    """Evaluate the answers beside `out`, of the run `smoke` where there are none."""
    inputs = {
        name: place if (place := out.parent / name).exists() else smoke / name
        for name in ("prepare", "sample_hf", "sample_gguf")
    }
    loaded = recipe.load(PROJECT / "recipes", "smoke")
    found = evaluate.run(loaded, {**inputs, "project": PROJECT}, out)
    diagnosis = records.read(out / "diagnosis.json")
    red = {gate.name: gates.describe(gate) for gate in found if not gate.passed}
    return {"stage": "evaluate", "red": red, "said": "", "diagnosis": diagnosis}


def answers(stage: str, arm: str, change: Callable[[Answers], Any]) -> Callable[[Path, Path], None]:
    """Change the answers of one arm, in a copy of the stage's folder without its large files."""

    def put(smoke: Path, root: Path) -> None:
        shutil.copytree(smoke / stage, root / stage, ignore=shutil.ignore_patterns("*.npy"))
        file = root / stage / f"{arm}.jsonl"
        found = records.read_lines(file)
        change(found)
        records.write_lines(file, found)

    return put


def endless(found: Answers) -> None:
    """No answer ends by itself."""
    for answer in found:
        answer["stop_reason"] = "length"
        if answer.get("stop_id") is not None:
            answer["output_ids"].pop()
            answer["stop_id"] = None


def lose_calls(found: Answers) -> None:
    """The server leaves every call in the text, as a parser that does not know the format."""
    for answer in found:
        for call in answer["tool_calls"]:
            answer["content"] += f"<tool_call>\n{call}\n</tool_call>"
        answer["tool_calls"] = []


def other_arguments(found: Answers) -> None:
    """Every call has another argument, as at a client's temperature of 0.8."""
    for answer in found:
        for call in answer.get("tool_calls", ()):
            call["arguments"] = {key: f"{value}x" for key, value in call["arguments"].items()}
        if calls := tool_calls.parse(answer.get("text", "")).calls:
            path = next((v for v in calls[0]["arguments"].values() if isinstance(v, str)), "")
            answer["text"] = answer["text"].replace(f'"{path}"', f'"{path}x"')


def flip_a_stop(found: Answers) -> None:
    """One stop token of the quantised file is no longer the first choice."""
    row = next(row for row in found if row["arm"] == "q4_k_m" and row["kind"] == "stop")
    row["top1_equal"] = False


SERVED: dict[str, Callable[[Path, Path], None]] = {
    "adapter that runs on": answers("sample_hf", arms.ADAPTER, endless),
    "merged model that runs on": answers("sample_hf", arms.MERGED, endless),
    "F16 file that runs on": answers("sample_gguf", arms.F16, endless),
    "chat template given at run time": answers("sample_gguf", arms.SERVER, endless),
    "tool parser loses the call": answers("sample_gguf", arms.SERVER, lose_calls),
    "sampler of the client": answers("sample_gguf", "q4_k_m_served", other_arguments),
    "quantised too far": answers("sample_gguf", "q4_k_m", other_arguments),
    "stop token flipped by quantisation": answers("sample_gguf", "fidelity", flip_a_stop),
}
