"""Data sets of the Hub by name: `hub:owner/name@revision#split` in `data.files`, and where fetch puts them.

fetch alone has a network: it downloads the files of that split, and all others read them in its folder.

Not covered: downloading (`synthia.stages.hub.data_sets`), and what is in the files (`synthia.data.files`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from synthia import recipe_values
from synthia.errors import UsageError

FOLDER = "hub_data"
"""Below fetch's folder."""
READ = (".jsonl", ".json", ".parquet", ".arrow")
PACKED = ("", ".gz", ".zst", ".bz2", ".xz")


@dataclass(frozen=True)
class DataSet:
    """One split of a data set at a revision."""

    name: str
    """As the recipe writes it."""
    repo_id: str
    revision: str
    split: str
    """The split's name, or the path of one file."""
    source: Literal["data set"] = "data set"

    @property
    def folder(self) -> str:
        """Where fetch puts its files, below its own folder."""
        return f"{FOLDER}/{self.repo_id.replace('/', '--')}@{self.revision}"


def parse(name: str) -> DataSet:
    """Read a name that `synthia.recipe_values.data_file` has accepted."""
    match = re.fullmatch(recipe_values.HUB_DATA, name)
    if match is None:
        raise ValueError(f"{name!r} names no data set of the Hub")
    repo_id, revision, split = match.groups()
    return DataSet(name, repo_id, revision, split)


def of_split(paths: Sequence[str], split: str) -> list[str]:
    """The files of a split among a repository's: that path, or all that have its name as a word.

    As in the `datasets` library a split's name is the file's, begins it, or is a folder's:
    `train.jsonl`, `data/train-00000-of-00002.parquet`, `train/0.parquet`.
    """
    if split in paths:
        return [split]
    word = re.compile(rf"(?:^|[/._ -]){re.escape(split)}(?:[/._ -]|$)")
    ends = tuple(kind + packed for kind in READ for packed in PACKED)
    return sorted(path for path in paths if path.endswith(ends) and word.search(path))


def files(
    project: Path, fetched: Path | None, names: Sequence[str], *, recipe: str
) -> Mapping[str, Path]:
    """The files of `data.files` by the label under which rows of theirs are named.

    Raises UsageError where a data set is not in `fetched`, the folder of fetch.
    """
    found: dict[str, Path] = {}
    for name in names:
        if not name.startswith(recipe_values.HUB):
            found[name] = project / name
            continue
        data_set = parse(name)
        folder = (fetched or project) / data_set.folder
        there = [
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        ]
        chosen = of_split(sorted(there), data_set.split)
        if fetched is None or not chosen:
            raise UsageError(
                f"{name} is not fetched yet: ./invoke fetch --recipe {recipe} downloads it, with the model"
            )
        found |= {name if len(chosen) == 1 else f"{name}/{path}": folder / path for path in chosen}
    return found
