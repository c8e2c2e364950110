"""Read an OCI image layout, and believe none of it before it is checked.

A layout is a folder: `index.json` names one manifest, which names a configuration and layers, all of
them files in `blobs/` named after their SHA-256. Every size and digest is compared with the file's
content, every uncompressed layer with the configuration's diffIDs, and each layer's tar file is read
to its last byte.

Not covered: compressed layers and images for several platforms, which are refused; signatures; what
a layer may hold (`synthia.images.rules`); and what layers come to together (`synthia.images.rootfs`).
"""

import hashlib
import json
import tarfile
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from synthia.errors import PipelineError

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
CHUNK = 2**20
KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.LNKTYPE: "hard link",
    tarfile.SYMTYPE: "symbolic link",
    tarfile.DIRTYPE: "folder",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "pipe",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One path in a layer, or in the root file system that layers come to."""

    path: str
    """Relative to the root, without a leading or trailing slash; the root itself is empty."""
    kind: str
    mode: int
    owner: str
    """Numeric, as `uid:gid`."""
    mtime: float = 0
    link: str = ""
    """Where a link points."""
    content: str = ""
    """A file's SHA-256."""
    attributes: str = ""
    """Extended attributes, file capabilities among them, as `name=value` lines."""
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer: its diffID, the instruction that made it, and its entries in their order."""

    diff_id: str
    made_by: str
    size: int
    entries: Sequence[Entry]


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image whose every byte was compared with its digests."""

    folder: Path
    manifest_digest: str
    config_digest: str
    config: dict[str, Any]
    layers: Sequence[Layer]
    leaked: Sequence[str]
    """Blobs that hold one of the secrets searched for."""

    @property
    def diff_ids(self) -> list[str]:
        """The diffIDs of its layers, the base's first."""
        return [layer.diff_id for layer in self.layers]


class _Hashed:
    """A file that is hashed and searched while it is read; hashing goes on in a thread of its own."""

    def __init__(self, file: BinaryIO, secrets: Iterable[bytes]) -> None:
        self.file, self.secrets = file, [secret for secret in secrets if secret]
        self.leaked = False
        self._overlap = max((len(secret) for secret in self.secrets), default=1) - 1
        self._tail = b""
        self._hash = hashlib.sha256()
        self._worker = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None

    def read(self, size: int) -> bytes:
        chunk = self.file.read(size)
        if self._pending:
            self._pending.result()
        self._pending = self._worker.submit(self._hash.update, chunk)
        if self.secrets and chunk:
            seen = self._tail + chunk
            self.leaked |= any(secret in seen for secret in self.secrets)
            self._tail = seen[len(seen) - self._overlap :] if self._overlap else b""
        return chunk

    def digest(self) -> str:
        """The digest of what was read so far; ends the thread."""
        self._worker.shutdown()
        return f"sha256:{self._hash.hexdigest()}"


def read(folder: Path, secrets: Iterable[bytes] = ()) -> Image:
    """Read and check a layout; note which blobs hold one of `secrets`. Raises PipelineError."""
    kept = list(secrets)
    index = _json(folder / "index.json", (folder / "index.json").read_bytes())
    if len(index.get("manifests", [])) != 1 or index.get("mediaType", INDEX) != INDEX:
        raise _broken(folder, f"index.json names {len(index.get('manifests', []))} images, not one")
    named: dict[str, str] = {}
    leaked: list[str] = []

    def blob(described: dict[str, Any], kind: str) -> dict[str, Any]:
        """Check a small blob and parse it."""
        if described["mediaType"] != kind:
            raise _broken(folder, f"a blob is {described['mediaType']}, not {kind}")
        with _open(folder, described) as file:
            hashed = _Hashed(file, kept)
            content = hashed.read(-1)
            _compare(folder, described, hashed, named, leaked, kind)
        return _json(folder, content)

    described = index["manifests"][0]
    manifest = blob(described, MANIFEST)
    config = blob(manifest["config"], CONFIG)
    diff_ids = config["rootfs"]["diff_ids"]
    made_by = [step["created_by"] for step in config["history"] if not step.get("empty_layer")]
    if not len(diff_ids) == len(made_by) == len(manifest["layers"]):
        raise _broken(
            folder,
            f"the manifest lists {len(manifest['layers'])} layers, the configuration "
            f"{len(diff_ids)} diffIDs and {len(made_by)} instructions with a layer",
        )
    layers = []
    for number, (layer, diff_id) in enumerate(zip(manifest["layers"], diff_ids, strict=True)):
        said = f"layer {number} ({' '.join(made_by[number].split())[:70]})"
        if layer["mediaType"] != LAYER:
            raise _broken(folder, f"{said} is {layer['mediaType']}, not uncompressed {LAYER}")
        with _open(folder, layer) as file:
            hashed = _Hashed(file, kept)
            entries, problem = _entries(hashed)
            _compare(folder, layer, hashed, named, leaked, said)
        if problem:  # said only now: of a damaged file, the digest is the thing to say
            raise _broken(folder, f"{said} {problem}")
        if layer["digest"] != diff_id:
            raise _broken(folder, f"{said} is {layer['digest']}, its diffID says {diff_id}")
        layers.append(
            Layer(diff_id=diff_id, made_by=made_by[number], size=layer["size"], entries=entries)
        )
    blobs = {path.relative_to(folder / "blobs").as_posix().replace("/", ":")
             for path in (folder / "blobs").rglob("*") if not path.is_dir()}  # fmt: skip
    extra = sorted(blobs - named.keys())
    if extra:
        raise _broken(folder, f"nothing names the blobs {', '.join(extra)}")
    return Image(
        folder=folder,
        manifest_digest=described["digest"],
        config_digest=manifest["config"]["digest"],
        config=config,
        layers=layers,
        leaked=leaked,
    )


