"""The GGUF files hold what was trained and what the recipe says. Their faults: tests/faults."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from synthia import gates, manifest
from synthia.host import environments
from synthia.run import llama_build
from synthia.stages.gguf import metadata as gguf_metadata, tokenizer_parity

PROJECT = Path(__file__).resolve().parents[2]
NAME = "Synthia-Smoke-135M-{}.gguf"
FILES = tuple(map(NAME.format, ("F16", "Q5_K_M", "Q4_K_M")))
OLLAMA = ("Modelfile", "params", "template")


def test_random_strings_are_the_same_at_each_call() -> None:
    one, other = (list(tokenizer_parity.random_strings(50, ["<|im_end|>"])) for _ in range(2))
    assert one == other
    assert len(set(one)) > 45
    assert any("<|im_end|>" in text for text in one)


def test_a_text_with_other_ids_is_named_with_its_place() -> None:
    texts = {"data/a.jsonl:1": "abc", "random string 1": "abd"}
    expected = {"abc": [1, 2, 3], "abd": [1, 2, 4]}
    found = tokenizer_parity.differences(
        texts, lambda strings: [expected[text] for text in strings], lambda text: [1, 2, 3]
    )
    assert found == ["random string 1: 'abd' at token 2: Hugging Face [4], GGUF [3]"]


def test_ids_that_end_too_early_are_different() -> None:
    found = tokenizer_parity.differences({"a": "abc"}, lambda _: [[1, 2]], lambda _: [1])
    assert found == ["a: 'abc' at token 1: Hugging Face [2], GGUF []"]


@pytest.mark.slow
def test_there_is_a_file_for_each_type_and_quantised_ones_are_smaller(smoke: Path) -> None:
    sizes = [(smoke / "gguf" / name).stat().st_size for name in FILES]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < 0.6 * sizes[0]
    folder = {path.name for path in (smoke / "gguf").iterdir()}
    assert folder == {*FILES, *OLLAMA, "gates.json", "manifest.json", "run.json"}


@pytest.mark.slow
def test_every_static_gate_is_judged_and_green(smoke: Path) -> None:
    judged = gates.read(smoke / "gguf" / "gates.json")
    assert [gate.name for gate in judged] == [
        "G static: whole",
        "G static: constants",
        "G static: tensors",
        "G static: template",
        "G static: token ids",
        "G static: pre-tokenizer",
        "G static: tokenizer",
        "G static: sampling",
        "G static: rope",
        "G static: metadata",
        "T render: llama.cpp",
    ]
    assert all(gate.passed for gate in judged)


@pytest.mark.slow
def test_metadata_says_what_the_recipe_says(smoke: Path) -> None:
    for name in FILES:
        found = gguf_metadata.read(smoke / "gguf" / name)
        assert found["general.name"] == "Synthia Smoke 135M"
        assert found["general.license"] == "apache-2.0"
        assert found["general.base_model.0.repo_url"].endswith("/SmolLM2-135M-Instruct")
        assert found["tokenizer.ggml.eos_token_id"] == 2
        assert found["tokenizer.ggml.eot_token_id"] == 2
        assert found["tokenizer.ggml.padding_token_id"] == 0
        sampling = {key: value for key, value in found.items() if ".sampling." in key}
        assert sampling == {"general.sampling.temp": 0.0}
        assert found["general.organization"] == found["general.quantized_by"] == "Synthia"
        assert found["general.license.link"].startswith("https://")
        assert found["general.languages"] == ["en"]
        assert {"conversational", "tool-use"} <= set(found["general.tags"])
        assert found["general.dataset.0.name"] == "data/smoke.jsonl"
        digest = manifest.sha256(PROJECT / "data" / "smoke.jsonl")
        assert found["general.dataset.0.version"] == f"sha256:{digest}"
        template = (smoke / "prepare" / "tokenizer" / "chat_template.jinja").read_bytes().decode()
        assert found["tokenizer.chat_template"] == template


@pytest.fixture(scope="module")
def llama_cpp(smoke: Path) -> Path:
    python = environments.ensure(PROJECT, "convert")
    return llama_build.ensure(python, environments.cache_root())


AGAIN = """
import json, sys
from pathlib import Path
from synthia import recipe
from synthia.stages import convert

project, merged, prepared, llama_cpp, out = map(Path, sys.argv[1:])
sets = ["convert.random_strings=10", 'convert.types=["F16", "Q4_K_M", "Q8_0", "BF16"]']
resolved = recipe.load(project / "recipes", "smoke", sets)
inputs = {"merge": merged, "prepare": prepared, "llama_cpp": llama_cpp, "project": project}
print([gate.name for gate in convert.run(resolved, inputs, out) if not gate.passed])
"""


@pytest.mark.slow
def test_bytes_depend_neither_on_the_run_nor_on_folder_names(
    smoke: Path, llama_cpp: Path, run_in: Callable[..., str], tmp_path: Path
) -> None:
    merged = tmp_path / "Another-Model-7B-v3-Chat"
    merged.symlink_to(smoke / "16bit")
    out = tmp_path / "an out folder"
    out.mkdir()
    paths = [PROJECT, merged, smoke / "prepare", llama_cpp, out]
    printed = run_in("convert", AGAIN, *map(str, paths))
    assert printed.splitlines()[-1] == "[]"
    made = {path.name: path for path in out.iterdir()}
    files = {kind: NAME.format(kind) for kind in ("F16", "Q4_K_M", "Q8_0", "BF16")}
    assert set(made) == {*files.values(), *OLLAMA}
    assert made[files["Q8_0"]].stat().st_size < 0.6 * made[files["BF16"]].stat().st_size
    for path in (made[files["F16"]], made[files["Q4_K_M"]]):
        assert manifest.sha256(path) == manifest.sha256(smoke / "gguf" / path.name)


IMATRIX = """
import json, sys
from pathlib import Path
from synthia.stages import convert
from synthia.stages.gguf import metadata as gguf_metadata

smoke, llama_cpp, out = map(Path, sys.argv[1:])
plain = out / "model-f16.gguf"
plain.symlink_to(smoke / "gguf" / "Synthia-Smoke-135M-F16.gguf")
rows = (smoke / "prepare" / "texts.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
(out / "texts.jsonl").write_text("".join(rows[:12]), encoding="utf-8")
made = []
for _ in range(2):
    convert.make_imatrix(llama_cpp, plain, out / "texts.jsonl", out)
    file = out / "model-q4_k_s.gguf"
    convert.quantise(llama_cpp, plain, file, "Q4_K_S", imatrix=True)
    made.append([file.read_bytes(), (out / "imatrix.gguf").read_bytes()])
metadata = gguf_metadata.read(file)
print(json.dumps([made[0] == made[1], {k: v for k, v in metadata.items() if "imatrix" in k}]))
"""


@pytest.mark.slow
def test_an_importance_matrix_of_training_rows_enters_the_file_and_names_no_folder(
    smoke: Path, llama_cpp: Path, run_in: Callable[..., str], tmp_path: Path
) -> None:
    printed = run_in("convert", IMATRIX, *map(str, [smoke, llama_cpp, tmp_path]))
    same, metadata = json.loads(printed.splitlines()[-1])
    assert same, "two runs gave different bytes"
    assert metadata["quantize.imatrix.file"] == "imatrix.gguf"
    assert metadata["quantize.imatrix.dataset"] == "training-rows.txt"
    assert metadata["quantize.imatrix.chunks_count"] >= 2
    assert metadata["quantize.imatrix.entries_count"] == 7 * 30
