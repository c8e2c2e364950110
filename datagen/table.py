"""Tables: TOML files below `datagen/tables/`, read into models that say what belongs in them.

A model names every key of its file; an unknown key, a missing one, or a value of another type is
an error that names the file and the key. Arrays and tables keep the order of the file, because rows
are drawn by position: what is added or moved in a table redraws all rows that draw from it.

Not covered: templates of projects and whole apps, which are files of their own (`datagen.worlds`).
"""

import json
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from synthia.errors import UsageError

TABLES = Path(__file__).parent / "tables"


class Table(BaseModel):
    """What all tables share: no unknown keys, no silent conversions, no changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


T = TypeVar("T", bound=Table)


def read(path: Path, kind: type[T]) -> T:
    """Read a TOML file into its model. Raises UsageError with the file and the key at fault."""
    name = path.relative_to(TABLES.parent.parent) if path.is_relative_to(TABLES) else path
    try:
        # As JSON, because there an array may fill a tuple and a table a named one, and no more.
        values = json.dumps(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{name} cannot be read: {error}") from None
    try:
        return kind.model_validate_json(values)
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise UsageError(f"{name}: {key}: {problem['msg']}") from None
