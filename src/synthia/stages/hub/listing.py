"""Compare what was downloaded with what the Hub lists at that revision.

The Hub lists the SHA-256 of a file in large storage, and git's SHA-1 of any other; the client itself
compares nothing but sizes. The SHA-256 of what arrived stands in the stage's manifest.

Not covered: whether the listing is the one that the user means; a recipe's `model.lock` says that.
"""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from huggingface_hub import HfApi

from synthia.errors import MissingRequirement
from synthia.stages.hub import calls


def require_equal(
    repo_id: str,
    revision: str,
    folder: Path,
    patterns: Sequence[str],
    *,
    repo_type: str = "model",
    beside: str = "",
) -> None:
    """Raise MissingRequirement unless `folder` holds just the repository's files of these patterns.

    Files that differ are removed, so that the next call downloads them anew, and only them. What lies in
    the folder `beside` is none of its files.
    """
    found = calls.patiently(
        f"reading the files of {repo_id}",
        lambda: HfApi().verify_repo_checksums(
            repo_id, repo_type=repo_type, revision=revision, local_dir=folder
        ),
    )
    wrong = {
        each[
            "path"
        ]: f"has the {each['algorithm']} {each['actual']}, the Hub lists {each['expected']}"
        for each in found.mismatches
    }
    extra = [path for path in found.extra_paths if not beside or not path.startswith(f"{beside}/")]
    wrong |= dict.fromkeys(extra, "is not listed by the Hub")
    for path in wrong:
        (folder / path).unlink()
    wanted = [path for path in found.missing_paths if any(fnmatch(path, one) for one in patterns)]
    wrong |= dict.fromkeys(wanted, "did not arrive")
    if wrong:
        lines = "\n".join(f"    {path} {said}" for path, said in wrong.items())
        raise MissingRequirement(
            f"{repo_id} at {revision} did not arrive as the Hub lists it:\n{lines}\n"
            "    run the command again: only these files are downloaded anew"
        )
