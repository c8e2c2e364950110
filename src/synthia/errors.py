"""The one family of errors that a user can meet, each with its exit code.

A message says what failed, what was found (file, line, value), and what to do. `tasks.py` and
`python -m synthia` catch `PipelineError` at the process boundary and print its text without a
traceback. Anything else that escapes is a bug of this project and keeps its traceback.

Not covered: the error of a failed gate, which carries the gates judged (`synthia.gates.GateFailed`).
"""


class PipelineError(Exception):
    """A stage or command could not do its work."""

    exit_code = 1


class StageStopped(PipelineError):
    """A stage ended in its own process, which has already said why; carries its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(PipelineError):
    """The recipe, the command's words or the data are wrong, and the user can correct them."""

    exit_code = 2


class MissingRequirement(PipelineError):
    """The machine lacks something that the run needs: a GPU, disk space, a package, a network."""

    exit_code = 3
