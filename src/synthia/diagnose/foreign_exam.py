"""`./invoke evaluate --bfcl`: a finished run's models answer cases of BFCL, of which none was trained on.

Written into `outputs/<recipe>/bfcl/`: each arm's answers, and `bfcl.json` with counts by category and what
BFCL's checker says of each case that is wrong. It decides nothing.

Not covered: containers; the train environment of this machine is used (`synthia.stages.bfcl_exam`).
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from synthia import records
from synthia.data import held_out
from synthia.errors import UsageError
from synthia.host import downloads, environments
from synthia.recipe import Recipe
from synthia.run import launch

MODULE = "synthia.stages.bfcl_exam"


def run(project: Path, recipe: Recipe, cases: int | None) -> list[str]:
    """Ask, judge, write, and return the table; `cases` of each category, or all.

    Raises UsageError for a number that is none, MissingRequirement without the wheel.
    """
    if cases is not None and cases < 0:
        raise UsageError(f"--cases {cases}: it is a number of cases, or left out for all")
    lock = project / "requirements" / held_out.LOCK
    wheel = downloads.locked(lock, environments.cache_root() / "downloads")
    outputs = project / "outputs" / recipe.name
    work, out = outputs / "bfcl.partial", outputs / "bfcl"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    launch.run_tool(project, MODULE, [], {
        "recipe": recipe.model_dump(mode="json"), "outputs": str(outputs), "out": str(work),
        "wheel": str(wheel), "cases": cases,
    }, "train")  # fmt: skip
    shutil.rmtree(out, ignore_errors=True)
    work.rename(out)
    return [*table(records.read(out / "bfcl.json")), f"answers: {out}"]


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """A line for each arm and category: cases, right ones strictly and in any form, stopped ones."""
    yield f"{'':10}{'':15}{'cases':>7}{'strictly':>10}{'any form':>10}{'stop':>7}"
    for arm, said in found.items():
        for category, counted in said["categories"].items():
            cases = counted["cases"]
            shares = [counted.get(key, 0) / cases for key in ("strict", "any_form", "stops")]
            yield (
                f"{arm:10}{category:15}{cases:7}{shares[0]:10.0%}{shares[1]:10.0%}{shares[2]:7.0%}"
            )