def _broken(folder: Path, problem: str) -> PipelineError:
    return PipelineError(
        f"the image layout {folder} is not what it claims to be: {problem}. Remove the folder and "
        "build the image again"
    )


def _json(place: Path, content: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise _broken(place, f"a blob that must be JSON is none ({error})") from None
    if not isinstance(parsed, dict):
        raise _broken(place, "a blob that must be a JSON object is none")
    return parsed


def _open(folder: Path, described: dict[str, Any]) -> BinaryIO:
    """Open the blob that a descriptor names; its name must be a digest, so it stays in the layout."""
    algorithm, _, digits = str(described["digest"]).partition(":")
    if algorithm != "sha256" or len(digits) != 64 or set(digits) - set("0123456789abcdef"):
        raise _broken(folder, f"{described['digest']!r} is no SHA-256 digest")
    try:
        return (folder / "blobs" / "sha256" / digits).open("rb")
    except FileNotFoundError:
        raise _broken(folder, f"the blob {described['digest']} is missing") from None


def _compare(
    folder: Path,
    described: dict[str, Any],
    hashed: _Hashed,
    named: dict[str, str],
    leaked: list[str],
    what: str,
) -> None:
    """Compare size and digest of a blob that was read to its end; note it as named."""
    size = hashed.file.tell()
    digest = hashed.digest()
    if size != described["size"]:
        raise _broken(folder, f"{what} has {size} bytes, not {described['size']}")
    if digest != described["digest"]:
        raise _broken(folder, f"{what} has the content of {digest}, not {described['digest']}")
    named[digest] = what
    if hashed.leaked:
        leaked.append(what)


def _entries(layer: _Hashed) -> tuple[list[Entry], str]:
    """Every entry of a layer's tar file, which is read to its last byte, and what is wrong with it."""
    found: dict[str, Entry] = {}
    problem = ""
    end = 0
    try:
        with tarfile.open(fileobj=layer, mode="r|", bufsize=CHUNK) as archive:  # type: ignore[call-overload]
            for member in archive:
                entry = _entry(archive, member)
                if entry.path in found:
                    problem = f"holds {entry.path} twice"
                if ".." in entry.path.split("/") or member.name.startswith("/"):
                    problem = f"holds {member.name}, which leads out of the image"
                found[entry.path] = entry
            end = archive.offset
    except tarfile.TarError as error:
        problem = f"is no tar file ({error})"
    while layer.read(CHUNK):
        pass
    if not problem:
        layer.file.seek(end)
        while chunk := layer.file.read(CHUNK):
            problem = "holds data behind its last entry" if chunk.strip(b"\0") else problem
    return list(found.values()), problem


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    content = ""
    if member.isreg():
        file = archive.extractfile(member)
        assert file is not None
        content = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    extended = {k: v for k, v in member.pax_headers.items() if k.startswith("SCHILY.xattr.")}
    return Entry(
        path="/".join(part for part in member.name.split("/") if part not in ("", ".")),
        kind=KINDS.get(member.type, f"type {member.type!r}"),
        mode=member.mode & 0o7777,
        owner=f"{member.uid}:{member.gid}",
        mtime=member.mtime,
        link=member.linkname,
        content=content,
        attributes="".join(f"{key}={value}\n" for key, value in sorted(extended.items())),
        size=member.size,
    )
