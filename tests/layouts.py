"""Small OCI layouts for tests, written by hand, whole or tampered with."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

EPOCH = 315619200
CREATED = "1980-01-02T00:00:00Z"
Item = str | tarfile.TarInfo


def item(kind: bytes = tarfile.REGTYPE, link: str = "", **fields: Any) -> tarfile.TarInfo:
    """An entry that is more than a plain file: a folder, a link, odd fields."""
    member = tarfile.TarInfo()
    member.type, member.linkname = kind, link
    member.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
    for name, value in fields.items():
        setattr(member, name, value)
    return member


def tar(items: Mapping[str, Item]) -> bytes:
    """A layer: path to content, or to an entry made by `item`."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, what in items.items():
            member = what if isinstance(what, tarfile.TarInfo) else item()
            content = what.encode() if isinstance(what, str) else b""
            member.name, member.size = path, len(content)
            member.mtime = member.mtime or EPOCH
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def write(
    folder: Path,
    layers: Sequence[Mapping[str, Item] | bytes],
    *,
    config: Callable[[dict[str, Any]], None] = lambda config: None,
    manifest: Callable[[dict[str, Any]], None] = lambda manifest: None,
    made_by: Sequence[str] = (),
) -> Path:
    """Write a layout; `config` and `manifest` may change those before they are stored."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def store(content: bytes, kind: str) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        media = f"application/vnd.oci.image.{kind}"
        return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(content)}

    packed = [layer if isinstance(layer, bytes) else tar(layer) for layer in layers]
    stored = [store(layer, "layer.v1.tar") for layer in packed]
    steps = [
        *made_by,
        *(f"COPY {number} / # buildkit" for number in range(len(made_by), len(layers))),
    ]
    described = {
        "architecture": "amd64",
        "os": "linux",
        "created": CREATED,
        "config": {"User": "1000:1000", "Env": ["PATH=/usr/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"] for layer in stored]},
        "history": [{"created": CREATED, "created_by": step} for step in steps],
    }
    config(described)
    listed = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": store(json.dumps(described).encode(), "config.v1+json"),
        "layers": stored,
    }
    manifest(listed)
    entry = store(json.dumps(listed).encode(), "manifest.v1+json")
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder


def blob(folder: Path, digest: str) -> Path:
    """The file of a blob."""
    return folder / "blobs" / digest.replace(":", "/")
