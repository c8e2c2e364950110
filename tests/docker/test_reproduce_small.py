"""A target with every kind of layer gives the same digest with downloads and without a network."""

import pytest
from conftest import PROJECT, invoke

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_locked_wheels_compiled_source_and_copied_files_are_reproduced(base: str) -> None:
    words = ["reproduce", "--image", "convert", "--target", "small"]
    done = invoke(PROJECT, *words, *(["--base", base] if base else []))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    first, second, verdict = done.stdout.splitlines()
    assert "with downloads" in first
    assert "without any network" in second
    assert first.split()[1] == second.split()[1]
    assert verdict == "small    the same twice"
