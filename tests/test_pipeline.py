"""The pipeline: order, staleness by content, no-op, and what a stage may depend on."""

import ast
import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import finished_run
import pytest
from conftest import PROJECT, invoke

from synthia import code, gates, manifest, pipeline, recipe
from synthia.errors import PipelineError, UsageError
from synthia.gates import GateFailed
from synthia.recipe import Recipe
from synthia.stage import BY_NAME, STAGES, Stage, of

NAMES = [stage.name for stage in STAGES]


def load(project: Path, *overrides: str) -> Recipe:
    return recipe.load(project / "recipes", "smoke", overrides)


def stale(project: Path, *overrides: str) -> list[str]:
    states = pipeline.status(project, load(project, *overrides))
    return [stage.name for stage, reasons in states if reasons]


def test_a_stage_that_computes_with_a_model_has_a_gpu_in_its_container_and_no_other() -> None:
    loading = {"synthia/stages/hf/load_model.py", "synthia/stages/gguf/libllama.py"}
    for name, stage in BY_NAME.items():
        computes = bool(loading & code.digests(PROJECT / "src", f"synthia.stages.{name}").keys())
        # convert's gates read tokens and headers with llama.cpp, no weights
        assert stage.gpu == (computes and name != "convert"), name


def test_stages_read_only_earlier_stages() -> None:
    for index, stage in enumerate(STAGES):
        assert set(stage.reads) <= set(NAMES[:index]), stage.name


UNDECLARED = {"name"}
"""The folder of all outputs is named after it: another name has no outputs yet."""


def parts_read(source: str) -> set[str]:
    """Dotted parts of the recipe that a module reads: `a.b` where it says so, `a` where it hands it on.

    A name for the whole recipe would hide what is read, so it is no part and is always at fault.
    """
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: set[str] = set()
    for node in ast.walk(tree):
        parent = parents.get(node)
        if isinstance(node, ast.Name) and node.id == "recipe":
            if isinstance(parent, ast.Attribute):
                outer = parents[parent]
                inner = f".{outer.attr}" if isinstance(outer, ast.Attribute) else ""
                found.add(parent.attr + inner)
            elif not isinstance(parent, ast.Call):  # the function called is read as well
                found.add("recipe under another name")
        elif isinstance(node, ast.arg) and ast.unparse(node).endswith(": Recipe"):
            found |= {"recipe under another name"} - {f"{node.arg} under another name"}
    return found


def undeclared(stage: Stage) -> set[str]:
    """Parts of the recipe that a stage's own modules read and that its sections do not hold."""
    found: set[str] = set()
    for path in code.digests(PROJECT / "src", f"synthia.stages.{stage.name}"):
        of_stages = path.startswith("synthia/stages/") or path == "synthia/product.py"
        if of_stages and path.endswith(".py"):
            found |= parts_read((PROJECT / "src" / path).read_text())
    declared = set(stage.sections) | UNDECLARED
    return {part for part in found if not {part, part.split(".")[0]} & declared}


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_declares_every_part_of_the_recipe_that_it_reads(name: str) -> None:
    assert undeclared(BY_NAME[name]) == set()


@pytest.mark.parametrize(
    ("name", "section"), [(s.name, section) for s in STAGES for section in s.sections]
)
def test_a_section_that_is_struck_is_missed(name: str, section: str) -> None:
    stage = BY_NAME[name]
    kept = tuple(other for other in stage.sections if other != section)
    missed = undeclared(dataclasses.replace(stage, sections=kept))
    assert {part.split(".")[0] for part in missed} == {section.split(".")[0]}


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("recipe.lora.r", {"lora.r"}),
        ("lora = recipe.lora\nlora.r", {"lora"}),
        ("write(recipe.stop, recipe.data.files)", {"stop", "data.files"}),
        ("recipe.model_dump()", {"model_dump"}),
        ("write(recipe)", set()),
        ("settings = recipe", {"recipe under another name"}),
        ("def f(settings: Recipe): settings.lora", {"recipe under another name"}),
    ],
)
def test_whatever_name_a_part_is_read_by_it_is_seen(source: str, read: set[str]) -> None:
    assert parts_read(source) == read


def test_a_fresh_project_has_everything_to_do(project: Path) -> None:
    names = [stage.name for stage in of(load(project))]
    assert stale(project) == names
    assert stale(project, 'hub.repo_id="me/model"') == NAMES
    assert [name for name in NAMES if name not in names] == ["package", "publish"]


@pytest.mark.slow
def test_after_a_run_everything_is_current_and_a_second_call_does_nothing(
    smoke_project: Path,
) -> None:
    assert stale(smoke_project) == []
    before = {path: path.stat().st_mtime_ns for path in smoke_project.rglob("outputs/**/*.json")}
    done = invoke(smoke_project, "pipeline", "--recipe", "smoke")
    assert done.returncode == 0
    assert "nothing to do" in done.stdout
    after = {path: path.stat().st_mtime_ns for path in smoke_project.rglob("outputs/**/*.json")}
    assert before == after


