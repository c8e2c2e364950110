"""The package jsonschema, imported without the seconds that its check of IRIs takes.

Where rfc3987-syntax is installed, jsonschema imports it for the formats "iri" and "iri-reference", and it
compiles 39 grammars: 2.7 s of a processor for every process. The project checks no formats, so that is
put off until something else in the process asks for one.

Not covered: what schemas are held to; that is in `synthia.data.tool_calls`.
"""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

IRIS = "rfc3987_syntax"


def load() -> Any:
    """The module jsonschema."""
    if "jsonschema" in sys.modules or IRIS in sys.modules or find_spec(IRIS) is None:
        return importlib.import_module("jsonschema")
    later = ModuleType(IRIS)
    later.__dict__["is_valid_syntax"] = _is_valid_syntax
    sys.modules[IRIS] = later
    try:
        return importlib.import_module("jsonschema")
    finally:
        del sys.modules[IRIS]


def _is_valid_syntax(*words: str) -> Any:
    return importlib.import_module(IRIS).is_valid_syntax(*words)
