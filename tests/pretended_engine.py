"""A small program named `docker` that answers as an engine would, with layouts that tests made."""

import base64
import hashlib
import json
import re
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

import layouts

from synthia.images import inputs as image_inputs

PROJECT = Path(__file__).resolve().parents[1]
BASE: dict[str, layouts.Item] = {"etc/os-release": "trixie\n"}
OWN: dict[str, layouts.Item] = {
    "opt/environment/lib/python3.13/site-packages/torch/a.py": "1",
    "opt/environment/lib/python3.13/site-packages/numpy/b.py": "2",
}
SITE = "opt/environment/lib/python3.13/site-packages"
DOCKER = '''#!{python}
"""Answers as an engine would: images by name in engine.json, builds copied from the folder `layout`."""
import io, json, pathlib, shutil, sys, tarfile
home = pathlib.Path({home!r})
words = sys.argv[1:]
with (home / "called.txt").open("a") as file:
    print(*words, file=file)
state = home / "engine.json"
held = json.loads(state.read_text())
if words[0] == "info":
    store = [["driver-type", "io.containerd.snapshotter.v1"]] if not (home / "classic").exists() else []
    said = {{"ServerVersion": "26.1", "SecurityOptions": [], "DriverStatus": store}}
    print(json.dumps({{**said, "DockerRootDir": "/nowhere"}}))
elif words[:2] == ["image", "inspect"]:
    if words[-1] not in held:
        sys.exit(1)
    print(json.dumps(held[words[-1]]))
elif words[0] == "tag":
    held[words[2] + ":latest"] = held[words[1]]
    state.write_text(json.dumps(held))
elif words[0] == "pull":
    sys.exit(1)
elif words[:2] == ["buildx", "build"]:
    local = [word.rpartition("dest=")[2] for word in words if word.startswith("type=local")]
    name, _, stage = words[words.index("--target") + 1].rpartition("-")
    if local and stage == "hashes":
        shutil.copy2(home / "sha256", pathlib.Path(local[0]) / (name + ".sha256"))
    if local:
        sys.exit()
    target = next(w for w in words if w.startswith("type=oci")).rpartition("dest=")[2]
    shutil.copytree(home / "layout", target)
    if (home / "next").exists():
        shutil.rmtree(home / "layout")
        (home / "next").rename(home / "layout")
elif words[0] == "load" and "--input" not in words:
    archive = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))
    listed = json.load(archive.extractfile("manifest.json"))[0]
    config = json.load(archive.extractfile(listed["Config"]))
    identity = json.load(archive.extractfile("index.json"))["manifests"][0]["digest"]
    held[listed["RepoTags"][0]] = {{"id": identity, "layers": config["rootfs"]["diff_ids"]}}
    state.write_text(json.dumps(held))
'''


def wheel(name: str, version: str, *said: str, **files: str) -> dict[str, layouts.Item]:
    """What a wheel with some modules leaves in an image; `said` are more lines of its metadata."""
    folder = f"{name}-{version}.dist-info"
    written = {f"{name}/{module}.py": text for module, text in files.items()}
    head = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *said]
    written[f"{folder}/METADATA"] = "\n".join(head) + "\n\nLicense: not this one\n"
    record = ""
    for path, text in written.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{path},sha256={digest.rstrip('=')},{len(text)}\n"
    written[f"{folder}/RECORD"] = f"{record}{folder}/RECORD,,\n"
    return {f"{SITE}/{path}": text for path, text in written.items()}


def locked_hash(home: Path, name: str, lock: str = "convert") -> tuple[str, str]:
    """A version that a lock names, and a SHA-256 that it allows for it."""
    text = (home / "requirements" / f"{lock}.txt").read_text()
    found = re.search(rf"^{name}==([^\s;]+).*?--hash=sha256:([0-9a-f]{{64}})", text, re.M | re.S)
    assert found
    return found[1], found[2]


def install(home: Path) -> None:
    """Put the pretended engine, which holds the base `standin`, and what images need into `home`."""
    write_client(home)
    for path in (
        "Dockerfile.train",
        "Dockerfile.convert",
        ".dockerignore",
        *image_inputs.context(PROJECT),
    ):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / path, home / path)
    shutil.copytree(PROJECT / "requirements", home / "requirements")
    (home / "sha256").touch()
    offer(home, OWN)
    config = json.loads(layouts.blob(home / "layout", config_digest(home)).read_text())
    base = {"id": "sha256:ba5e", "layers": config["rootfs"]["diff_ids"][:1]}
    (home / "engine.json").write_text(json.dumps({"standin": base}))


def write_client(home: Path) -> None:
    """The program itself, which answers out of the folder it was written for."""
    docker = home / "bin" / "docker"
    docker.parent.mkdir(exist_ok=True)
    docker.write_text(DOCKER.format(python=sys.executable, home=str(home)))
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)


def offer(home: Path, own: dict[str, layouts.Item], folder: str = "layout", **options: Any) -> None:
    """What the next build gives, or with the folder `next`, the one after that."""
    shutil.rmtree(home / folder, ignore_errors=True)
    layouts.write(home / folder, [BASE, own], made_by=["base", "RUN install"], **options)


def config_digest(home: Path) -> str:
    index = json.loads((home / "layout/index.json").read_text())
    manifest = json.loads(
        layouts.blob(home / "layout", index["manifests"][0]["digest"]).read_text()
    )
    digest: str = manifest["config"]["digest"]
    return digest


def called(home: Path) -> list[str]:
    return (home / "called.txt").read_text().splitlines()


def builds(home: Path) -> list[str]:
    """The builds of images and of vendored files; those that list what was downloaded are left out."""
    return [line for line in called(home)
            if line.startswith("buildx build") and "-hashes " not in line]  # fmt: skip