@pytest.fixture(scope="module")
def apart(smoke_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project of the smoke run: other processes read the run itself meanwhile."""
    target = tmp_path_factory.mktemp("apart") / "a project"
    return shutil.copytree(smoke_project, target, symlinks=True)


@pytest.fixture
def changed(apart: Path) -> Iterator[Path]:
    """That copy, whose data and code are put back after the test."""
    kept = {path: path.read_bytes() for path in apart.glob("data/*.jsonl")}
    kept |= {path: path.read_bytes() for path in apart.rglob("src/**/*.py")}
    yield apart
    for path, content in kept.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


@pytest.mark.slow
def test_a_changed_row_makes_prepare_and_all_after_it_stale(changed: Path) -> None:
    data = changed / "data/smoke.jsonl"
    data.write_bytes(data.read_bytes().replace(b"lines", b"Lines", 1))
    assert stale(changed) == [stage.name for stage in of(load(changed))][1:]


@pytest.mark.slow
def test_a_touched_file_with_the_same_content_makes_nothing_stale(changed: Path) -> None:
    (changed / "data/smoke.jsonl").touch()
    assert stale(changed) == []


@pytest.mark.slow
def test_a_changed_threshold_makes_only_evaluate_stale(changed: Path) -> None:
    assert stale(changed, "evaluate.min_stop_rate=0.995") == ["evaluate"]


@pytest.mark.slow
def test_a_changed_learning_rate_makes_train_and_all_after_it_stale(changed: Path) -> None:
    names = [stage.name for stage in of(load(changed))]
    assert stale(changed, "training.learning_rate=2e-3") == names[names.index("train") :]


@pytest.mark.slow
def test_changed_code_of_a_stage_makes_it_stale(changed: Path) -> None:
    source = changed / "src/synthia/stages/evaluate.py"
    source.write_text(source.read_text() + "\n# a comment\n")
    assert stale(changed) == ["evaluate"]


@pytest.mark.slow
def test_a_missing_and_a_tampered_gguf_are_noticed(changed: Path) -> None:
    folder = changed / "outputs/smoke/gguf"
    moved = folder.with_name("moved")
    folder.rename(moved)
    without = stale(changed)
    moved.rename(folder)
    assert without == ["convert", "sample_gguf", "evaluate"]  # sample_hf reads no GGUF
    assert stale(changed) == []
    file = folder / "Synthia-Smoke-135M-Q4_K_M.gguf"
    copy = shutil.copy2(file, folder.with_name("copy"))
    with file.open("r+b") as handle:
        handle.seek(-1, 2)
        last = handle.read(1)
        handle.seek(-1, 2)
        handle.write(bytes([last[0] ^ 1]))
    states = dict(pipeline.status(changed, load(changed)))
    shutil.move(copy, file)
    assert states[BY_NAME["convert"]] == ["gguf/Synthia-Smoke-135M-Q4_K_M.gguf was changed"]
    assert stale(changed) == []


@pytest.mark.slow
def test_the_manifests_form_a_chain_without_times_and_paths(smoke: Path) -> None:
    for stage in of(load(PROJECT)):
        found = manifest.read(smoke / stage.folder)
        assert found is not None
        for name in stage.reads:
            there = manifest.digest(smoke / BY_NAME[name].folder)
            assert found["inputs"][name] == there
        text = (smoke / stage.folder / manifest.NAME).read_text()
        assert str(smoke) not in text
        assert "seconds" not in text


@pytest.mark.slow
def test_one_run_of_a_recipe_at_a_time(smoke_project: Path) -> None:
    from synthia.host import environments

    lock = smoke_project / "outputs/smoke/.lock"
    with environments.file_lock(lock, "held by the test", wait=False):
        done = invoke(smoke_project, "pipeline", "--recipe", "smoke")
    assert done.returncode == 3
    assert "another run of smoke is going on" in done.stderr


def test_publish_takes_only_a_finished_run_whose_gates_passed(project: Path) -> None:
    words = ('hub.repo_id="me/model"',)
    wanted = load(project, *words)
    with pytest.raises(PipelineError, match=r"fetch is not current \(it has not run yet\)"):
        pipeline.require_finished(project, wanted, "package")
    made = finished_run.write(project, wanted)
    pipeline.require_finished(project, wanted, "package")
    other = load(project, *words, "training.seed=1")
    with pytest.raises(
        PipelineError, match=r"train is not current \(recipe training seed changed\)"
    ):
        pipeline.require_finished(project, other, "package")
    tuned = made["merge"] / "model.safetensors"
    tuned.write_bytes(tuned.read_bytes() + b"x")
    with pytest.raises(
        PipelineError, match=r"merge is not current \(16bit/model.safetensors was ch"
    ):
        pipeline.require_finished(project, wanted, "package")
    red = dataclasses.replace(finished_run.GATE, passed=False)
    failed = made["evaluate"].with_name("evaluate.failed")
    failed.mkdir()
    gates.write([red], failed / "gates.json")
    with pytest.raises(GateFailed, match=r"gate B stop rate \[merged\]"):
        pipeline.require_finished(project, wanted, "package")


def test_publish_needs_a_recipe_that_names_a_repository(project: Path) -> None:
    with pytest.raises(UsageError, match=r"package needs the section \[hub\].*--set 'hub.repo_id="):
        pipeline.require_finished(project, load(project), "package")
