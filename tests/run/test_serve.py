"""What is served: the first quantised file whose gates are green, on the recipe's context."""

import os
from pathlib import Path

import pytest

from synthia import arms, gates, recipe
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.run import serve

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
SMOKE = recipe.load(RECIPES, "smoke")


def judged(*red: str) -> list[Gate]:
    names = [
        name for kind in SMOKE.convert.types for name in (arms.by_ids(kind), arms.served(kind))
    ]
    return [
        none_found("B loops", ["p1"] if name in red else [], arm=name, metric="m", why="w", fix="f")
        for name in names
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for kind in SMOKE.convert.types:
        path = tmp_path / "outputs/smoke/gguf" / f"Synthia-Smoke-135M-{kind}.gguf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "outputs/smoke/evaluate").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("red", "kind"),
    [
        ([], "Q5_K_M"),
        (["q5_k_m_served"], "Q4_K_M"),
        (["q5_k_m", "q4_k_m"], "F16"),
    ],
)
def test_the_best_file_that_passed_is_chosen(project: Path, red: list[str], kind: str) -> None:
    gates.write(judged(*red), project / "outputs/smoke/evaluate/gates.json")
    assert serve.choose(project, SMOKE).name == f"Synthia-Smoke-135M-{kind}.gguf"


def test_nothing_that_passed_is_refused_but_a_named_type_is_served(project: Path) -> None:
    with pytest.raises(UsageError, match="no GGUF of smoke has passed"):
        serve.choose(project, SMOKE)
    assert serve.choose(project, SMOKE, "q4_k_m").name.endswith("-Q4_K_M.gguf")
    with pytest.raises(UsageError, match="the recipe smoke makes F16, Q5_K_M, Q4_K_M"):
        serve.choose(project, SMOKE, "Q8_0")


def test_the_server_gets_the_recipes_context_and_no_sampling_parameter() -> None:
    words = serve.command(Path("/llama"), SMOKE, Path("a.gguf"), 8080)
    assert words[words.index("--ctx-size") + 1] == str(SMOKE.serve.num_ctx)
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert not [word for word in words if "temp" in word or "top" in word]


def test_the_server_has_no_more_threads_than_the_cores_it_may_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    allowed = os.sched_getaffinity(0)
    monkeypatch.setattr(os, "cpu_count", lambda: len(allowed) + 1)
    words = serve.command(Path("/llama"), SMOKE, Path("a.gguf"), 8080)
    assert words[words.index("--threads") + 1] == str(len(allowed))
    monkeypatch.setattr(os, "cpu_count", lambda: len(allowed))
    assert "--threads" not in serve.command(Path("/llama"), SMOKE, Path("a.gguf"), 8080)
