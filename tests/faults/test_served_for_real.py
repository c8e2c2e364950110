"""A fault of serving in a real llama-server on the smoke run's F16 file: evaluate turns red and names it.

The table's tests change finished answers; here the server itself gives them. Its flags are set as a user's
shell or a client's settings set them, by environment variable and request option.
"""

from pathlib import Path
from typing import Any

import faults_served
import pytest
from conftest import PROJECT, on_one_core

from synthia import arms, gguf_types, recipe, records
from synthia.faults import read
from synthia.host import environments
from synthia.run import llama_build
from synthia.stages import sample_gguf
from synthia.stages.gguf import llama_server

pytestmark = pytest.mark.slow
SMOKE = recipe.load(PROJECT / "recipes", "smoke")
ASKED = 3
TABLE = {fault.name: fault for fault in read()[0]}


@pytest.fixture(scope="module")
def llama_cpp() -> Path:
    return llama_build.ensure(environments.ensure(PROJECT, "convert"), environments.cache_root())


def judged(
    smoke: Path, llama_cpp: Path, tmp_path: Path, arm: str, **options: float
) -> dict[str, Any]:
    """What evaluate says of the run when some of this arm's answers are those of a server started now."""
    known = records.read_lines(smoke / "sample_gguf" / f"{arm}.jsonl")
    named = {answer["id"] for answer in known}
    every = records.read_lines(smoke / "prepare" / "probes.jsonl")
    calling = [probe for probe in every if probe["gold"]["tool_calls"] and probe["id"] in named]
    path = smoke / "gguf" / gguf_types.file_name(SMOKE.convert.name, "F16")
    with on_one_core(), llama_server.running(llama_cpp, path, context=2048) as ask:
        said = {
            probe["id"]: sample_gguf.ask_server(ask, probe, 2 * len(probe["gold_ids"]), **options)
            for probe in arms.asked(calling, ASKED)
        }

    def replace(found: faults_served.Answers) -> None:
        found[:] = [{**answer, **said.get(answer["id"], {})} for answer in found]

    faults_served.answers("sample_gguf", arm, replace)(smoke, tmp_path)
    (tmp_path / "out").mkdir()
    return faults_served.judged(smoke, tmp_path / "out")


def require_named(name: str, found: dict[str, Any]) -> None:
    assert TABLE[name].gate in found["red"], found["red"]
    assert TABLE[name].cause in found["diagnosis"]["cause"]


def test_a_server_as_it_should_be_is_green(smoke: Path, llama_cpp: Path, tmp_path: Path) -> None:
    found = judged(smoke, llama_cpp, tmp_path, arms.SERVER, temperature=0)
    assert found["red"] == {}


def test_a_chat_template_given_at_run_time_is_named(
    smoke: Path, llama_cpp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "{% for m in messages %}{{ '[INST] ' + m['content'] + ' [/INST]' }}{% endfor %}"
    (tmp_path / "other.jinja").write_text(other)
    monkeypatch.setenv("LLAMA_ARG_CHAT_TEMPLATE_FILE", str(tmp_path / "other.jinja"))
    found = judged(smoke, llama_cpp, tmp_path, arms.SERVER, temperature=0)
    require_named("chat template given at run time", found)


def test_a_parser_that_loses_the_call_is_named(
    smoke: Path, llama_cpp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_ARG_SKIP_CHAT_PARSING", "1")
    found = judged(smoke, llama_cpp, tmp_path, arms.SERVER, temperature=0)
    require_named("tool parser loses the call", found)


def test_a_clients_own_sampler_is_named(smoke: Path, llama_cpp: Path, tmp_path: Path) -> None:
    found = judged(smoke, llama_cpp, tmp_path, arms.served("F16"), temperature=3.0, top_k=0, seed=1)
    require_named("sampler of the client", found)
