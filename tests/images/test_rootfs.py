"""The rootfs digest names what a container sees, and nothing of how it was packed."""

import os
import tarfile
from pathlib import Path
from typing import Any

import layouts
import pytest

from synthia.images import oci, rootfs

FOLDER = layouts.item(tarfile.DIRTYPE)


def tree(folder: Path, *layers: dict[str, layouts.Item]) -> dict[str, oci.Entry]:
    return rootfs.of_layers(oci.read(layouts.write(folder, layers)).layers)


def test_layers_packed_otherwise_give_the_same_digest(tmp_path: Path) -> None:
    one = tree(tmp_path / "one", {"a": FOLDER, "a/b": "1", "a/c": "2"})
    late = layouts.item(tarfile.DIRTYPE, mtime=layouts.EPOCH - 5)
    other = tree(tmp_path / "other", {"a": late, "a/c": "x"}, {"./a/c": "2", "./a/b": "1"})
    assert rootfs.digest(one.values()) == rootfs.digest(other.values())


def test_every_field_changes_the_digest(tmp_path: Path) -> None:
    kinds: list[layouts.Item] = [
        "1", "2", layouts.item(mode=0o755), layouts.item(uid=5), layouts.item(gid=5), FOLDER,
        layouts.item(tarfile.SYMTYPE, "b"), layouts.item(tarfile.SYMTYPE, "c"),
        layouts.item(pax_headers={"SCHILY.xattr.user.x": "y"}),
    ]  # fmt: skip
    trees = [tree(tmp_path / str(number), {"a": kind}) for number, kind in enumerate(kinds)]
    assert len({rootfs.digest(found.values()) for found in trees}) == len(kinds)


def test_a_whiteout_hides_a_path_and_all_below_it(tmp_path: Path) -> None:
    lower: dict[str, layouts.Item] = {"a": FOLDER, "a/b": "1", "ab": "2", "c": "3"}
    assert set(tree(tmp_path / "one", lower, {".wh.a": ""})) == {"ab", "c"}
    assert set(tree(tmp_path / "two", lower, {"a": FOLDER, "a/.wh.b": ""})) == {"a", "ab", "c"}


def test_an_opaque_folder_hides_what_lower_layers_put_there(tmp_path: Path) -> None:
    lower: dict[str, layouts.Item] = {"a": FOLDER, "a/b": "1", "a/c": "2", "d": "3"}
    found = tree(tmp_path / "one", lower, {"a": FOLDER, "a/.wh..wh..opq": "", "a/n": "4"})
    assert set(found) == {"a", "a/n", "d"}


def test_a_file_in_place_of_a_folder_removes_what_was_in_it(tmp_path: Path) -> None:
    assert set(tree(tmp_path / "one", {"a": FOLDER, "a/b": "1"}, {"a": "file"})) == {"a"}


def test_a_hard_link_is_the_file_it_names(tmp_path: Path) -> None:
    linked = tree(tmp_path / "one", {"a": "1", "b": layouts.item(tarfile.LNKTYPE, "a")})
    copied = tree(tmp_path / "two", {"a": "1", "b": "1"})
    assert rootfs.digest(linked.values()) == rootfs.digest(copied.values())


def test_a_folder_on_this_machine_gives_the_digest_of_the_layer_that_holds_it(
    tmp_path: Path,
) -> None:
    real = tmp_path / "real"
    (real / "b").mkdir(parents=True)
    (real / "b/c").write_text("1")
    (real / "d").symlink_to("b/c")
    for path, mode in ((real, 0o755), (real / "b", 0o750), (real / "b/c", 0o644)):
        path.chmod(mode)
    mine: dict[str, Any] = {"uid": os.getuid(), "gid": os.getgid()}
    packed = tree(tmp_path / "image", {
        "opt": layouts.item(tarfile.DIRTYPE, **mine),
        "opt/b": layouts.item(tarfile.DIRTYPE, mode=0o750, **mine),
        "opt/d": layouts.item(tarfile.SYMTYPE, "b/c", mode=0o777, **mine),
        "opt/b/c": layouts.item(**mine),
    })  # fmt: skip
    found = rootfs.of_folder(real, below="opt")
    assert [line[:2] for line in rootfs.differences(found, packed)] == [("opt/b/c", "content")]
    (real / "b/c").write_text("")
    assert rootfs.digest(rootfs.of_folder(real, "opt").values()) == rootfs.digest(packed.values())


