"""Each thing that must not be in an image is named when it is."""

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layouts
import pytest

from synthia.images import oci, rules as image_rules

FOLDER = layouts.item(tarfile.DIRTYPE)
BASE: dict[str, layouts.Item] = {
    "etc": FOLDER,
    "usr/bin/su": layouts.item(mode=0o4755),
    "late": layouts.item(mtime=2 * layouts.EPOCH),
}
OWN: dict[str, layouts.Item] = {
    "cache": layouts.item(tarfile.DIRTYPE, mode=0o1777),
    "opt/python": layouts.item(mode=0o755),
    "opt/link": layouts.item(tarfile.SYMTYPE, "python", mode=0o777),
}


def problems(folder: Path, own: dict[str, layouts.Item], secrets: list[bytes] | None = None,
             **options: Any) -> list[str]:  # fmt: skip
    image = oci.read(layouts.write(folder, [BASE, {**OWN, **own}], **options), secrets or [])
    return image_rules.problems(image, base=image.diff_ids[:1], epoch=layouts.EPOCH)


def test_a_clean_image_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path / "image", {"opt/lib/a.py": "x"}) == []


@pytest.mark.parametrize(
    ("path", "what", "said"),
    [
        ("opt/a", layouts.item(mtime=layouts.EPOCH + 1), "opt/a is of 1980-01-02 00:00, after the epoch"),
        ("opt/a", layouts.item(mtime=layouts.EPOCH + 0.5), "after the epoch"),
        ("opt/su", layouts.item(mode=0o4755), "opt/su is setuid or setgid"),
        ("opt/su", layouts.item(mode=0o2755), "opt/su is setuid or setgid"),
        ("usr/bin/su", layouts.item(mode=0o4755), "usr/bin/su is setuid"),
        ("opt/ping", layouts.item(pax_headers={"SCHILY.xattr.security.capability": "x"}), "capabilities"),
        ("opt/a", layouts.item(uid=1000), "opt/a belongs to 1000:0"),
        ("opt/a", layouts.item(mode=0o664), "opt/a has the mode 0664"),
        ("opt/tmp", layouts.item(tarfile.DIRTYPE, mode=0o1777), "opt/tmp has the mode 1777"),
        ("opt/null", layouts.item(tarfile.CHRTYPE), "opt/null is a character device"),
        ("opt/a.cpython-313.pyc", "x", "is compiled Python"),
        ("opt/__pycache__", FOLDER, "is compiled Python"),
        ("root/.cache/pip/http", "x", "is a leftover of the build"),
        ("var/lib/apt/lists/trixie", "x", "is a leftover of the build"),
        ("tmp/build", "x", "is a leftover of the build"),
        ("mnt/wheels", FOLDER, "is a leftover of the build"),
        ("opt/a-1.whl", "x", "is a leftover of the build"),
        ("cache/pycache", FOLDER, "is a leftover of the build"),
        ("root/.netrc", "x", "is where credentials are kept"),
        ("run/secrets/ca", "x", "is where credentials are kept"),
        ("etc", layouts.item(tarfile.DIRTYPE, mode=0o777), "another mode or owner than in the base"),
    ],
)  # fmt: skip
def test_a_forbidden_entry_is_named(
    tmp_path: Path, path: str, what: layouts.Item, said: str
) -> None:
    found = problems(tmp_path / "image", {path: what})
    assert any(said in problem for problem in found), found
    assert all("COPY 1" in problem for problem in found)


def root(config: dict[str, Any]) -> None:
    config["config"]["User"] = ""


def name(config: dict[str, Any]) -> None:
    config["config"]["User"] = "synthia"


def today(config: dict[str, Any]) -> None:
    config["created"] = "2026-11-23T00:00:00Z"


def argument(config: dict[str, Any]) -> None:
    config["history"][1]["created_by"] = "RUN |1 INDEX=mirror /bin/sh -c pip # buildkit"


def token(config: dict[str, Any]) -> None:
    config["config"]["Env"].append("HF_TOKEN=hf_" + "a" * 34)


def password(config: dict[str, Any]) -> None:
    config["history"][1]["created_by"] = "RUN pip --index-url https://me:pass@mirror/simple"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (root, "its user is ''"),
        (name, "its user is 'synthia'"),
        (today, "it was created 2026-11-23"),
        (argument, "a build argument is in the history: RUN |1 INDEX=mirror"),
        (token, "what looks like a token is in its environment"),
        (password, "what looks like a token is in its history"),
    ],
)
def test_a_forbidden_configuration_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    found = problems(tmp_path / "image", {}, config=change)
    assert any(said in problem for problem in found), found


def test_another_base_is_named(tmp_path: Path) -> None:
    image = oci.read(layouts.write(tmp_path / "image", [BASE, OWN]))
    found = image_rules.problems(image, base=["sha256:" + "0" * 64], epoch=layouts.EPOCH)
    assert "its first layers are not those of the base" in found


def test_a_secret_in_a_file_is_named(tmp_path: Path) -> None:
    found = problems(tmp_path / "image", {"opt/a": "token: s3cret"}, [b"s3cret"])
    assert found == ["a secret that was in use is in layer 1 (COPY 1 / # buildkit)"]
