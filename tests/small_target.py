"""The small target of Dockerfile.convert on a real engine: every kind of layer, built from the cache."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia.host import engine
from synthia.images import buildx, inputs as image_inputs, oci, reproduce

BEGIN = "FROM base AS small\n"


@dataclass(frozen=True)
class Small:
    """The small target, built from a copy of the project."""

    folder: Path
    """The copy: what a build reads."""
    base: str
    beneath: Sequence[str]
    """The base's diffIDs."""
    image: oci.Image

    def copy(self, folder: Path, *changes: tuple[str, str], stages: str = "") -> Path:
        """A copy with text of the last stage replaced, and stages before it: all else is cached."""
        shutil.copytree(self.folder, folder)
        path = folder / "Dockerfile.convert"
        above, _, stage = path.read_text().partition(BEGIN)
        for before, after in changes:
            assert before in stage
            stage = stage.replace(before, after, 1)
        path.write_text(above + stages + BEGIN + stage)
        return folder

    def build(self, project: Path, layout: Path, *options: str) -> oci.Image:
        """Build and check the target of another copy; its layout is gone then: it is over a GB."""
        try:
            return buildx.build(
                project, "convert", target="small", base=self.base, beneath=self.beneath,
                layout=layout, options=options,
            )  # fmt: skip
        finally:
            shutil.rmtree(layout, ignore_errors=True)


@pytest.fixture(scope="session")
def small(
    base: str, reproduced: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Small]:
    """The small target as it is, from what BuildKit kept when it was reproduced."""
    place = tmp_path_factory.mktemp("small")
    folder = reproduce.arrange(PROJECT, place, reproduce.CONDITIONS[0])
    reference = image_inputs.gather(PROJECT, "convert", base).base
    beneath = engine.base(reference)
    image = buildx.build(
        folder, "convert", target="small", base=reference, beneath=beneath, layout=place / "layout"
    )
    yield Small(folder=folder, base=reference, beneath=beneath, image=image)
    shutil.rmtree(place)