def test_a_difference_names_path_field_and_both_values(tmp_path: Path) -> None:
    one = tree(tmp_path / "one", {"a": "1", "b": layouts.item(mode=0o755), "only": "x"})
    other = tree(tmp_path / "two", {"a": "2", "b": layouts.item(mode=0o644)})
    found = rootfs.differences(one, other)
    assert [line[:2] for line in found] == [("a", "content"), ("b", "mode"), ("only", "there")]
    assert found[1][2:] == ("0755", "0644")


SITE = "opt/environment/lib/python3.13/site-packages"


def test_packages_are_the_same_whoever_installed_them_and_ran_them_since(tmp_path: Path) -> None:
    in_image = tree(tmp_path / "image", {
        SITE: FOLDER, f"{SITE}/a": FOLDER, f"{SITE}/a/b.py": "1",
        f"{SITE}/a/run": layouts.item(mode=0o755), f"{SITE}/a-1.dist-info": FOLDER,
        f"{SITE}/a-1.dist-info/METADATA": "a", f"{SITE}/a-1.dist-info/RECORD": "a/b.py",
        "opt/environment/pyvenv.cfg": "", f"{SITE}-other": "x",
    })  # fmt: skip
    on_host = tree(tmp_path / "host", {
        "a": layouts.item(tarfile.DIRTYPE, mode=0o700, uid=1000),
        "a/b.py": "1", "a/run": layouts.item(mode=0o775, uid=1000),
        "a/__pycache__": FOLDER, "a/__pycache__/b.cpython-313.pyc": "compiled",
        "a-1.dist-info": FOLDER, "a-1.dist-info/METADATA": "a", "a-1.dist-info/INSTALLER": "uv",
        "a-1.dist-info/REQUESTED": "", "a-1.dist-info/RECORD": "a/b.py\na-1.dist-info/INSTALLER",
    })  # fmt: skip
    packages = [rootfs.packages(in_image, SITE), rootfs.packages(on_host, "")]
    assert rootfs.differences(*packages) == []
    assert set(packages[0]) == {"a", "a/b.py", "a/run", "a-1.dist-info", "a-1.dist-info/METADATA"}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("a/b.py", "2"),
        ("a/b.py", layouts.item(mode=0o755)),
        ("a/more.py", "1"),
        ("a/RECORD", "1"),  # of a package's own, not an installer's note
        ("a/vendored/b-1.dist-info/RECORD", "1"),
    ],
)
def test_packages_that_are_not_the_same_are_told_apart(
    tmp_path: Path, path: str, what: layouts.Item
) -> None:
    one: dict[str, layouts.Item] = {"a": FOLDER, "a/b.py": "1"}
    trees = [tree(tmp_path / "one", one), tree(tmp_path / "two", {**one, path: what})]
    found = rootfs.differences(*(rootfs.packages(below, "") for below in trees))
    assert {line[0] for line in found} == {path}


def test_what_images_leave_out_is_left_out_of_packages_with_all_below_it(tmp_path: Path) -> None:
    whole = tree(tmp_path / "one", {
        "n/a/lib/x.a": "1", "n/b/lib/x.so": "2", "n/b/c/lib/x.a": "3", "t": FOLDER, "t/u": FOLDER,
        "t/u/v": "4", "tu": "5",
    })  # fmt: skip
    left = rootfs.packages(whole, "", ["n/*/lib/*.a", "t"])
    assert set(left) == {"n/b/lib/x.so", "n/b/c/lib/x.a", "tu"}
