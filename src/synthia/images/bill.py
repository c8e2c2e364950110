"""The bill of materials of an image, its SBOM: a CycloneDX 1.6 document, the same whenever it is made.

It names every wheel whose metadata lies in a layer above the base, with the SHA-256 of the very file
that the build downloaded and checked, the licence that the wheel declares, and how far its files in the
image are those of its own list; then llama.cpp's source with its commit, and the base by its layers. A
wheel that no lock names, or a file beside the wheels that none of them lists, makes an error, no entry.

It holds no time, no host, and not the base's name either: the same layers have many names, on mirrors
and by tags. So equal images have equal bills.

Not covered: what the base holds inside, and what wheels do (vendored packages, libraries compiled in);
whether a declared licence is the true one; weak points known of versions.
"""

import base64
import csv
import posixpath
import re
import tarfile
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from packaging.metadata import RawMetadata, parse_email
from packaging.utils import canonicalize_name, canonicalize_version, parse_wheel_filename

from synthia import manifest
from synthia.errors import PipelineError
from synthia.images import buildx, rootfs
from synthia.images.inputs import Inputs
from synthia.images.oci import Entry, Image
from synthia.llama_cpp import flags as llama_flags

METADATA = re.compile(r"(?P<site>.+/site-packages)/(?P<folder>[^/]+\.dist-info)/METADATA")
"""Of a wheel of its own: not of one that another wheel carries inside."""
LLAMA_CPP = "opt/llama.cpp"
COPIED = re.compile(rf"{LLAMA_CPP}/[^/]+/wheels/[^/]+/METADATA")
"""Of a wheel some of whose libraries are beside llama.cpp's, see `synthia.llama_cpp.cuda`."""
LEFT_OUT = "requirements/left-out.txt"


def make(
    inputs: Inputs,
    image: Image,
    base: Sequence[str],
    described: Mapping[str, Any],
    files: Mapping[str, str],
) -> bytes:
    """The bill of an image on a base with the diffIDs `base`, made of the downloaded `files`.

    `described` is what the lock says of it. Raises PipelineError for a wheel that is not among them, a
    file beside the wheels that is of none, and a download that no lock names.
    """
    _require_locked(inputs, files)
    tree = rootfs.of_layers(image.layers)
    above = {entry.path for layer in image.layers[len(base) :] for entry in layer.entries}
    own = {path: entry for path, entry in tree.items() if path in above}
    described_base = {
        "type": "container",
        "bom-ref": "base",
        "name": "base image",
        "version": described["base_layers"],
        "properties": _properties(("layer", digest) for digest in base),
    }
    properties = [
        *(("layer", digest) for digest in image.diff_ids),
        ("rootfs", described["rootfs"]),
        ("left-out", f"{LEFT_OUT} sha256:{inputs.sources[LEFT_OUT]}"),
    ]
    components = [described_base, *_wheels(inputs, image, own, files)]
    components += _copied(inputs, image, own, files)
    components += _sources(inputs, image, own, files)
    config = image.config_digest
    return manifest.encode(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"urn:synthia:{config}").urn,
            "version": 1,
            "metadata": {
                "lifecycles": [{"phase": "build"}],
                "component": {
                    "type": "container",
                    "bom-ref": f"synthia-{inputs.name}",
                    "name": f"synthia-{inputs.name}",
                    "version": config[7:19],
                    "hashes": [_hash(config.removeprefix("sha256:"))],
                    "properties": _properties(properties),
                },
            },
            "components": sorted(components, key=lambda component: str(component["bom-ref"])),
            # What the base and the wheels hold inside is not told apart.
            "compositions": [{"aggregate": "incomplete", "assemblies": [f"synthia-{inputs.name}"]}],
        }
    )


def locked(inputs: Inputs) -> set[str]:
    """Every SHA-256 that the locks of an image allow."""
    locks = [path for path in inputs.sources if path.endswith(".txt")]
    texts = [(inputs.project / path).read_text("utf-8") for path in locks]
    return {
        digest for text in texts for digest in re.findall(r"--hash=sha256:([0-9a-f]{64})", text)
    }


def _require_locked(inputs: Inputs, files: Mapping[str, str]) -> None:
    allowed = locked(inputs)
    strange = sorted(file for file, digest in files.items() if digest not in allowed)
    if strange:
        raise PipelineError(
            f"the build of the {inputs.name} image downloaded {', '.join(strange[:8])}, and no lock in "
            "requirements/ has the SHA-256: the image is not used. ./invoke lock rewrites the locks"
        )


