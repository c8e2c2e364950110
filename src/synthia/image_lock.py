"""`images.lock.json`: the images that everyone who builds this checkout must get.

For each image it holds the digests of the Dockerfile and of the requirements it is made from, and for
each base that it was built on: the digest of the configuration, of the root file system, and of each
layer with its instruction and its packages, so that a difference can be told by name; and the SHA-256
of the bill of materials and of the statement that `synthia.images` writes.

Not covered: how images are built and loaded (`synthia.images`).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import manifest, rootfs
from synthia.errors import PipelineError
from synthia.oci import Entry, Image, Layer

NAME = "images.lock.json"


def read(project: Path) -> dict[str, Any]:
    """The lock file; empty where there is none."""
    path = project / NAME
    return json.loads(path.read_bytes()) if path.exists() else {"images": {}}


def write(project: Path, lock: dict[str, Any]) -> None:
    """Write the lock file in its one form."""
    text = json.dumps(lock, indent=1, sort_keys=True)
    (project / NAME).write_text(text + "\n", encoding="utf-8")


def dockerfile(name: str) -> str:
    """The file that makes an image: the one with the CUDA backend is another target of convert's."""
    return f"Dockerfile.{name.removesuffix('-cuda')}"


def sources(project: Path, name: str) -> dict[str, str]:
    """SHA-256 of an image's Dockerfile and of the requirements that it names."""
    text = (project / dockerfile(name)).read_text(encoding="utf-8")
    named = sorted(
        f"requirements/{path.name}"
        for path in (project / "requirements").glob("*.txt")
        if f"requirements/{path.name}" in text
    )
    return {path: manifest.sha256(project / path) for path in (dockerfile(name), *named)}


def describe(image: Image, reference: str, base: Sequence[str], *, epoch: int) -> dict[str, Any]:
    """What the lock says of an image built on a base with the diffIDs `base`; sizes are in bytes."""
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


def differences(locked: Mapping[str, Any], built: Mapping[str, Any]) -> Iterator[str]:
    """Say where a built image differs from the locked one: instruction, then package."""
    pairs = list(zip(locked["layers"], built["layers"], strict=False))
    if len(locked["layers"]) != len(built["layers"]):
        yield f"{len(locked['layers'])} layers are locked, {len(built['layers'])} were built"
    for number, (wanted, found) in enumerate(pairs):
        if wanted["made_by"] != found["made_by"]:
            yield f"layer {number} is made by {found['made_by']!r}, locked is {wanted['made_by']!r}"
        elif wanted["diff_id"] != found["diff_id"]:
            before, now = wanted.get("packages", {}), found.get("packages", {})
            names = [name for name in sorted(before.keys() | now.keys())
                     if before.get(name) != now.get(name)]  # fmt: skip
            what = ", ".join(names[:12]) or "packed otherwise, the files are the same"
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            yield f"layer {number} ({found['made_by'][:70]}): {what}{more}"
    if locked["config"] != built["config"] and locked["layers"] == built["layers"]:
        yield "the layers are the same, the configuration differs: environment, user or history"


def locked(project: Path, name: str, built: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the lock holds for an image on the same base as `built`; None when it holds nothing."""
    entry = read(project)["images"].get(name, {"bases": {}})
    found: dict[str, Any] | None = entry["bases"].get(built["base_layers"])
    return found


def require_same(project: Path, name: str, built: Mapping[str, Any]) -> None:
    """Raise PipelineError when the lock holds another image for the same base."""
    wanted = locked(project, name, built)
    if wanted is None:
        return
    if wanted["config"] == built["config"]:
        _require_same_documents(name, wanted, built)
        return
    before = read(project)["images"][name]["files"]
    files = sources(project, name)
    changed = [path for path, digest in files.items() if before.get(path) != digest]
    why = f"{', '.join(changed)} changed since" if changed else "the same files gave other bytes"
    raise PipelineError(
        f"the {name} image is not the one in {NAME} ({why}) and is not used. Locked is "
        f"{wanted['config']}, built {built['config']}: {'; '.join(differences(wanted, built))}. "
        "If the change is meant: ./invoke build --update-lock"
    )


def _require_same_documents(name: str, wanted: Mapping[str, Any], built: Mapping[str, Any]) -> None:
    """The same image must come with the same documents, or verifying them later would fail."""
    for kind, what in (
        ("bill", "bill of materials"),
        ("provenance", "statement on how it was built"),
    ):
        if wanted.get(kind) != built.get(kind):
            raise PipelineError(
                f"the {name} image is the one in {NAME}, its {what} is not: locked is "
                f"{wanted.get(kind)}, made {built.get(kind)}. If what writes it was changed: "
                "./invoke build --update-lock"
            )


def record(project: Path, name: str, built: Mapping[str, Any]) -> None:
    """Write an image into the lock; what was recorded for other files than the present ones goes."""
    lock = read(project)
    files = sources(project, name)
    entry = lock["images"].get(name, {})
    bases = entry["bases"] if entry.get("files") == files else {}
    lock["images"][name] = {"files": files, "bases": {**bases, built["base_layers"]: built}}
    write(project, lock)


def base_key(diff_ids: Sequence[str]) -> str:
    """A short name for a base by its layers, whatever registry or tag it came from."""
    return hashlib.sha256("\n".join(diff_ids).encode()).hexdigest()[:16]


def key(files: dict[str, str]) -> str:
    """A short name for a set of files by their digests."""
    return hashlib.sha256(manifest.encode(files)).hexdigest()[:16]
