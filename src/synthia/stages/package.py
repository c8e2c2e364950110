"""Write the exact files that publish uploads, a folder a repository, and scan them for secrets.

Files come from merge and convert by the allow-lists of `synthia.stages.hub.file_set`; big ones are hard
links and take no room. Written here are the model card, the manifests of all stages, their gates,
checksums and the licence. Nothing is packaged unless every gate passed and each manifest names the ones
that lie here.

Not covered: sending anything (publish). Weights are scanned for secrets in their headers alone.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthia import gates as gate_files, manifest, product, records, terminal
from synthia.data import text
from synthia.errors import PipelineError
from synthia.gates import Gate, none_found
from synthia.recipe import Recipe
from synthia.stages.gguf import metadata as gguf_metadata
from synthia.stages.hf import tokenizer_files
from synthia.stages.hub import card, file_set

SUMS = "SHA256SUMS"
LICENCE = "LICENSE"
SAFETENSORS_LENGTH = 8
"""Bytes of a safetensors file before its header, which say how long that is."""
TEXT_MOST = 64 * 2**20
"""Bytes; no text file of a model is larger."""


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write `16bit/` and `gguf/` into `out`; return the gates P package."""
    stages = {name: path for name, path in inputs.items() if name not in ("project", "cache")}
    manifests = read_chain(stages)
    judged = [gate for path in stages.values() for gate in gate_files.read(path / "gates.json")]
    red = [f"{gate.name} {gate.arm}".strip() for gate in judged if not gate.passed]
    if red:
        raise PipelineError(f"gates are red ({', '.join(red)}): nothing is packaged")
    kinds = recipe.convert.types
    taken = {
        file_set.SIXTEEN_BIT: [(inputs["merge"], file_set.taken_from_merge(inputs["merge"]))],
        file_set.GGUF: [
            (inputs["convert"], file_set.taken_from_convert(inputs["convert"], kinds)),
            (inputs["merge"], [n for n in tokenizer_files.NAMES if (inputs["merge"] / n).exists()]),
        ],
    }
    pages = card.render(recipe, inputs, judged, {n: manifest.digest(p) for n, p in stages.items()})
    for repo in file_set.repositories(file_set.hub_of(recipe.hub)):
        folder = out / repo.folder
        folder.mkdir()
        for source, names in taken[repo.folder]:
            for name in names:
                _link(source / name, folder / name)
        _write_licence(recipe.convert.license, inputs, folder)
        records.write_text(folder / "README.md", pages[repo.folder])
        if repo.folder == file_set.GGUF:
            _write_model_yaml(recipe, repo.repo_id, folder)
        records.write(folder / manifest.NAME, {"stages": manifests})
        records.write(folder / "gates.json", [asdict(gate) for gate in judged], sort_keys=False)
        sums = [f"{manifest.sha256(folder / path)}  {path}\n" for path in manifest_paths(folder)]
        records.write_text(folder / SUMS, "".join(sums))
        terminal.say(file_set.listing(repo.repo_id, folder, dict.fromkeys(all_paths(folder), "")))
    return [secrets(out)]


def read_chain(stages: Mapping[str, Path]) -> dict[str, Any]:
    """The manifests of these stages. Raises PipelineError where one was not made from the others."""
    found: dict[str, Any] = {}
    for name, folder in stages.items():
        read = manifest.read(folder)
        if read is None:
            raise PipelineError(f"{folder.name}/ holds no manifest: run ./invoke {name}")
        found[name] = read
    for name, read in found.items():
        for other, digest in read["inputs"].items():
            if other in stages and manifest.digest(stages[other]) != digest:
                raise PipelineError(
                    f"{stages[name].name}/ was not made from what lies in {stages[other].name}/: "
                    "./invoke pipeline makes it anew"
                )
    return found


def all_paths(folder: Path) -> list[str]:
    """Paths of all files in a repository's folder, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def manifest_paths(folder: Path) -> list[str]:
    """What SHA256SUMS lists: all but itself."""
    return [path for path in all_paths(folder) if path != SUMS]


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_model_yaml(recipe: Recipe, repo_id: str, folder: Path) -> None:
    """LM Studio's description of the files, with what their metadata says of the model."""
    smallest = min(folder.glob("*.gguf"), key=lambda path: path.stat().st_size)
    known = gguf_metadata.read(smallest)
    said = product.lm_studio(
        recipe, repo_id, architecture=known["general.architecture"],
        parameters=known.get("general.size_label", ""), size=smallest.stat().st_size,
    )  # fmt: skip
    records.write_text(folder / "model.yaml", said)


def _write_licence(license: str, inputs: Mapping[str, Path], folder: Path) -> None:
    """The base model's licence file, or this project's where both are under the same one."""
    given = inputs["fetch"] / LICENCE
    if not given.exists() and license == "apache-2.0":
        given = inputs["project"] / LICENCE
    if given.exists():
        shutil.copyfile(given, folder / LICENCE)


def secrets(package: Path) -> Gate:
    """The gate that no file to be uploaded holds anything that looks like a secret."""
    found = []
    for path in all_paths(package):
        if (package / path).is_file():
            for where, content in texts(package / path):
                found += [f"{path}{where}: {said}" for said in text.secrets(content)]
    return none_found(
        "P package: secrets", found, metric="files with what looks like a secret",
        why="what was public once is known: whoever downloads the file can use it",
        fix="revoke it, remove it where that file comes from (for a model's own files that is the base "
        "model), and run the stages again",
    )  # fmt: skip


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of a file with their places in it: of weights, their header alone."""
    if path.suffix == ".gguf":
        for key, value in gguf_metadata.read(path).items():
            if isinstance(value, str):
                yield f" {key}", value
        return
    with path.open("rb") as file:
        if path.suffix == ".safetensors":
            length = int.from_bytes(file.read(SAFETENSORS_LENGTH), "little")
            yield " header", file.read(min(length, TEXT_MOST)).decode("utf-8", "replace")
            return
        for number, line in enumerate(file.read(TEXT_MOST).splitlines(), 1):
            yield f":{number}", line.decode("utf-8", "replace")
