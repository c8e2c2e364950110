"""The smoke product on the Hub: one commit a repository, public at last, and each block of its card runs.

The blocks are run as they stand, against the stand-in for the Hub; only a port is another, where one is
named. Those for Ollama, LM Studio and vLLM are not: none of the three is in a package registry, or runs
without a GPU. Nor is the one for node-llama-cpp, which waits for a person; `tests/consumers` asks it by its
API.
"""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import hub_stand_in
import pytest
import served_product
from conftest import PROJECT, invoke, on_one_core
from hub_stand_in import TOKEN, Hub

from synthia import records
from synthia.host import environments, token
from synthia.run import serve
from synthia.stages import publish

pytestmark = pytest.mark.slow
FULL, GGUF = "me/Synthia-Smoke", "me/Synthia-Smoke-GGUF"
WORDS = ("--recipe", "smoke", "--set", f'hub.repo_id="{FULL}"', "--set", "hub.private=false")


@dataclass(kw_only=True)
class Published:
    """The product on the stand-in, as its own command has put it there."""

    project: Path
    hub: Hub
    env: dict[str, str]
    said: str
    dry: str
    """What the dry run before it said."""
    sent: int
    """How many requests that made."""

    def block(self, folder: str, beginning: str) -> str:
        """The block of a repository's card that begins so."""
        card = (self.project / "outputs/smoke/package" / folder / "README.md").read_text()
        blocks = [found[2] for found in re.finditer(r"```(\w*)\n(.*?)\n```", card, re.DOTALL)]
        (found,) = [block for block in blocks if block.startswith(beginning)]
        return found


@pytest.fixture(scope="module")
def published(smoke_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """The whole command, the stages in their own processes, the file answering in llama-server."""
    scratch = tmp_path_factory.mktemp("published")
    # Its files under second names: the smoke run itself is not to be changed.
    project = shutil.copytree(
        smoke_project, scratch / "a project", symlinks=True, copy_function=os.link
    )
    with hub_stand_in.serving(scratch / "hub") as hub:
        env = {"HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(scratch / "home"),
               token.VARIABLE: TOKEN}  # fmt: skip
        dry = invoke(project, "publish", "--dry-run", *WORDS, **env)
        assert dry.returncode == 0, dry.stdout[-3000:] + dry.stderr[-3000:]
        sent = len(hub.log)
        with on_one_core():
            done = invoke(project, "publish", *WORDS, **env)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        yield Published(
            project=project, hub=hub, env=env, said=done.stdout + done.stderr,
            dry=dry.stdout + dry.stderr, sent=sent,
        )  # fmt: skip


def commits(hub: Hub) -> dict[str, list[str]]:
    return {repo_id: [commit.title for commit in repo.commits]
            for repo_id, repo in hub.repos.items()}  # fmt: skip


def test_a_dry_run_lists_what_is_published_and_sends_nothing(published: Published) -> None:
    assert published.sent == 0
    for repo_id, repo in published.hub.repos.items():
        files = repo.commits[0].files.keys() - {".gitattributes"}
        listed = published.dry.partition(f"{repo_id}: {len(files)} files")[2].splitlines()
        assert {line.split()[-1] for line in listed[1 : len(files) + 1]} == files


def test_each_repository_has_one_commit_and_is_public_once_the_file_has_answered(
    published: Published,
) -> None:
    once = ["Publish with Synthia", "initial commit"]
    assert commits(published.hub) == {FULL: once, GGUF: once}
    assert not any(repo.private for repo in published.hub.repos.values())
    out = published.project / "outputs" / "smoke" / "publish"
    gates = {(gate["name"], gate["arm"]) for gate in records.read(out / "gates.json")}
    assert ("P publish: tool call", "q4_k_m") in gates
    assert not (out / publish.DOWNLOADS).exists()


def test_publishing_again_makes_no_commit_and_no_output_holds_the_token(
    published: Published,
) -> None:
    before = commits(published.hub)
    with on_one_core():
        again = invoke(published.project, "publish", "--force", *WORDS, **published.env)
    assert again.returncode == 0, again.stderr[-3000:]
    assert again.stderr.count("holds all of it already: no new commit") == 2
    assert commits(published.hub) == before
    logs = (published.project / "outputs/smoke/logs").iterdir()
    kept = [published.said, again.stdout, again.stderr, *(path.read_text() for path in logs)]
    assert TOKEN not in "".join(kept)


@pytest.mark.parametrize("folder", ["16bit", "gguf"])
def test_the_checksums_of_the_card_are_right(published: Published, folder: str) -> None:
    words = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    place = published.project / "outputs/smoke/package" / folder
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_transformers_of_the_card_calls_the_tool(published: Published) -> None:
    python = environments.ensure(PROJECT, "train")
    # One thread: several wait for one another at every token, which beside other tests takes minutes.
    env = {**os.environ, **published.env, "OMP_NUM_THREADS": "1"}
    words = [str(python), "-c", published.block("16bit", "from transformers import")]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    called = '<tool_call>\n{"name": "count_lines", "arguments": {"path": "a.py"}}\n</tool_call>'
    assert f"{called}<|im_end|>" in done.stdout


@contextmanager
def llama_server(published: Published, scratch: Path) -> Iterator[int]:
    """The card's llama-server on a free port, with its own downloader, cache and nothing else."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = published.block("gguf", "llama-server").split()
    program = serve.llama_cpp(PROJECT) / "bin" / command[0]
    words = [str(program), *command[1:], "--port", str(port)]
    env = {**os.environ, "HF_ENDPOINT": published.hub.url, "LLAMA_CACHE": str(scratch),
           "LLAMA_ARG_THREADS": "1"}  # fmt: skip
    with (
        (scratch / "log").open("w") as log,
        subprocess.Popen(
            words, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as server,
    ):
        try:
            served_product._wait_for(f"http://127.0.0.1:{port}/health")
            yield port
        finally:
            server.kill()


def test_openais_client_gets_a_call_from_llama_server_both_of_the_card(
    published: Published, tmp_path: Path
) -> None:
    published.hub.log.clear()
    code = published.block("gguf", "from openai import")
    assert "localhost:8080/v1" in code
    with llama_server(published, tmp_path) as port:
        python = environments.ensure(PROJECT, "consumers")
        words = [str(python), "-c", code.replace("localhost:8080", f"127.0.0.1:{port}")]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert """arguments='{"path": "a.py"}', name='count_lines'""" in done.stdout
    taken = [line for line in published.hub.log if line.startswith("GET") and ".gguf" in line]
    assert [line.rpartition("/")[2] for line in taken] == ["Synthia-Smoke-135M-Q4_K_M.gguf"]
