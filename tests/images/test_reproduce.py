"""Two builds are the same, or a table says what differs: instruction, path, field, both values."""

import stat
from pathlib import Path

import layouts
import pytest
from pretended_engine import OWN, PROJECT, builds, config_digest, offer

from synthia.errors import MissingRequirement, PipelineError, UsageError
from synthia.host import disk
from synthia.images import build as images, reproduce

PACKAGES = "opt/environment/lib/python3.13/site-packages"


def run(home: Path) -> list[str]:
    return list(reproduce.run(home, ["train"], "standin", ""))


def test_two_equal_builds_are_said_to_be_the_same(home: Path) -> None:
    lines = run(home)
    assert lines[0].startswith(f"train        {config_digest(home)}  with downloads, ")
    assert lines[1].startswith(f"train        {config_digest(home)}  without any network, ")
    assert lines[2] == "train        the same twice"
    first, fetched, second = builds(home)
    assert "--no-cache" in first
    assert "--no-cache" in second
    assert "--target train-vendored" in fetched
    assert "--network none" in second
    assert "id=jobs" in second
    assert [path.name for path in (home / "cache/reproduce").iterdir()] == [".lock"]


def test_what_a_killed_run_left_is_removed(home: Path) -> None:
    left = home / "cache/reproduce/0/layout"
    left.mkdir(parents=True)
    run(home)
    assert not left.exists()


def test_the_image_in_the_engine_is_compared_too(home: Path) -> None:
    images.build(home, ["train"], "standin", update_lock=False)
    assert run(home)[2] == "train        the same twice, and as in the engine"
    offer(home, {**OWN, "opt/other": "x"}, "layout")
    with pytest.raises(PipelineError, match="the engine holds synthia-train:"):
        run(home)


def test_a_reversed_lock_has_the_same_packages_and_hashes() -> None:
    text = (PROJECT / "requirements/train.txt").read_text()
    other = reproduce.reversed_lock(text)
    kept = [line for line in text.splitlines() if not line.startswith("#")]
    assert sorted(other.splitlines()) == sorted(kept)
    names = [line.split("==")[0] for line in other.splitlines() if "==" in line and line[0] != " "]
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("opt/built-on", "Mon Nov 23", "opt/built-on  there  no | yes"),
        (f"{PACKAGES}/torch/a.py", "2", f"{PACKAGES}/torch/a.py  content  6b86b2"),
        (f"{PACKAGES}/extra/c.py", "x", f"{PACKAGES}/extra/c.py  there  no | yes"),
        (f"{PACKAGES}/numpy/b.py", layouts.item(mode=0o755), "numpy/b.py  mode  0644 | 0755"),
    ],
)
def test_a_difference_is_told_under_its_instruction(
    home: Path, path: str, what: layouts.Item, said: str
) -> None:
    offer(home, {**OWN, path: what}, "next")
    with pytest.raises(PipelineError, match="two builds of the train image differ") as error:
        run(home)
    assert said in str(error.value)
    assert ("diffoscope" in str(error.value)) == ("  content  " in str(error.value))
    assert "\nRUN install\n" in str(error.value)


def test_files_in_another_order_are_a_difference_too(home: Path) -> None:
    offer(home, dict(reversed(OWN.items())), "next")
    with pytest.raises(PipelineError, match="the files are the same, packed otherwise"):
        run(home)


def test_a_second_build_with_compiled_files_breaks_a_rule_before_it_is_compared(home: Path) -> None:
    offer(home, {**OWN, "opt/a.pyc": "x"}, "next")
    with pytest.raises(PipelineError, match=r"opt/a\.pyc is compiled Python"):
        run(home)


def test_the_two_checkouts_differ_in_name_modes_times_and_order(tmp_path: Path, home: Path) -> None:
    copies = []
    for number, condition in enumerate(reproduce.CONDITIONS):
        copies.append(reproduce.arrange(home, tmp_path / str(number), condition))
    files = [copy / "requirements/host.txt" for copy in copies]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o644, 0o664]
    assert files[0].stat().st_mtime != files[1].stat().st_mtime
    assert " " in copies[1].name


def test_a_target_narrows_what_is_built(home: Path) -> None:
    list(reproduce.run(home, ["convert"], "standin", "builder"))
    assert all("--target builder" in build for build in builds(home))
    assert len(builds(home)) == 2  # without a stage of what it is made from, both download


def test_too_little_disk_is_said_before_anything_is_built(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(disk.REPRODUCED, "train", 10**18)
    monkeypatch.delenv("SYNTHIA_FREE_BYTES")
    with pytest.raises(MissingRequirement, match="reproducing the train image needs 1000000000 GB"):
        run(home)
    assert builds(home) == []


def test_an_unknown_image_is_wrong_use(home: Path) -> None:
    with pytest.raises(UsageError, match="train, convert or convert-cuda"):
        list(reproduce.run(home, ["both"], "standin", ""))
