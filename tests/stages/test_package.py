"""What leaves is exactly what is meant to: allow-listed, checked, listed, described, without secrets."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import finished_run
import pytest
from conftest import PROJECT
from huggingface_hub import ModelCard

from synthia import gates, manifest, recipe, records
from synthia.errors import PipelineError
from synthia.recipe import Recipe
from synthia.stages import package

OURS = {"README.md", "LICENSE", "SHA256SUMS", "gates.json", "manifest.json"}
TOKENIZER = {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"}


@pytest.fixture(scope="module")
def published() -> Recipe:
    words = ['hub.repo_id="me/Synthia-Smoke"', 'hub.tags=["mine"]', 'hub.datasets=["me/chats"]']
    return recipe.load(PROJECT / "recipes", "smoke", words)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, published: Recipe) -> dict[str, Path]:
    """The inputs of package in a little project."""
    project = tmp_path_factory.mktemp("package")
    for name in ("src", "requirements", "data", "chat_templates", "LICENSE"):
        (project / name).symlink_to(PROJECT / name)
    return finished_run.write(project, published)


@pytest.fixture
def inputs(finished: dict[str, Path], tmp_path: Path) -> dict[str, Path]:
    """The same in a copy that a test may change."""
    copies = {name: tmp_path / name for name in finished if name not in ("project", "cache")}
    for name, copy in copies.items():
        shutil.copytree(finished[name], copy)
    return {**finished, **copies}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_each_repository_holds_the_allowed_files_and_no_other(
    inputs: dict[str, Path], out: Path, published: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    (inputs["merge"] / "notes.txt").write_text("not for the world")
    (judged,) = package.run(published, inputs, out)
    assert judged.passed
    sixteen = {"model.safetensors", "config.json", "generation_config.json"} | TOKENIZER | OURS
    files = {f"Smoke-{kind}.gguf" for kind in published.convert.types} | {"Modelfile", "model.yaml"}
    assert {path.name for path in (out / "16bit").iterdir()} == sixteen
    assert {path.name for path in (out / "gguf").iterdir()} == files | TOKENIZER | OURS
    described = (out / "gguf" / "model.yaml").read_text()
    assert 'key: "me/synthia-smoke-gguf"' in described
    assert 'architectures: ["llama"]' in described
    said = capsys.readouterr().err
    assert f"me/Synthia-Smoke: {len(sixteen)} files" in said
    assert f"me/Synthia-Smoke-GGUF: {len(files | TOKENIZER | OURS)} files" in said


def test_big_files_take_no_room_and_equal_inputs_give_equal_bytes(
    inputs: dict[str, Path], out: Path, published: Recipe, tmp_path: Path
) -> None:
    package.run(published, inputs, out)
    there = out / "16bit" / "model.safetensors"
    assert there.samefile(inputs["merge"] / "model.safetensors")
    again = tmp_path / "again"
    again.mkdir()
    package.run(published, inputs, again)
    digests = [
        {path: manifest.sha256(folder / path) for path in manifest.list_outputs(folder)}
        for folder in (out, again)
    ]
    assert digests[0] == digests[1]


def test_the_checksums_are_those_of_the_files(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    package.run(published, inputs, out)
    for folder in ("16bit", "gguf"):
        lines = (out / folder / "SHA256SUMS").read_text().splitlines()
        listed = {path: digest for digest, path in (line.split("  ") for line in lines)}
        assert listed.keys() == {path.name for path in (out / folder).iterdir()} - {"SHA256SUMS"}
        for path, digest in listed.items():
            assert manifest.sha256(out / folder / path) == digest


def test_the_manifests_that_leave_form_a_chain_that_anyone_can_check(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    import hashlib

    package.run(published, inputs, out)
    stages = json.loads((out / "gguf" / "manifest.json").read_text())["stages"]
    digests = {
        name: hashlib.sha256(manifest.encode(each)).hexdigest() for name, each in stages.items()
    }
    for each in stages.values():
        for name, digest in each["inputs"].items():
            assert digests.get(name, digest) == digest
    converted = stages["convert"]["outputs"]
    for name in converted.keys() & {path.name for path in (out / "gguf").glob("*.gguf")}:
        assert manifest.sha256(out / "gguf" / name) == converted[name]


def front_matter(folder: Path) -> dict[str, Any]:
    card: Any = ModelCard((folder / "README.md").read_text())
    found: dict[str, Any] = card.data.to_dict()
    return found


def test_the_front_matter_says_what_the_hub_needs(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    package.run(published, inputs, out)
    full, gguf = front_matter(out / "16bit"), front_matter(out / "gguf")
    assert (full["base_model"], full["base_model_relation"], full["library_name"]) == (
        "HuggingFaceTB/SmolLM2-135M-Instruct", "finetune", "transformers")  # fmt: skip
    assert (gguf["base_model"], gguf["base_model_relation"], gguf["library_name"]) == (
        "me/Synthia-Smoke", "quantized", "gguf")  # fmt: skip
    for card in (full, gguf):
        assert card["license"] == "apache-2.0"
        assert card["pipeline_tag"] == "text-generation"
        assert card["datasets"] == ["me/chats"]
        assert {"conversational", "tool-use", "llama", "mine"} <= set(card["tags"])
        assert len(card["tags"]) == len(set(card["tags"]))
    assert gguf["quantized_by"] == "me"


def test_the_card_shows_before_and_after_and_how_to_run_and_verify(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    package.run(published, inputs, out)
    gguf = (out / "gguf" / "README.md").read_text()
    table = gguf.replace("&nbsp;", " ")  # else a figure and its unit end up on two lines
    assert "| base | 72 | 0 % | 0 % | writes none | 100 % |  |" in table
    assert "| q4_k_m | 72 | 100 % | 100 % | 100 % | 100 % | 0.012 |" in table
    assert "a row of this model has 576 weights" in gguf
    for command in ("llama-server -hf me/Synthia-Smoke-GGUF:Q4_K_M --jinja",
                    "ollama run hf.co/me/Synthia-Smoke-GGUF:Q4_K_M",
                    "lms import Smoke-Q4_K_M.gguf --user-repo me/Synthia-Smoke-GGUF",
                    "npx -y node-llama-cpp chat --repeatPenalty 1 hf:me/Synthia-Smoke-GGUF:Q4_K_M",
                    "sha256sum -c SHA256SUMS"):  # fmt: skip
        assert command in gguf, command
    full = (out / "16bit" / "README.md").read_text()
    assert "vllm serve me/Synthia-Smoke --enable-auto-tool-choice --tool-call-parser hermes" in full
    assert 'from_pretrained("me/Synthia-Smoke"' in full
    for text, weights in ((gguf, list((out / "gguf").glob("*.gguf"))),
                          (full, [out / "16bit" / "model.safetensors"])):  # fmt: skip
        for path in weights:
            assert f"\n{manifest.sha256(path)}  {path.name}\n" in text
        assert "B stop rate" in text
        assert manifest.digest(inputs["evaluate"]) in text


def test_python_on_the_card_is_python(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    package.run(published, inputs, out)
    blocks = [
        block.partition("```")[0]
        for folder in ("16bit", "gguf")
        for block in (out / folder / "README.md").read_text().split("```python\n")[1:]
    ]
    assert len(blocks) == 3
    for block in blocks:
        compile(block, "README.md", "exec")


TOKEN = "hf_" + "Planted" * 5
PLACES: dict[str, Callable[[dict[str, Path]], object]] = {
    "16bit/tokenizer_config.json:1": lambda inputs: records.write_text(
        inputs["merge"] / "tokenizer_config.json", json.dumps({"note": TOKEN})
    ),
    "16bit/LICENSE:2": lambda inputs: records.write_text(
        inputs["fetch"] / "LICENSE", f"Apache\n{TOKEN}\n"
    ),
    "gguf/Smoke-F16.gguf general.name": lambda inputs: finished_run.write_gguf(
        inputs["convert"] / "Smoke-F16.gguf", TOKEN
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_planted_token_is_found_and_its_file_named_without_showing_it(
    inputs: dict[str, Path], out: Path, published: Recipe, place: str
) -> None:
    PLACES[place](inputs)
    (judged,) = package.run(published, inputs, out)
    assert not judged.passed
    assert any(where.startswith(place) for where in judged.where), judged.where
    assert TOKEN not in gates.describe(judged)


def test_a_token_in_the_header_of_weights_is_found(tmp_path: Path) -> None:
    header = json.dumps({"__metadata__": {"note": TOKEN}}).encode()
    (tmp_path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    assert package.secrets(tmp_path).where[0].startswith("model.safetensors header")


def test_nothing_is_packaged_with_a_red_gate(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    red = finished_run.GATE.__class__(**{**vars(finished_run.GATE), "passed": False})
    gates.write([red], inputs["evaluate"] / "gates.json")
    with pytest.raises(PipelineError, match=r"gates are red \(B stop rate merged\)"):
        package.run(published, inputs, out)
    assert list(out.iterdir()) == []


def test_nothing_is_packaged_that_was_made_from_something_else(
    inputs: dict[str, Path], out: Path, published: Recipe
) -> None:
    found = manifest.read(inputs["merge"])
    assert found
    found["recipe"]["stop"]["row_end"] = "another"
    (inputs["merge"] / "manifest.json").write_bytes(manifest.encode(found))
    with pytest.raises(PipelineError, match="convert/ was not made from what lies in merge/"):
        package.run(published, inputs, out)
