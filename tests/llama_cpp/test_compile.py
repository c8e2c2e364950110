"""Compiling says how far it is, and on failure shows the end of what the compiler said."""

import re
import sys
from pathlib import Path

import pytest

from synthia.errors import PipelineError
from synthia.llama_cpp import compile as llama_compile

STEPS = 'for step in range(1, 41): print(f"[{step}/40] Building C object", flush=True)'


def test_a_step_is_told_in_ten_lines_where_nobody_sees_it_move(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = llama_compile.Build(tools={}, work=tmp_path, log=tmp_path / "log")
    llama_compile.run(build, [sys.executable, "-c", STEPS], "compiling")
    *told, last = capsys.readouterr().err.splitlines()
    assert told == [f"llama.cpp: compiling {step}/40" for step in range(4, 41, 4)]
    assert re.fullmatch(r"llama\.cpp: compiling, \d+ s *", last)
    assert len((tmp_path / "log").read_text().splitlines()) == 40


def test_a_failed_step_shows_the_end_of_its_output(tmp_path: Path) -> None:
    build = llama_compile.Build(tools={}, work=tmp_path, log=tmp_path / "log")
    code = f"{STEPS}\nraise SystemExit('no such flag')"
    with pytest.raises(
        PipelineError, match=r"compiling llama\.cpp failed with exit code 1"
    ) as error:
        llama_compile.run(build, [sys.executable, "-c", code], "compiling")
    assert "no such flag" in str(error.value)
    assert "[22/40]" in str(error.value)
    assert "[21/40]" not in str(error.value)
