"""The lockfile of images, `images.lock.json`: those that everyone who builds this checkout must get.

For each image it holds the digests of the Dockerfile and of the requirements it is made from; once, because
no base changes them, the layers of this project with their instructions, packages and other files, so that
a difference can be told by name; and for each base that was recorded, the digests of the configuration, of
the image's manifest, of the root file system, of the bill of materials and of the statement that
`synthia.images.build` writes.

So on a base that nobody recorded the layers are compared all the same, and only the rest is new.

Not covered: how images are built and loaded (`synthia.images.make`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import records
from synthia.errors import PipelineError
from synthia.images.description import LAYERS
from synthia.images.inputs import Inputs

NAME = "images.lock.json"


def read(project: Path) -> dict[str, Any]:
    """The lock file; empty where there is none."""
    path = project / NAME
    return records.read(path) if path.exists() else {"images": {}}


def write(project: Path, lock: dict[str, Any]) -> None:
    """Write the lock file in its one form."""
    records.write(project / NAME, lock)


def layers(project: Path, name: str) -> list[dict[str, Any]]:
    """The layers that an image has on every base; none when the lock does not know it."""
    found: list[dict[str, Any]] = read(project)["images"].get(name, {}).get("layers", [])
    return found


def locked(project: Path, name: str, built: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the lock holds for an image on the same base as `built`; None when it holds nothing."""
    entry = read(project)["images"].get(name, {"bases": {}})
    found: dict[str, Any] | None = entry["bases"].get(built["base_layers"])
    return found


def differences(
    wanted: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    changed: Sequence[str] = (),
) -> Iterator[str]:
    """Say where built layers differ from the locked ones: instruction, package, file.

    `changed` are paths whose content is not what their wheel's own list says.
    """
    if len(wanted) != len(found):
        yield f"{len(wanted)} layers are locked, {len(found)} were built"
    for number, (before, now) in enumerate(zip(wanted, found, strict=False)):
        if before["diff_id"] == now["diff_id"]:
            continue
        if before["made_by"] != now["made_by"]:
            yield f"layer {number} is made by {now['made_by']!r}, locked is {before['made_by']!r}"
            continue
        one, other = before["packages"], now["packages"]
        names = [
            name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)
        ]
        inside = {
            name: [path for path in changed if f"/site-packages/{name}/" in path] for name in names
        }
        said = [
            f"{name} ({', '.join(inside[name][:4])})" if inside[name] else name for name in names
        ]
        what = ", ".join(said[:12]) or "packed otherwise, the files are the same"
        more = f" and {len(said) - 12} more" if len(said) > 12 else ""
        yield f"layer {number} ({now['made_by'][:70]}): {what}{more}"


def compare(
    inputs: Inputs, built: Mapping[str, Any], *, update: bool, changed: Sequence[str] = ()
) -> None:
    """Raise PipelineError when the layers are not the locked ones, or on a recorded base anything is not.

    With `update` the image is recorded instead. What other bases gave stays when the files it was made
    from and the layers are the same.
    """
    if not update:
        _require_locked(inputs, built, changed)
    else:
        _record(inputs, built)


def _require_locked(inputs: Inputs, built: Mapping[str, Any], changed: Sequence[str]) -> None:
    entry = read(inputs.project)["images"].get(inputs.name)
    if entry is None:
        return
    files = [path for path, digest in inputs.sources.items() if entry["files"].get(path) != digest]
    why = f"{', '.join(files)} changed since" if files else "the same files gave other bytes"
    differing = list(differences(entry["layers"], built["layers"], changed))
    wanted = entry["bases"].get(built["base_layers"])
    if not differing and wanted and wanted["config"] != built["config"]:
        differing = [
            f"the layers are the same, the configuration differs (environment, user or history): locked is "
            f"{wanted['config']}, built {built['config']}"
        ]
    if differing:
        raise PipelineError(
            f"the {inputs.name} image is not the one in {NAME} ({why}) and is not used. "
            f"{'; '.join(differing)}. If the change is meant: ./invoke build --update-lock"
        )
    if wanted:
        _require_same_documents(inputs.name, wanted, built)


def _record(inputs: Inputs, built: Mapping[str, Any]) -> None:
    lock = read(inputs.project)
    once = {"files": dict(inputs.sources), **{key: built[key] for key in LAYERS}}
    entry = lock["images"].get(inputs.name, {})
    same = {key: entry.get(key) for key in once} == once
    base = {key: value for key, value in built.items() if key not in LAYERS}
    bases = {**(entry["bases"] if same else {}), built["base_layers"]: base}
    lock["images"][inputs.name] = {**once, "bases": bases}
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
