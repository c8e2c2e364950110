"""What the verbs share: the words of a run, how a recipe is read, and how an error ends a command.

Exit codes: 1 a failed gate, 2 wrong use, 3 a missing requirement. Imports happen inside the functions, so
that `./invoke --list` stays instant.

Not covered: errors of the stages and tools that a verb starts, which end with codes of their own
(`synthia.__main__`, `synthia.boundary`).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from invoke import Exit

if TYPE_CHECKING:
    from synthia.recipe import Recipe

PROJECT = Path(__file__).resolve().parents[1]

RECIPE = {
    "recipe": "a name in recipes/ (default: synthia-7b)",
    "set": "override a value: --set training.learning_rate=1e-4 (may be repeated)",
}
RUN = {
    **RECIPE,
    "runtime": "host or docker (default: what the recipe names)",
    "force": "run it even when its output is current",
}
NODES = {
    "nnodes": "train together with other machines, so many in all; each is called with these three",
    "node-rank": "which one this is; node 0 runs the stages, the others only train along",
    "master-addr": "node 0 as the others reach it, HOST or HOST:PORT (default port: torchrun's 29500)",
}


@contextmanager
def boundary() -> Iterator[None]:
    """Turn the project's errors into Invoke's `Exit`: a message and an exit code, no traceback."""
    try:
        from synthia.errors import PipelineError
        from synthia.permissions import REFUSED, no_permission
    except ModuleNotFoundError as error:
        message = f"{error}: this Python lacks the host environment; run ./invoke instead"
        raise Exit(message, 3) from None
    try:
        yield
    except PipelineError as error:
        raise Exit(f"invoke: {error}", error.exit_code) from None
    except OSError as error:
        if error.errno not in REFUSED or not error.filename:
            raise
        raise Exit(f"invoke: {no_permission(error)}", 3) from None
    except KeyboardInterrupt:
        raise Exit("interrupted; complete outputs are untouched", 130) from None


def load(name: str, overrides: list[str]) -> "Recipe":
    """Read a recipe of `recipes/`, the default one for an empty name."""
    from synthia import recipe

    return recipe.load(PROJECT / "recipes", name or recipe.DEFAULT, overrides)


def runtime_of(word: str) -> str | None:
    """Read --runtime; None for what the recipe names. Raises UsageError."""
    from synthia.errors import UsageError

    if word not in ("", "host", "docker"):
        raise UsageError(f"--runtime {word!r}: it is host or docker")
    return word or None


def say_if_old(loaded: "Recipe") -> None:
    """Print a line where a model is served that another recipe or code would make anew."""
    from synthia import pipeline

    with suppress(FileNotFoundError):  # a model may be served where its data is not
        if said := pipeline.outdated(PROJECT, loaded):
            print(said, file=sys.stderr)
