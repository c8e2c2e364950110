"""Build the two images, prove that they are what is locked, and load them into the Docker Engine.

buildx writes an OCI layout with rewritten times and uncompressed layers; every byte of it is checked
(`synthia.oci`, `synthia.image_rules`) and compared with `images.lock.json` before the engine sees it.
What was loaded is noted in the cache, so that a call with nothing to do asks the engine once.

Each build also makes the image's bill of materials and the statement on how it came about, while the
layout is there. They are kept beside that note, laid into `outputs/images/` at every call, and their
SHA-256 is recorded with the image in the lock: documents of a base that nobody else has stay out of the
repository, those of the locked one are told from others by digest.

Not covered: running anything in the images (`synthia.containers`), and judging those documents later
(`synthia.verify`).
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia import (
    bill,
    buildx,
    engine,
    environments,
    image_load,
    image_lock,
    manifest,
    oci,
    provenance,
)
from synthia.errors import MissingRequirement, UsageError

NAMES = ("train", "convert", "convert-cuda")
"""The last is convert with llama.cpp's CUDA backend: a recipe with a GPU runs in it instead."""
DEFAULT = ("train", "convert")
CONTEXT = ("src/synthia/__init__.py", "src/synthia/bound_process.py", "src/synthia/errors.py",
           "src/synthia/llama_compile.py", "src/synthia/llama_cuda.py", "src/synthia/llama_flags.py",
           "src/synthia/manifest.py")  # fmt: skip
