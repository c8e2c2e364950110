"""Sizes of the built images against the project's targets, and the time of a build with nothing to do.

Usage, after `./invoke build`:  python benchmarks/images.py
Sizes are those of the uncompressed layers, as the last build noted them; a layer that two images share
is counted once. Seconds are of one call of `./invoke build` on the same base.

Not covered: the time of a build from nothing, which `./invoke reproduce` prints, and what the engine's
store adds (containerd keeps each layer packed and unpacked, about twice the size).
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia.images import (  # noqa: E402
    build as images,
    inputs as image_inputs,
    notes as image_notes,
)

GB = 10**9
TARGETS = {
    "train, unpacked": 6.5,
    "convert beyond train": 0.2,
    "convert-cuda beyond train": 1.5,
    "train and convert together": 8.5,
}
"""Gigabytes (10^9 bytes), at most."""
NO_OP_SECONDS = 3.0


def layers(name: str) -> dict[str, int]:
    """Sizes in bytes by diffID of the last build of an image; empty when it was not built."""
    note = image_notes.read(image_inputs.gather(PROJECT, name))
    every = [*note.described["beneath"], *note.described["layers"]] if note else []
    return {layer["diff_id"]: layer["size"] for layer in every}


def sizes(found: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """What TARGETS is about, in bytes, as far as the images were built."""
    train, convert, cuda = (found[name] for name in images.NAMES)
    said = {}
    if train:
        said["train, unpacked"] = sum(train.values())
        for name, other in (("convert", convert), ("convert-cuda", cuda)):
            if other:
                own = sum(size for diff_id, size in other.items() if diff_id not in train)
                said[f"{name} beyond train"] = own
    if train and convert:
        said["train and convert together"] = sum({**train, **convert}.values())
    return said


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description="sizes of the images, and a build with nothing to do"
    )
    parser.parse_args()
    found = {name: layers(name) for name in images.NAMES}
    if not any(found.values()):
        sys.exit("no image of these files was built here: ./invoke build")
    for what, size in sizes(found).items():
        print(f"{what:28} {size / GB:6.2f} GB   target {TARGETS[what]:.1f} GB")
    notes = [image_notes.read(image_inputs.gather(PROJECT, name)) for name in images.DEFAULT]
    bases = {note.described["base"] for note in notes if note}
    words = [word for note in notes if note for word in ("--image", note.name)]
    begun = time.monotonic()
    for base in bases:
        subprocess.run(
            [str(PROJECT / "invoke"), "build", "--base", base, *words], check=True, cwd=PROJECT,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
    seconds = time.monotonic() - begun
    print(f"{'./invoke build, no-op':28} {seconds:6.2f} s    target {NO_OP_SECONDS:.1f} s")


if __name__ == "__main__":
    main()
