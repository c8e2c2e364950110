"""Breakages put into the small target's last stage, built for real: each is caught, and named.

What an earlier line of defence catches on paper is seeded in test_dockerfiles.py (an unpinned base) and
in test_oci.py (a swapped manifest).
"""

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from small_target import Small

from synthia.errors import PipelineError
from synthia.images import (
    buildx,
    description as image_description,
    inputs as image_inputs,
    lock as image_lock,
    oci,
    reproduce,
)

pytestmark = [pytest.mark.docker, pytest.mark.slow]
LAST = "sh /mnt/environment.sh /opt/environment /mnt/wheels /mnt/host.txt"
INSTALL = "RUN /bin/sh -c sh /mnt/environment.sh /opt/environment"
EXTRA = "pathspec"
MORE = f"""FROM fetch AS more
RUN --network=none --mount=type=bind,from=llama-source,source=/tools,target=/mnt/tools \\
    cp /mnt/tools/{EXTRA}-*.whl /wheels

"""


def test_a_date_written_to_a_file_is_named_with_its_instruction(
    small: Small, tmp_path: Path
) -> None:
    change = (LAST, f"{LAST} && date +%s%N >/opt/environment/built-on")
    project = small.copy(tmp_path / "copy", change)
    images = []
    for number in range(2):
        images.append(small.build(project, tmp_path / str(number), "--no-cache-filter", "small"))
    with pytest.raises(PipelineError) as error:
        reproduce.compare("small", *images)
    _, instruction, *lines = str(error.value).splitlines()
    assert instruction.startswith(INSTALL)
    line, more = lines
    assert line.startswith("  opt/environment/built-on  content  ")
    assert more == reproduce.INSIDE


def test_a_compiled_pyc_is_named_with_its_instruction(small: Small, tmp_path: Path) -> None:
    project = small.copy(
        tmp_path / "copy",
        (
            LAST,
            f"{LAST} && python3 -m compileall -q /opt/environment/lib/python3.13/site-packages/pip",
        ),
    )
    with pytest.raises(
        PipelineError, match=rf"\.pyc is compiled Python, by {INSTALL[:50]}"
    ) as error:
        small.build(project, tmp_path / "layout")
    assert "and is not used" in str(error.value)


def test_an_extra_wheel_is_named_with_its_layer(small: Small, tmp_path: Path) -> None:
    """The same instruction, given one locked wheel more."""
    project = small.copy(
        tmp_path / "copy",
        ("from=fetch,source=/wheels", "from=more,source=/wheels"),
        ("source=requirements/host.txt", "source=requirements/more.txt"),
        stages=MORE,
    )
    tools = (project / "requirements/tools.txt").read_text()
    entry = re.search(rf"^{EXTRA}==.*(?:\n    --hash.*)*\n", tools, re.MULTILINE)
    assert entry
    host = (project / "requirements/host.txt").read_text()
    (project / "requirements/more.txt").write_text(host + entry[0])
    before, after = (
        image_description.describe(image, small.base, small.beneath, epoch=buildx.EPOCH)
        for image in (small.image, small.build(project, tmp_path / "layout"))
    )
    inputs = image_inputs.gather(project, "convert")
    image_lock.compare(inputs, before, update=True)
    with pytest.raises(PipelineError, match="the same files gave other bytes") as error:
        image_lock.compare(inputs, after, update=False)
    assert f"layer 0 ({INSTALL}" in str(
        error.value
    )  # counted above the base, as the lock holds them
    assert f"): {EXTRA}, {EXTRA}-" in str(error.value)


def test_a_byte_changed_in_a_layer_names_the_layer(small: Small, tmp_path: Path) -> None:
    folder = tmp_path / "layout"
    shutil.copytree(small.image.folder, folder, copy_function=os.link)
    layer = small.image.layers[-1]
    blob = folder / "blobs" / layer.diff_id.replace(":", "/")
    content = bytearray(blob.read_bytes())
    content[len(content) // 2] ^= 1
    blob.unlink()  # a link: the sound layout is to stay so
    blob.write_bytes(content)
    number = len(small.image.layers) - 1
    with pytest.raises(
        PipelineError, match=rf"layer {number} \(COPY --chmod=0644 .*\) has the content"
    ):
        oci.read(folder)


def test_a_manifest_of_another_image_is_refused(small: Small, tmp_path: Path) -> None:
    project = small.copy(tmp_path / "copy", ("USER 1000:1000", "USER 1001:1001"))
    other = small.build(project, tmp_path / "other")
    folder = tmp_path / "layout"
    shutil.copytree(small.image.folder, folder, copy_function=os.link)
    index = json.loads((folder / "index.json").read_bytes())
    index["manifests"][0]["digest"] = other.manifest_digest
    (folder / "index.json").unlink()
    (folder / "index.json").write_text(json.dumps(index))
    with pytest.raises(PipelineError, match=f"the blob {other.manifest_digest} is missing"):
        oci.read(folder)
    before, after = (
        image_description.describe(image, small.base, small.beneath, epoch=buildx.EPOCH)
        for image in (small.image, other)
    )
    inputs = image_inputs.gather(project, "convert")
    image_lock.compare(inputs, before, update=True)
    with pytest.raises(PipelineError, match=r"layers are the same, the configuration differs \("):
        image_lock.compare(inputs, after, update=False)
