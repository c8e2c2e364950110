"""What an image is made from: its Dockerfile, the locks and scripts that it names, modules that compile.

They are read and hashed once, and handed on as one value to all that builds, notes, compares and
describes the image, so that what is written about it is about the same files.

Not covered: the layers of the base, which only an engine knows (`synthia.images.buildx`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from synthia import code


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that decides an image, as it was when it was gathered."""

    project: Path
    name: str
    dockerfile: str
    """The file that makes it, in the project's folder."""
    sources: Mapping[str, str]
    """SHA-256 by path of the Dockerfile and the locks and scripts that it names: the lock has these too."""
    code: Mapping[str, str]
    """SHA-256 by path of the modules that a build of it runs."""
    base: str
    """What to build on: the base that was asked for, or else the one that the Dockerfile names."""
    base_asked_for: bool
    """Whether an image on another base will not do."""

    @cached_property
    def files(self) -> dict[str, str]:
        """SHA-256 by path of all that decides the image but its base."""
        return {**self.sources, **self.code}

    @cached_property
    def key(self) -> str:
        """A short name for those files by their digests, in the form that sha256sum prints."""
        text = "".join(f"{digest}  {path}\n" for path, digest in sorted(self.files.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def gather(project: Path, name: str, base: str = "") -> Inputs:
    """Hash what an image is made from; without `base` it is built on the one that its Dockerfile names."""
    text = (project / dockerfile(name)).read_text(encoding="utf-8")
    candidates = [*project.glob("requirements/*.txt"), *project.glob("docker/*.sh")]
    paths = (path.relative_to(project).as_posix() for path in candidates)
    named = sorted(path for path in paths if path in text)
    default = next(line for line in text.splitlines() if line.startswith("ARG BASE="))
    return Inputs(
        project=project,
        name=name,
        dockerfile=dockerfile(name),
        sources=_hashed(project, dockerfile(name), *named),
        code=_hashed(project, *(() if name == "train" else context(project))),
        base=base or default.removeprefix("ARG BASE="),
        base_asked_for=bool(base),
    )


def context(project: Path) -> tuple[str, ...]:
    """The modules that compile llama.cpp in an image: with locks and scripts all that a build may read."""
    return tuple(f"src/{path}" for path in code.digests(project / "src", "synthia.llama_cpp.cuda"))


def dockerfile(name: str) -> str:
    """The file that makes an image: the one with the CUDA backend is another target of convert's."""
    return f"Dockerfile.{name.removesuffix('-cuda')}"


def _hashed(project: Path, *paths: str) -> dict[str, str]:
    return {path: hashlib.sha256((project / path).read_bytes()).hexdigest() for path in paths}
