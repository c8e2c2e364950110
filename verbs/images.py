"""Verbs of the images: build, push, pull, build twice and compare, fill a folder for an offline build.

Not covered: running a stage in one (`verbs.pipeline`, with --runtime docker).
"""

from pathlib import Path

from invoke import Context, task

from verbs.common import PROJECT, boundary


@task(
    iterable=["image"],
    help={
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
        "base": "another base image than the Dockerfiles name",
        "update-lock": "record what was built in images.lock.json",
        "vendor": "a folder that ./invoke vendor filled: build without any network",
    },
)
def build(
    c: Context, image: list[str] = [], base: str = "", update_lock: bool = False, vendor: str = ""
) -> None:
    """Build the images, check every byte, compare with images.lock.json, and load them."""
    with boundary():
        from synthia.images import build as images, vendor as vendors

        folder = vendors.require(Path(vendor)) if vendor else None
        loaded = images.build(PROJECT, image, base, update_lock=update_lock, vendored=folder)
        print("\n".join(images.summary(PROJECT, loaded)))


@task(
    iterable=["image"],
    help={
        "repository": "REGISTRY/NAME",
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
    },
)
def push(c: Context, repository: str, image: list[str] = []) -> None:
    """Push the images that were built, and that images.lock.json holds, into a registry."""
    with boundary():
        from synthia.images import registry

        print("\n".join(registry.push(PROJECT, repository, image)))


@task(
    iterable=["image"],
    help={
        "repository": "REGISTRY/NAME",
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
        "base": "which, where images.lock.json holds several and not the one of the Dockerfiles",
    },
)
def pull(c: Context, repository: str, image: list[str] = [], base: str = "") -> None:
    """Pull the images of images.lock.json by digest, in place of building them."""
    with boundary():
        from synthia.images import build as images, registry

        loaded = registry.pull(PROJECT, repository, image, base)
        print("\n".join(images.summary(PROJECT, loaded)))


@task(help={"folder": "a new folder", "base": "another base image than the Dockerfiles name"})
def vendor(c: Context, folder: str = "vendor", base: str = "") -> None:
    """Download all that the images are built from, for a build without a network."""
    with boundary():
        from synthia.images import vendor as vendors

        vendors.fill(PROJECT, Path(folder), base)
        print(f"{folder}: now ./invoke build --vendor {folder} needs no network")


@task(
    iterable=["image"],
    help={
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
        "base": "another base image than the Dockerfiles name",
        "target": "a build stage of the Dockerfile: that one only, which is quicker",
        "builder": "buildah: build once with it, and compare what both builders' images hold",
    },
)
def reproduce(
    c: Context, image: list[str] = [], base: str = "", target: str = "", builder: str = "buildkit"
) -> None:
    """Build twice from nothing, under varied conditions, and compare every file."""
    with boundary():
        from synthia.errors import UsageError
        from synthia.images import reproduce as twice, second_builder

        ways = {"buildkit": twice.run, "buildah": second_builder.run}
        if builder not in ways:
            raise UsageError(f"--builder {builder!r}: it is {' or '.join(ways)}")
        for line in ways[builder](PROJECT, image, base, target):
            print(line, flush=True)
