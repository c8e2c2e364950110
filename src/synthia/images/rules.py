"""The policy for images: what layers and configuration of one of this project must not hold.

The layers above the base are held to rules that make two builds agree and an image safe to publish:
no time above the epoch, nothing a run or an installer left behind, nothing owned or writable by anyone
but root, no program that gains rights, no build argument in the history, no secrets.

Not covered: whether the blobs are what their digests say (`synthia.images.oci`), and the base layers: their
diffIDs are compared, what they hold is the base's own affair.
"""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch

from synthia.images import rootfs
from synthia.images.oci import Entry, Image, Layer

LEFTOVERS = (
    "*.whl", "*/.cache/*", "root/?*", "home/?*", "tmp/?*", "var/tmp/?*", "var/cache/*",
    "var/lib/apt/lists/?*", "var/log/?*", "run/?*", "mnt/?*", "opt/uv*", "fetch*", "wheels*", "cache/?*",
)  # fmt: skip
"""Where installers, caches and build mounts leave things."""
CREDENTIALS = (
    "*/.netrc", "*/pip.conf", "*/.pypirc", "*/.git-credentials", "*/.docker/config.json", "*/id_rsa",
    "*/id_ed25519", "*/.aws/credentials", "*/huggingface/token", "/run/secrets/*",
)  # fmt: skip
TOKEN = re.compile(
    r"\bhf_[A-Za-z0-9]{30,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bAKIA[A-Z0-9]{16}\b"
    r"|https?://[^/\s:@]+:[^/\s@]+@|PRIVATE KEY-----"
)
WORLD_WRITABLE = ("cache",)
"""Folders that any user may write to, with the sticky bit."""


def problems(image: Image, *, base: Sequence[str], epoch: int) -> list[str]:
    """Everything that is wrong with an image; empty when nothing is. `base` are the base's diffIDs."""
    found = list(_configuration(image, epoch))
    if list(base) != image.diff_ids[: len(base)]:
        found.append("its first layers are not those of the base")
    beneath = rootfs.of_layers(image.layers[: len(base)])
    for layer in image.layers[len(base) :]:
        for entry in layer.entries:
            found += [f"{said}, by {_short(layer)}" for said in _entry(entry, beneath, epoch)]
    return found + [f"a secret that was in use is in {what}" for what in image.leaked]


def _short(layer: Layer) -> str:
    words = " ".join(layer.made_by.split())
    return words if len(words) < 60 else f"{words[:57]}..."


def _configuration(image: Image, epoch: int) -> Iterator[str]:
    """The user, the times and the history."""
    settings = image.config.get("config", {})
    user = str(settings.get("User", ""))
    if not re.fullmatch(r"[1-9]\d*(:\d+)?", user):
        yield f"its user is {user!r}: it must be a number other than 0"
    when = datetime.datetime.fromtimestamp(epoch, datetime.UTC)
    wanted = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    if image.config.get("created") != wanted:
        yield f"it was created {image.config.get('created')}, and must say {wanted}"
    for step in image.config["history"]:
        if re.match(r"RUN \|\d+ ", step["created_by"]):
            yield f"a build argument is in the history: {' '.join(step['created_by'].split())[:80]}"
    labels = settings.get("Labels") or {}
    places = {
        "history": [step["created_by"] for step in image.config["history"]],
        "environment": settings.get("Env") or [],
        "labels": [f"{key}={value}" for key, value in labels.items()],
    }
    for place, values in places.items():
        if any(TOKEN.search(value) for value in values):
            yield f"what looks like a token is in its {place}"


def _entry(entry: Entry, beneath: Mapping[str, Entry], epoch: int) -> Iterator[str]:
    """What is wrong with one entry of a layer above the base."""
    if entry.mtime > epoch:
        when = datetime.datetime.fromtimestamp(entry.mtime, datetime.UTC)
        yield f"{entry.path} is of {when:%Y-%m-%d %H:%M}, after the epoch"
    if entry.path in beneath and beneath[entry.path].kind == entry.kind == "folder":
        same = (entry.mode, entry.owner) == (beneath[entry.path].mode, beneath[entry.path].owner)
        if not same:
            yield f"{entry.path}/ has another mode or owner than in the base"
        return
    if entry.mode & 0o6000 and entry.kind != "symbolic link":
        yield f"{entry.path} is setuid or setgid"
    if "security.capability" in entry.attributes:
        yield f"{entry.path} has file capabilities"
    if entry.owner != "0:0":
        yield f"{entry.path} belongs to {entry.owner}, not to root"
    if entry.kind.endswith(("device", "pipe")) or entry.kind.startswith("type"):
        yield f"{entry.path} is a {entry.kind}"
    allowed = 0o1777 if entry.path in WORLD_WRITABLE else 0o755
    if entry.mode & ~0o6000 & ~allowed and entry.kind in ("file", "folder"):
        yield f"{entry.path} has the mode {entry.mode:04o}, more than {allowed:04o}"
    if entry.path.endswith(".pyc") or entry.path.endswith("__pycache__"):
        yield f"{entry.path} is compiled Python"
    if any(fnmatch(entry.path, pattern) for pattern in LEFTOVERS):
        yield f"{entry.path} is a leftover of the build"
    if any(fnmatch(f"/{entry.path}", pattern) for pattern in CREDENTIALS):
        yield f"{entry.path} is where credentials are kept"
