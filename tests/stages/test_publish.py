"""What lies on the Hub is what was packaged, arrives so, and answers; only then is it public."""

import hashlib
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import finished_run
import hub_faults
import hub_stand_in
import pytest
from conftest import PROJECT
from hub_faults import ARRIVED, DEFAULT, DOWNLOAD, REPO, SHOW, SHOWN
from hub_stand_in import TOKEN, Fault, Hub
from huggingface_hub import HfApi, constants, file_download
from huggingface_hub.utils import _http

from synthia import manifest, pipeline, recipe
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.gates import GateFailed
from synthia.host import token
from synthia.recipe import Recipe
from synthia.stage import BY_NAME
from synthia.stages import package, publish
from synthia.stages.hub import calls, file_set

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
WORDS = ['hub.repo_id="me/Synthia-Smoke"']
FULL, GGUF = "me/Synthia-Smoke", "me/Synthia-Smoke-GGUF"


@pytest.fixture(scope="module")
def published() -> Recipe:
    return recipe.load(PROJECT / "recipes", "smoke", WORDS)


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory, published: Recipe) -> dict[str, Path]:
    """The inputs of publish, with a real package of a little run."""
    project = tmp_path_factory.mktemp("publish")
    for name in ("src", "requirements", "data", "chat_templates", "LICENSE"):
        (project / name).symlink_to(PROJECT / name)
    inputs = finished_run.write(project, published)
    work, out = project / "work", project / "package"
    work.mkdir()
    package.run(published, inputs, work)
    stage = BY_NAME["package"]
    manifest.publish(work, out, pipeline.identity(project, published, stage))
    return {**inputs, "package": out}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(file_download, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(calls, "LONGEST_SILENCE", 0.3)
    calls.bound_silence()
    monkeypatch.setattr(_http, "time", SimpleNamespace(sleep=lambda seconds: None))
    with hub_stand_in.serving(tmp_path / "hub") as serving:
        yield serving


def upload(hub: Hub, published: Recipe, folder: Path) -> tuple[publish.Receipt, list[Any]]:
    outputs = (manifest.read(folder) or {})["outputs"]
    api = HfApi(endpoint=hub.url, token=TOKEN)
    return publish.upload(api, file_set.hub_of(published.hub), folder, outputs)


def test_both_repositories_are_filled_and_compared(
    hub: Hub, published: Recipe, packaged: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    receipt, gates = upload(hub, published, packaged["package"])
    assert [(gate.name, gate.arm, gate.passed) for gate in gates] == [
        ("P publish: files", "16bit", True), ("P publish: files", "gguf", True)]  # fmt: skip
    for repo_id in (FULL, GGUF):
        assert [commit.title for commit in hub.repos[repo_id].commits] == [
            "Publish with Synthia", "initial commit"]  # fmt: skip
        assert receipt[repo_id]["commit"] == hub.repos[repo_id].commits[0].id
    assert "0.000 MB  config.json" in capsys.readouterr().err
    assert (
        hub.repos[FULL].commits[0].description == f"Package {manifest.digest(packaged['package'])}"
    )


def test_a_file_that_the_hub_holds_otherwise_turns_gate_p_red(
    hub: Hub, published: Recipe, packaged: dict[str, Path]
) -> None:
    tree = f"GET /api/models/{FULL}/tree"
    hub.faults = [Fault(match=tree, kind="wrong hash", path="model.safetensors", skip=1)]
    _, (full, gguf) = upload(hub, published, packaged["package"])
    assert (full.passed, full.where) == (False, ("model.safetensors has another digest",))
    assert gguf.passed


def test_a_fresh_download_has_the_small_files_and_the_default_gguf(
    hub: Hub, published: Recipe, packaged: dict[str, Path], tmp_path: Path
) -> None:
    receipt, _ = upload(hub, published, packaged["package"])
    api = HfApi(endpoint=hub.url, token=TOKEN)
    full, gguf = file_set.repositories(file_set.hub_of(published.hub))
    assert publish.download(api, receipt, full, "Q4_K_M", tmp_path / "fresh").passed
    assert publish.download(api, receipt, gguf, "Q4_K_M", tmp_path / "fresh").passed
    fresh = tmp_path / "fresh"
    assert [path.name for path in fresh.rglob("*.gguf")] == ["Smoke-Q4_K_M.gguf"]
    assert not list(fresh.rglob("*.safetensors"))
    assert (fresh / "16bit" / "config.json").exists()


def test_a_file_that_arrives_damaged_turns_gate_p_red(
    hub: Hub, published: Recipe, packaged: dict[str, Path], tmp_path: Path
) -> None:
    receipt, _ = upload(hub, published, packaged["package"])
    hub.faults = [Fault(match="GET .*/Smoke-Q4_K_M.gguf", kind="damage")]
    api = HfApi(endpoint=hub.url, token=TOKEN)
    _, gguf = file_set.repositories(file_set.hub_of(published.hub))
    gate = publish.download(api, receipt, gguf, "Q4_K_M", tmp_path / "fresh")
    assert (gate.passed, gate.where) == (False, ("Smoke-Q4_K_M.gguf",))
    assert publish.download(api, receipt, gguf, "Q4_K_M", tmp_path / "fresh").passed


@pytest.fixture
def receipt(hub: Hub) -> publish.Receipt:
    """What upload returns of a repository with two files, which lie on the Hub."""
    contents = {"config.json": b"{}\n", DEFAULT: random.Random(3).randbytes(300_000)}
    commit = hub.upload(REPO, contents)
    hub.repos[REPO].private = True
    files = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}
    return {REPO: {"commit": commit, "files": files}}


GGUF_REPO = file_set.Repository(folder=file_set.GGUF, repo_id=REPO)


@pytest.mark.parametrize("fault", ARRIVED, ids=hub_faults.name)
def test_a_fresh_download_bears_what_passes(
    hub: Hub, receipt: publish.Receipt, tmp_path: Path, fault: Fault
) -> None:
    hub.faults = [fault := Fault(**vars(fault))]
    api = HfApi(endpoint=hub.url, token=TOKEN)
    assert publish.download(api, receipt, GGUF_REPO, "Q4_K_M", tmp_path).passed
    assert fault.times == 0


def test_a_download_that_stays_broken_is_said_and_the_next_call_takes_only_what_is_not_there(
    hub: Hub, receipt: publish.Receipt, tmp_path: Path
) -> None:
    hub.faults = [Fault(match=DOWNLOAD, kind="drop before", times=99)]
    api = HfApi(endpoint=hub.url, token=TOKEN)
    with pytest.raises(MissingRequirement, match=f"downloading {DEFAULT} of {REPO}: no answer"):
        publish.download(api, receipt, GGUF_REPO, "Q4_K_M", tmp_path)
    hub.faults = []
    hub.log.clear()
    assert publish.download(api, receipt, GGUF_REPO, "Q4_K_M", tmp_path).passed
    taken = [line for line in hub.log if line.startswith("GET")]
    assert [line.rpartition("/")[2] for line in taken] == [DEFAULT]


@pytest.mark.parametrize("fault", SHOWN, ids=hub_faults.name)
def test_a_repository_is_made_public_when_the_hub_answers_again(
    hub: Hub, receipt: publish.Receipt, fault: Fault
) -> None:
    hub.faults = [fault := Fault(**vars(fault))]
    publish.make_public(HfApi(endpoint=hub.url, token=TOKEN), receipt)
    assert fault.times == 0
    assert not hub.repos[REPO].private


def test_a_token_that_may_not_show_the_repository_is_said(
    hub: Hub, receipt: publish.Receipt
) -> None:
    hub.faults = [Fault(match=SHOW, kind="403")]
    with pytest.raises(UsageError, match=f"making {REPO} public: .*give it the right to write"):
        publish.make_public(HfApi(endpoint=hub.url, token=TOKEN), receipt)
    assert hub.repos[REPO].private


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small tmpfs needs root")
@pytest.mark.filterwarnings("ignore:Not enough free disk space")
def test_a_full_disk_is_not_taken_for_the_hubs_fault(
    hub: Hub, published: Recipe, packaged: dict[str, Path], tmp_path: Path
) -> None:
    receipt, _ = upload(hub, published, packaged["package"])
    api = HfApi(endpoint=hub.url, token=TOKEN)
    _, gguf = file_set.repositories(file_set.hub_of(published.hub))
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)]
    subprocess.run(mount, check=True)
    try:
        with pytest.raises(OSError, match="No space left"):  # `python -m synthia` says what to do
            publish.download(api, receipt, gguf, "Q4_K_M", small / "fresh")
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_token_in_a_file_to_upload_is_refused_and_the_file_named(
    published: Recipe, packaged: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(packaged["package"], tmp_path / "package")
    weights = folder / "gguf" / "Smoke-F16.gguf"
    weights.write_bytes(weights.read_bytes() + TOKEN.encode())
    monkeypatch.setenv(token.VARIABLE, TOKEN)
    with pytest.raises(GateFailed) as error:
        publish.run(published, {**packaged, "package": folder}, tmp_path)
    assert "at gguf/Smoke-F16.gguf" in str(error.value)
    assert TOKEN not in str(error.value)


def test_without_a_token_it_says_how_to_give_one(
    published: Recipe, packaged: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(token.VARIABLE, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    with pytest.raises(MissingRequirement, match="set HF_TOKEN, or keep it in a file of mode 0600"):
        publish.run(published, packaged, tmp_path)


def test_the_probe_asked_is_one_that_the_file_got_right() -> None:
    measured = {"at_fault": {"inexact": ["probe-1"]}}
    assert publish.choose_probe(finished_run.PROBES, measured, None)["id"] == "probe-2"
    measured = {"at_fault": {"inexact": ["probe-1", "probe-2"]}}
    with pytest.raises(PipelineError, match="no probe with a call was answered exactly"):
        publish.choose_probe(finished_run.PROBES, measured, None)
