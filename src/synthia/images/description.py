"""What is said of an image, so that a difference from another one can be told by name.

The digests of its configuration and of its root file system, and of each layer with its instruction and
its packages. `images.lock.json` and the notes in the cache hold it in this form.

Not covered: the single files that differ; `synthia.images.reproduce` tells them, with both layouts at hand.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from synthia.images import rootfs
from synthia.images.oci import Entry, Image, Layer


def describe(image: Image, reference: str, base: Sequence[str], *, epoch: int) -> dict[str, Any]:
    """Describe an image built on a base with the diffIDs `base`; sizes are in bytes."""
    return {
        "base": reference,
        "base_layers": base_key(base),
        "config": image.config_digest,
        "epoch": epoch,
        "rootfs": rootfs.digest(rootfs.of_layers(image.layers).values()),
        "layers": [
            _layer(layer, own=number >= len(base)) for number, layer in enumerate(image.layers)
        ],
    }


def _layer(layer: Layer, *, own: bool) -> dict[str, Any]:
    made_by = " ".join(layer.made_by.split())
    said = {"diff_id": layer.diff_id, "made_by": made_by, "size": layer.size}
    if not own:
        return said
    groups: dict[str, list[Entry]] = {}
    for entry in layer.entries:
        groups.setdefault(group(entry.path), []).append(entry)
    digests = {name: rootfs.digest(entries)[7:23] for name, entries in groups.items()}
    return {**said, "packages": digests}


def group(path: str) -> str:
    """The package or folder that a path belongs to."""
    parts = path.split("/")
    if "site-packages" in parts[:-1]:
        return parts[parts.index("site-packages") + 1]
    return "/".join(parts[:2])


def base_key(diff_ids: Sequence[str]) -> str:
    """A short name for a base by its layers, whatever registry or tag it came from."""
    return hashlib.sha256("\n".join(diff_ids).encode()).hexdigest()[:16]
