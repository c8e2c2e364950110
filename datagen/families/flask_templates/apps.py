"""The small Flask apps: the user's request, the code, requests that try it, the report.

An app is a folder in `datagen/tables/flask_templates/`: `app.py`, perhaps `test_app.py` and modules
beside it, which are real files that are linted and tested, and `about.toml` with the conversation.

Not covered: writing and trying them (`datagen.families.flask_templates.scenarios`).
"""

from collections.abc import Mapping
from typing import Any

from datagen import table
from datagen.table import Table

FOLDER = table.TABLES / "flask_templates"


class Check(Table):
    """A request that tries the app."""

    method: str
    path: str
    json_body: Mapping[str, Any] | None = None
    status: int
    """What it must give."""
    saying: str = ""
    """A sentence before the request."""


class About(Table):
    """The conversation around one app."""

    about: str
    system: str = ""
    ask: str
    modules: tuple[str, ...] = ()
    """Written before app.py, in this order."""
    write: str = ""
    """A sentence before app.py is written."""
    test: str = ""
    """A sentence before the tests are run."""
    tests_first: bool = False
    """Whether the tests run before the requests."""
    others: int = 1
    """Tools that are offered though nothing calls them."""
    report: str
    checks: tuple[Check, ...]


class Apps(Table):
    """The names of all apps."""

    apps: tuple[str, ...]


APPS = {
    name: table.read(FOLDER / name / "about.toml", About)
    for name in table.read(table.TABLES / "flask_templates.toml", Apps).apps
}


def source(app: str, file: str) -> str:
    """The text of a file of an app; "" where it has none of that name."""
    path = FOLDER / app / file
    return path.read_text(encoding="utf-8") if path.exists() else ""
