"""Build an image twice from nothing, under varied conditions, and compare every file of both.

Varied are what a client can vary: the folder's name, with spaces in one; the order, times and modes of
the checkout's files; time zone, locale and umask. BuildKit's cache is not used. On a difference a table
names path, field and both values, under the Dockerfile's instruction.

Not covered: another builder than BuildKit, and another machine: there the lock is what is compared.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthia import buildx, engine, environments, images, oci, rootfs
from synthia.errors import PipelineError

SHOWN = 40
"""Lines of a table of differences."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What one of the two builds is given."""

    folder: str
    reverse: bool
    umask: int
    mtime: int
    env: Mapping[str, str]


CONDITIONS = (
    Condition(folder="checkout", reverse=False, umask=0o022, mtime=1_000_000_000,
              env={"TZ": "UTC", "LC_ALL": "C"}),
    Condition(folder="another checkout", reverse=True, umask=0o002, mtime=1_700_000_000,
              env={"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"}),
)  # fmt: skip


def run(project: Path, names: Sequence[str], base: str, target: str) -> Iterator[str]:
    """Reproduce one image or both; yields what to print. Raises PipelineError on a difference."""
    engine.require()
    for name in images.known(names):
        reference = base or images.default_base(project, name)
        beneath = buildx.pull(reference)
        place = environments.cache_root() / "reproduce"
        place.mkdir(parents=True, exist_ok=True)
        built = []
        for condition in CONDITIONS:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                copy = arrange(project, Path(folder), condition)
                built.append(
                    buildx.build(
                        copy, name, target=target or name, base=reference, beneath=beneath,
                        layout=Path(folder) / "layout", options=["--no-cache"], env=condition.env,
                    )
                )  # fmt: skip
        yield compare(name, *built)


def arrange(project: Path, folder: Path, condition: Condition) -> Path:
    """A copy of what a build reads, as another person's checkout might have it."""
    copy = folder / condition.folder
    files = sorted(
        [*project.glob("Dockerfile.*"), project / ".dockerignore", *project.glob("requirements/*.txt"),
         *(project / path for path in images.CONTEXT)],
        reverse=condition.reverse,
    )  # fmt: skip
    before = os.umask(condition.umask)
    try:
        for number, file in enumerate(files):
            to = copy / file.relative_to(project)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to)
            os.utime(to, (condition.mtime + number, condition.mtime + number))
    finally:
        os.umask(before)
    return copy


def compare(name: str, one: oci.Image, other: oci.Image) -> str:
    """Say that two images are the same. Raises PipelineError with a table where they are not."""
    if one.config_digest == other.config_digest:
        return f"{name:8} the same twice: {one.config_digest}"
    lines = []
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
    lines = lines or ["the layers are the same, the configurations differ"]
    more = [f"and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else []
    table = "\n".join(lines[:SHOWN] + more)
    raise PipelineError(
        f"two builds of the {name} image differ: {one.config_digest} | {other.config_digest}\n{table}"
    )
