"""Load a checked image layout into the Docker Engine, in the form that both its image stores read.

Not covered: whether the image may be loaded; `synthia.images.build` decides that.
"""

import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from synthia import bound_process
from synthia.errors import PipelineError
from synthia.host import engine
from synthia.images.oci import Image


def load(image: Image, reference: str) -> None:
    """Stream the layout to the engine, and compare what it then holds. Raises PipelineError."""
    process = subprocess.Popen(
        bound_process.command([engine.client(), "load", "--quiet"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    try:
        with process.stdin, tarfile.open(fileobj=process.stdin, mode="w|") as archive:
            for path, content in _archive(image, reference):
                _add(archive, path, content)
    except BrokenPipeError:
        pass  # the engine has said why
    if process.wait() != 0:
        raise PipelineError(f"the Docker Engine did not load {reference} (see above)")
    found = engine.inspect(reference)
    if found is None or list(found.diff_ids) != image.diff_ids:
        raise PipelineError(
            f"the Docker Engine holds another image as {reference} than was loaded: remove it "
            f"(docker image rm {reference}) and run the command again"
        )


def _archive(image: Image, reference: str) -> Iterator[tuple[str, bytes | Path]]:
    """The files of an archive that both image stores of the engine load, with the image's name."""
    index = json.loads((image.folder / "index.json").read_bytes())
    named = {"io.containerd.image.name": f"docker.io/library/{reference}"}
    named |= {"org.opencontainers.image.ref.name": reference.rpartition(":")[2]}
    index["manifests"][0]["annotations"] = named
    yield "oci-layout", image.folder / "oci-layout"
    yield "index.json", json.dumps(index).encode()
    path = "blobs/sha256/"
    listed = {
        "Config": path + image.config_digest[7:],
        "RepoTags": [reference],
        "Layers": [path + digest[7:] for digest in image.diff_ids],
    }
    yield "manifest.json", json.dumps([listed]).encode()
    blobs = sorted((image.folder / "blobs" / "sha256").iterdir())
    yield from ((path + blob.name, blob) for blob in blobs)


def _add(archive: tarfile.TarFile, path: str, content: bytes | Path) -> None:
    member = tarfile.TarInfo(path)
    member.size = len(content) if isinstance(content, bytes) else content.stat().st_size
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
        archive.addfile(member, file)
