"""Upload the package to the Hub, one commit a repository, and prove that what lies there is the product.

Each repository is filled (`synthia.stages.hub.repository`), its tree compared with the package's SHA-256;
then everything but the weights, and the GGUF file that clients take by default, is downloaded afresh and
compared, and that file answers a held-out probe through llama-server with a tool call. Only when all
this holds, and the recipe asks for it, is a repository made public.

Not covered: what is uploaded (package). The 16-bit weights and the other GGUF files are compared by the
digests that the Hub lists, not downloaded again. A repository that is public already shows the new
files before they are checked.
"""

import math
import mmap
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi

from synthia import arms, manifest, records, terminal
from synthia.data import tool_calls
from synthia.errors import MissingRequirement, PipelineError
from synthia.gates import Gate, none_found, require
from synthia.host import token
from synthia.recipe import Recipe
from synthia.recipe_sections import Hub
from synthia.stages import answer_records
from synthia.stages.answers import read_answer
from synthia.stages.gguf import llama_server
from synthia.stages.hub import calls, file_set, repository

Receipt = dict[str, Any]
"""By repository: the commit, and the SHA-256 of its files by path."""
DOWNLOADS = ".downloads"
"""In the work folder while it runs: what was downloaded afresh."""
MAX_TOKENS_FACTOR = 4
"""An answer may be so many times as long as the gold one, and `ROOM` tokens more."""
ROOM = 256


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Fill both repositories and judge them by the gates P. Writes `receipt.json`."""
    hub = file_set.hub_of(recipe.hub)
    secret = token.find()
    if not secret:
        raise MissingRequirement(
            "publishing needs a token of the Hub that may write: set HF_TOKEN, or keep it in a file of "
            f"mode 0600 and name that in {token.FILE_VARIABLE}"
        )
    os.environ.pop(token.VARIABLE, None)  # no process that is started here needs it
    package = inputs["package"]
    outputs = (manifest.read(package) or {})["outputs"]
    require([refuse_token(package, outputs, secret)])
    calls.bound_silence()
    api = HfApi(token=secret)
    receipt, gates = upload(api, hub, package, outputs)
    require(gates)
    kind = file_set.default_type(recipe.convert.types)
    fresh = out / DOWNLOADS
    gates += [download(api, receipt, repo, kind, fresh) for repo in file_set.repositories(hub)]
    require(gates)
    gates.append(tool_call(recipe, kind, inputs, fresh / file_set.GGUF))
    require(gates)
    shutil.rmtree(fresh)
    if not hub.private:
        make_public(api, receipt)
    records.write(out / "receipt.json", receipt)
    return gates


def upload(
    api: HfApi, hub: Hub, package: Path, outputs: Mapping[str, str]
) -> tuple[Receipt, list[Gate]]:
    """Fill both repositories and compare each tree with the package; `outputs` are its SHA-256."""
    receipt: Receipt = {}
    gates = []
    for repo in file_set.repositories(hub):
        folder = package / repo.folder
        files = file_set.of_folder(outputs, repo.folder)
        terminal.say(file_set.listing(repo.repo_id, folder, files))
        filled = repository.fill(
            api,
            repo.repo_id,
            folder,
            files,
            stay_private=hub.private,
            replace=hub.replace,
            description=f"Package {manifest.digest(package)}",
        )
        said = "got one commit" if filled.added else "holds all of it already: no new commit"
        terminal.say(f"{repo.repo_id} {said}: {filled.commit}")
        receipt[repo.repo_id] = {"commit": filled.commit, "files": files}
        found = repository.difference(api, repo.repo_id, filled.commit, folder, files)
        gates.append(
            none_found("P publish: files", found.lines(), arm=repo.folder,
                       metric="files on the Hub that differ from the package",
                       why="users would get another model than the one that was judged",
                       fix="look at the repository's history, then run ./invoke publish again")
        )  # fmt: skip
    return receipt, gates


def make_public(api: HfApi, repo_ids: Iterable[str]) -> None:
    """Show the repositories to everybody."""
    for repo_id in repo_ids:
        show = partial(api.update_repo_settings, repo_id, private=False)
        calls.patiently(f"making {repo_id} public", show)
        terminal.say(f"{repo_id} is public")


def refuse_token(package: Path, files: Mapping[str, str], secret: str) -> Gate:
    """The gate that no file to be uploaded holds the token itself, weights included."""
    holding = [path for path in files if _holds(package / path, secret.encode())]
    return none_found(
        "P publish: token", holding, metric="files that hold the Hub's token",
        why="whoever downloads them can write in your name",
        fix="revoke the token, then find out how it came into the file and make that again",
    )  # fmt: skip


def _holds(path: Path, secret: bytes) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(secret) >= 0


def download(
    api: HfApi, receipt: Receipt, repo: file_set.Repository, kind: str, fresh: Path
) -> Gate:
    """Download a repository's files afresh, of its weights only the GGUF file of `kind`, and compare.

    Files that an earlier, broken call has brought whole are not taken again; the client's cache has no
    part in it.
    """
    held = receipt[repo.repo_id]
    wanted = [
        path for path in held["files"]
        if not file_set.is_weights(path) or file_set.type_of(path, [kind])
    ]  # fmt: skip
    folder = fresh / repo.folder
    for path in wanted:
        get = partial(
            api.hf_hub_download, repo.repo_id, path, revision=held["commit"], local_dir=folder
        )
        calls.patiently(f"downloading {path} of {repo.repo_id}", get)
    wrong = [path for path in wanted if manifest.sha256(folder / path) != held["files"][path]]
    for path in wrong:
        (folder / path).unlink()  # else the client's next call would take it for the right one
    return none_found(
        "P publish: download", wrong, arm=repo.folder,
        metric="files that arrive otherwise than they were uploaded",
        why="users would get damaged files",
        fix="run ./invoke publish again; if it stays, tell the Hub's support",
    )  # fmt: skip


def tool_call(recipe: Recipe, kind: str, inputs: Mapping[str, Path], folder: Path) -> Gate:
    """Let the downloaded GGUF answer one probe that the same file has already answered exactly."""
    (model,) = (path for path in folder.glob("*.gguf") if file_set.type_of(path.name, [kind]))
    probe = choose_probe(
        records.read_lines(inputs["prepare"] / "probes.jsonl"),
        records.read(inputs["evaluate"] / "metrics.json")[arms.by_ids(kind)],
        recipe.evaluate.max_probes,
    )
    most = MAX_TOKENS_FACTOR * len(probe["gold_ids"]) + ROOM
    context = math.ceil((len(probe["prompt_ids"]) + most) / ROOM) * ROOM
    body = {"messages": probe["messages"], "tools": probe["tools"], "max_tokens": most}
    body |= {"seed": 1}  # no other request options: the file's own parameters are what users get
    with llama_server.running(inputs["llama_cpp"], model, context=context) as ask:
        (choice,) = ask("/v1/chat/completions", body)["choices"]
    answer = read_answer(answer_records.served(probe["id"], choice))
    wrong = not tool_calls.same_calls(answer.calls, probe["gold"]["tool_calls"])
    called = [f"{call['name']} {call['arguments']}" for call in answer.calls] or [answer.text[:200]]
    return none_found(
        "P publish: tool call", [f"{probe['id']}: {called}"] if wrong or answer.errors else [],
        arm=kind.lower(), metric="probes that the downloaded file answers otherwise than before",
        why="the published file does not do what was measured",
        fix="compare its SHA-256 with SHA256SUMS, and the llama.cpp in use with the one that judged",
    )  # fmt: skip


def choose_probe(
    every: Sequence[Mapping[str, Any]], measured: Mapping[str, Any], most: int | None
) -> Mapping[str, Any]:
    """The first probe asked of this file whose gold answer is a call, and which it got right."""
    inexact = measured["at_fault"]["inexact"]
    for probe in arms.asked(every, most):
        if probe["gold"]["tool_calls"] and probe["id"] not in inexact:
            return probe
    raise PipelineError(
        "no probe with a call was answered exactly by the file to publish: train longer"
    )
