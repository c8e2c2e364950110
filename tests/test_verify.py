"""The walk from image to GGUF: every link is looked at, and each seeded break is named."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pretended_engine
import pytest
from conftest import PROJECT
from pretended_engine import locked_hash, offer, wheel

from synthia import manifest, pipeline, recipe, verify
from synthia.errors import PipelineError
from synthia.images import (
    build as images,
    inputs as image_inputs,
    lock as image_lock,
    notes as image_notes,
)
from synthia.recipe import Recipe
from synthia.stage import STAGES, Stage, folder, of

GGUF = {"Tiny-F16.gguf": "GGUF f16", "Tiny-Q4_K_M.gguf": "GGUF q4"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with both images built and recorded, and a chain of stages with small files."""
    home = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        pretended_engine.install(home)
        use(home, patch)
        for folder in ("src", "recipes", "data", "chat_templates"):
            shutil.copytree(PROJECT / folder, home / folder, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        version, digest = locked_hash(home, "numpy")
        (home / "sha256").write_text(f"{digest}  numpy-{version}-py3-none-any.whl\n")
        offer(home, wheel("numpy", version, "License-Expression: BSD-3-Clause", core="1"))
        for name in images.DEFAULT:
            images.ensure(home, name, "standin", update_lock=True)
        for stage in of(load(home)):
            publish(home, stage, "docker")
    return home


@pytest.fixture
def chain(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be tampered with."""
    copy = shutil.copytree(made, tmp_path / "a project")
    pretended_engine.write_client(copy)
    use(copy, monkeypatch)
    return copy


def use(home: Path, patch: pytest.MonkeyPatch) -> None:
    """Take the pretended engine and the cache of a folder."""
    patch.setenv("PATH", str(home / "bin"))
    patch.setenv("SYNTHIA_CACHE", str(home / "cache"))
    patch.setenv("SYNTHIA_FREE_BYTES", "1")


def load(project: Path) -> Recipe:
    return recipe.load(project / "recipes", "smoke", [])


def publish(project: Path, stage: Stage, runtime: str) -> None:
    """What a run of a stage leaves, with its real manifest."""
    out = folder(project, load(project), stage)
    work = manifest.work_folder(out)
    work.mkdir(parents=True)
    for file, text in (GGUF if stage.name == "convert" else {"a.json": stage.name}).items():
        (work / file).write_text(text)
    image = {}
    if runtime == "docker":
        loaded = image_notes.current(image_inputs.gather(project, stage.environment))
        assert loaded
        image["image"] = loaded.config
    (work / "run.json").write_text(json.dumps({"runtime": runtime, **image}))
    manifest.publish(work, out, pipeline.identity(project, load(project), stage))


def lines(project: Path) -> list[str]:
    return list(verify.lines(project, load(project)))


def test_a_whole_chain_is_walked_link_by_link(chain: Path) -> None:
    said = lines(chain)
    text = "\n".join(said)
    assert text.count(f"agree with {image_lock.NAME} and the last build") == 2
    assert text.count("is what the engine holds as synthia-") == 2
    assert text.count("in the train image") == 5
    assert text.count("in the convert image") == 3
    digest = manifest.sha256(chain / "outputs/smoke/gguf/Tiny-Q4_K_M.gguf")
    assert f"{digest}  outputs/smoke/gguf/Tiny-Q4_K_M.gguf" in text
    assert len(said) == 2 * len(images.DEFAULT) + len(of(load(chain))) + len(GGUF)


def edit(path: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def tamper(project: Path) -> None:
        before = (project / path).read_text()
        (project / path).write_text(change(before))
        assert (project / path).read_text() != before

    return tamper


def remove(path: str) -> Callable[[Path], None]:
    return lambda project: (project / path).unlink()


def swapped_manifest(project: Path) -> None:
    """The manifest of another run of prepare, whole in itself: other rows in, other rows out."""
    out = project / "outputs/smoke/prepare"
    found = manifest.read(out)
    assert found
    (out / "a.json").write_text("other rows")
    found["outputs"]["a.json"] = manifest.sha256(out / "a.json")
    (out / "manifest.json").write_bytes(manifest.encode(found))


def forged_gguf(project: Path) -> None:
    """A GGUF changed together with the manifest that lists it."""
    out = project / "outputs/smoke/gguf"
    (out / "Tiny-F16.gguf").write_text("GGUF other")
    found = manifest.read(out)
    assert found
    found["outputs"]["Tiny-F16.gguf"] = manifest.sha256(out / "Tiny-F16.gguf")
    (out / "manifest.json").write_bytes(manifest.encode(found))


def other_in_engine(project: Path) -> None:
    held = json.loads((project / "engine.json").read_text())
    for name, said in held.items():
        if name.startswith("synthia-train"):
            said["layers"] = [*said["layers"], "sha256:0"]
    (project / "engine.json").write_text(json.dumps(held))


def other_manifest_in_engine(project: Path) -> None:
    held = json.loads((project / "engine.json").read_text())
    for name in held:
        if name.startswith("synthia-convert"):
            held[name]["id"] = "sha256:0"
    (project / "engine.json").write_text(json.dumps(held))


def lock_of_another(project: Path) -> None:
    lock = image_lock.read(project)
    (entry,) = lock["images"]["train"]["bases"].values()
    entry["config"] = "sha256:0"
    image_lock.write(project, lock)


def bill_and_statement(project: Path) -> None:
    """A bill with a wheel removed, and a statement that names this bill."""
    path = image_notes.document(project, "train", "bill")
    parsed = json.loads(path.read_bytes())
    before = manifest.sha256(path)
    parsed["components"] = [one for one in parsed["components"] if one["name"] != "numpy"]
    path.write_bytes(manifest.encode(parsed))
    stated = image_notes.document(project, "train", "provenance")
    stated.write_text(stated.read_text().replace(before, manifest.sha256(path)))


def bill_of_an_unlocked_wheel(project: Path) -> None:
    path = image_notes.document(project, "train", "bill")
    before = manifest.sha256(path)
    path.write_text(path.read_text().replace(locked_hash(project, "numpy")[1], "0" * 64))
    stated = image_notes.document(project, "train", "provenance")
    stated.write_text(stated.read_text().replace(before, manifest.sha256(path)))


def restated(kind: str) -> Callable[[Path], None]:
    """A statement on another image, or on another base, beside the same bill."""

    def tamper(project: Path) -> None:
        path = image_notes.document(project, "train", "provenance")
        parsed = json.loads(path.read_bytes())
        depends = parsed["predicate"]["buildDefinition"]["resolvedDependencies"]
        (parsed["subject"] if kind == "image" else depends)[0]["digest"]["sha256"] = "0" * 64
        path.write_bytes(manifest.encode(parsed))

    return tamper


def ran_elsewhere(text: str) -> str:
    return json.dumps({**json.loads(text), "image": "sha256:0"})


STATEMENT = "outputs/images/train.intoto.json"


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (swapped_manifest, r"smoke/train was not made from what lies in outputs/smoke/prepare: it names"),
        (edit("outputs/smoke/gguf/Tiny-F16.gguf", lambda text: text[:-1] + "7"),
         r"gguf/Tiny-F16\.gguf was changed after it was made: it has the SHA-256 "),
        (forged_gguf, r"smoke/sample_gguf was not made from what lies in outputs/smoke/gguf"),
        (remove("outputs/smoke/gguf/Tiny-Q4_K_M.gguf"), r"lists, and which is not there, Tiny-Q4_K_M"),
        (edit("outputs/smoke/evaluate/manifest.json",
              lambda text: text.replace('"name": "convert"', '"name": "x"')),
         r"evaluate/manifest\.json names another environment than this checkout has"),
        (edit("data/smoke.jsonl", lambda text: text + "\n"), r"prepare/manifest\.json names another data "),
        (remove("outputs/smoke/16bit/manifest.json"), r"16bit holds no manifest, .* what merge makes"),
        (edit("outputs/smoke/train/run.json", ran_elsewhere),
         r"smoke/train was made in the image sha256:0, the train image of these files is sha256:"),
        (remove("outputs/smoke/sample_hf/run.json"),
         r"does not say where sample_hf ran.*ke sample-hf .* --force"),
        (edit("outputs/images/train.cdx.json", lambda text: text.replace("BSD-3-Clause", "MIT")),
         r"train\.cdx\.json has the SHA-256 \w+, .*\.intoto\.json names the bill"),
        (remove("outputs/images/convert.cdx.json"),
         r"convert\.cdx\.json is missing: .*build --image convert"),
        (bill_and_statement, r"another train image than images\.lock\.json: bill \w+, recorded is"),
        (bill_of_an_unlocked_wheel, r"train\.cdx\.json names numpy, which is not what"),
        (edit(STATEMENT, lambda text: text.replace('"builder"', '"bilder"')),
         r"is not the statement that a b"),
        (restated("image"), r"train\.cdx\.json names the image \w+, which is not what"),
        (restated("base"), r"train\.cdx\.json names other layers of the base, which is not what"),
        (edit(STATEMENT, lambda text: text[1:]), r"intoto\.json is no statement on an image"),
        (edit("Dockerfile.train", lambda text: text + "# more\n"),
         r"built from another Dockerfile\.train than"),
        (edit("requirements/train.txt", lambda text: text + "# more\n"),
         r"another requirements/train\.txt than"),
        (lock_of_another, r"another train image than images\.lock\.json: config .* recorded is sha256:0"),
        (other_in_engine, r"the engine holds another image as synthia-train:"),
        (other_manifest_in_engine, r"the engine holds another image as synthia-convert:"),
    ],
)  # fmt: skip
def test_a_broken_link_is_named(chain: Path, tamper: Callable[[Path], None], said: str) -> None:
    lines(chain)
    tamper(chain)
    with pytest.raises(PipelineError, match=said) as error:
        lines(chain)
    assert error.value.exit_code == 1
    assert "\n" not in str(error.value)


def test_a_file_that_no_manifest_lists_is_named(chain: Path) -> None:
    (chain / "outputs/smoke/gguf/more.gguf").write_text("x")
    with pytest.raises(
        PipelineError, match=r"gguf holds what its manifest does not list more\.gguf"
    ):
        lines(chain)


def test_the_links_before_the_broken_one_are_shown(chain: Path) -> None:
    (chain / "outputs/smoke/gguf/Tiny-F16.gguf").write_text("x")
    shown: list[str] = []
    with pytest.raises(PipelineError):
        shown.extend(verify.lines(chain, load(chain)))
    assert shown[-1].startswith("merge ")


def test_without_an_engine_the_documents_are_walked_and_that_is_said(
    chain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(chain))
    text = "\n".join(lines(chain))
    assert text.count("was not looked at itself: no engine answers") == 2
    assert "Tiny-F16.gguf" in text


def test_an_image_that_the_engine_lost_was_not_looked_at(chain: Path) -> None:
    (chain / "engine.json").write_text("{}")
    assert "the engine holds no synthia-train:" in "\n".join(lines(chain))


def test_without_lock_and_cache_it_is_said_that_nothing_records_the_image(chain: Path) -> None:
    (chain / image_lock.NAME).unlink()
    shutil.rmtree(chain / "cache")
    assert "agree with each other, and nothing records them" in "\n".join(lines(chain))


def test_a_lock_with_two_bases_is_compared_by_the_one_that_was_built_on(chain: Path) -> None:
    lock = image_lock.read(chain)
    for entry in lock["images"].values():
        (built,) = entry["bases"].values()
        entry["bases"]["0" * 16] = {**built, "base": "another", "config": "sha256:0", "bill": "0"}
    image_lock.write(chain, lock)
    assert "\n".join(lines(chain)).count(f"agree with {image_lock.NAME} and the last build") == 2


def test_on_a_base_that_the_lock_does_not_hold_the_layers_are_compared_with_it(chain: Path) -> None:
    lock = image_lock.read(chain)
    lock["images"]["train"]["bases"] = {}
    image_lock.write(chain, lock)
    said = f"the 1 layers in {image_lock.NAME} (this base is not in it) and the last build"
    assert said in "\n".join(lines(chain))
    lock["images"]["train"]["layers"][0]["diff_id"] = "sha256:0"
    image_lock.write(chain, lock)
    with pytest.raises(
        PipelineError, match=r"train\.cdx\.json names 1 layers above the base, .* not locked"
    ):
        lines(chain)


def test_stages_that_ran_on_the_host_need_no_image(chain: Path) -> None:
    shutil.rmtree(chain / "outputs")
    for stage in STAGES[:5]:
        publish(chain, stage, "host")
    said = lines(chain)
    assert said[0] == "images       no stage of smoke ran in one"
    assert "on the host with requirements/train.txt" in said[1]
    assert said[-1] == "sample_hf    has not run: the chain ends before it"


def test_an_image_of_a_stage_in_a_container_must_be_described(chain: Path) -> None:
    shutil.rmtree(chain / "outputs/images")
    with pytest.raises(
        PipelineError, match=r"train\.cdx\.json is missing: ./invoke build --image train"
    ):
        lines(chain)


def test_verifying_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, synthia.verify; print({'torch', 'numpy', 'transformers'} & sys.modules.keys())"
    )
    env = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
