"""Images travel: push those that were built and checked into a registry, pull the locked ones by digest.

Docker's own client and engine do it, with the credentials of Docker's own configuration (`docker login`),
which no argument and no line here holds. In the repository an image is the very manifest of its build,
layers uncompressed, so that the lock names all of it; the tag is for people. Its two documents lie beside
it, as an image of two files.

A pull asks for the digest in `images.lock.json`, compares the manifest's configuration and layers with the
lock before a layer is fetched, and the engine's layers afterwards; the engine itself refuses a blob that is
not what its digest says. What a broken line left, the engine keeps and goes on from.

Not covered: signatures, and images on bases that the lock does not hold: build those.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import bound_process
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.host import disk, engine, environments
from synthia.images import (
    build as images,
    description as image_description,
    inputs as image_inputs,
    lock as image_lock,
    notes as image_notes,
    oci,
)
from synthia.images.notes import Note

ATTEMPTS, PAUSE = 5, 2.0
"""How often a transfer is tried, and the seconds before the second time; they double."""
FINAL = re.compile(
    r"unauthorized|denied|no basic auth|not found|manifest unknown|invalid reference|no such host|"
    r"no space left|certificate|unexpected commit digest|failed to verify",
    re.IGNORECASE,
)
"""What the engine says of failures that no second try mends: not of 429, 5xx and broken lines."""
SCRATCH = "FROM scratch\nCOPY --chmod=0644 . /\n"


def push(project: Path, repository: str, names: Sequence[str]) -> list[str]:
    """Push the named images or both default ones; returns a line for each. Raises UsageError."""
    engine.require_containerd()
    _require_plain(repository)
    return [_push(project, repository, name) for name in images.known(names)]


def pull(project: Path, repository: str, names: Sequence[str], base: str = "") -> list[Note]:
    """Pull the named images or both default ones as the lock names them; returns their notes.

    `base` says which, where the lock holds several bases and not the one that the Dockerfiles name.
    """
    engine.require_containerd()
    _require_plain(repository)
    wanted = images.known(names)
    place = image_notes.folder()
    with environments.file_lock(place / ".lock", f"another run builds images in {place}"):
        notes = [_pull(project, repository, name, base, place) for name in wanted]
    for note in notes:
        engine.tag(note.reference, f"synthia-{note.name}")
    return notes


def _require_plain(repository: str) -> None:
    if not re.fullmatch(r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+", repository):
        raise UsageError(
            f"{repository!r} is no REGISTRY/NAME: small letters, a registry's host and a path, no tag"
        )


def _tag(repository: str, note: Note) -> str:
    return f"{repository}:{note.reference.removeprefix('synthia-').replace(':', '-')}"


def _push(project: Path, repository: str, name: str) -> str:
    inputs = image_inputs.gather(project, name)
    note = image_notes.current(inputs)
    if note is None:
        raise UsageError(
            f"the engine holds no {name} image of these files: ./invoke build --image {name}"
        )
    image_lock.compare(inputs, note.described, update=False)
    if image_lock.locked(project, name, note.described) is None:
        raise UsageError(
            f"{image_lock.NAME} does not hold the {name} image on this base, so nobody could pull it: "
            f"./invoke build --image {name} --update-lock records it"
        )
    image_notes.lay_out(inputs)
    tag = _tag(repository, note)
    engine.tag(note.reference, tag)
    try:
        _transfer(["push", "--quiet", tag], f"pushing {tag}")
        with tempfile.TemporaryDirectory() as folder:
            for kind in image_notes.DOCUMENTS:
                file = image_notes.document(project, name, kind)
                (Path(folder) / file.name).write_bytes(file.read_bytes())
            words = ["--provenance=false", "--push", "--tag", f"{tag}-documents"]
            _transfer(["buildx", "build", *words, "--file", "-", folder], f"pushing {tag}-documents",
                      text=SCRATCH)  # fmt: skip
    finally:
        engine.ask("image", "rm", tag, f"{tag}-documents")
    _require_manifest(f"{repository}@{note.manifest}", note.described, name)
    return f"{name:12} {repository}@{note.manifest}"


def _pull(project: Path, repository: str, name: str, base: str, place: Path) -> Note:
    inputs = image_inputs.gather(project, name, base)
    described = _locked(inputs)
    note = Note(
        name=name,
        reference=image_notes.reference(name, described["config"]),
        described=described,
    )
    if image_notes.current(inputs) == note:
        image_notes.lay_out(inputs)
        return note
    images.require_free(f"pulling the {name} image", disk.IMAGES[name], place)
    by_digest = f"{repository}@{note.manifest}"
    _require_manifest(by_digest, described, name)
    documents = _documents(f"{_tag(repository, note)}-documents", described, name)
    print(f"{name}: pulling {by_digest}", file=sys.stderr)
    _transfer(["pull", "--quiet", by_digest], f"pulling {by_digest}")
    held = engine.inspect(by_digest)
    if held is None or list(held.diff_ids) != note.diff_ids:
        engine.ask("image", "rm", by_digest)
        raise _refused(by_digest, name, "the engine unpacked other layers")
    engine.tag(by_digest, note.reference)
    engine.ask("image", "rm", by_digest)
    image_notes.write(inputs, note, documents)
    return note


def _locked(inputs: image_inputs.Inputs) -> dict[str, Any]:
    """What the lock says of the image that is to be pulled. Raises UsageError where it does not."""
    entry = image_lock.read(inputs.project)["images"].get(inputs.name)
    if entry is None or entry["files"] != inputs.sources:
        raise UsageError(
            f"{image_lock.NAME} does not hold the {inputs.name} image of these files: ./invoke build"
        )
    bases = {found["base"]: found for found in entry["bases"].values()}
    if len(bases) == 1 and not inputs.base_asked_for:
        (chosen,) = bases.values()
    elif inputs.base in bases:
        chosen = bases[inputs.base]
    else:
        raise UsageError(
            f"{image_lock.NAME} holds the {inputs.name} image on {', '.join(sorted(bases))}, not on "
            f"{inputs.base}: name one of them by --base"
        )
    return {**{key: entry[key] for key in image_description.LAYERS}, **chosen}


def _refused(reference: str, name: str, why: str) -> PipelineError:
    return PipelineError(
        f"{reference} is not the {name} image of {image_lock.NAME} and is not used: {why}. Whoever keeps "
        "the registry can push it again; ./invoke build needs none"
    )


def _require_manifest(reference: str, described: Mapping[str, Any], name: str) -> None:
    """Raise PipelineError unless the registry's manifest is, by every digest, what is described."""
    words = ["buildx", "imagetools", "inspect", "--raw", reference]
    content = _transfer(words, f"looking at {reference}").encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if digest != described["manifest"]:
        raise _refused(reference, name, f"its manifest has the digest {digest}")
    said = json.loads(content)
    if said["config"]["digest"] != described["config"]:
        raise _refused(reference, name, f"its configuration is {said['config']['digest']}")
    for number, (layer, wanted) in enumerate(
        zip(said["layers"], image_description.diff_ids(described), strict=True)
    ):
        if layer["digest"] != wanted or layer["mediaType"] != oci.LAYER:
            raise _refused(
                reference, name, f"layer {number} is {layer['digest']}, locked is {wanted}"
            )


