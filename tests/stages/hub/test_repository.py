"""Publishing cannot go half-way: one commit or none, whatever fails, and never over another writer."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hf_xet
import hub_clients
import hub_faults
import hub_stand_in
import pytest
from hub_faults import COMMIT, RECOVERED, REFUSED, REPO
from hub_stand_in import TOKEN, Fault, Hub
from huggingface_hub import HfApi, constants
from huggingface_hub.utils import _http

from synthia import manifest
from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.stages.hub import calls, repository

# The client's own, of httpx, which it uses in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
CARD = "---\nlicense: apache-2.0\nbase_model: some/base\n---\n\nA model.\n"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The stand-in, and clients that use large storage by its older protocol and do not wait long."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(calls, "LONGEST_SILENCE", 0.3)
    calls.bound_silence()
    monkeypatch.setattr(_http, "time", SimpleNamespace(sleep=lambda seconds: None))
    with hub_stand_in.serving(tmp_path / "hub") as serving:
        yield serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "package"
    made.mkdir()
    (made / "README.md").write_text(CARD)
    (made / "config.json").write_text("{}\n")
    (made / "model.safetensors").write_bytes(random.Random(1).randbytes(400_000))
    return made


def digests(folder: Path) -> dict[str, str]:
    return {path.name: manifest.sha256(path) for path in sorted(folder.iterdir())}


def fill(hub: Hub, folder: Path, **words: Any) -> repository.Filled:
    api = HfApi(endpoint=hub.url, token=words.pop("token", TOKEN))
    return repository.fill(api, REPO, folder, digests(folder), **{"stay_private": True, **words})


def ours(hub: Hub, repo_id: str = REPO) -> list[str]:
    """The ids of our commits, the newest first."""
    commits = hub.repos[repo_id].commits if repo_id in hub.repos else []
    return [commit.id for commit in commits if commit.title == repository.TITLE]


def held(hub: Hub, repo_id: str = REPO) -> dict[str, str]:
    """SHA-256 of what the newest commit holds, the bytes themselves read again."""
    files = hub.repos[repo_id].commits[0].files
    assert all(manifest.sha256(hub.blob(digest)) == digest for _, digest, _ in files.values())
    return {path: file[1] for path, file in files.items() if path != ".gitattributes"}


def test_a_repository_is_made_private_and_filled_by_one_commit(hub: Hub, folder: Path) -> None:
    filled = fill(hub, folder)
    assert filled.added
    assert ours(hub) == [filled.commit]
    assert held(hub) == digests(folder)
    assert hub.repos[REPO].private


def test_publishing_again_adds_no_commit_and_sends_no_file(hub: Hub, folder: Path) -> None:
    first = fill(hub, folder)
    hub.log.clear()
    assert fill(hub, folder) == repository.Filled(commit=first.commit, added=False)
    assert ours(hub) == [first.commit]
    assert [line for line in hub.log if not line.startswith("GET")] == []


def test_a_new_version_is_one_more_commit_that_drops_what_is_no_longer_there(
    hub: Hub, folder: Path
) -> None:
    first = fill(hub, folder)
    (folder / "config.json").unlink()
    (folder / "README.md").write_text(CARD + "\nBetter.\n")
    hub.log.clear()
    second = fill(hub, folder)
    assert ours(hub) == [second.commit, first.commit]
    assert held(hub) == digests(folder)
    assert not any(line.startswith("PUT") for line in hub.log)  # the weights are there


@pytest.mark.parametrize("fault", RECOVERED, ids=hub_faults.name)
def test_what_passes_is_waited_for_and_leaves_one_commit(
    hub: Hub, folder: Path, fault: Fault
) -> None:
    hub.faults = [fault := Fault(**vars(fault))]
    filled = fill(hub, folder)
    assert fault.times == 0
    assert ours(hub) == [filled.commit]
    assert held(hub) == digests(folder)


@pytest.mark.parametrize(
    ("fault", "said"), REFUSED, ids=[hub_faults.name(fault) for fault, _ in REFUSED]
)
def test_what_stays_is_said_and_the_next_call_makes_the_one_commit(
    hub: Hub, folder: Path, fault: Fault, said: str
) -> None:
    hub.faults = [Fault(**vars(fault))]
    with pytest.raises(PipelineError) as error:
        fill(hub, folder)
    assert said in str(error.value)
    assert TOKEN not in str(error.value)
    passing = fault.kind in ("503", "500", "drop before", "silent before")
    assert isinstance(error.value, MissingRequirement if passing else UsageError)
    assert ours(hub) == []
    hub.faults = []
    filled = fill(hub, folder)
    assert ours(hub) == [filled.commit]
    assert held(hub) == digests(folder)


def test_the_hub_says_how_long_to_wait_and_is_not_believed_without_a_bound(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(calls, "time", SimpleNamespace(sleep=waited.append))
    hub.faults = [
        Fault(match=COMMIT, kind="429", headers={"Retry-After": "7"}),
        Fault(match=COMMIT, kind="429", headers={"Retry-After": "86400"}),
    ]
    fill(hub, folder)
    assert waited == [7.0, calls.LONGEST_WAIT]


def test_a_wrong_token_is_said_before_anything_is_sent(hub: Hub, folder: Path) -> None:
    with pytest.raises(UsageError, match="the Hub does not accept the token"):
        fill(hub, folder, token="hf_another")
    assert REPO not in hub.repos
    assert not any(line.startswith("PUT") for line in hub.log)


def test_another_writers_commit_in_between_is_reported_and_never_overwritten(
    hub: Hub, folder: Path
) -> None:
    hub.faults = [Fault(match=COMMIT, kind="foreign")]
    with pytest.raises(UsageError, match="a commit of another writer") as error:
        fill(hub, folder)
    head = hub.repos[REPO].commits[0]
    assert head.id in str(error.value)
    assert "'Edit on the web' by someone-else" in str(error.value)
    assert ours(hub) == []
    assert "notes.md" in held(hub)


def test_another_writers_commit_after_ours_is_built_upon_only_when_it_was_looked_at(
    hub: Hub, folder: Path
) -> None:
    first = fill(hub, folder)
    edit = hub.write(REPO, "README.md", b"mine\n")
    with pytest.raises(UsageError, match=edit):
        fill(hub, folder)
    assert hub.repos[REPO].commits[0].id == edit
    second = fill(hub, folder, replace=[edit])
    assert ours(hub) == [second.commit, first.commit]
    assert held(hub) == digests(folder)


def test_an_answer_lost_before_another_writers_commit_is_not_taken_for_theirs(
    hub: Hub, folder: Path
) -> None:
    history = f"GET /api/models/{REPO}/commits"
    hub.faults = [
        Fault(match=COMMIT, kind="drop after"),
        Fault(match=history, kind="foreign", skip=1),  # between the lost answer and looking for it
    ]
    filled = fill(hub, folder)
    assert ours(hub) == [filled.commit]
    assert hub.repos[REPO].commits[0].title == "Edit on the web"


def test_a_public_repository_is_not_filled_when_it_must_stay_private(
    hub: Hub, folder: Path
) -> None:
    hub.create(REPO, private=False)
    with pytest.raises(UsageError, match=r"is public on the Hub and the recipe says hub\.private"):
        fill(hub, folder)
    assert ours(hub) == []
    assert fill(hub, folder, stay_private=False).added


def test_a_file_that_changes_under_way_is_refused(hub: Hub, folder: Path) -> None:
    known = digests(folder)
    (folder / "model.safetensors").write_bytes(b"another")
    api = HfApi(endpoint=hub.url, token=TOKEN)
    with pytest.raises(
        PipelineError, match=r"model\.safetensors was changed after it was packaged"
    ):
        repository.fill(api, REPO, folder, known, stay_private=True)
    assert ours(hub) == []


@pytest.mark.parametrize("path", ["model.safetensors", "config.json"])
def test_a_wrong_hash_in_the_tree_is_seen(hub: Hub, folder: Path, path: str) -> None:
    filled = fill(hub, folder)
    api = HfApi(endpoint=hub.url, token=TOKEN)
    assert not repository.difference(api, REPO, filled.commit, folder, digests(folder))
    hub.faults = [Fault(match="GET .*/tree/", kind="wrong hash", path=path)]
    found = repository.difference(api, REPO, filled.commit, folder, digests(folder))
    assert found.lines() == [f"{path} has another digest"]


@pytest.fixture
def xet(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Xet storage in a folder, which the client reads and writes as it does over the network."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet-cache"))
    hub.xet_folder = tmp_path / "xet"
    hub.xet_folder.mkdir()
    return hub.xet_folder


def test_through_xet_storage_the_same_one_commit_is_made_and_what_arrives_is_the_same(
    hub: Hub, folder: Path, xet: Path, tmp_path: Path
) -> None:
    filled = fill(hub, folder)
    assert not any(line.startswith("PUT") for line in hub.log)
    assert sum(path.stat().st_size for path in xet.rglob("*") if path.is_file()) > 400_000
    assert fill(hub, folder) == repository.Filled(commit=filled.commit, added=False)
    assert ours(hub) == [filled.commit]
    weights = digests(folder)["model.safetensors"]
    (hashed,) = hf_xet.hash_files([str(folder / "model.safetensors")])
    hub.xet_hashes[weights] = hashed.hash
    api = HfApi(endpoint=hub.url, token=TOKEN)
    arrived = api.hf_hub_download(REPO, "model.safetensors", local_dir=tmp_path / "fresh")
    assert manifest.sha256(Path(arrived)) == weights


@pytest.mark.parametrize(
    ("status", "said"),
    [("401", "the Hub does not accept the token"), ("403", "give it the right to write")],
)
def test_a_refusal_of_xet_storage_is_explained(
    hub: Hub, folder: Path, xet: Path, status: str, said: str
) -> None:
    hub.faults = [Fault(match="xet-write-token", kind=status, times=9)]
    with pytest.raises(UsageError, match=said):
        fill(hub, folder)
    assert ours(hub) == []
    hub.faults = []
    assert fill(hub, folder).added


def test_killed_at_any_request_and_called_again_it_has_made_exactly_one_commit(
    tmp_path: Path, folder: Path
) -> None:
    """A client for each request of an undisturbed one, killed at it: before the Hub works, and after.

    In the middle of an upload `benchmarks/publish_and_use.py` kills some.
    """
    weights = digests(folder)["model.safetensors"]
    with (
        hub_stand_in.serving(tmp_path / "hub") as hub,
        hub_clients.of(hub, folder, tmp_path / "home") as run,
    ):
        assert run("me/whole", None) == 0
        requests = len(hub.log)
        assert requests >= 10
        for kind in ("silent before", "silent after"):
            for number in range(requests):
                repo_id = f"me/killed-{number}-{kind[7:]}"
                hub.blob(weights).unlink()  # so that it is uploaded anew
                assert run(repo_id, Fault(match="", kind=kind, skip=number)) == -signal.SIGKILL
                assert len(ours(hub, repo_id)) <= 1
                assert run(repo_id, None) == 0
                assert len(ours(hub, repo_id)) == 1
                assert held(hub, repo_id) == digests(folder)
