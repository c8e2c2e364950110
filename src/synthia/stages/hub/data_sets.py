"""Download the data sets that a recipe names on the Hub, each file compared with the Hub's listing.

Killed or cut off, the next call goes on with what has arrived. No code of a data set is run: only JSON
Lines, Parquet and Arrow files are downloaded.

Not covered: naming them (`synthia.hub_data`) and reading them.
"""

import glob
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from synthia import hub_data
from synthia.errors import PipelineError, UsageError
from synthia.hub_data import DataSet
from synthia.stages.hub import calls, listing

SHOWN = 12


def download(
    name: str, out: Path, bar: type, explain: Callable[[DataSet, Exception], PipelineError]
) -> None:
    """Download the files of the data set `name` into fetch's folder `out`.

    `bar` shows progress; `explain` makes a sentence of the Hub's refusal. Raises UsageError where the
    revision has no file of that split.
    """
    from httpx import TransportError
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from huggingface_hub.hf_api import RepoFile

    wanted = hub_data.parse(name)
    folder = out / wanted.folder
    told: dict[str, Any] = {"repo_type": "dataset", "revision": wanted.revision}

    def listed() -> list[str]:
        entries = HfApi().list_repo_tree(wanted.repo_id, recursive=True, **told)
        return [entry.path for entry in entries if isinstance(entry, RepoFile)]

    try:
        paths = calls.over_broken_lines(f"reading the files of {wanted.repo_id}", listed)
        chosen = hub_data.of_split(paths, wanted.split)
        if not chosen:
            raise UsageError(
                f"{name}: no file of the split {wanted.split!r} as JSON Lines, Parquet or Arrow. After # "
                f"stands a split or a file's path; there are: {', '.join(paths[:SHOWN]) or 'none'}"
            )
        get = partial(
            snapshot_download,
            wanted.repo_id,
            allow_patterns=[glob.escape(path) for path in chosen],
            local_dir=folder,
            tqdm_class=bar,
            **told,
        )
        calls.over_broken_lines(f"downloading {wanted.repo_id}", get)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, TransportError) as error:
        raise explain(wanted, error) from None
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the client's, with times inside
    patterns = [glob.escape(path) for path in hub_data.of_split(paths, wanted.split)]
    listing.require_equal(wanted.repo_id, wanted.revision, folder, patterns, repo_type="dataset")
