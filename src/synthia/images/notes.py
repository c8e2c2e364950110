"""The cache record of an image, what its last build left: a call with nothing to do builds nothing.

A note is named by the files that the image was made from. It holds the engine's name for the image and
what the lock file says of it, or would. Beside it lie the documents on the image, its bill of materials
and its statement, from where they are laid into `outputs/images/` at every call: documents of a base that
nobody else has stay out of the repository, those of the locked one are told from others by digest.

Not covered: what the documents say (`synthia.images.bill`, `synthia.images.provenance`), and judging them
later (`synthia.verify`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import manifest, records
from synthia.host import engine, environments
from synthia.images import description as image_description
from synthia.images.inputs import Inputs

DOCUMENTS = {"bill": ".cdx.json", "provenance": ".intoto.json"}
"""What is written about an image, and how the files end."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """An image that was built, checked and loaded."""

    name: str
    reference: str
    """The name under which the engine holds it."""
    described: Mapping[str, Any]
    """What the lock file says of it, or would."""

    @property
    def config(self) -> str:
        """The digest of its configuration."""
        return str(self.described["config"])

    @property
    def manifest(self) -> str:
        """Its digest in one of the engine's image stores; in the other that is the configuration's."""
        return str(self.described["manifest"])

    @property
    def diff_ids(self) -> list[str]:
        """The diffIDs of its layers, the base's first."""
        return image_description.diff_ids(self.described)


def folder() -> Path:
    """Where the notes on all images lie, and their layouts while they are built."""
    return environments.cache_root() / "images"


def read(inputs: Inputs) -> Note | None:
    """The note on the image made of these very files; None when there is none, or not a whole one."""
    file = _file(inputs)
    try:
        found = Note(name=inputs.name, **records.read(file))
        documents = [(_kept(file, kind), found.described[kind]) for kind in DOCUMENTS]
        whole = all(manifest.sha256(path) == digest for path, digest in documents)
        whole = whole and bool(found.diff_ids and found.manifest)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None  # never built, or noted by another version of this project
    return found if whole else None


def current(inputs: Inputs) -> Note | None:
    """The note, if the engine holds that image, on the base that was asked for."""
    note = read(inputs)
    if note is None:
        return None
    held = engine.inspect(note.reference)
    if held is None or list(held.diff_ids) != note.diff_ids:
        return None
    if held.identity not in (note.config, note.manifest):
        return None
    if inputs.base_asked_for:
        if inputs.base != note.described["base"]:
            return None
        base = engine.inspect(inputs.base)
        beneath = [layer["diff_id"] for layer in note.described["beneath"]]
        if base and list(base.diff_ids) != beneath:
            return None  # the base's tag has moved on
    return note


def write(inputs: Inputs, note: Note, documents: Mapping[str, bytes]) -> None:
    """Keep the documents on an image and lay them out, then the note: without it, nobody asks for them."""
    file = _file(inputs)
    for kind, content in documents.items():
        _kept(file, kind).write_bytes(content)
    lay_out(inputs)
    records.write(file, {"reference": note.reference, "described": note.described})


def lay_out(inputs: Inputs) -> None:
    """Put the kept documents where people look for them, unless they are there."""
    for kind in DOCUMENTS:
        content = _kept(_file(inputs), kind).read_bytes()
        to = document(inputs.project, inputs.name, kind)
        if not to.exists() or to.read_bytes() != content:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.with_suffix(".partial").write_bytes(content)
            to.with_suffix(".partial").rename(to)


def document(project: Path, name: str, kind: str) -> Path:
    """Where one of the DOCUMENTS on an image lies for whoever wants to read it."""
    return project / "outputs" / "images" / f"{name}{DOCUMENTS[kind]}"


def reference(name: str, config: str) -> str:
    """The name under which the engine holds an image, by the digest of its configuration."""
    return f"synthia-{name}:{config[7:19]}"


def _file(inputs: Inputs) -> Path:
    return folder() / f"{inputs.name}-{inputs.key}.json"


def _kept(file: Path, kind: str) -> Path:
    """Where one of the DOCUMENTS is kept, beside the note."""
    return file.with_suffix(DOCUMENTS[kind])
