"""One repository on the Hub filled from a folder: by one commit, upon the one that was seen, or not at all.

What lies in the repository is compared with the folder first, by the Hub's own digests; where all is
equal nothing is done, so that a call after any failure adds no second commit. Big files are uploaded
beforehand, outside of any commit; the Hub keeps those it has, so a second call goes on where the first
stopped. The commit names the parent that was seen: if anyone else has written since, the Hub refuses it.

Not covered: which files there are (package), and whether the model works (publish).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, GitCommitInfo, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils.sha import git_hash

from synthia.errors import PipelineError, UsageError
from synthia.stages.hub import calls

TITLE = "Publish with Synthia"
"""How commits of this project begin; those of others are never built upon unasked."""
FIRST_TITLE = "initial commit"
"""The Hub's own, which makes a repository."""
GIVEN = (".gitattributes",)
"""Files that the Hub puts into a new repository."""


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A repository that holds exactly the folder's files."""

    commit: str
    added: bool
    """False where it held them already."""


@dataclass(kw_only=True)
class Difference:
    """What a commit's tree has otherwise than a folder."""

    absent: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.absent or self.changed or self.surplus)

    def lines(self) -> list[str]:
        """One line a file, for a gate."""
        said = {
            "is missing": self.absent,
            "has another digest": self.changed,
            "is too much": self.surplus,
        }
        return [f"{path} {what}" for what, paths in said.items() for path in paths]


def fill(
    api: HfApi,
    repo_id: str,
    folder: Path,
    files: Mapping[str, str],
    *,
    stay_private: bool,
    replace: Sequence[str] = (),
    description: str = "",
) -> Filled:
    """Let `repo_id` hold exactly `files` (SHA-256 by path in `folder`); the Hub's own stay.

    Raises UsageError for a repository that is public although it must not be, or that others have
    written to; MissingRequirement where the Hub does not answer.
    """
    _make_sure_of(api, repo_id, stay_private=stay_private)
    seen = history(api, repo_id)[0]
    found = difference(api, repo_id, seen.commit_id, folder, files)
    if not found:
        return Filled(commit=seen.commit_id, added=False)
    ours = seen.title.startswith(TITLE) or seen.title == FIRST_TITLE
    if not ours and seen.commit_id not in replace:
        raise UsageError(foreign(repo_id, seen))
    additions = [
        CommitOperationAdd(path_in_repo=path, path_or_fileobj=str(folder / path))
        for path in [*found.absent, *found.changed]
    ]
    calls.patiently(
        f"uploading to {repo_id}",
        lambda: api.preupload_lfs_files(repo_id, additions=additions, free_memory=False),
    )
    for addition in additions:
        if addition.upload_info.sha256.hex() != files[addition.path_in_repo]:
            raise PipelineError(
                f"{folder / addition.path_in_repo} was changed after it was packaged: "
                "./invoke package --force writes it again"
            )
    deletions = [CommitOperationDelete(path_in_repo=path) for path in found.surplus]
    commit = _commit(api, repo_id, folder, files, seen, [*additions, *deletions], description)
    return Filled(commit=commit, added=True)


def _make_sure_of(api: HfApi, repo_id: str, *, stay_private: bool) -> None:
    def look_or_make() -> None:
        try:
            info = api.repo_info(repo_id)
        except RepositoryNotFoundError as error:
            if calls.status(error) == 401:  # the client calls a refused token that, too
                raise calls.explained(repo_id, error, 1) from None
            api.create_repo(repo_id, private=True, exist_ok=True)
            return
        if stay_private and not info.private:
            raise UsageError(
                f"{repo_id} is public on the Hub and the recipe says hub.private = true: make it private "
                "there, or set hub.private = false"
            )

    calls.patiently(repo_id, look_or_make)


def history(api: HfApi, repo_id: str) -> list[GitCommitInfo]:
    """The commits of the main branch, the newest first."""
    found = calls.patiently(
        f"reading the history of {repo_id}", lambda: api.list_repo_commits(repo_id)
    )
    return list(found)


def difference(
    api: HfApi, repo_id: str, commit: str, folder: Path, files: Mapping[str, str]
) -> Difference:
    """Compare a commit's tree with a folder by the digests that the Hub lists.

    Those are the SHA-256 of a file in large storage, and git's SHA-1 of any other.
    """

    def read() -> dict[str, RepoFile]:
        entries = api.list_repo_tree(repo_id, recursive=True, revision=commit)
        return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}

    tree = calls.patiently(f"reading the files of {repo_id}", read)
    found = Difference(surplus=sorted(tree.keys() - files.keys() - set(GIVEN)))
    for path, digest in files.items():
        if path not in tree:
            found.absent.append(path)
            continue
        large = tree[path].lfs
        if large is not None:
            equal = large.sha256 == digest
        else:
            equal = tree[path].blob_id == git_hash((folder / path).read_bytes())
        if not equal:
            found.changed.append(path)
    return found


def _commit(
    api: HfApi,
    repo_id: str,
    folder: Path,
    files: Mapping[str, str],
    seen: GitCommitInfo,
    operations: Sequence[CommitOperationAdd | CommitOperationDelete],
    description: str,
) -> str:
    """Add the one commit upon `seen`; return its id.

    An answer may be lost although the commit was made. So after each failure the history is read: the
    commit is there, or nothing is and it may be tried again, or another writer was faster.
    """

    def once() -> str:
        try:
            made = api.create_commit(
                repo_id,
                operations=operations,
                commit_message=TITLE,
                commit_description=description,
                parent_commit=seen.commit_id,
            )
        except (HfHubHTTPError, httpx.TransportError) as error:
            newer = _newer(api, repo_id, seen)
            for commit in newer:
                if not difference(api, repo_id, commit.commit_id, folder, files):
                    return commit.commit_id
            if newer:
                raise UsageError(foreign(repo_id, newer[0])) from None
            if calls.status(error) in (409, 412):
                raise UsageError(
                    f"{repo_id}: the Hub refused the commit ({calls.status(error)}) and shows no other "
                    "writer's: run the command again"
                ) from None
            raise
        return made.oid

    return calls.patiently(f"committing to {repo_id}", once)


def _newer(api: HfApi, repo_id: str, seen: GitCommitInfo) -> list[GitCommitInfo]:
    """The commits after the one that was seen; all where it is gone from the history."""
    commits = history(api, repo_id)
    ids = [commit.commit_id for commit in commits]
    return commits[: ids.index(seen.commit_id)] if seen.commit_id in ids else commits


def foreign(repo_id: str, commit: GitCommitInfo) -> str:
    """Say that another writer's commit is in the way."""
    who = ", ".join(commit.authors) or "somebody"
    return (
        f"{repo_id} has a commit of another writer, which is not overwritten: {commit.commit_id} "
        f"{commit.title!r} by {who} at {commit.created_at:%Y-%m-%d %H:%M} UTC; look at it, and if its "
        f"content may go: --set 'hub.replace=[\"{commit.commit_id}\"]'"
    )
