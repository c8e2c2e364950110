"""Vendor the images: fill a folder with all that a build downloads, to repeat it without a network.

The folder holds the base image as an archive, and the wheels and the source that the Dockerfiles' own
fetch steps got and checked: the very files, taken out of those build stages. A target `T` of a
Dockerfile has a stage `T-vendored` that holds them.

Not covered: the engine and its plugins, and the base models of recipes.
"""

from pathlib import Path

from synthia.errors import MissingRequirement, UsageError
from synthia.host import engine
from synthia.images import build as images, buildx, inputs as image_inputs

BASE = "base.tar"


def fill(project: Path, folder: Path, base: str) -> None:
    """Fill `folder`, which must be new or empty. Raises MissingRequirement without base or engine."""
    engine.require()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder, or remove this one")
    for name in images.NAMES:
        reference = image_inputs.gather(project, name, base).base
        fill_from(project, name, stage(project, name, name), folder, reference)
    engine.base(reference)
    if engine.run(["save", "--output", str(folder / BASE), reference]) != 0:
        raise MissingRequirement(f"the base image {reference} could not be saved (see above)")


def stage(project: Path, name: str, target: str) -> str:
    """The stage of an image's Dockerfile with what a target is made from; empty when it has none."""
    text = (project / image_inputs.dockerfile(name)).read_text(encoding="utf-8")
    return f"{target}-vendored" if f" AS {target}-vendored\n" in text else ""


def fill_from(project: Path, name: str, stage: str, folder: Path, reference: str) -> None:
    """Add to `folder` the wheels and sources that one stage of an image's Dockerfile holds."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["--target", stage, "--output", f"type=local,dest={folder}"]
    words += ["--build-arg", f"BASE={reference}"]
    buildx.run(project, name, words, buildx.pip_settings())


def require(folder: Path) -> Path:
    """The folder, if it was filled. Raises UsageError otherwise."""
    missing = [name for name in (BASE, "wheels") if not (folder / name).exists()]
    if missing:
        raise UsageError(
            f"{folder} holds no {' and no '.join(missing)}: fill it where there is a network: "
            "./invoke vendor --folder FOLDER"
        )
    return folder.absolute()
