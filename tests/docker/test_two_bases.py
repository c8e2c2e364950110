"""Two bases that differ in Python, place, shell, umask, binutils and settings come to the same layers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import second_base
from small_target import Small

from synthia.host import engine
from synthia.images import (
    buildx,
    description as image_description,
    inputs as image_inputs,
    lock as image_lock,
    oci,
    rootfs,
)

pytestmark = [pytest.mark.docker, pytest.mark.slow]
SCRIPT = "docker/environment.sh"
COMPILED = ("COPY --from=small-build /opt/ggml /opt/ggml\n", "")
"""Leaves out the library, which would be compiled once more for every change of the script."""


@pytest.fixture(scope="module")
def other(small: Small) -> Iterator[Small]:
    """The small target's files on the second base; its image is built by each test."""
    name = second_base.make(small.base)
    yield Small(folder=small.folder, base=name, beneath=engine.base(name), image=small.image)
    engine.ask("image", "rm", "--force", name)


@pytest.fixture(scope="module")
def on_other(other: Small, tmp_path_factory: pytest.TempPathFactory) -> oci.Image:
    return other.build(other.folder, tmp_path_factory.mktemp("other") / "layout")


def test_every_layer_of_ours_is_the_same_on_both(
    small: Small, other: Small, on_other: oci.Image
) -> None:
    assert list(small.beneath) != list(other.beneath)
    own = [
        image.diff_ids[len(side.beneath) :]
        for side, image in ((small, small.image), (other, on_other))
    ]
    assert own[0] == own[1]
    assert len(own[0]) == 3
    assert small.image.config_digest != on_other.config_digest


def test_the_lock_of_one_base_holds_on_the_other(
    small: Small, other: Small, on_other: oci.Image, tmp_path: Path
) -> None:
    (project := tmp_path / "locked").mkdir()
    for path in ("Dockerfile.convert", "requirements", "docker", "src"):
        (project / path).symlink_to(small.folder / path)
    inputs = image_inputs.gather(project, "convert")
    first, second = (
        image_description.describe(image, side.base, side.beneath, epoch=buildx.EPOCH)
        for side, image in ((small, small.image), (other, on_other))
    )
    image_lock.compare(inputs, first, update=True)
    image_lock.compare(inputs, second, update=False)
    assert image_lock.locked(project, "convert", second) is None
    image_lock.compare(inputs, second, update=True)
    assert len(image_lock.read(project)["images"]["convert"]["bases"]) == 2


def environment(side: Small, folder: Path, guard: str, without: str) -> dict[str, oci.Entry]:
    """What the small target's environment holds on a base, with a guard of its script taken out."""
    project = side.copy(folder / "copy", COMPILED)
    dockerfile, script = project / "Dockerfile.convert", project / SCRIPT
    with dockerfile.open("a") as file:
        file.write(
            "FROM scratch AS looked-at\nCOPY --from=small /opt/environment /opt/environment\n"
        )
    text = script.read_text()
    assert guard in text
    script.write_text(text.replace(guard, without))
    words = ["--target", "looked-at", "--output", f"type=local,dest={folder}/out"]
    words += ["--build-arg", f"BASE={side.base}"]
    buildx.run(project, "convert", words, buildx.pip_settings())
    return rootfs.of_folder(folder / "out")


@pytest.mark.parametrize(
    ("guard", "without", "named"),
    [
        ('chmod 0755 "$folder/bin/python"', 'ln -sf "$python" "$folder/bin/python"', "bin/python"),
        (
            "<<'SETTINGS'\nhome = /usr/local/bin",
            '<<SETTINGS\nhome = $(dirname "$python")',
            "pyvenv.cfg",
        ),
        (
            "<<'SETTINGS'\nhome = /usr/local/bin",
            '<<SETTINGS\nhome = /usr/local/bin\nversion = $("$python" -V)',
            "pyvenv.cfg",
        ),
        ("umask 022\n", "", "lib/python3.13/site-packages/jinja2"),
        ("    env -i PATH=/usr/bin:/bin ", "    env UV_PYTHON= ", "__pycache__"),
    ],
    ids=["link", "place", "version", "umask", "settings"],
)
def test_without_one_of_its_guards_the_environment_tells_the_bases_apart(
    small: Small, other: Small, tmp_path: Path, guard: str, without: str, named: str
) -> None:
    trees = [
        environment(side, tmp_path / name, guard, without)
        for side, name in ((small, "one"), (other, "other"))
    ]
    paths = [path for path, *_ in rootfs.differences(*trees)]
    assert [path for path in paths if path.startswith("opt/environment/") and named in path], paths[
        :9
    ]
