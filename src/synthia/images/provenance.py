"""The statement on how an image came about: an in-toto attestation v1 with SLSA's provenance v1.

Its bytes are always the same. Its subjects are the image, by the digest of its configuration, and the
root file system in it. It names what decides them: the Dockerfile, every lock and module that a build
reads, the base's layers. Every wheel is in the bill of materials, which it names by digest.

What must not change an image is left out, so that it cannot change the statement: time, host, builder's
version, mirror, the base's name (its layers are named), and whether it was built from a vendored folder.

Not covered: signatures. Nobody signs the statement: whoever has another way to know its SHA-256, such
as `images.lock.json` in a commit they trust, can believe it; others must build the image themselves.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from synthia import manifest
from synthia.images import buildx
from synthia.images.inputs import Inputs

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:synthia:build:buildx-oci-layout:v1"
"""`docker buildx build` of one target with `buildx.OUTPUT`, as `synthia.images.buildx` calls it."""
BUILDER = "urn:synthia:builder:local"
"""Any machine: nothing here is believed because of who built it."""


def make(
    inputs: Inputs, described: Mapping[str, Any], base: Sequence[str], *, bill: bytes
) -> bytes:
    """The statement on an image on a base with the diffIDs `base`, with its bill of materials.

    Of what the lock says of the image, `described`, it takes the digests of the configuration and of the
    root file system, and the base's short name.
    """
    depends = [_resource(f"base layer {number}", digest) for number, digest in enumerate(base)]
    depends += [_resource(path, inputs.files[path]) for path in sorted(inputs.files)]
    listed = {
        **_resource(f"{inputs.name}.cdx.json", hashlib.sha256(bill).hexdigest()),
        "mediaType": "application/vnd.cyclonedx+json",
    }
    statement = {
        "_type": STATEMENT,
        "subject": [
            _resource(f"synthia-{inputs.name}", described["config"]),
            _resource(f"synthia-{inputs.name} root file system", described["rootfs"]),
        ],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "dockerfile": inputs.dockerfile,
                    "target": inputs.name,
                    "base": described["base_layers"],
                },
                "internalParameters": {
                    "output": buildx.OUTPUT,
                    "SOURCE_DATE_EPOCH": str(buildx.EPOCH),
                },
                "resolvedDependencies": depends,
            },
            "runDetails": {"builder": {"id": BUILDER}, "byproducts": [listed]},
        },
    }
    return manifest.encode(statement)


def _resource(name: str, digest: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
