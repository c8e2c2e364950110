"""Code in other languages is changed as asked, runs nowhere, and the answer says so."""

import random

import pytest

from datagen import generate
from datagen.families.scripting import scenarios
from datagen.families.scripting.texts import texts
from datagen.worlds import sources

CHANGING = ("change", "rename", "bug")
RUNNING = {"run_python", "run_tests", "http_request"}


def test_a_template_is_filled_and_each_bug_is_one_line_of_one_file() -> None:
    for seed in range(60):
        source = sources.draw(random.Random(seed), texts.values)
        files = source.files
        assert not any("@" in text.replace("$@", "") for text in [*files, *files.values()])
        assert sum(text.count(source.bug.good) for text in files.values()) == 1
        assert sum(source.bug.bad in text for text in files.values()) == 0
        assert sum(source.function in text for text in files.values()) == 2
        assert source.other_name != source.function


@pytest.mark.parametrize("name", [each.__name__ for each in scenarios.SCENARIOS])
def test_what_is_changed_is_what_was_asked_for_and_nothing_is_run(name: str) -> None:
    for seed in range(4):
        with generate.played(f"scripting.{name}/{seed}") as session:
            row = session.row(f"scripting.{name}/{seed}")
            final = session.bench.texts()
        changed = [path for path in final if final[path] != session.initial[path]]
        answer = row["messages"][-1]["content"]
        said = [text.partition("{")[0] for text in texts.not_run["any"]]
        assert any(text in answer for text in said) is (name in CHANGING)
        assert bool(changed) is (name in CHANGING)
        assert not {step.name for step in session.steps} & RUNNING
        assert not set(session.offered) & RUNNING
        if name == "bug":
            (path,) = changed
            assert len(final[path].splitlines()) == len(session.initial[path].splitlines())
        if name == "rename":
            asked = next(turn["content"] for turn in row["messages"] if turn["role"] == "user")
            assert len(changed) == 2
            assert all(path in answer for path in changed)
            assert any(f"`{word}`" in asked for word in final[changed[0]].replace("(", " ").split())
