"""Make one image: build it, check it, and describe it while its layout is there.

What is written about it are its bill of materials and the statement on how it came about; their SHA-256
is recorded with the image in the lock.

Not covered: whether it is the image that is locked, and loading it (`synthia.images.build`).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from synthia.host import engine
from synthia.images import (
    bill,
    buildx,
    description as image_description,
    notes as image_notes,
    oci,
    provenance,
)
from synthia.images.inputs import Inputs
from synthia.images.notes import Note


@dataclass(frozen=True, kw_only=True)
class Made:
    """An image in its layout, and what is said of it."""

    image: oci.Image
    note: Note
    documents: dict[str, bytes]

    @property
    def changed(self) -> list[str]:
        """The paths of its packages whose content is not what their wheel's own list says."""
        components = json.loads(self.documents["bill"])["components"]
        facts = [fact for component in components for fact in component.get("properties", [])]
        return [
            fact["value"].partition(" ")[0]
            for fact in facts
            if fact["name"] == "synthia:file-changed"
        ]


def make(inputs: Inputs, layout: Path, vendored: Path | None = None) -> Made:
    """Build an image into the new folder `layout`. Raises MissingRequirement and PipelineError."""
    beneath = engine.base(inputs.base, vendored / "base.tar" if vendored else None)
    image = buildx.build(
        inputs.project,
        inputs.name,
        target=inputs.name,
        base=inputs.base,
        beneath=beneath,
        layout=layout,
        vendored=vendored,
    )
    downloaded = buildx.downloaded(inputs, vendored)
    described = image_description.describe(image, inputs.base, beneath, epoch=buildx.EPOCH)
    listed = bill.make(inputs, image, beneath, described, downloaded)
    documents = {
        "bill": listed,
        "provenance": provenance.make(inputs, described, beneath, bill=listed),
    }
    digests = {kind: hashlib.sha256(text).hexdigest() for kind, text in documents.items()}
    note = Note(
        name=inputs.name,
        reference=image_notes.reference(inputs.name, image.config_digest),
        described={**described, "manifest": image.manifest_digest, **digests},
    )
    return Made(image=image, note=note, documents=documents)
