"""Build a stage with Buildah too: diverse builders must put the same files into it.

Buildah shares neither code nor cache with BuildKit: it gets the base from the engine, fetches, installs
and compiles everything itself, and packs it into layers of its own. So digests of layers cannot agree,
but what a container sees must: every path with its kind, mode, owner, link and content.

Not covered: times, which Buildah leaves as they were, and the configuration, which each builder writes
in a form of its own; a build without a network (`synthia.images.vendor`).
"""

import hashlib
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from synthia import bound_process, manifest
from synthia.errors import MissingRequirement, PipelineError
from synthia.host import engine, environments
from synthia.images import (
    build as images,
    buildx,
    inputs as image_inputs,
    oci,
    rootfs,
)

SHOWN = 40
"""Lines of a table of differences."""


def run(project: Path, names: Sequence[str], base: str, target: str) -> Iterator[str]:
    """Build with both builders and compare; yields what to print. Raises PipelineError on a difference."""
    program()
    engine.require()
    wanted = images.known(names)
    place = environments.cache_root() / "second-builder"
    with environments.file_lock(place / ".lock", f"another run builds with Buildah in {place}"):
        for name in wanted:
            reference = image_inputs.gather(project, name, base).base
            beneath = engine.base(reference)
            stage = target or name
            layout = place / "layout"  # of one, then of the other: two would fill disks
            try:
                shutil.rmtree(layout, ignore_errors=True)
                one = buildx.build(
                    project, name, target=stage, base=reference, beneath=beneath, layout=layout
                )
                shutil.rmtree(layout)
                other = build(project, name, target=stage, base=reference, layout=layout)
            finally:
                shutil.rmtree(layout, ignore_errors=True)
            yield compare(stage, one, other)


def program() -> str:
    """The path of buildah. Raises MissingRequirement without one."""
    found = shutil.which("buildah")
    if found is None:
        raise MissingRequirement(
            "Buildah is not installed (no `buildah` in PATH): install version 1.33 or newer (Debian and "
            "Ubuntu: sudo apt-get install buildah netavark) and run the command again"
        )
    return found


def build(project: Path, name: str, *, target: str, base: str, layout: Path) -> oci.Image:
    """Build a stage of an image's Dockerfile, all of it, on the engine's image `base` into a new folder.

    Only the base stays in Buildah's own store. Raises PipelineError when a step fails.
    """
    layout.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=layout, prefix=".") as place:
        folder = Path(place)
        (folder / "vendor").mkdir()
        words = ["build", "--layers=false", "--network", "host", "--target", target, *_limits()]
        words += ["--build-arg", f"BASE={_take_over(base, folder)}"]
        words += ["--build-context", f"vendor={folder}/vendor", "--iidfile", f"{folder}/id"]
        words += ["--file", str(project / image_inputs.dockerfile(name))]
        with buildx.secrets(buildx.pip_settings()) as given:
            _call([*words, *given, str(project)])
        image = (folder / "id").read_text(encoding="utf-8")
        # Into an OCI layout it would compress the layers; into a folder of its own kind it need not.
        _call(["push", "--quiet", "--disable-compression", image, f"dir:{folder}/pushed"])
        _call(["rmi", image])
        _arrange(folder / "pushed", layout)
    return oci.read(layout)


def _take_over(base: str, folder: Path) -> str:
    """Copy an image from the engine to Buildah's store; return its identity there."""
    archive = folder / "base.tar"
    if engine.run(["save", "--output", str(archive), base]) != 0:
        raise PipelineError(f"the engine did not hand over the base image {base} (see above)")
    command = [program(), "pull", "--quiet", f"docker-archive:{archive}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    archive.unlink(missing_ok=True)
    if done.returncode != 0:
        raise PipelineError(f"Buildah did not take over the base image {base} (see above)")
    return done.stdout.strip()


def _limits() -> list[str]:
    """The limits of this process, for the steps: Buildah's own defaults may be above them."""
    words = []
    for kind, number in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
        hard = resource.getrlimit(number)[1]
        words += ["--ulimit", f"{kind}={hard}:{hard}"]
    return words


def _call(words: Sequence[str]) -> None:
    """Run a command of Buildah that ends when this process does; all that it prints is progress."""
    command = bound_process.command([program(), *words])
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:
        raise PipelineError(f"buildah {words[0]} failed (see above)")


def _arrange(pushed: Path, layout: Path) -> None:
    """Make an OCI layout of a folder that holds a manifest and, by their digests, what it names."""
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    (pushed / "version").unlink()
    content = (pushed / "manifest.json").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    (pushed / "manifest.json").rename(pushed / digest)
    for blob in pushed.iterdir():
        blob.rename(blobs / blob.name)
    named = {"mediaType": oci.MANIFEST, "digest": f"sha256:{digest}", "size": len(content)}
    (layout / "index.json").write_bytes(manifest.encode({"schemaVersion": 2, "manifests": [named]}))
    (layout / "oci-layout").write_bytes(manifest.encode({"imageLayoutVersion": "1.0.0"}))


def compare(stage: str, one: oci.Image, other: oci.Image) -> str:
    """Say that the images of both builders hold the same. Raises PipelineError with a table if not."""
    trees = [rootfs.of_layers(image.layers) for image in (one, other)]
    found = rootfs.differences(*trees)
    if not found:
        return f"{stage:8} the same from both builders: rootfs {rootfs.digest(trees[0].values())}"
    lines = [
        f"  {path}  {field}  {first} | {second}" for path, field, first, second in found[:SHOWN]
    ]
    more = [f"and {len(found) - SHOWN} more lines"] if len(found) > SHOWN else []
    table = "\n".join(lines + more)
    raise PipelineError(f"BuildKit and Buildah make different files of {stage}\n{table}")
