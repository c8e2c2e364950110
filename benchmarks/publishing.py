"""What publish does when the Hub or the line fails: python benchmarks/publishing.py

Orders every fault of tests/hub_faults.py, and some more, from the stand-in for the Hub in tests/ and
prints as a table what the user is told and what lies on the Hub afterwards. The client is the locked
one, over HTTP; only its waiting is shortened. Needs the dev environment's Python: ./invoke test makes it.

Not covered: the real Hub, which this cannot reach; clients that are killed (tests/stages/hub).
"""

import contextlib
import hashlib
import io
import logging
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT / "tests")]
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"  # read when the client is imported

import hub_faults  # noqa: E402
import hub_stand_in  # noqa: E402
from hub_faults import COMMIT, DEFAULT, DOWNLOAD, REPO, SHOW  # noqa: E402
from hub_stand_in import TOKEN, Fault, Hub  # noqa: E402
from huggingface_hub import HfApi, constants, file_download  # noqa: E402
from huggingface_hub.utils import _http  # noqa: E402

from synthia import manifest  # noqa: E402
from synthia.errors import PipelineError  # noqa: E402
from synthia.gates import Gate  # noqa: E402
from synthia.stages import publish  # noqa: E402
from synthia.stages.hub import calls, file_set, repository  # noqa: E402

CARD = "---\nlicense: apache-2.0\nbase_model: some/base\n---\n\nA model.\n"
GGUF_REPO = file_set.Repository(folder=file_set.GGUF, repo_id=REPO)


def shorten_waiting() -> None:
    """Let no wait of the client or of ours take long."""
    constants.HF_HUB_DISABLE_XET = True
    calls.FIRST_WAIT, calls.LONGEST_SILENCE = 0.001, 0.3
    calls.bound_silence()
    still = SimpleNamespace(sleep=lambda seconds: None)
    vars(_http)["time"] = vars(file_download)["time"] = still
    logging.disable(logging.WARNING)