"""What .dockerignore lets in besides the requirements."""
FREE_BYTES = {"train": 32 * 10**9, "convert": 30 * 10**9, "convert-cuda": 36 * 10**9}
"""Disk space wanted before a build from nothing: wheels, unpacked files, layout, loaded image."""
SHARED_BYTES = 16 * 10**9
"""How much less it is when the engine holds another image: the shared layers are there."""
DOCUMENTS = {"bill": ".cdx.json", "provenance": ".intoto.json"}
"""What is written about an image, and how the files end."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """An image that was checked and that the engine holds."""

    name: str
    config: str
    reference: str
    described: Mapping[str, Any]
    """What the lock file says of it, or would."""


def default_base(project: Path, name: str) -> str:
    """The base that a Dockerfile names, with its digest."""
    lines = (project / image_lock.dockerfile(name)).read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix("ARG BASE=") for line in lines if line.startswith("ARG BASE="))


def of(environment: str, *, gpu: bool) -> str:
    """The image in which the stages of an environment run, for a recipe with or without a GPU."""
    return "convert-cuda" if gpu and environment == "convert" else environment


def inputs(project: Path, name: str) -> dict[str, str]:
    """SHA-256 of all that decides an image but its base."""
    code = () if name == "train" else CONTEXT
    return {
        **image_lock.sources(project, name),
        **{path: manifest.sha256(project / path) for path in code},
    }


def current(project: Path, name: str, base: str = "") -> Loaded | None:
    """The image built from the files as they are now, if the engine holds it, on any base or `base`."""
    note = noted(project, name)
    if note is None:
        return None
    described = note["described"]
    found = engine.inspect(note["reference"])
    layers = [layer["diff_id"] for layer in described["layers"]]
    if found is None or list(found.diff_ids) != layers:
        return None
    if found.identity not in (described["config"], note["manifest"]):
        return None
    if base and base != described["base"]:
        return None
    held = engine.inspect(base) if base else None
    if held and list(held.diff_ids) != layers[: len(held.diff_ids)]:
        return None  # the base's tag has moved on
    return _loaded(name, note)


def noted(project: Path, name: str) -> dict[str, Any] | None:
    """What the last build from the files as they are now left in the cache; None without one."""
    note = _note(project, name)
    try:
        found: dict[str, Any] = json.loads(note.read_bytes())
        documents = [(_kept(note, kind), found["described"][kind]) for kind in DOCUMENTS]
        whole = all(manifest.sha256(path) == digest for path, digest in documents)
    except (FileNotFoundError, ValueError, KeyError):
        return None  # never built, or noted by another version of this project
    return found if whole else None


def document(project: Path, name: str, kind: str) -> Path:
    """Where one of the DOCUMENTS on an image lies for whoever wants to read it."""
    return project / "outputs" / "images" / f"{name}{DOCUMENTS[kind]}"


def reference(name: str, config: str) -> str:
    """The name under which the engine holds an image, by the digest of its configuration."""
    return f"synthia-{name}:{config[7:19]}"


def _kept(note: Path, kind: str) -> Path:
    return note.with_suffix(DOCUMENTS[kind])


def _lay_out(project: Path, name: str) -> None:
    """Put the documents on an image where people look for them, unless they are there."""
    for kind in DOCUMENTS:
        content, to = _kept(_note(project, name), kind).read_bytes(), document(project, name, kind)
        if not to.exists() or to.read_bytes() != content:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.with_suffix(".partial").write_bytes(content)
            to.with_suffix(".partial").rename(to)


def _loaded(name: str, note: Mapping[str, Any]) -> Loaded:
    described = note["described"]
    return Loaded(
        name=name,
        config=described["config"],
        reference=note["reference"],
        described=described,
    )


def _note(project: Path, name: str) -> Path:
    key = image_lock.key(inputs(project, name))
    return environments.cache_root() / "images" / f"{name}-{key}.json"


def ensure(
    project: Path,
    name: str,
    base: str = "",
    *,
    update_lock: bool = False,
    vendored: Path | None = None,
) -> Loaded:
    """Return the loaded image, after building it if it is not there or its files have changed.

    Raises MissingRequirement without engine, disk space or base, PipelineError when the image is not
    the locked one, unless that is to be recorded anew.
    """
    loaded = current(project, name, base)
    if loaded is None:
        place = environments.cache_root() / "images"
        with environments.file_lock(place / ".lock", f"another run builds images in {place}"):
            loaded = current(project, name, base) or _build(
                project, name, base, place, update_lock=update_lock, vendored=vendored
            )
    if update_lock:
        image_lock.record(project, name, loaded.described)
    else:
        image_lock.require_same(project, name, loaded.described)
    _lay_out(project, name)
    return loaded


def _build(
    project: Path, name: str, base: str, place: Path, *, update_lock: bool, vendored: Path | None
) -> Loaded:
    """Build, check, compare, load; the layout folder is gone afterwards, whatever happened."""
    engine.require_containerd()
    note = _note(project, name)  # of the files as they are now, whatever happens to them meanwhile
    files = inputs(project, name)
    named = base or default_base(project, name)
    beneath = buildx.pull(named, vendored)
    _require_space(project, name, place)
    layout = place / f".{name}.partial"
    shutil.rmtree(layout, ignore_errors=True)
    try:
        image = buildx.build(
            project,
            name,
            target=name,
            base=named,
            beneath=beneath,
            layout=layout,
            vendored=vendored,
        )
        described = image_lock.describe(image, named, beneath, epoch=buildx.EPOCH)
        downloaded = bill.downloaded(project, name, named, vendored)
        content = {"bill": bill.make(project, name, image, beneath, described, downloaded)}
        content["provenance"] = provenance.make(
            name,
            config=described["config"],
            rootfs=described["rootfs"],
            base=beneath,
            base_layers=described["base_layers"],
            files=files,
            bill=content["bill"],
        )
        for kind, text in content.items():
            described[kind] = hashlib.sha256(text).hexdigest()
            _kept(note, kind).write_bytes(text)
        if update_lock:
            image_lock.record(project, name, described)
        else:
            image_lock.require_same(project, name, described)
        return _load(note, name, image, described)
    finally:
        shutil.rmtree(layout, ignore_errors=True)


def _require_space(project: Path, name: str, place: Path) -> None:
    """Raise MissingRequirement when a build would not fit on the disk."""
    shared = any(current(project, other) for other in NAMES if other != name)
    require_free(
        f"building the {name} image", FREE_BYTES[name] - (SHARED_BYTES if shared else 0), place
    )


def require_free(what: str, wanted: int, place: Path) -> None:
    """Raise MissingRequirement unless so many bytes are free in a folder and where the engine stores."""
    store = engine.require().folder
    for folder in {place, store if store.is_dir() else place}:
        free = shutil.disk_usage(folder).free
        if free < wanted:
            raise MissingRequirement(
                f"{what} needs {wanted / 1e9:.0f} GB in {folder}, "
                f"{free / 1e9:.1f} GB are free: free some (docker builder prune, docker image prune), "
                "or set SYNTHIA_CACHE to a larger disk"
            )


def _load(note: Path, name: str, image: oci.Image, described: Mapping[str, Any]) -> Loaded:
    """Load a checked image under a name of its own, and note it when the engine holds it."""
    called = reference(name, image.config_digest)
    print(f"{name}: loading {called}", file=sys.stderr)
    image_load.load(image, called)
    content = {"reference": called, "manifest": image.manifest_digest, "described": described}
    note.with_suffix(".partial").write_bytes(manifest.encode(content))
    note.with_suffix(".partial").rename(note)
    return _loaded(name, content)


def build(
    project: Path,
    names: Sequence[str],
    base: str,
    *,
    update_lock: bool,
    vendored: Path | None = None,
) -> list[Loaded]:
    """What `./invoke build` does: the named images or both default ones, checked and loaded.

    Each also gets the name by which compose.yaml finds it when people call `docker compose` themselves.
    """
    wanted = known(names)
    engine.require()
    loaded = [
        ensure(project, name, base, update_lock=update_lock, vendored=vendored) for name in wanted
    ]
    for image in loaded:
        engine.tag(image.reference, f"synthia-{image.name}")
    return loaded


def known(names: Sequence[str]) -> Sequence[str]:
    """The names of images that were asked for; DEFAULT when none was. Raises UsageError."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        raise UsageError(f"--image {unknown[0]!r}: it is {', '.join(NAMES[:-1])} or {NAMES[-1]}")
    return names or DEFAULT


def described(project: Path, loaded: Sequence[Loaded]) -> Iterator[str]:
    """One line for each image, for people; it says when there was nothing to compare it with."""
    for image in loaded:
        yield f"{image.name:12} {image.reference}  {image.config}  on {image.described['base']}"
        if image_lock.locked(project, image.name, image.described) is None:
            yield (
                f"{'':12} {image_lock.NAME} holds none on this base, so it was compared with nothing; to "
                "record it: ./invoke build --update-lock"
            )