def _documents(reference: str, described: Mapping[str, Any], name: str) -> dict[str, bytes]:
    """The image's documents, out of their own image; each must have the SHA-256 in the lock."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["buildx", "build", "--pull", "--output", f"type=local,dest={folder}", "-"]
        _transfer(words, f"pulling {reference}", text=f"FROM {reference}\n")
        files = {
            kind: Path(folder) / f"{name}{ending}" for kind, ending in image_notes.DOCUMENTS.items()
        }
        found = {kind: path.read_bytes() for kind, path in files.items() if path.is_file()}
    for kind in image_notes.DOCUMENTS:
        digest = hashlib.sha256(found.get(kind, b"")).hexdigest()
        if digest != described[kind]:
            raise _refused(
                reference, name, f"its {kind} has the SHA-256 {digest}, locked is {described[kind]}"
            )
    return found


def _discard_refused() -> None:
    """Have the engine throw away the bytes that it just refused, before it takes them for an arrived layer.

    containerd collects what nothing holds some time after a pull has failed, but at once when an image is
    removed: so an empty one is.
    """
    engine.ask("import", os.devnull, "synthia-nothing")
    engine.ask("image", "rm", "synthia-nothing")


def _transfer(words: Sequence[str], doing: str, text: str = "") -> str:
    """Run a command of Docker's client, again while the registry or the line may recover; its output."""
    command = bound_process.command([engine.client(), *words])
    said = ""
    for attempt in range(ATTEMPTS):
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
        said = "\n".join(done.stderr.strip().splitlines()[-3:])
        if FINAL.search(said):
            if "commit digest" in said:
                _discard_refused()
            break
        if attempt + 1 < ATTEMPTS:
            print(f"{doing}: {said.splitlines()[-1] if said else 'failed'}: again", file=sys.stderr)
            time.sleep(PAUSE * 2**attempt)
    raise MissingRequirement(
        f"{doing} failed: {said}. Nothing of it is used; what arrived is kept: the same command goes on "
        "from there. Where the registry asks who you are: docker login"
    )
