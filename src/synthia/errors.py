"""The one family of errors that a user can meet, each with its exit code.

A message says what failed, what was found (file, line, value), and what to do. `tasks.py` and
`python -m synthia` catch `PipelineError` at the process boundary and print its text without a
traceback. Anything else that escapes is a bug of this project and keeps its traceback.

Not covered: which gate failed and why, that is data, see `synthia.gates`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthia.gates import Gate


class PipelineError(Exception):
    """A stage or command could not do its work."""

    exit_code = 1


class StageStopped(PipelineError):
    """A stage ended in its own process, which has already said why; carries its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class GateFailed(PipelineError):
    """A check with a threshold was not met: the run stops before anything builds on it."""

    exit_code = 1

    def __init__(self, message: str, gates: Sequence["Gate"] = ()) -> None:
        super().__init__(message)
        self.gates = tuple(gates)


class UsageError(PipelineError):
    """The recipe, the command's words or the data are wrong, and the user can correct them."""

    exit_code = 2


class MissingRequirement(PipelineError):
    """The machine lacks something that the run needs: a GPU, disk space, a package, a network."""

    exit_code = 3
