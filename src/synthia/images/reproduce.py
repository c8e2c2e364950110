"""Prove a reproducible build: make an image twice from nothing, varied, and compare every file of both.

The first build downloads what it needs; the second, of another checkout, has what the first one got in
a folder and no network (`synthia.images.vendor`). Varied besides: the checkout's folder, with spaces in
one; order, times and modes of its files; the order of packages in its locks; time zone, locale and umask;
how many compilers run at once. BuildKit's cache is not used. The image that the engine holds, which
came from whatever BuildKit had cached, is compared as well. On a difference a table names path, field
and both values, under the Dockerfile's instruction.

Not covered: another builder than BuildKit (`synthia.images.second_builder`), and another machine: there the
lock is what is compared.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthia.errors import PipelineError
from synthia.host import disk, engine, environments
from synthia.images import (
    build as images,
    buildx,
    inputs as image_inputs,
    notes as image_notes,
    oci,
    rootfs,
    vendor,
)

SHOWN = 40
"""Lines of a table of differences."""
INSIDE = "what differs inside a file: export both builds (--output type=local,dest=FOLDER) for diffoscope"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What one of the two builds is given."""

    folder: str
    reverse: bool
    """The files are made, and the packages of each lock listed, in the opposite order."""
    umask: int
    mtime: int
    jobs: int
    """Compilers that run at once."""
    env: Mapping[str, str]
    offline: bool = False
    """It has no network, and what the build before it downloaded."""


CONDITIONS = (
    Condition(folder="checkout", reverse=False, umask=0o022, mtime=1_000_000_000, jobs=2,
              env={"TZ": "UTC", "LC_ALL": "C"}),
    Condition(folder="another checkout", reverse=True, umask=0o002, mtime=1_700_000_000, jobs=3,
              env={"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"}, offline=True),
)  # fmt: skip


def run(project: Path, names: Sequence[str], base: str, target: str) -> Iterator[str]:
    """Reproduce one image or both; yields what to print. Raises PipelineError on a difference."""
    engine.require()
    wanted = images.known(names)
    place = environments.cache_root() / "reproduce"
    with environments.file_lock(place / ".lock", f"another run reproduces images in {place}"):
        for name in wanted:
            try:
                yield from _reproduce(project, place, name, base, target or name)
            finally:
                _clear(place)


def _clear(place: Path) -> None:
    """Remove what a run made, also one that was killed."""
    for path in place.iterdir():
        if path.is_dir():
            shutil.rmtree(path)


def _reproduce(project: Path, place: Path, name: str, base: str, target: str) -> Iterator[str]:
    _clear(place)
    inputs = image_inputs.gather(project, name, base)
    beneath = engine.base(inputs.base)
    stage = vendor.stage(project, name, target)
    vendored = place / "vendor"
    if target == name:
        images.require_free(f"reproducing the {name} image", disk.REPRODUCED[name], place)
    built = []
    for number, condition in enumerate(CONDITIONS):
        copy = arrange(project, place / str(number), condition)
        offline = condition.offline and bool(stage)
        begun = time.monotonic()
        image = buildx.build(
            copy, name, target=target, base=inputs.base, beneath=beneath,
            layout=place / f"{number}" / "layout", vendored=vendored if offline else None,
            options=["--no-cache"], jobs=condition.jobs, env=condition.env,
        )  # fmt: skip
        built.append(image)
        shutil.rmtree(image.folder)  # what is compared was read; two layouts would fill disks
        how = "without any network" if offline else "with downloads"
        yield f"{target:12} {image.config_digest}  {how}, {time.monotonic() - begun:.0f} s"
        if stage and not offline:
            vendor.fill_from(copy, name, stage, vendored, inputs.base)
    compare(target, *built)
    loaded = image_notes.current(inputs) if target == name else None
    if loaded and loaded.config != built[0].config_digest:
        raise PipelineError(
            f"the engine holds {loaded.reference}, {loaded.config}, built from the same files: BuildKit's "
            f"cache has given it something else; docker image rm {loaded.reference} and ./invoke build"
        )
    yield f"{target:12} the same twice{', and as in the engine' if loaded else ''}"


def arrange(project: Path, folder: Path, condition: Condition) -> Path:
    """A copy of what a build reads, as another person's checkout might have it."""
    copy = folder / condition.folder
    files = sorted(
        [*project.glob("Dockerfile.*"), project / ".dockerignore",
         *project.glob("requirements/*.txt"), *project.glob("docker/*.sh"),
         *(project / path for path in image_inputs.context(project))],
        reverse=condition.reverse,
    )  # fmt: skip
    before = os.umask(condition.umask)
    try:
        for number, file in enumerate(files):
            to = copy / file.relative_to(project)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to)
            # What is copied into an image, and left-out.txt, must stay as they are.
            if condition.reverse and file.name in ("train.txt", "convert.txt"):
                to.write_text(reversed_lock(file.read_text(encoding="utf-8")), encoding="utf-8")
            os.utime(to, (condition.mtime + number, condition.mtime + number))
    finally:
        os.umask(before)
    return copy


def reversed_lock(text: str) -> str:
    """The same packages and hashes, last one first: installers are given another order."""
    entries = re.findall(r"^[^\s#].*(?:\n[ \t].*)*\n", text, re.MULTILINE)
    return "".join(reversed(entries))


def compare(name: str, one: oci.Image, other: oci.Image) -> None:
    """Raise PipelineError, with a table of what differs, unless two images are the same."""
    if one.config_digest == other.config_digest:
        return
    lines, inside = [], False
    for before, after in zip(one.layers, other.layers, strict=False):
        if before.made_by != after.made_by:
            lines.append(f"instruction: {before.made_by} | {after.made_by}")
        elif before.diff_id != after.diff_id:
            lines.append(" ".join(before.made_by.split()))
            trees = [{entry.path: entry for entry in layer.entries} for layer in (before, after)]
            found = rootfs.differences(*trees)
            lines += [
                f"  {path}  {field}  {first} | {second}" for path, field, first, second in found
            ]
            lines += [] if found else ["  the files are the same, packed otherwise"]
            inside |= any(field == "content" for _, field, *_ in found)
    lines = lines or ["the layers are the same, the configurations differ"]
    more = [f"and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    more += [INSIDE] if inside else []
    table = "\n".join(lines[:SHOWN] + more)
    raise PipelineError(
        f"two builds of the {name} image differ: {one.config_digest} | {other.config_digest}\n{table}"
    )
