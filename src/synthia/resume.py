"""Checkpoints whose completeness is proven: each gets a manifest, written last.

transformers writes a checkpoint file by file and, on resume, takes the newest folder unchecked. Here
the SHA-256 of every file is added once all are written; a checkpoint without a manifest that
verifies is torn, is named, and is removed.

Not covered: what is in a checkpoint. transformers saves adapter, optimizer, schedule, random states
and history, which together make a resumed run equal to an undisturbed one.
"""

import shutil
from pathlib import Path

from synthia import manifest, records, terminal

FOLDER = "checkpoints"
"""Where a stage that is continued keeps them, in its work folder."""
NAME = "checkpoint.json"


def seal(folder: Path) -> None:
    """Write the manifest of a checkpoint, atomically."""
    digests = {path.name: manifest.sha256(path) for path in sorted(folder.iterdir())}
    records.write(folder / NAME, digests)


def newest(folder: Path) -> Path | None:
    """The newest checkpoint that verifies; torn ones are named on stderr and removed."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: -int(path.name.split("-")[1]))
    for checkpoint in found:
        if (problem := _problem(checkpoint)) == "":
            return checkpoint
        terminal.say(f"{checkpoint.name} is torn ({problem}) and is skipped")
        shutil.rmtree(checkpoint)
    return None


def _problem(checkpoint: Path) -> str:
    """Why a checkpoint cannot be trusted; "" where it can."""
    try:
        digests = records.read(checkpoint / NAME)
    except (FileNotFoundError, ValueError):
        return "its manifest is missing"
    for name, expected in digests.items():
        if not (checkpoint / name).is_file():
            return f"{name} is missing"
        if manifest.sha256(checkpoint / name) != expected:
            return f"{name} differs from its manifest"
    return ""