@contextlib.contextmanager
def prepared() -> Iterator[tuple[Hub, HfApi, Path]]:
    """A stand-in, a client of it, and a package of three files."""
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch) / "package"
        package.mkdir()
        (package / "README.md").write_text(CARD)
        (package / "config.json").write_text("{}\n")
        (package / DEFAULT).write_bytes(random.Random(1).randbytes(400_000))
        with hub_stand_in.serving(Path(scratch) / "hub") as hub:
            yield hub, HfApi(endpoint=hub.url, token=TOKEN), package


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 by name."""
    return {path.name: manifest.sha256(path) for path in sorted(folder.iterdir())}


def fill(api: HfApi, package: Path) -> repository.Filled:
    """The upload of a repository that must stay private."""
    return repository.fill(api, REPO, package, digests(package), stay_private=True)


def said_by(call: Callable[[], object]) -> str:
    """What the user reads: the last line of progress, or the error."""
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        try:
            found = call()
        except PipelineError as error:
            return f"exit code {error.exit_code}: {error}"
        except OSError as error:
            return f"OSError: {error.strerror}, which ends the stage with what to do"
    if isinstance(found, Gate) and not found.passed:
        return f"gate {found.name} is red: {', '.join(found.where)}"
    lines = [line for line in printed.getvalue().splitlines() if "LFS files" not in line]
    lines = [line for line in lines if "again in" in line] or lines
    return f"{f'{len(lines)} x ' if len(lines) > 1 else ''}{lines[-1]}" if lines else "nothing"


def on_the_hub(hub: Hub, package: Path) -> str:
    """What lies in the repository, its bytes hashed again."""
    if REPO not in hub.repos:
        return "no repository"
    commits = [c for c in hub.repos[REPO].commits if c.title == repository.TITLE]
    if not commits:
        return "no commit"
    held = {path: file[1] for path, file in commits[0].files.items() if path in digests(package)}
    right = held == digests(package) and all(
        hashlib.sha256(hub.blob(digest).read_bytes()).hexdigest() == digest
        for digest in held.values()
    )
    return f"{len(commits)} commit, hashes {'right' if right else 'WRONG'}"


def row(*cells: str) -> None:
    """Print a line of the table."""
    texts = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    print(f"| {' | '.join(texts)} |")


def named(fault: Fault) -> str:
    """A fault with how often it is ordered."""
    return f"{hub_faults.name(fault)}{f', {fault.times} times' if fault.times > 1 else ''}"


def filling(fault: Fault) -> None:
    """One fault while a repository is filled, and the call after it."""
    with prepared() as (hub, api, package):
        title = named(fault)
        hub.faults = [Fault(**vars(fault))]
        said = said_by(lambda: fill(api, package))
        outcome = on_the_hub(hub, package)
        hub.faults = []
        again = said_by(lambda: fill(api, package))
        then = on_the_hub(hub, package) if again == "nothing" else again
        row(title, said, outcome, then)


def wrong_hash() -> None:
    """A listing with another digest than that of what was uploaded."""
    with prepared() as (hub, api, package):
        filled = fill(api, package)
        hub.faults = [Fault(match="GET .*/tree/", kind="wrong hash", path=DEFAULT)]
        found = repository.difference(api, REPO, filled.commit, package, digests(package))
        row("wrong hash in the tree", f"gate P publish: files is red: {found.lines()[0]}",
            on_the_hub(hub, package), "stays private")  # fmt: skip


def after_filling(fault: Fault, call: str) -> None:
    """One fault while what was uploaded is downloaded afresh, or made public."""
    with prepared() as (hub, api, package):
        filled = fill(api, package)
        receipt = {REPO: {"commit": filled.commit, "files": digests(package)}}
        fresh = package.parent / "fresh"
        title = named(fault)
        hub.faults = [Fault(**vars(fault))]

        def once() -> object:
            if call == "show":
                publish.make_public(api, [REPO])
                return None
            return publish.download(api, receipt, GGUF_REPO, "Q4_K_M", fresh)

        said = said_by(once)
        shown = "private" if hub.repos[REPO].private else "public"
        hub.faults = []
        then = said_by(once)
        then = "every digest is right" if then == "nothing" else then
        row(title, said, f"{on_the_hub(hub, package)}, {shown}", then)


def full_disk() -> None:
    """A disk that takes 16 kB of the fresh download; mounting it needs root."""
    with prepared() as (hub, api, package):
        filled = fill(api, package)
        receipt = {REPO: {"commit": filled.commit, "files": digests(package)}}
        small = package.parent / "small"
        small.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(small)]
        if os.geteuid() or subprocess.run(words, check=False).returncode:
            return row("disk full", "not tried: mounting a small disk needs root", "", "")
        try:
            get = lambda: publish.download(api, receipt, GGUF_REPO, "Q4_K_M", small)  # noqa: E731
            row("disk full", said_by(get), on_the_hub(hub, package), "")
        finally:
            subprocess.run(["umount", str(small)], check=True)


def main() -> None:
    """Print the table."""
    shorten_waiting()
    print("| fault | what the user reads | on the Hub | after the next call |\n|---|---|---|---|")
    for fault in hub_faults.RECOVERED:
        filling(fault)
    for fault, _ in hub_faults.REFUSED:
        filling(fault)
    filling(Fault(match=COMMIT, kind="foreign"))
    wrong_hash()
    for fault in [*hub_faults.ARRIVED, Fault(match=DOWNLOAD, kind="drop before", times=99)]:
        after_filling(fault, "download")
    after_filling(Fault(match=DOWNLOAD, kind="damage"), "download")
    full_disk()
    for fault in [*hub_faults.SHOWN, Fault(match=SHOW, kind="403")]:
        after_filling(fault, "show")


if __name__ == "__main__":
    main()
