"""`benchmarks/loss_curves.py`: several trainings' losses as a table and in one chart."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from conftest import PROJECT


def test_each_training_is_a_line_and_a_row(tmp_path: Path) -> None:
    words = []
    for name, shift in (("packed, 1", 0.0), ("packed, 2", 0.5), ("unsloth", 1.0)):
        history = [{"step": step, "loss": 10 / step + shift} for step in range(1, 41)]
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps([*history, {"step": 40, "train_runtime": 1.0}]))
        words.append(f"{name}={file}")
    made = tmp_path / "curves.svg"
    command = [sys.executable, str(PROJECT / "benchmarks" / "loss_curves.py"), *words]
    command += ["--over", "2", "--svg", str(made)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Means of 10 and 5; of 10/39 and 10/40; of 10/37 to 10/40.
    assert "| packed, 1 | 7.500 | 0.253 | 0.2600 |" in said
    assert "| packed, 2 | 8.000 | 0.753 | 0.7600 |" in said
    drawn = [each for each in ElementTree.parse(made).iter() if each.tag.endswith("path")]
    named = [each for each in drawn if len(each)]
    assert [each[0].text for each in named] == ["packed, 1", "packed, 2", "unsloth"]
    assert [len(each.get("d", "").split()) for each in named] == [39, 39, 39]
    assert named[0].get("stroke") == named[1].get("stroke") != named[2].get("stroke")
    assert named[0].get("stroke-dasharray") != named[1].get("stroke-dasharray")
    command[command.index("--over") + 1] = "41"
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "packed, 1.json: 40 losses" in refused.stderr


def test_the_curves_that_are_shown_are_of_the_losses_beside_them(tmp_path: Path) -> None:
    folder = PROJECT / "benchmarks"
    made = tmp_path / "loss.svg"
    words = [
        f"{engine}, {seed}={folder / 'loss' / f'{engine}-{seed}.json'}"
        for engine in ("packed", "unsloth")
        for seed in (3407, 1, 2)
    ]
    command = [sys.executable, str(folder / "loss_curves.py"), *words, "--svg", str(made)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert made.read_text() == (folder / "loss.svg").read_text()
    written = (folder / "README.md").read_text()
    assert [line for line in said.splitlines() if line not in written.splitlines()] == []
