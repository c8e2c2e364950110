"""The lockfile of images, `images.lock.json`: those that everyone who builds this checkout must get.

For each image it holds the digests of the Dockerfile and of the requirements it is made from, and for
each base that it was built on: the digest of the configuration, of the root file system, and of each
layer with its instruction and its packages, so that a difference can be told by name; and the SHA-256
of the bill of materials and of the statement that `synthia.images.build` writes.

Not covered: how images are built and loaded (`synthia.images.build`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from synthia import records
from synthia.errors import PipelineError
from synthia.images.inputs import Inputs

NAME = "images.lock.json"


def read(project: Path) -> dict[str, Any]:
    """The lock file; empty where there is none."""
    path = project / NAME
    return records.read(path) if path.exists() else {"images": {}}


def write(project: Path, lock: dict[str, Any]) -> None:
    """Write the lock file in its one form."""
    records.write(project / NAME, lock)


def locked(project: Path, name: str, built: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the lock holds for an image on the same base as `built`; None when it holds nothing."""
    entry = read(project)["images"].get(name, {"bases": {}})
    found: dict[str, Any] | None = entry["bases"].get(built["base_layers"])
    return found


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


def compare(inputs: Inputs, built: Mapping[str, Any], *, update: bool) -> None:
    """Raise PipelineError when the lock holds another image for the same base.

    With `update` the image is recorded instead, and what was recorded for other files than its own goes.
    """
    if update:
        _record(inputs, built)
        return
    wanted = locked(inputs.project, inputs.name, built)
    if wanted is None:
        return
    if wanted["config"] == built["config"]:
        _require_same_documents(inputs.name, wanted, built)
        return
    before = read(inputs.project)["images"][inputs.name]["files"]
    changed = [path for path, digest in inputs.sources.items() if before.get(path) != digest]
    why = f"{', '.join(changed)} changed since" if changed else "the same files gave other bytes"
    differing = "; ".join(differences(wanted, built))
    raise PipelineError(
        f"the {inputs.name} image is not the one in {NAME} ({why}) and is not used. Locked is "
        f"{wanted['config']}, built {built['config']}: {differing}. "
        "If the change is meant: ./invoke build --update-lock"
    )


def _record(inputs: Inputs, built: Mapping[str, Any]) -> None:
    lock = read(inputs.project)
    files = dict(inputs.sources)
    entry = lock["images"].get(inputs.name, {})
    bases = entry["bases"] if entry.get("files") == files else {}
    lock["images"][inputs.name] = {"files": files, "bases": {**bases, built["base_layers"]: built}}
    write(inputs.project, lock)


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
