"""A base model from the Hub arrives whole and as listed, over a broken line too, or is named damaged."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hub_client
import hub_stand_in
import pytest
from conftest import PROJECT
from hub_stand_in import Fault, Hub

from synthia import manifest

pytestmark = pytest.mark.slow
WEIGHTS = random.Random(2).randbytes(2_000_000)
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
FILES = {
    "model.safetensors": WEIGHTS, "config.json": b"{}\n", "tokenizer.json": b'{"a": 1}\n',
    "README.md": b"# A base\n", "pytorch_model.bin": b"pickled", "LICENSE": b"Apache\n",
}  # fmt: skip
WANTED = ["LICENSE", "config.json", "model.safetensors", "tokenizer.json"]
SCRIPT = (
    hub_client.BEGIN
    + """
file_download.constants.DOWNLOAD_CHUNK_SIZE = 2**16  # what has arrived is kept in pieces of this size
base = recipe.load(project / "recipes", "synthia-7b", [])
found = {}
for name, repo_id in [(name, repo_id) for repo_id in asked for name in (repo_id, f"{repo_id} again")]:
    out = root / repo_id.replace("/", "-")
    out.mkdir(exist_ok=True)
    wanted = {"repo_id": repo_id, "revision": asked[repo_id], "lock": {}}
    try:
        fetch.download(base.model.model_copy(update=wanted), out)
        found[name] = sorted(path.name for path in out.iterdir())
    except PipelineError as error:
        found[name] = [error.exit_code, str(error)]
print(json.dumps(found))
"""
)
HELD = "/resolve/[0-9a-f]+/model.safetensors"
FAULTS = {
    "me/whole": None,
    "me/cut": Fault(match=f"GET /me/cut{HELD}", kind="cut", times=2),
    "me/broken": Fault(match=f"GET /me/broken{HELD}", kind="cut"),
    "me/damaged": Fault(match=f"GET /me/damaged{HELD}", kind="damage"),
    "me/otherwise": Fault(
        match="GET .*/me/otherwise/tree/", kind="wrong hash", path="config.json", skip=1
    ),
    "me/slow": Fault(match=f"GET /me/slow{HELD}", kind="slow"),
}
BROKEN = Fault(match=f"GET /me/broken{HELD}", kind="drop before", times=30, skip=1)
"""After half of the file, for as long as one call has patience: five times six requests."""


@pytest.fixture(scope="module")
def fetched(
    tmp_path_factory: pytest.TempPathFactory, run_in: Callable[..., str]
) -> Iterator[tuple[dict[str, Any], Path, Hub]]:
    """What each download said and left, twice in the same folder; all in one process of the stage's."""
    root = tmp_path_factory.mktemp("fetched")
    with hub_stand_in.serving(root / "hub") as hub:
        revisions = {repo_id: hub.upload(repo_id, FILES) for repo_id in FAULTS}
        hub.faults = [BROKEN, *(fault for fault in FAULTS.values() if fault)]
        said = run_in("train", SCRIPT, str(PROJECT), str(root), hub.url, json.dumps(revisions))
        yield json.loads(said.splitlines()[-1]), root, hub


Fetched = tuple[dict[str, Any], Path, Hub]


def arrived(root: Path, repo_id: str) -> bool:
    folder = root / repo_id.replace("/", "-")
    return all((folder / name).read_bytes() == FILES[name] for name in WANTED)


def test_what_arrives_is_what_the_hub_lists_and_no_pickle(fetched: Fetched) -> None:
    found, root, _ = fetched
    assert found["me/whole"] == WANTED
    assert manifest.sha256(root / "me-whole" / "model.safetensors") == SHA256


@pytest.mark.parametrize("repo_id", ["me/cut", "me/slow"])
def test_a_line_that_breaks_or_drags_is_borne(fetched: Fetched, repo_id: str) -> None:
    found, root, _ = fetched
    assert found[repo_id] == WANTED
    assert arrived(root, repo_id)


def test_a_line_that_stays_broken_is_said_and_the_next_call_goes_on_where_it_broke(
    fetched: Fetched,
) -> None:
    found, root, hub = fetched
    code, said = found["me/broken"]
    assert code == 3
    assert "Run the command again when the Hub answers; it goes on with what has arrived" in said
    assert found["me/broken again"] == WANTED
    assert arrived(root, "me/broken")
    assert "model.safetensors" in hub.continued


def test_a_file_that_arrives_damaged_is_named_and_only_that_is_downloaded_anew(
    fetched: Fetched,
) -> None:
    found, root, _ = fetched
    code, said = found["me/damaged"]
    assert code == 3
    assert "model.safetensors has the sha256" in said
    assert "config.json" not in said
    assert found["me/damaged again"] == WANTED
    assert arrived(root, "me/damaged")


def test_a_listing_of_other_digests_is_named(fetched: Fetched) -> None:
    found, _, _ = fetched
    code, said = found["me/otherwise"]
    assert code == 3
    assert "config.json has the git-sha1" in said
