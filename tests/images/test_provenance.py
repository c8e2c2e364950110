"""The statement on an image: what decides it is named, what must not decide it is absent."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pretended_engine import builds, config_digest

from synthia.errors import PipelineError
from synthia.images import (
    build as images,
    inputs as image_inputs,
    lock as image_lock,
    notes as image_notes,
    provenance,
)

FILES = {"requirements/train.txt": "5" * 64, "Dockerfile.train": "6" * 64}
GIVEN: dict[str, Any] = {
    "config": "sha256:" + "1" * 64,
    "rootfs": "sha256:" + "2" * 64,
    "base": ["sha256:" + "3" * 64],
    "base_layers": "4" * 16,
    "files": FILES,
    "bill": b"{}",
}


def make(*, base: list[str], files: dict[str, str], bill: bytes = b"{}", **described: str) -> bytes:
    inputs = image_inputs.Inputs(
        project=Path(), name="train", dockerfile="Dockerfile.train", sources=files, code={},
        base="standin", base_asked_for=True,
    )  # fmt: skip
    return provenance.make(inputs, described, base, bill=bill)


def statement(project: Path, name: str = "train") -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(
        image_notes.document(project, name, "provenance").read_bytes()
    )
    return parsed


def test_a_statement_has_the_form_that_in_toto_and_slsa_ask_for() -> None:
    parsed = json.loads(make(**GIVEN))
    assert parsed["_type"] == "https://in-toto.io/Statement/v1"
    assert parsed["predicateType"] == "https://slsa.dev/provenance/v1"
    assert parsed.keys() == {"_type", "subject", "predicateType", "predicate"}
    build, run = parsed["predicate"]["buildDefinition"], parsed["predicate"]["runDetails"]
    assert {"buildType", "externalParameters", "resolvedDependencies"} <= build.keys()
    assert build["buildType"].startswith("urn:")
    assert run["builder"]["id"].startswith("urn:")
    resources = [*parsed["subject"], *build["resolvedDependencies"], *run["byproducts"]]
    assert all(len(one["digest"]["sha256"]) == 64 for one in resources)
    names = [one["name"] for one in resources]
    assert len(set(names)) == len(names)


def test_a_statement_is_the_same_bytes_twice_whatever_the_order_of_files() -> None:
    once = make(**GIVEN)
    assert once == make(**{**GIVEN, "files": dict(reversed(FILES.items()))})
    assert not {"startedOn", "finishedOn", "invocationId"} & set(once.decode().split('"'))


@pytest.mark.parametrize(
    ("key", "value"),
    [("config", "sha256:" + "9" * 64), ("rootfs", "sha256:" + "9" * 64), ("base", []),
     ("base_layers", "9" * 16), ("files", {}), ("bill", b"[]")],
)  # fmt: skip
def test_whatever_decides_an_image_changes_the_statement(key: str, value: object) -> None:
    assert make(**GIVEN) != make(**{**GIVEN, key: value})


def test_a_build_states_image_files_base_and_bill(home: Path) -> None:
    loaded = images.ensure(home, "convert", "standin")
    parsed = statement(home, "convert")
    digests = {one["name"]: one["digest"]["sha256"] for one in parsed["subject"]}
    assert f"sha256:{digests['synthia-convert']}" == config_digest(home)
    assert f"sha256:{digests['synthia-convert root file system']}" == loaded.described["rootfs"]
    build = parsed["predicate"]["buildDefinition"]
    depends = {one["name"]: one["digest"]["sha256"] for one in build["resolvedDependencies"]}
    base = depends.pop("base layer 0")
    assert f"sha256:{base}" == loaded.described["beneath"][0]["diff_id"]
    assert depends == image_inputs.gather(home, "convert").files
    assert "src/synthia/llama_cpp/compile.py" in depends
    assert build["externalParameters"] == {
        "dockerfile": "Dockerfile.convert",
        "target": "convert",
        "base": loaded.described["base_layers"],
    }
    (listed,) = parsed["predicate"]["runDetails"]["byproducts"]
    content = image_notes.document(home, "convert", "bill").read_bytes()
    assert listed["digest"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_base_under_another_name_gives_the_same_statement(home: Path) -> None:
    images.ensure(home, "train", "standin")
    before = image_notes.document(home, "train", "provenance").read_bytes()
    held = json.loads((home / "engine.json").read_text())
    (home / "engine.json").write_text(json.dumps({**held, "mirror/standin": held["standin"]}))
    images.ensure(home, "train", "mirror/standin")
    assert len(builds(home)) == 2
    assert image_notes.document(home, "train", "provenance").read_bytes() == before


def test_both_documents_are_recorded_in_the_lock_by_digest(home: Path) -> None:
    images.ensure(home, "train", "standin", update_lock=True)
    (entry,) = image_lock.read(home)["images"]["train"]["bases"].values()
    for kind in image_notes.DOCUMENTS:
        content = image_notes.document(home, "train", kind).read_bytes()
        assert entry[kind] == hashlib.sha256(content).hexdigest()


def test_a_call_with_nothing_to_build_lays_lost_or_edited_documents_out_again(home: Path) -> None:
    images.ensure(home, "train", "standin")
    paths = [image_notes.document(home, "train", kind) for kind in image_notes.DOCUMENTS]
    before = [path.read_bytes() for path in paths]
    paths[0].unlink()
    paths[1].write_text("{}")
    images.ensure(home, "train", "standin")
    assert [path.read_bytes() for path in paths] == before
    assert len(builds(home)) == 1


def test_an_image_whose_kept_documents_were_tampered_with_is_built_again(home: Path) -> None:
    images.ensure(home, "train", "standin")
    (kept,) = (home / "cache/images").glob("train-*.cdx.json")
    kept.write_text("{}")
    assert image_notes.current(image_inputs.gather(home, "train")) is None
    images.ensure(home, "train", "standin")
    assert len(builds(home)) == 2
    assert kept.read_text() != "{}"


def test_the_same_image_with_another_statement_than_the_locked_one_is_refused(home: Path) -> None:
    images.ensure(home, "train", "standin", update_lock=True)
    lock = image_lock.read(home)
    (entry,) = lock["images"]["train"]["bases"].values()
    entry["provenance"] = "0" * 64
    image_lock.write(home, lock)
    with pytest.raises(
        PipelineError, match="its statement on how it was built is not: locked is 000"
    ):
        images.ensure(home, "train", "standin")
