"""What another builder makes is believed only when it is the same, path for path.

Buildah here is a small program that hands out a layout made by the test, as the pretended engine does.
"""

import json
import stat
import sys
from pathlib import Path

import layouts
import pytest
from pretended_engine import BASE, OWN, builds, called

from synthia.errors import MissingRequirement, PipelineError
from synthia.images import oci, rootfs, second_builder

BUILDAH = '''#!{python}
"""Answers as Buildah would: hands over the image in the folder `other` with layers as they are."""
import json, pathlib, shutil, sys
home = pathlib.Path({home!r})
words = sys.argv[1:]
with (home / "buildah.txt").open("a") as file:
    print(*words, file=file)
if (home / "broken").exists() and words[0] == (home / "broken").read_text():
    sys.exit(1)
if words[0] == "pull":
    print("ba5e")
elif words[0] == "build":
    pathlib.Path(words[words.index("--iidfile") + 1]).write_text("sha256:1d")
elif words[0] == "push":
    folder = pathlib.Path(words[-1].removeprefix("dir:"))
    shutil.copytree(home / "other/blobs/sha256", folder)
    index = json.loads((home / "other/index.json").read_text())
    (folder / index["manifests"][0]["digest"][7:]).rename(folder / "manifest.json")
    (folder / "version").write_text("Directory Transport Version: 1.1")
'''


@pytest.fixture
def both(home: Path) -> Path:
    """Two builders whose images hold the same, in other layers."""
    program = home / "bin" / "buildah"
    program.write_text(BUILDAH.format(python=sys.executable, home=str(home)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    answer(home, OWN)
    return home


def answer(home: Path, own: dict[str, layouts.Item]) -> None:
    """What Buildah's image is to hold above the base: a layer for each file."""
    layers = [BASE, *({path: what} for path, what in reversed(own.items()))]
    layouts.write(home / "other", layers)


def run(home: Path) -> list[str]:
    return list(second_builder.run(home, ["convert"], "standin", "small"))


def test_other_layers_that_hold_the_same_are_the_same_image(both: Path) -> None:
    tree = rootfs.of_layers(oci.read(both / "layout").layers)
    assert run(both) == [
        f"small    the same from both builders: rootfs {rootfs.digest(tree.values())}"
    ]
    assert [path.name for path in (both / "cache/second-builder").iterdir()] == [".lock"]


def test_buildah_builds_the_stage_on_the_engines_base_with_secrets_that_no_word_shows(
    both: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://me:pa55word@mirror.example/simple")
    run(both)
    pulled, built, pushed, removed = (both / "buildah.txt").read_text().splitlines()
    assert pulled.startswith("pull --quiet docker-archive:/")
    assert "--target small" in built
    assert "--build-arg BASE=ba5e" in built
    assert "--secret id=pip.conf,src=/" in built
    assert "pa55word" not in built
    assert pushed.startswith("push --quiet --disable-compression sha256:1d dir:/")
    assert removed == "rmi sha256:1d"
    assert any(
        line.startswith("save --output") and line.endswith("standin") for line in called(both)
    )
    assert len(builds(both)) == 1
    assert "--no-cache" not in builds(both)[0]


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("opt/built-on", "Mon Nov 23", "opt/built-on  there  no | yes"),
        ("mnt/wheels", layouts.item(b"5"), "mnt/wheels  there  no | yes"),
        (next(iter(OWN)), layouts.item(mode=0o755), "torch/a.py  mode  0644 | 0755"),
    ],
)
def test_a_difference_names_path_field_and_both_values(
    both: Path, path: str, what: layouts.Item, said: str
) -> None:
    for file in sorted((both / "other").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    answer(both, {**OWN, path: what})
    with pytest.raises(PipelineError, match="make different files of small") as error:
        run(both)
    assert said in str(error.value)


def test_a_long_table_is_cut_and_says_so(tmp_path: Path) -> None:
    files: dict[str, layouts.Item] = {f"opt/{number}": "x" for number in range(50)}
    images = [oci.read(layouts.write(tmp_path / name, [BASE, own]))
              for name, own in (("one", OWN), ("other", {**OWN, **files}))]  # fmt: skip
    with pytest.raises(PipelineError, match="and 10 more lines"):
        second_builder.compare("small", *images)


def test_a_blob_that_buildah_hands_over_damaged_is_refused(both: Path) -> None:
    index = json.loads((both / "other/index.json").read_text())
    listed = json.loads(layouts.blob(both / "other", index["manifests"][0]["digest"]).read_text())
    blob = layouts.blob(both / "other", listed["layers"][1]["digest"])
    blob.write_bytes(blob.read_bytes().replace(b"2", b"3"))
    with pytest.raises(PipelineError, match=r"layer 1 \(COPY 1"):
        run(both)


@pytest.mark.parametrize("step", ["pull", "build", "push"])
def test_a_failed_step_is_told_and_leaves_nothing(both: Path, step: str) -> None:
    (both / "broken").write_text(step)
    with pytest.raises(PipelineError, match=r"Buildah did not take|buildah (build|push) failed"):
        run(both)
    assert [path.name for path in (both / "cache/second-builder").iterdir()] == [".lock"]


def test_without_buildah_the_command_to_install_it_is_named_before_anything_is_built(
    home: Path,
) -> None:
    with pytest.raises(MissingRequirement, match="apt-get install buildah"):
        run(home)
    assert not (home / "called.txt").exists()
