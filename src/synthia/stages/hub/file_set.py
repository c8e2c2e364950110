"""Which files go into which repository: two allow-lists, and nothing else leaves.

The 16-bit model and the GGUF files get a repository each, since a page on the Hub describes one format.

Not covered: what stands in the files that package writes itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from synthia.recipe_sections import Hub
from synthia.stages.hf import tokenizer_files

SIXTEEN_BIT, GGUF = "16bit", "gguf"
"""The package's folders, one a repository."""
MODEL = re.compile(
    r"model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json|(generation_)?config\.json"
)
"""What merge wrote for transformers, its audit left out."""
FOR_CLIENTS = ("template", "params", "Modelfile", "model.yaml")
"""What Ollama and LM Studio read beside a GGUF file, where convert wrote it."""
DEFAULT_TYPE = "Q4_K_M"
"""What Ollama and llama.cpp take from a repository when no type is asked for."""
WEIGHTS = (".safetensors", ".gguf")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """One repository to fill."""

    folder: str
    repo_id: str


def hub_of(hub: Hub | None) -> Hub:
    """The recipe's section; the table of stages runs nothing that needs it without it."""
    assert hub is not None
    return hub


def repositories(hub: Hub) -> tuple[Repository, Repository]:
    """Both repositories, the 16-bit one first: the other's model card names it as its base."""
    gguf = hub.gguf_repo_id or f"{hub.repo_id}-GGUF"
    return (
        Repository(folder=SIXTEEN_BIT, repo_id=hub.repo_id),
        Repository(folder=GGUF, repo_id=gguf),
    )


def taken_from_merge(folder: Path) -> list[str]:
    """Names in merge's folder that go into the 16-bit repository."""
    names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if MODEL.fullmatch(name) or name in tokenizer_files.NAMES]


def taken_from_convert(folder: Path, kinds: Sequence[str]) -> list[str]:
    """Names in convert's folder that go into the GGUF repository."""
    names = sorted(path.name for path in folder.iterdir())
    return [name for name in names if type_of(name, kinds) or name in FOR_CLIENTS]


def type_of(name: str, kinds: Sequence[str]) -> str:
    """Which of these types of llama-quantize a GGUF file's name ends in; "" for another file."""
    path = PurePosixPath(name)
    if path.suffix != ".gguf":
        return ""
    return next((kind for kind in kinds if path.stem.upper().endswith(f"-{kind}")), "")


def default_type(kinds: Sequence[str]) -> str:
    """The type that clients take by default, or the recipe's last where that is not made."""
    return DEFAULT_TYPE if DEFAULT_TYPE in kinds else kinds[-1]


def is_weights(name: str) -> bool:
    """Whether a file is too big to download it again only to compare it."""
    return name.endswith(WEIGHTS)


def of_folder(outputs: Mapping[str, str], folder: str) -> dict[str, str]:
    """SHA-256 by path inside one folder of the package, from the package's outputs."""
    return {
        path.removeprefix(f"{folder}/"): digest
        for path, digest in outputs.items()
        if path.startswith(f"{folder}/")
    }


def listing(repo_id: str, folder: Path, files: Mapping[str, str]) -> str:
    """The files of a repository with their sizes, as lines of text."""
    sizes = {path: (folder / path).stat().st_size for path in files}
    lines = [f"  {size / 1e6:12,.3f} MB  {path}" for path, size in sizes.items()]
    total = f"{repo_id}: {len(sizes)} files, {sum(sizes.values()) / 1e6:,.1f} MB"
    return "\n".join([total, *lines])
