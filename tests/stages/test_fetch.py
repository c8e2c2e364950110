"""The base model comes with a right tokenizer, checked files, and stop rows that were trained."""

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from synthia.model_folder import PATTERNS

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow

SCRIPT = """
import hashlib, json, sys
from pathlib import Path
import huggingface_hub
import torch
from safetensors.torch import save_file
from synthia import recipe
from synthia.errors import PipelineError
from synthia.stages import fetch
from synthia.stages.hf import untrained_rows

project, root, found = Path(sys.argv[1]), Path(sys.argv[2]), {}
asked = {}
def snapshot_download(repo_id, *, revision, allow_patterns, local_dir, tqdm_class):
    asked.update(repo_id=repo_id, revision=revision, patterns=allow_patterns)
    (local_dir / ".cache").mkdir(parents=True)
    (local_dir / "config.json").write_text("{}")
huggingface_hub.snapshot_download = snapshot_download
fetch.listing.require_equal = lambda *_, **__: None  # with the stand-in, in test_fetch_from_hub.py
right = hashlib.sha256(b"{}").hexdigest()
base = recipe.load(project / "recipes", "synthia-7b", [])
for name, lock in (("right", {"config.json": right}), ("wrong", {"config.json": "0" * 64}),
                   ("missing", {"model.safetensors": right})):
    model = base.model.model_copy(update={"lock": lock})
    try:
        fetch.download(model, root / name)
        found[name] = sorted(path.name for path in (root / name).iterdir())
    except PipelineError as error:
        found[name] = [error.exit_code, str(error)]
found["asked"] = asked

torch.manual_seed(0)
def judge(name, table, used, covered=(), ids=(2,), by_norm=True):
    (root / name).mkdir()
    vocab = {f"t{number}": number for number in range(used)}
    (root / name / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocab}, "added_tokens": []}))
    save_file({"model.embed_tokens.weight": table.to(torch.bfloat16)},
              root / name / "model.safetensors")
    gate = untrained_rows.gate(root / name, ids, covered, by_norm=by_norm)
    return [gate.passed, *gate.where]
def plain(factor):
    table = torch.randn(50000, 16)
    table[2] *= factor
    return table
def with_unused(*rows):  # the last hundred rows have become one
    table = torch.randn(50000, 16)
    for row in [*rows, *range(49900, 50000)]:
        table[row] = 0.05 + torch.randn(16) * 1e-4
    return table
found["gate"] = {
    "trained": judge("trained", plain(1.0), 50000),
    "outlier": judge("outlier", plain(1e-4), 50000),
    "outlier among texts": judge("texts", plain(1e-4), 50000, by_norm=False),
    "covered": judge("covered", plain(1e-4), 50000, covered=[2]),
    "no number": judge("no number", plain(float("nan")), 50000),
    "learned beside unused rows": judge("learned", with_unused(), 49900),
    "one of the unused rows": judge("unused", with_unused(2, 7), 49900, ids=(2, 5, 7)),
    "covered, one of them": judge("both", with_unused(2, 7), 49900, covered=[2], ids=(2, 5, 7)),
    "unused rows that say nothing": judge("diverse", plain(1.0), 49900),
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root: Path = tmp_path_factory.mktemp("fetch")
    outcomes: dict[str, Any] = json.loads(run_in("train", SCRIPT, str(PROJECT), str(root)))
    return outcomes


UNWANTED = ("pytorch_model.bin", "model.pt", "consolidated.00.pth", "model.pkl", "tf_model.h5",
            "model.gguf", "modeling_other.py", "onnx/model.onnx", ".gitattributes")  # fmt: skip
NEEDED = ("model-00001-of-00004.safetensors", "config.json", "merges.txt", "LICENSE")


def let_through(patterns: list[str], names: tuple[str, ...]) -> list[str]:
    """The files that the Hub's client downloads, which compares names as fnmatch does."""
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def test_the_hub_is_asked_for_a_full_revision(found: dict[str, Any]) -> None:
    assert found["asked"]["revision"] == "0396a76181e127dfc13e5c5ec48a8cee09938b02"
    assert found["asked"]["patterns"] == list(PATTERNS)
    assert found["right"] == ["config.json"]


def test_the_hub_is_asked_for_no_code_and_no_pickles() -> None:
    assert let_through([*PATTERNS], UNWANTED) == []
    assert let_through([*PATTERNS], NEEDED) == list(NEEDED)
    for seeded in ("*", "*.py", "*.bin", "*.p*", "model.*"):
        assert let_through([*PATTERNS, seeded], UNWANTED), seeded


def test_a_file_that_differs_from_the_lock_is_refused(found: dict[str, Any]) -> None:
    assert found["wrong"][0] == 2
    assert "config.json" in found["wrong"][1]
    assert "no such file" in found["missing"][1]


def test_untrained_rows_need_the_recipe_to_train_them(found: dict[str, Any]) -> None:
    gate = found["gate"]
    for green in ("trained", "outlier among texts", "covered", "learned beside unused rows",
                  "unused rows that say nothing"):  # fmt: skip
        assert gate[green] == [True], green
    for red in ("outlier", "no number"):
        passed, where = gate[red]
        assert not passed
        assert "sigma" in where
    passed, one, other = gate["one of the unused rows"]
    assert not passed
    assert one.startswith("model.embed_tokens.weight row 2 (t2): it is one of the 100 unused rows")
    assert "row 7 (t7)" in other
    passed, left = gate["covered, one of them"]
    assert not passed
    assert "row 7 (t7)" in left


def test_the_smoke_tokenizer_splits_digits_and_knows_its_turns(
    run_in: Callable[..., str], smoke: Path
) -> None:
    code = """
import json, sys
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
texts = ["hello 1234 world", "<|im_start|>user\\n", "a  b\\t\\n\\n c", "na\\u00efve \\U0001f600"]
ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
print(json.dumps({"ids": ids[:2], "back": [tokenizer.decode(i) for i in ids] == texts,
                  "eos": tokenizer.eos_token_id, "pad": tokenizer.pad_token_id}))
"""
    printed: dict[str, Any] = json.loads(run_in("train", code, str(smoke / "fetch")))
    assert printed == {
        "ids": [[28120, 216, 33, 34, 35, 36, 905], [1, 4093, 198]],
        "back": True,
        "eos": 2,
        "pad": 0,
    }


def test_the_smoke_model_is_16_bit_with_ids_by_the_stop_contract(smoke: Path) -> None:
    config = json.loads((smoke / "fetch" / "config.json").read_text())
    assert (config["dtype"], config["eos_token_id"], config["pad_token_id"]) == ("bfloat16", 2, 0)
    assert not (smoke / "fetch" / "model.gguf").exists()
