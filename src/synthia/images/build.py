"""Build the images, prove that they are what is locked, and load them into the Docker Engine.

buildx writes an OCI layout with rewritten times and uncompressed layers; every byte of it is checked
(`synthia.images.oci`, `synthia.images.rules`) and compared with `images.lock.json` before the engine sees
it (`synthia.images.make`). An image that `synthia.images.notes` knows of is not built again.

Not covered: running anything in the images (`synthia.run.containers`), and judging those documents later
(`synthia.verify`).
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from synthia.errors import MissingRequirement, UsageError
from synthia.host import disk, engine, environments
from synthia.images import (
    inputs as image_inputs,
    load as image_load,
    lock as image_lock,
    make as image_make,
    notes as image_notes,
)
from synthia.images.inputs import Inputs
from synthia.images.notes import Note

NAMES = ("train", "convert", "convert-cuda")
"""The last is convert with llama.cpp's CUDA backend: a recipe with a GPU runs in it instead."""
DEFAULT = ("train", "convert")


def of(environment: str, *, gpu: bool) -> str:
    """The image in which the stages of an environment run, for a recipe with or without a GPU."""
    return "convert-cuda" if gpu and environment == "convert" else environment


def known(names: Sequence[str]) -> Sequence[str]:
    """The names of images that were asked for; DEFAULT when none was. Raises UsageError."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise UsageError(f"--image {unknown[0]!r}: it is {', '.join(NAMES[:-1])} or {NAMES[-1]}")
    return names or DEFAULT


def build(
    project: Path,
    names: Sequence[str],
    base: str,
    *,
    update_lock: bool,
    vendored: Path | None = None,
) -> list[Note]:
    """What `./invoke build` does: the named images or both default ones, checked and loaded.

    Each also gets the name by which compose.yaml finds it when people call `docker compose` themselves.
    """
    wanted = known(names)
    engine.require()
    notes = [
        ensure(project, name, base, update_lock=update_lock, vendored=vendored) for name in wanted
    ]
    for note in notes:
        engine.tag(note.reference, f"synthia-{note.name}")
    return notes


def summary(project: Path, notes: Sequence[Note]) -> Iterator[str]:
    """One line for each image, for people; it says when not all could be compared with the lock."""
    for note in notes:
        yield f"{note.name:12} {note.reference}  {note.config}  on {note.described['base']}"
        own = len(image_lock.layers(project, note.name))
        if not own:
            yield (
                f"{'':12} {image_lock.NAME} does not hold it, so it was compared with nothing; to record "
                "it: ./invoke build --update-lock"
            )
        elif image_lock.locked(project, note.name, note.described) is None:
            yield (
                f"{'':12} our {own} layers are the locked ones; this base is new: config {note.config}, to "
                "record it: ./invoke build --update-lock"
            )


def ensure(
    project: Path,
    name: str,
    base: str = "",
    *,
    update_lock: bool = False,
    vendored: Path | None = None,
) -> Note:
    """Return the loaded image, after building it if it is not there or its files have changed.

    Raises MissingRequirement without engine, disk space or base, PipelineError when the image is not
    the locked one, unless that is to be recorded anew.
    """
    inputs, note = _found(project, name, base)
    if note is None:
        place = image_notes.folder()
        with environments.file_lock(place / ".lock", f"another run builds images in {place}"):
            inputs, note = _found(project, name, base)  # it may have been a long wait
            if note is None:
                return _make(inputs, place, update_lock=update_lock, vendored=vendored)
    image_notes.lay_out(inputs)
    image_lock.compare(inputs, note.described, update=update_lock)  # it may be newer than the image
    return note


def _found(project: Path, name: str, base: str = "") -> tuple[Inputs, Note | None]:
    """What an image is made from now, and the note on the one that was, if the engine holds it."""
    inputs = image_inputs.gather(project, name, base)
    return inputs, image_notes.current(inputs)


def _make(inputs: Inputs, place: Path, *, update_lock: bool, vendored: Path | None) -> Note:
    """Build, check, compare, load; the layout folder is gone afterwards, whatever happened."""
    engine.require_containerd()
    shared = any(_found(inputs.project, other)[1] for other in NAMES if other != inputs.name)
    wanted = disk.IMAGES[inputs.name] - (disk.IMAGES_SHARED if shared else 0)
    require_free(f"building the {inputs.name} image", wanted, place)
    layout = place / f".{inputs.name}.partial"
    shutil.rmtree(layout, ignore_errors=True)
    try:
        made = image_make.make(inputs, layout, vendored)
        image_lock.compare(inputs, made.note.described, update=update_lock, changed=made.changed)
        print(f"{inputs.name}: loading {made.note.reference}", file=sys.stderr)
        image_load.load(made.image, made.note.reference)
        image_notes.write(inputs, made.note, made.documents)
        return made.note
    finally:
        shutil.rmtree(layout, ignore_errors=True)


def require_free(what: str, wanted: int, place: Path) -> None:
    """Raise MissingRequirement unless so many bytes are free in a folder and where the engine stores.

    The environment variable SYNTHIA_FREE_BYTES says another number, for images made of smaller locks.
    """
    wanted = int(os.environ.get("SYNTHIA_FREE_BYTES", wanted))
    store = engine.require().folder
    for folder in {place, store if store.is_dir() else place}:
        free = shutil.disk_usage(folder).free
        if free < wanted:
            raise MissingRequirement(
                f"{what} needs {wanted / 1e9:.0f} GB in {folder}, "
                f"{free / 1e9:.1f} GB are free: free some (docker builder prune, docker image prune), "
                "or set SYNTHIA_CACHE to a larger disk"
            )
