"""Building an image: checked before it is loaded, compared with the lock, and nothing done twice.

The engine here is a small program named `docker` that hands out layouts made by the test.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import layouts
import pytest
from pretended_engine import OWN, PROJECT, builds, called, config_digest, offer

from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.host import disk, engine
from synthia.images import (
    build as images,
    buildx,
    description as image_description,
    inputs as image_inputs,
    lock as image_lock,
    notes as image_notes,
)

PACKAGES = "opt/environment/lib/python3.13/site-packages"


def current(home: Path) -> image_notes.Note | None:
    return image_notes.current(image_inputs.gather(home, "train"))


def test_an_image_is_built_checked_loaded_and_not_built_again(home: Path) -> None:
    loaded = images.ensure(home, "train", "standin")
    assert loaded.config == config_digest(home)
    assert engine.inspect(loaded.reference) is not None
    assert images.ensure(home, "train", "standin") == loaded
    assert images.ensure(home, "train") == loaded
    assert len(builds(home)) == 1
    assert not list((home / "cache/images").glob("*partial*"))


def test_a_build_is_asked_for_what_makes_it_reproducible(home: Path) -> None:
    images.ensure(home, "convert", "standin")
    (build,) = builds(home)
    wanted = {"--provenance=false", "--sbom=false", "--target convert", "--build-arg BASE=standin"}
    wanted |= {"rewrite-timestamp=true", "compression=uncompressed", "force-compression=true"}
    assert [words for words in sorted(wanted) if words not in build] == []


def test_a_changed_lock_or_dockerfile_makes_a_build_necessary(home: Path) -> None:
    images.ensure(home, "train", "standin")
    for path in ("requirements/convert.txt", "Dockerfile.train"):
        with (home / path).open("a") as file:
            file.write("# changed\n")
        assert current(home) is None
        images.ensure(home, "train", "standin")
    (home / "requirements/tools.txt").write_text("")  # not of this image
    assert current(home) is not None
    assert len(builds(home)) == 3


def test_an_image_that_the_engine_lost_or_swapped_is_built_again(home: Path) -> None:
    loaded = images.ensure(home, "train", "standin")
    held = json.loads((home / "engine.json").read_text())
    changes: list[dict[str, Any] | None] = [{"id": "sha256:other"}, {"layers": []}, None]
    for change in changes:
        swapped = {**held, loaded.reference: {**held[loaded.reference], **change}} if change else {}
        (home / "engine.json").write_text(json.dumps({"standin": held["standin"], **swapped}))
        assert current(home) is None


def test_an_image_that_breaks_a_rule_is_not_loaded(home: Path) -> None:
    offer(home, {**OWN, "opt/environment/a.pyc": "x"})
    with pytest.raises(
        PipelineError, match=r"opt/environment/a\.pyc is compiled Python, by RUN install"
    ):
        images.ensure(home, "train", "standin")
    assert not any(line.startswith("load") for line in called(home))


def test_a_tampered_layout_is_not_loaded(home: Path) -> None:
    blob = max((home / "layout/blobs/sha256").iterdir(), key=lambda path: path.stat().st_size)
    blob.write_bytes(blob.read_bytes().replace(b"trixie", b"trixIe"))
    with pytest.raises(PipelineError, match=r"layer 0 \(base\) has the content of sha256:"):
        images.ensure(home, "train", "standin")
    assert not any(line.startswith("load") for line in called(home))


def test_a_token_in_a_layer_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret")
    offer(home, {**OWN, "opt/a": "token = hf_s3cret"})
    with pytest.raises(PipelineError, match="a secret that was in use is in layer 1"):
        images.ensure(home, "train", "standin")


def test_an_engine_that_holds_other_layers_than_were_loaded_is_not_believed(home: Path) -> None:
    docker = home / "bin/docker"
    docker.write_text(
        docker.read_text().replace('"layers": config["rootfs"]["diff_ids"]', '"layers": []')
    )
    with pytest.raises(
        PipelineError, match=r"holds another image as synthia-train:.* than was loaded"
    ):
        images.ensure(home, "train", "standin")
    assert current(home) is None


def locked(home: Path, own: dict[str, layouts.Item]) -> None:
    """Record an image made of other files as the locked one."""
    offer(home, own)
    images.ensure(home, "train", "standin", update_lock=True)
    shutil.rmtree(home / "cache")
    offer(home, OWN)


def test_the_locked_image_is_loaded_without_a_word(home: Path) -> None:
    locked(home, OWN)
    (line,) = images.summary(home, images.build(home, ["train"], "standin", update_lock=False))
    assert config_digest(home) in line


@pytest.mark.parametrize(
    ("path", "content", "named"),
    [
        (f"{PACKAGES}/extra/c.py", "a wheel more", "extra"),
        (f"{PACKAGES}/torch/a.py", "of another wheel", "torch"),
        ("opt/environment/built-on", "Mon Nov 23", "opt/environment/built-on"),
    ],
)
def test_an_image_that_is_not_the_locked_one_names_instruction_and_package(
    home: Path, path: str, content: str, named: str
) -> None:
    locked(home, OWN)
    offer(home, {**OWN, path: content})
    with pytest.raises(
        PipelineError, match=rf"layer 0 \(RUN install\): {named}\. If the change"
    ) as said:
        images.ensure(home, "train", "standin")
    assert "the same files gave other bytes" in str(said.value)
    assert not any(line.startswith("load") for line in called(home)[-3:])


def test_a_difference_after_a_changed_lock_file_names_that_file(home: Path) -> None:
    locked(home, {"opt/a": "1"})
    with (home / "requirements/convert.txt").open("a") as file:
        file.write("# changed\n")
    with pytest.raises(PipelineError, match=r"requirements/convert\.txt changed since"):
        images.ensure(home, "train", "standin")


def test_a_build_gives_the_image_the_name_that_the_compose_file_has(home: Path) -> None:
    images.build(home, ["train"], "standin", update_lock=True)
    offer(home, {**OWN, "opt/b": "2"})
    (home / "requirements/train.txt").write_text("")
    (again,) = images.build(home, ["train"], "standin", update_lock=True)
    held = json.loads((home / "engine.json").read_text())
    assert held["synthia-train:latest"] == held[again.reference]
    assert "image: ${SYNTHIA_TRAIN_IMAGE:-synthia-train}" in (PROJECT / "compose.yaml").read_text()


def other_base(home: Path, own: dict[str, layouts.Item]) -> str:
    """Another base in the engine, and an image on it as what the next build gives."""
    layouts.write(
        home / "other", [{"etc/os-release": "forky\n"}, own], made_by=["base", "RUN install"]
    )
    shutil.rmtree(home / "layout")
    (home / "other").rename(home / "layout")
    config = json.loads(layouts.blob(home / "layout", config_digest(home)).read_text())
    held = json.loads((home / "engine.json").read_text())
    held["another"] = {"id": "sha256:07he", "layers": config["rootfs"]["diff_ids"][:1]}
    (home / "engine.json").write_text(json.dumps(held))
    return "another"


def test_an_image_that_the_lock_does_not_hold_was_compared_with_nothing_and_that_is_said(
    home: Path,
) -> None:
    loaded = images.build(home, ["train"], "standin", update_lock=False)
    assert "compared with nothing" in "".join(images.summary(home, loaded))


def test_on_a_base_that_nobody_recorded_the_layers_are_compared_and_the_rest_is_noted(
    home: Path,
) -> None:
    locked(home, OWN)
    (note,) = loaded = images.build(home, ["train"], other_base(home, OWN), update_lock=False)
    _, said = images.summary(home, loaded)
    assert "our 1 layers are the locked ones; this base is new: config" in said
    assert note.config in said


def test_on_a_base_that_nobody_recorded_another_layer_is_refused_by_name(home: Path) -> None:
    locked(home, OWN)
    base = other_base(home, {**OWN, "opt/environment/pyvenv.cfg": "home = /usr/bin"})
    with pytest.raises(
        PipelineError, match=r"layer 0 \(RUN install\): opt/environment/pyvenv\.cfg\."
    ):
        images.ensure(home, "train", base)
    assert not any(line.startswith("load") for line in called(home)[-3:])


def test_a_second_base_is_recorded_beside_the_first_and_another_layer_drops_both(
    home: Path,
) -> None:
    locked(home, OWN)
    images.ensure(home, "train", other_base(home, OWN), update_lock=True)
    assert len(image_lock.read(home)["images"]["train"]["bases"]) == 2
    offer(home, {**OWN, "opt/b": "2"})
    shutil.rmtree(home / "cache")
    images.ensure(home, "train", "standin", update_lock=True)
    assert len(image_lock.read(home)["images"]["train"]["bases"]) == 1


def test_a_lock_that_changed_is_noticed_without_a_build(home: Path) -> None:
    images.ensure(home, "train", "standin", update_lock=True)
    lock = image_lock.read(home)
    (entry,) = lock["images"]["train"]["bases"].values()
    entry["config"] = "sha256:0"
    image_lock.write(home, lock)
    with pytest.raises(PipelineError, match=r"is not the one in images\.lock.json"):
        images.ensure(home, "train")
    images.ensure(home, "train", update_lock=True)
    images.ensure(home, "train")
    assert len(builds(home)) == 1


def test_a_changed_configuration_alone_is_named(home: Path) -> None:
    locked(home, OWN)
    offer(home, OWN, config=lambda config: config["config"]["Env"].append("A=b"))
    with pytest.raises(PipelineError, match="the configuration differs"):
        images.ensure(home, "train", "standin")


def test_a_base_that_cannot_be_had_is_a_missing_requirement(home: Path) -> None:
    with pytest.raises(
        MissingRequirement, match=r"python:3.13-trixie@sha256.* could not be pulled"
    ):
        images.ensure(home, "train")


def test_the_old_image_store_is_refused_with_the_setting_to_change(home: Path) -> None:
    (home / "classic").touch()
    with pytest.raises(MissingRequirement, match="containerd-snapshotter"):
        images.ensure(home, "train", "standin")
    assert not any(line.startswith("buildx") for line in called(home))


def test_too_little_disk_space_is_said_before_the_build(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(disk.IMAGES, "train", 10**18)
    monkeypatch.delenv("SYNTHIA_FREE_BYTES")
    with pytest.raises(MissingRequirement, match=r"needs 1000000000 GB .*docker builder prune"):
        images.ensure(home, "train", "standin")
    assert builds(home) == []


@pytest.mark.parametrize(("names", "kind"), [(["trian"], UsageError)])
def test_an_unknown_image_is_wrong_use(home: Path, names: Sequence[str], kind: type) -> None:
    with pytest.raises(kind, match="train, convert or convert-cuda"):
        images.build(home, names, "", update_lock=False)


def test_no_docker_and_a_silent_engine_are_told_apart(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "bin/docker").write_text("#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n")
    with pytest.raises(MissingRequirement, match=r"does not answer .Cannot connect to the daemon"):
        engine.require()
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(MissingRequirement, match="Docker is not installed"):
        engine.require()


def test_packages_are_told_apart_by_their_folder() -> None:
    path = "opt/environment/lib/python3.13/site-packages"
    assert image_description.group(f"{path}/torch/lib/a.so") == "torch"
    assert image_description.group(f"{path}/torch-2.dist-info/RECORD") == "torch-2.dist-info"
    assert image_description.group("opt/environment/bin/python") == "opt/environment/bin/python"
    assert image_description.group("cache") == "cache"


def test_the_users_index_is_given_to_a_build_as_a_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:pa55word@mirror.example/simple")
    assert buildx.pip_settings()["index-url"] == "https://me:pa55word@mirror.example/simple"
    images.ensure(home, "train", "standin")
    assert "pa55word" not in "\n".join(called(home))
    offer(home, {**OWN, "opt/a": "pa55word"})
    with pytest.raises(PipelineError, match="a secret that was in use"):
        images.ensure(home, "convert", "standin")
