"""The verbs of `./invoke`, gathered from `verbs/`; `./invoke --list` is the table of contents."""

import sys
from pathlib import Path

from invoke import Collection, Task

sys.path.insert(0, str(Path(__file__).resolve().parent / "src"))

from verbs import data, images, pipeline, product, project

namespace = Collection(
    *(
        found
        for subject in (pipeline, data, images, product, project)
        for found in vars(subject).values()
        if isinstance(found, Task)
    )
)
