"""An image layout is believed only when every byte agrees with every digest."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layouts
import pytest

from synthia.errors import PipelineError
from synthia.images import oci

BASE: dict[str, layouts.Item] = {"etc": layouts.item(tarfile.DIRTYPE), "etc/os-release": "trixie\n"}
OWN: dict[str, layouts.Item] = {
    "opt": layouts.item(tarfile.DIRTYPE),
    "opt/a": "one",
    "./opt/b/": layouts.item(tarfile.DIRTYPE),
}


def test_a_sound_layout_is_read_with_its_digests_and_entries(tmp_path: Path) -> None:
    image = oci.read(layouts.write(tmp_path / "image", [BASE, OWN]))
    assert [entry.path for entry in image.layers[1].entries] == ["opt", "opt/a", "opt/b"]
    assert image.layers[1].entries[1].content.startswith("7692c3ad3540bb80")
    assert image.layers[0].diff_id == image.diff_ids[0] == image.config["rootfs"]["diff_ids"][0]
    assert layouts.blob(tmp_path / "image", image.config_digest).exists()
    assert image.layers[1].made_by == "COPY 1 / # buildkit"


def largest(folder: Path) -> Path:
    return max((folder / "blobs/sha256").iterdir(), key=lambda path: path.stat().st_size)


def flip(folder: Path) -> None:
    content = bytearray(largest(folder).read_bytes())
    content[600] ^= 1
    largest(folder).write_bytes(content)


def lengthen(folder: Path) -> None:
    with largest(folder).open("ab") as file:
        file.write(b"\0" * 512)


def remove(folder: Path) -> None:
    largest(folder).unlink()


def add(folder: Path) -> None:
    (folder / "blobs/sha256" / ("0" * 64)).write_bytes(b"more")


def two_images(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text())
    index["manifests"] *= 2
    (folder / "index.json").write_text(json.dumps(index))


def lead_out(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text())
    index["manifests"][0]["digest"] = "sha256:../../../etc/passwd"
    (folder / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (flip, r"layer 1 \(COPY 1 / # buildkit\) has the content of sha256:[0-9a-f]+, not sha256:"),
        (lengthen, r"layer 1 \(COPY 1 / # buildkit\) has \d+ bytes, not \d+"),
        (remove, "the blob sha256:[0-9a-f]+ is missing"),
        (add, "nothing names the blobs sha256:0000"),
        (two_images, "names 2 images, not one"),
        (lead_out, "is no SHA-256 digest"),
    ],
)
def test_a_tampered_layout_is_refused_by_name(
    tmp_path: Path, tamper: Callable[[Path], None], said: str
) -> None:
    folder = layouts.write(tmp_path / "image", [BASE, {**OWN, "opt/c": "c" * 20000}])
    tamper(folder)
    with pytest.raises(PipelineError, match=said):
        oci.read(folder)


def other_diff_id(config: dict[str, Any]) -> None:
    config["rootfs"]["diff_ids"][1] = "sha256:" + "1" * 64


def one_step_less(config: dict[str, Any]) -> None:
    config["history"].pop()


def test_a_layer_that_is_not_the_diff_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        PipelineError, match=r"layer 1 \(COPY 1.*\) is sha256:.*, its diffID says sha256:111"
    ):
        oci.read(layouts.write(tmp_path / "image", [BASE, OWN], config=other_diff_id))


def test_layers_diff_ids_and_history_must_be_as_many(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"2 layers, .* 2 diffIDs and 1 instructions"):
        oci.read(layouts.write(tmp_path / "image", [BASE, OWN], config=one_step_less))


def test_a_compressed_layer_is_refused(tmp_path: Path) -> None:
    def gzip(manifest: dict[str, Any]) -> None:
        manifest["layers"][1]["mediaType"] += "+gzip"

    with pytest.raises(
        PipelineError, match=r"layer 1 \(COPY 1.*\) is .*tar\+gzip, not uncompressed"
    ):
        oci.read(layouts.write(tmp_path / "image", [BASE, OWN], manifest=gzip))


def test_a_swapped_configuration_is_refused(tmp_path: Path) -> None:
    folder = layouts.write(tmp_path / "image", [BASE, OWN])
    other = layouts.write(tmp_path / "other", [BASE, {"opt/a": "two"}])
    digests = [oci.read(place).config_digest for place in (folder, other)]
    layouts.blob(folder, digests[0]).write_bytes(layouts.blob(other, digests[1]).read_bytes())
    with pytest.raises(PipelineError, match=r"config.* has the content of"):
        oci.read(folder)


def test_a_swapped_manifest_is_refused(tmp_path: Path) -> None:
    folder = layouts.write(tmp_path / "image", [BASE, OWN])
    other = layouts.write(tmp_path / "other", [BASE, {"opt/a": "two"}])
    digests = [oci.read(place).manifest_digest for place in (folder, other)]
    layouts.blob(folder, digests[0]).write_bytes(layouts.blob(other, digests[1]).read_bytes())
    with pytest.raises(PipelineError, match=r"manifest.* has (the content of|\d+ bytes)"):
        oci.read(folder)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"opt/../../etc/passwd": "x"}, "leads out of the image"),
        ({"opt/a": "x", "./opt/a": "y"}, "holds opt/a twice"),
        (b"no tar file" * 100, r"layer 1 \(COPY 1.*\) is no tar file"),
        (layouts.tar({"opt/a": "x"}) + b"hidden" + b"\0" * 506, "data behind its last entry"),
    ],
)
def test_a_layer_that_is_no_plain_tar_file_is_refused(
    tmp_path: Path, layer: dict[str, layouts.Item] | bytes, said: str
) -> None:
    with pytest.raises(PipelineError, match=said):
        oci.read(layouts.write(tmp_path / "image", [BASE, layer]))


def test_secrets_are_found_wherever_they_are(tmp_path: Path) -> None:
    folder = layouts.write(tmp_path / "image", [BASE, {"opt/a": "x" * oci.CHUNK + "s3cret"}],
                           made_by=["one", "RUN login --token t0ken"])  # fmt: skip
    assert oci.read(folder, [b"other", b""]).leaked == []
    assert oci.read(folder, [b"s3cret"]).leaked == ["layer 1 (RUN login --token t0ken)"]
    assert oci.read(folder, [b"t0ken"]).leaked == [oci.CONFIG]


def test_a_secret_across_two_reads_is_found(tmp_path: Path) -> None:
    padding = "x" * (oci.CHUNK - 512 - 3)
    folder = layouts.write(tmp_path / "image", [BASE, {"a": padding + "s3cret" + padding}])
    assert oci.read(folder, [b"s3cret"]).leaked == ["layer 1 (COPY 1 / # buildkit)"]


def test_attributes_of_a_file_are_kept(tmp_path: Path) -> None:
    able = layouts.item(pax_headers={"SCHILY.xattr.security.capability": "all"})
    image = oci.read(layouts.write(tmp_path / "image", [BASE, {"opt/ping": able}]))
    assert "security.capability=all" in image.layers[1].entries[0].attributes
