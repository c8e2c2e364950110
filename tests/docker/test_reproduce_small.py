"""A target with every kind of layer gives the same digest with downloads and without a network."""

import pytest

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_locked_wheels_compiled_source_and_copied_files_are_reproduced(
    reproduced: list[str],
) -> None:
    first, second, verdict = reproduced
    assert "with downloads" in first
    assert "without any network" in second
    assert first.split()[1] == second.split()[1]
    assert " ".join(verdict.split()) == "small the same twice"
