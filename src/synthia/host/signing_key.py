"""The key that packages are signed with: where its file is found, and that nobody else may read it.

The environment variable SYNTHIA_SIGNING_KEY names a file with an EC private key (PEM), and
SYNTHIA_SIGNING_PASSWORD holds its password if it has one. Both reach the signing process alone, by its
standard input; neither is ever an argument, a line of a log, or part of a recipe or manifest.

Not covered: signing (`synthia.stages.hub.signature`), and what kind of key it is; that says so.
"""

import os
from pathlib import Path

from synthia.errors import MissingRequirement, UsageError

FILE_VARIABLE, PASSWORD_VARIABLE = "SYNTHIA_SIGNING_KEY", "SYNTHIA_SIGNING_PASSWORD"


def find() -> Path:
    """The file of the private key. Raises MissingRequirement, or UsageError where others may read it."""
    named = os.environ.get(FILE_VARIABLE, "")
    if not named:
        raise MissingRequirement(
            "the recipe has hub.public_key, so packages are signed: name the file of the private key by "
            f"{FILE_VARIABLE}"
        )
    file = Path(named).expanduser()
    if not file.is_file():
        raise MissingRequirement(f"{FILE_VARIABLE} names {file}, and there is no such file")
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        raise UsageError(
            f"{file} holds the signing key and has the mode {mode:04o}, so others can read it: "
            f"chmod 600 {file}"
        )
    return file


def password() -> str:
    """The password of the key's file, "" where it has none."""
    return os.environ.get(PASSWORD_VARIABLE, "")
