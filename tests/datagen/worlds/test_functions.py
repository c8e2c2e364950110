"""Every small function passes its cases, and every seeded bug makes one of them fail."""

import contextlib
import io
import random

import pytest
from pydantic import ValidationError

from datagen.worlds import functions
from datagen.worlds.functions import FUNCTIONS, Entry


def run(code: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    return printed.getvalue()


def test_cases_pass_and_bugs_show() -> None:
    bugs = 0
    for function in FUNCTIONS:
        drawn = functions.draw(function, random.Random(function.names[0]))
        right = functions.outcomes(run, drawn.source, drawn)
        assert all(passed for passed, _ in right.values()), drawn.name
        for bug in drawn.bugs:
            wrong = functions.outcomes(run, drawn.broken(bug), drawn)
            assert not all(passed for passed, _ in wrong.values()), (drawn.name, bug.wrong)
            bugs += 1
    assert len(FUNCTIONS) == 114
    assert bugs >= 2 * len(FUNCTIONS)


def test_a_bug_that_does_not_stand_once_in_its_source_is_refused() -> None:
    entry = FUNCTIONS[0].entry
    bug = entry.bugs[0]._replace(right="nowhere")
    with pytest.raises(ValidationError, match="slugify: 'nowhere' does not stand once"):
        Entry.model_validate({**entry.model_dump(), "bugs": (bug,)})