def _wheels(
    inputs: Inputs, image: Image, own: Mapping[str, Entry], files: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A component for each wheel that the layers above the base hold."""
    found = [match for match in map(METADATA.fullmatch, sorted(own)) if match]
    records = {match: posixpath.join(posixpath.dirname(match.string), "RECORD") for match in found}
    texts = _read(image, {match.string for match in found} | (set(records.values()) & own.keys()))
    by_name = _wheels_by_name(files)
    components, odd = [], []
    strangers = {path for path, entry in own.items() if entry.kind != "folder"
                 and any(path.startswith(f"{match['site']}/") for match in found)}  # fmt: skip
    for match in found:
        said, _ = parse_email(texts[match.string])
        identity = _identity(said)
        file = by_name.get(identity)
        if file is None:
            odd.append(f"the wheel {' '.join(identity)}, by {_made_by(image, match.string)}")
            continue
        listed = _record(match["site"], texts.get(records[match], b""))
        strangers -= {*listed, records[match]}
        components.append(_component(identity, file, files[file], said, listed, own))
    if not odd:  # the files of an unknown wheel are no news
        odd = [f"{path}, by {_made_by(image, path)}" for path in sorted(strangers)]
    if odd:
        raise PipelineError(
            f"the {inputs.name} image holds what is of no locked wheel and is not used: "
            f"{'; '.join(odd[:8])}. See what {inputs.dockerfile} puts there"
        )
    return components


def _copied(
    inputs: Inputs, image: Image, own: Mapping[str, Entry], files: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """A component for each wheel of which llama.cpp's folder holds libraries, and no list of files."""
    texts = _read(image, {path for path in own if COPIED.fullmatch(path)})
    by_name = _wheels_by_name(files)
    for path, text in sorted(texts.items()):
        said, _ = parse_email(text)
        identity = _identity(said)
        file = by_name.get(identity)
        if file is None:
            raise PipelineError(
                f"the {inputs.name} image holds libraries of {' '.join(identity)}, by "
                f"{_made_by(image, path)}, which was not downloaded: {_see(inputs)}"
            )
        licences, source = _licences(said)
        facts = [
            ("file", file),
            ("licence-from", source),
            ("libraries-in", f"/{path.rsplit('/', 3)[0]}/bin"),
        ]
        yield _package(*identity, files[file]) | {
            "licenses": licences,
            "properties": _properties(facts),
        }


def _see(inputs: Inputs) -> str:
    return f"see stage {buildx.HASHES.format(inputs.name)} of {inputs.dockerfile}"


def _made_by(image: Image, path: str) -> str:
    """The instruction that put a path into an image, cut short."""
    layers = [layer for layer in image.layers if any(entry.path == path for entry in layer.entries)]
    return " ".join(layers[-1].made_by.split())[:60]


def _component(
    identity: tuple[str, str],
    file: str,
    digest: str,
    said: RawMetadata,
    listed: Mapping[str, str],
    own: Mapping[str, Entry],
) -> dict[str, Any]:
    licences, source = _licences(said)
    gone = [path for path in listed if path not in own]
    changed = [
        path for path, wanted in listed.items() if path in own and own[path].content != wanted
    ]
    facts = [("file", file), ("licence-from", source)]
    facts += [("files-left-out", str(len(gone)))] if gone else []
    facts += [("file-changed", f"{path} sha256:{own[path].content}") for path in sorted(changed)]
    return _package(*identity, digest) | {"licenses": licences, "properties": _properties(facts)}


def _package(name: str, version: str, digest: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{urllib.parse.quote(version, safe='')}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
            "hashes": [_hash(digest)]}  # fmt: skip


def _licences(said: RawMetadata) -> tuple[list[dict[str, Any]], str]:
    """What a wheel declares, in CycloneDX's form, and the field of its metadata that says so."""
    if expression := said.get("license_expression"):
        declared = [{"expression": expression, "acknowledgement": "declared"}]
        return declared, "License-Expression"
    text = [line.strip() for line in said.get("license", "").splitlines() if line.strip()]
    text = [] if text in (["UNKNOWN"], ["None"]) else text
    classes = [value.rpartition(" :: ")[2] for value in said.get("classifiers", [])
               if value.startswith("License ::")]  # fmt: skip
    if classes and len(text) != 1:  # a whole licence text is no name
        names, source = classes, "Classifier"
    elif text:
        names, source = text[:1], "License"
    else:
        return [{"license": {"name": "unknown"}}], "nothing"
    licences = [{"name": name, "acknowledgement": "declared"} for name in sorted(set(names))]
    return [{"license": licence} for licence in licences], source


def _record(site: str, text: bytes) -> dict[str, str]:
    """SHA-256 by path of the files that a wheel's own list names with one."""
    found = {}
    for row in csv.reader(text.decode("utf-8").splitlines()):  # path, digest, size
        algorithm, _, value = row[1].partition("=") if len(row) == 3 else ("", "", "")
        if algorithm == "sha256":
            padded = value + "=" * (-len(value) % 4)
            inside = posixpath.normpath(posixpath.join(site, row[0]))
            found[inside] = base64.urlsafe_b64decode(padded).hex()
    return found


def _sources(
    inputs: Inputs, image: Image, own: Mapping[str, Entry], files: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """llama.cpp, where the image holds it: the archive it was compiled from, and its commit."""
    if not any(path.startswith(f"{LLAMA_CPP}/") for path in own):
        return
    archives = [file for file in files if file.endswith(".tar.gz")]
    if len(archives) != 1:
        raise PipelineError(
            f"the {inputs.name} image holds /{LLAMA_CPP}, and {len(archives)} source archives were "
            f"downloaded for it, not one: {_see(inputs)}"
        )
    package, version = archives[0].removesuffix(".tar.gz").rsplit("-", 1)
    (commit,) = [
        flag.partition("=")[2] for flag in llama_flags.CMAKE_FLAGS if "BUILD_COMMIT" in flag
    ]
    texts = sorted(path for path in own if re.fullmatch(rf"{LLAMA_CPP}/[^/]+/LICENSE", path))
    first = [_read(image, {path})[path].decode("utf-8").splitlines()[0].strip() for path in texts]
    licences = [{"license": {"name": line}} for line in first[:1] or ["unknown"]]
    upstream = {
        "type": "library",
        "bom-ref": "llama.cpp",
        "name": "llama.cpp",
        "version": commit,
        "purl": f"pkg:github/ggml-org/llama.cpp@{commit}",
        "licenses": licences,
    }
    built_by = llama_flags.identity(inputs.project / "requirements")
    facts = [("file", archives[0]), ("licence-from", texts[0] if texts else "nothing")]
    facts += [
        (f"built-with-{key}", value) for key, value in sorted(built_by.items()) if key != "sdist"
    ]
    yield _package(canonicalize_name(package), version, files[archives[0]]) | {
        "licenses": licences,
        "properties": _properties(facts),
        "components": [upstream],
    }


def _read(image: Image, paths: set[str]) -> dict[str, bytes]:
    """The content of small files of an image, each from the last layer that holds it."""
    found: dict[str, bytes] = {}
    for layer in reversed(image.layers):
        here = {entry.path for entry in layer.entries} & (paths - found.keys())
        if not here:
            continue
        blob = image.folder / "blobs" / layer.diff_id.replace(":", "/")
        with tarfile.open(blob, "r:") as archive:  # seeks past all that is not wanted
            for member in archive:
                path = "/".join(part for part in member.name.split("/") if part not in ("", "."))
                file = archive.extractfile(member) if path in here else None
                if file is not None:
                    found[path] = file.read()
    return found


def _wheels_by_name(files: Iterable[str]) -> dict[tuple[str, str], str]:
    """The wheels among files, by the name and the version that a file's name says."""
    wheels = [file for file in files if file.endswith(".whl")]
    named = [parse_wheel_filename(file)[:2] for file in wheels]
    return {(name, str(version)): file for (name, version), file in zip(named, wheels, strict=True)}


def _identity(said: RawMetadata) -> tuple[str, str]:
    """Name and version that a wheel's metadata says, in the one form that is compared."""
    version = canonicalize_version(said.get("version", ""), strip_trailing_zero=False)
    return canonicalize_name(said.get("name", "")), version


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


def _properties(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": f"synthia:{name}", "value": value} for name, value in pairs]
