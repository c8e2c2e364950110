"""README, "Change it": each line is true, because it is done here, in a copy of the project."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT, invoke

from synthia import arms, gates, gguf_types, records
from synthia.stage import STAGES

README = (PROJECT / "README.md").read_text()
SECTION = README[README.index("## Change it") : README.index("## Layout")]
NEW_STAGE = '''"""Count the rows of prepare. Not covered: their tokens."""

from collections.abc import Mapping
from pathlib import Path

from synthia import gates, records
from synthia.gates import Gate
from synthia.recipe import Recipe


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write how many rows there are. Reads prepare."""
    count = len(records.read_lines(inputs["prepare"] / "rows.jsonl"))
    records.write(out / "count.json", {"rows": count})
    return [gates.at_least("D count", count, 8, metric="rows", why="few teach little", fix="more")]
'''
NEW_ROW = """    Stage(name="count_rows", does="Count the rows.", environment="train", folder="count",
          reads=("prepare",), sections=()),
    # LoRA adapter, loss history"""
NEW_GATE = """    judged.append(gates.at_most("D mine", len(rows), 7, metric="rows", why="w", fix="f"))
    gates.require(judged)

    limit = recipe"""
NEW_FAMILY = '''"""The family `greeting`. Not covered: farewells."""

from datagen.session import Session


def hello(session: Session) -> None:
    """A greeting is answered."""
    session.user("Hello, I am here.")
    session.say("Hello! What shall we do?")


SCENARIOS = (hello,)
'''


def replace(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert text.count(before) == 1, (path, before)
    path.write_text(text.replace(before, after))


def test_every_place_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:src|datagen|recipes|requirements)/[\w./]*)`", SECTION))
    assert len(named) > 12
    assert [path for path in sorted(named) if not (PROJECT / path).exists()] == []


def test_a_quantisation_is_its_name_in_the_recipe(project: Path) -> None:
    (words,) = re.findall(r"--set '(convert\.types=[^']*)'", SECTION)
    done = invoke(project, "recipe", "smoke", "--set", words)
    resolved = json.loads(done.stdout)
    types = resolved["convert"]["types"]
    assert types == ["F16", "Q8_0", "IQ4_XS"]
    assert list(resolved["evaluate"]["fidelity"]) == types
    named = [arm.name for arm in arms.of(types)]
    assert named[-5:] == ["q8_0", "iq4_xs", "f16_served", "q8_0_served", "iq4_xs_served"]
    assert gguf_types.file_name("My Coder 7B", "IQ4_XS") == "My-Coder-7B-IQ4_XS.gguf"


def test_a_base_model_is_a_recipe(project: Path) -> None:
    text = (project / "recipes/synthia-7b.toml").read_text()
    (project / "recipes/mine.toml").write_text(text.replace("Qwen2.5-Coder-7B", "Qwen2.5-Coder-3B"))
    done = invoke(project, "status", "--recipe", "mine")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        s.name for s in STAGES if not s.needs
    ]


@pytest.mark.slow
def test_a_stage_a_gate_and_a_data_file_take_the_places_that_are_named(
    project: Path, smoke: Path
) -> None:
    lines = (project / "data/smoke.jsonl").read_text().splitlines(keepends=True)
    (project / "data/mine.jsonl").write_text("".join(lines[:8]))
    (project / "src/synthia/stages/count_rows.py").write_text(NEW_STAGE)
    stages = project / "src/synthia/stage.py"
    replace(stages, "    # LoRA adapter, loss history", NEW_ROW)
    shutil.copytree(smoke / "fetch", project / "outputs/smoke/fetch")
    words = ("--recipe", "smoke", "--set", 'data.files=["data/mine.jsonl"]')

    done = invoke(project, "count-rows", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert records.read(project / "outputs/smoke/count/count.json") == {"rows": 8}
    assert "Count the rows." in invoke(project, "--list").stdout
    report = (project / "outputs/smoke/report.html").read_text()
    assert "D count" in report
    assert "<td>count</td>" in report

    replace(
        project / "src/synthia/stages/prepare.py",
        "    gates.require(judged)\n\n    limit = recipe",
        NEW_GATE,
    )
    assert "prepare runs before it" in invoke(project, "status", *words).stdout
    done = invoke(project, "count-rows", *words)
    assert done.returncode == 1
    assert "gate D mine: rows is 8, must be <= 7" in done.stderr
    judged = gates.read(project / "outputs/smoke/prepare.failed/gates.json")
    assert [gate.name for gate in judged if not gate.passed] == ["D mine"]


def test_a_family_of_the_shipped_data_is_a_package_and_a_line(project: Path) -> None:
    family = project / "datagen/families/greeting"
    family.mkdir()
    (family / "__init__.py").write_text('"""Greetings."""\n')
    (family / "scenarios.py").write_text(NEW_FAMILY)
    replace(project / "datagen/generate.py", '"asking": 170,', '"asking": 170, "greeting": 1,')
    code = (
        "from datagen import generate; assert generate.FAMILIES['train']['greeting'] == 1; "
        "print(generate.make('greeting.hello/1')['messages'][-1]['content'])"
    )
    path = os.pathsep.join([str(project / "src"), str(project)])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "Hello! What shall we do?\n", done.stderr
