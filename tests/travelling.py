"""A small image that travels: held by an engine as a build leaves it, pushed, forgotten, pulled."""

import hashlib
import shutil
from pathlib import Path

import layouts
import pretended_engine
from registry import Line

from synthia.host import engine
from synthia.images import (
    buildx,
    description as image_description,
    inputs as image_inputs,
    load as image_load,
    lock as image_lock,
    notes as image_notes,
    oci,
    registry as images_registry,
)
from synthia.images.notes import Note

PROJECT = Path(__file__).resolve().parents[1]
SITE = "opt/environment/lib/python3.13/site-packages"


def arrange(home: Path) -> None:
    """What the train image is made from."""
    for path in ("Dockerfile.train", "requirements", "docker"):
        copy = shutil.copytree if (PROJECT / path).is_dir() else shutil.copy2
        copy(PROJECT / path, home / path)


def hold(home: Path, own: dict[str, layouts.Item]) -> Note:
    """Put an image into engine, notes and lock, as a build leaves it."""
    layouts.write(home / "layout", [pretended_engine.BASE, own], made_by=["base", "RUN install"])
    image = oci.read(home / "layout")
    described = image_description.describe(image, "standin", image.diff_ids[:1], epoch=buildx.EPOCH)
    documents = {"bill": b'{"a": 1}\n', "provenance": b'{"b": 2}\n'}
    digests = {kind: hashlib.sha256(text).hexdigest() for kind, text in documents.items()}
    note = Note(
        name="train",
        reference=image_notes.reference("train", image.config_digest),
        described={**described, "manifest": image.manifest_digest, **digests},
    )
    inputs = image_inputs.gather(home, "train")
    image_load.load(image, note.reference)
    image_notes.folder().mkdir(parents=True, exist_ok=True)
    image_notes.write(inputs, note, documents)
    image_lock.compare(inputs, note.described, update=True)
    shutil.rmtree(home / "layout")
    return note


def current(home: Path) -> Note | None:
    return image_notes.current(image_inputs.gather(home, "train"))


def forget(home: Path) -> Note:
    """Another machine: neither engine nor cache have the image."""
    note = current(home)
    assert note
    shutil.rmtree(home / "cache")
    shutil.rmtree(home / "outputs", ignore_errors=True)
    for name in (note.reference, "synthia-train:latest", note.manifest):
        engine.ask("image", "rm", "--force", name)
    assert current(home) is None
    return note


def repository(line: Line) -> str:
    return f"127.0.0.1:{line.port}/{line.name}"


def pull(home: Path, line: Line) -> Note:
    (note,) = images_registry.pull(home, repository(line), ["train"])
    return note
