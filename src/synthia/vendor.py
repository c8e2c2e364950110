"""Fill a folder with all that a build downloads, so that it can be repeated where there is no network.

The folder holds the base image as an archive, and the wheels and the source that the Dockerfiles' own
fetch steps got and checked: the very files, taken out of those build stages.

Not covered: the engine and its plugins, and the base models of recipes.
"""

from pathlib import Path

from synthia import buildx, engine, images
from synthia.errors import MissingRequirement, UsageError

BASE = "base.tar"
STAGE = "vendored"
"""The stage of each Dockerfile that holds what it downloads."""


def fill(project: Path, folder: Path, base: str) -> None:
    """Fill `folder`, which must be new or empty. Raises MissingRequirement without base or engine."""
    engine.require()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: name a new folder, or remove this one")
    folder.mkdir(parents=True, exist_ok=True)
    settings = buildx.pip_settings()
    for name in images.NAMES:
        words = ["--target", STAGE, "--output", f"type=local,dest={folder}"]
        buildx.run(project, name, [*words, "--build-arg", f"BASE={_base(project, base)}"], settings)
    reference = _base(project, base)
    buildx.pull(reference)
    if engine.run(["save", "--output", str(folder / BASE), reference]) != 0:
        raise MissingRequirement(f"the base image {reference} could not be saved (see above)")


def require(folder: Path) -> Path:
    """The folder, if it was filled. Raises UsageError otherwise."""
    missing = [name for name in (BASE, "wheels") if not (folder / name).exists()]
    if missing:
        raise UsageError(
            f"{folder} holds no {' and no '.join(missing)}: fill it where there is a network: "
            "./invoke vendor --folder FOLDER"
        )
    return folder.absolute()


def _base(project: Path, base: str) -> str:
    return base or images.default_base(project, images.NAMES[0])
