"""What is said of an image, so that a difference from another one can be told by name.

The digests of its configuration and of its root file system, the base's layers, and of each layer above
them its instruction, its packages and its other files. Of these facts LAYERS are the same on every base,
all others are of one base. `images.lock.json` and the notes in the cache hold them.

Not covered: the single files that differ; `synthia.images.reproduce` tells them, with both layouts at hand.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from synthia.images import rootfs
from synthia.images.oci import Entry, Image, Layer

LAYERS = ("epoch", "layers")
"""What no base decides."""


def describe(image: Image, reference: str, base: Sequence[str], *, epoch: int) -> dict[str, Any]:
    """Describe an image built on a base with the diffIDs `base`; sizes are in bytes."""
    layers = [_layer(layer) for layer in image.layers[len(base) :]]
    return {
        "base": reference,
        "base_layers": base_key(base),
        "beneath": [
            {"diff_id": layer.diff_id, "size": layer.size} for layer in image.layers[: len(base)]
        ],
        "config": image.config_digest,
        "epoch": epoch,
        "rootfs": rootfs.digest(rootfs.of_layers(image.layers).values()),
        "layers": layers,
    }


def diff_ids(described: Mapping[str, Any]) -> list[str]:
    """The diffIDs of all layers of a described image, the base's first."""
    return [layer["diff_id"] for layer in (*described["beneath"], *described["layers"])]


def _layer(layer: Layer) -> dict[str, Any]:
    made_by = " ".join(layer.made_by.split())
    groups: dict[str, list[Entry]] = {}
    for entry in layer.entries:
        groups.setdefault(group(entry.path), []).append(entry)
    digests = {name: rootfs.digest(entries)[7:23] for name, entries in groups.items()}
    return {
        "diff_id": layer.diff_id,
        "made_by": made_by,
        "size": layer.size,
        "packages": digests,
    }


def group(path: str) -> str:
    """The package that a path belongs to; outside the folder of packages the path itself."""
    parts = path.split("/")
    if "site-packages" in parts[:-1]:
        return parts[parts.index("site-packages") + 1]
    return path


def base_key(diff_ids: Sequence[str]) -> str:
    """A short name for a base by its layers, whatever registry or tag it came from."""
    return hashlib.sha256("\n".join(diff_ids).encode()).hexdigest()[:16]
