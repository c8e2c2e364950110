"""What a run will take follows from what its rehearsal took, and stands beside what the machine has."""

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from synthia import estimate, recipe, rehearsal
from synthia.estimate import Machine
from synthia.recipe import Recipe
from synthia.stage import BY_NAME, folder, of

GB = 10**9


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def rehearsed(tmp_path: Path) -> Recipe:
    """A rehearsal of synthia-7b whose stages took a minute each."""
    (tmp_path / "recipes").symlink_to(PROJECT / "recipes")
    write(tmp_path / "tokenizer.json", {})
    loaded = recipe.load(PROJECT / "recipes", "synthia-7b")
    found = rehearsal.derive(tmp_path, loaded, "tokenizer.json", gpu=True)
    for stage in of(found):
        run = {"seconds": 60.0, "host_bytes": 5 * GB}
        if stage.name == "train":
            run |= {"gpu_bytes": 7 * GB, "train_tokens": 60_000, "tokens_per_second": 1000.0}
        if stage.name == "sample_hf":
            arms = {arm: {"seconds": 10.0, "tokens": 1} for arm in ("base", "adapter", "merged")}
            run |= arms  # type: ignore[arg-type]
        write(folder(tmp_path, found, stage) / "run.json", run)
    prepared = folder(tmp_path, found, BY_NAME["prepare"])
    write(prepared / "statistics.json", {"tokens": 660_000, "mean": 300.0})
    probes = [{"gold_ids": [1] * 10} for _ in range(2 * rehearsal.PROBES)]
    write(prepared / "probes.jsonl", "".join(json.dumps(probe) + "\n" for probe in probes))
    (folder(tmp_path, found, BY_NAME["convert"]) / "Synthia-Coder-7B-F16.gguf").write_bytes(
        b"f" * 1000
    )
    (folder(tmp_path, found, BY_NAME["fetch"]) / "model.safetensors").write_bytes(b"f" * 1000)
    return found


def test_minutes_grow_with_tokens_of_training_and_of_gold(
    tmp_path: Path, rehearsed: Recipe
) -> None:
    loaded = recipe.load(PROJECT / "recipes", "synthia-7b")
    minutes = estimate.real_minutes(tmp_path, loaded, rehearsed)
    assert minutes["train"] == pytest.approx(1 + 600_000 / 1000 / 60)
    assert minutes["merge"] == minutes["convert"] == 1
    assert minutes["sample_gguf"] == pytest.approx(2)  # twice as many probes
    # The base may answer four times as long: 10 s become 80, and 10 s each of two others 20.
    assert minutes["sample_hf"] == pytest.approx(1 + (70 + 10 + 10) / 60)
    few = recipe.load(PROJECT / "recipes", "synthia-7b", ["training.max_steps=100"])
    steps = estimate.real_minutes(tmp_path, few, rehearsed)["train"]
    assert steps == pytest.approx(1 + (300 * 8 * 100 - 60_000) / 1000 / 60)


def test_what_this_machine_lacks_is_named(
    tmp_path: Path, rehearsed: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = recipe.load(PROJECT / "recipes", "synthia-7b")
    small = Machine(gpu=6 * GB, host=4 * GB, disk=10 * GB)
    monkeypatch.setattr(estimate, "machine", lambda _: small)
    begun = estimate.before(tmp_path, rehearsed)
    assert begun[0].startswith("needs     7.62 billion weights")
    for name in ("GPU", "memory", "disk"):
        (line,) = [line for line in begun if line.startswith(name)]
        assert line.endswith("too little")
    said = estimate.after(tmp_path, loaded, rehearsed, shrunk=False)
    assert "GPU       7.6 GB at its peak, 6.0 GB here: too little" in said
    assert "memory    5.0 GB at its peak, 4.0 GB here: too little" in said
    assert any(line.startswith("disk") and "too little" not in line for line in said)
    assert any(line.split()[:4] == ["train", "60", "s", "11"] for line in said)
    assert "fetch/" in said[-1]
    (line,) = estimate.after(tmp_path, loaded, rehearsed, shrunk=True)
    assert "rehearsed in 8.0 minutes" in line


def test_this_machine_has_memory_and_a_disk(tmp_path: Path) -> None:
    found = estimate.machine(tmp_path)
    assert found.host > GB
    assert found.disk > 0
