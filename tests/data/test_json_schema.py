"""jsonschema is the whole package, and its check of IRIs is there for whoever asks for it."""

import subprocess
import sys

from conftest import PROJECT

ASKED = """
import sys
from synthia.data import json_schema
jsonschema = json_schema.load()
print([name for name in sys.modules if name.partition(".")[0] in ("rfc3987_syntax", "lark")])
checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
print([checker.conforms(text, "iri") for text in ("https://example.com/\\u00e9", "no IRI")])
print("lark" in sys.modules, json_schema.load() is jsonschema)
"""


def test_iris_are_checked_by_their_own_package_when_a_format_asks_and_not_before() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={"PYTHONPATH": str(PROJECT / "src")}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["[]", "[True, False]", "True True"]
