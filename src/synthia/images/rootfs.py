"""What a container sees: layers laid over one another, and one digest of the result.

The digest is a SHA-256 over one line for each path, sorted: kind, mode, owner, link, content. It holds
no times and nothing of how the files were packed, so that another builder, or a folder on a host that
holds the same files, comes to the same one.

The packages in a site-packages folder have a narrower digest, which a user's environment, filled from
the same lock by whatever installer, gives too.

Not covered: reading layers (`synthia.images.oci`); device numbers.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from synthia.images.oci import Entry, Layer

WHITEOUT, OPAQUE = ".wh.", ".wh..wh..opq"
NOTES = ("INSTALLER", "REQUESTED", "RECORD")
"""What an installer notes beside a package: its name, whether the package was asked for, and a list of
all files with these two."""


def of_layers(layers: Sequence[Layer]) -> dict[str, Entry]:
    """The root file system of an image by path: whiteouts applied, hard links followed."""
    tree: dict[str, Entry] = {}
    for layer in layers:
        hidden = [entry.path for entry in layer.entries if _name(entry).startswith(WHITEOUT)]
        _hide(tree, hidden)
        for entry in layer.entries:
            if not _name(entry).startswith(WHITEOUT):
                before = tree.get(entry.path)
                if before and before.kind == "folder" != entry.kind:
                    _remove(tree, [entry.path])
                tree[entry.path] = _followed(tree, entry)
    return tree


def _name(entry: Entry) -> str:
    return entry.path.rpartition("/")[2]


def _hide(tree: dict[str, Entry], whiteouts: Iterable[str]) -> None:
    """Remove what a layer's whiteouts name from the layers below it."""
    gone = []
    for path in whiteouts:
        folder, _, name = path.rpartition("/")
        if name == OPAQUE:
            inside = f"{folder}/" if folder else ""
            gone += [below for below in tree if below.startswith(inside) and below != folder]
        else:
            gone.append(f"{folder}/{name.removeprefix(WHITEOUT)}".lstrip("/"))
    _remove(tree, gone)


def _remove(tree: dict[str, Entry], paths: Sequence[str]) -> None:
    roots = set(paths)
    if not roots:
        return
    for path in list(tree):
        parts = path.split("/")
        if any("/".join(parts[:length]) in roots for length in range(1, len(parts) + 1)):
            del tree[path]


def _followed(tree: Mapping[str, Entry], entry: Entry) -> Entry:
    """A hard link as what it is: the same file under a second name."""
    if entry.kind != "hard link":
        return entry
    target = "/".join(part for part in entry.link.split("/") if part not in ("", "."))
    if target not in tree:
        return replace(entry, kind=f"hard link to nothing: {target}", link="")
    return replace(tree[target], path=entry.path)


def of_folder(folder: Path, below: str = "") -> dict[str, Entry]:
    """The entries of a folder on this machine, as a layer would hold them under the path `below`."""
    tree = {}
    for place, folders, files in os.walk(folder):
        here = Path(place)
        for name in [".", *folders, *files] if here == folder else [*folders, *files]:
            path = here / name
            found = path.lstat()
            inside = path.relative_to(folder).as_posix()
            full = "/".join(part for part in (*below.split("/"), inside) if part not in ("", "."))
            tree[full] = Entry(
                path=full,
                kind=_kind(found.st_mode),
                mode=stat.S_IMODE(found.st_mode),
                owner=f"{found.st_uid}:{found.st_gid}",
                mtime=found.st_mtime,
                link=str(path.readlink()) if path.is_symlink() else "",
                content=_sha256(path) if stat.S_ISREG(found.st_mode) else "",
                size=found.st_size,
            )
    return tree


def packages(
    tree: Mapping[str, Entry], folder: str, left_out: Sequence[str] = ()
) -> dict[str, Entry]:
    """What a site-packages folder holds, as every installer for every user has to leave it.

    That is without owners, without modes but for whether a file may be run, without compiled Python,
    which any run adds, and without installers' notes. `left_out` are patterns as in
    requirements/left-out.txt: relative to the folder, `*` within one name, with all that lies below.
    """
    inside = f"{folder}/" if folder else ""
    found = {}
    for path, entry in tree.items():
        name = path.removeprefix(inside)
        if not name or not path.startswith(inside) or _varies(name):
            continue
        parts = name.split("/")
        # As many names as the pattern has, so that no `*` can match a slash.
        tops = (("/".join(parts[: pattern.count("/") + 1]), pattern) for pattern in left_out)
        if not any(fnmatch(top, pattern) for top, pattern in tops):
            mode = 0o755 if entry.mode & 0o100 else 0o644
            found[name] = replace(entry, path=name, mode=mode, owner="")
    return found


def _varies(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    noted = name in NOTES and folder.endswith(".dist-info") and "/" not in folder
    return noted or "__pycache__" in path.split("/")


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "symbolic link"
    return {stat.S_IFREG: "file", stat.S_IFDIR: "folder"}.get(stat.S_IFMT(mode), "special")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(entries: Iterable[Entry]) -> str:
    """One SHA-256 over all entries, whatever their order."""
    lines = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.path):
        fields = (entry.path, entry.kind, f"{entry.mode:04o}", entry.owner, entry.link, entry.content,
                  entry.attributes)  # fmt: skip
        lines.update("\0".join(fields).encode("utf-8", "surrogateescape") + b"\n")
    return f"sha256:{lines.hexdigest()}"


def differences(
    one: Mapping[str, Entry], other: Mapping[str, Entry]
) -> list[tuple[str, str, str, str]]:
    """Path, field and both values of everything in which two file systems differ; sorted."""
    found = []
    for path in sorted(one.keys() | other.keys()):
        if path not in one or path not in other:
            found.append((path, "there", *(("yes", "no") if path in one else ("no", "yes"))))
            continue
        for field in ("kind", "mode", "owner", "link", "content", "attributes"):
            values = [getattr(tree[path], field) for tree in (one, other)]
            if values[0] != values[1]:
                texts = [f"{v:04o}" if field == "mode" else str(v) for v in values]
                found.append((path, field, texts[0], texts[1]))
    return found
