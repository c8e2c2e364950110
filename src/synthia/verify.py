"""Verify the supply chain: walk from the images to the GGUF files, link by link, without a network.

Of each image: the statement on it, the bill of materials that it names, the Dockerfile, locks and modules
as they lie here, what `images.lock.json` and the last build say of it, and the image that the engine
holds. Of each stage: the image it ran in, the manifests it was made from, and the SHA-256 of every file.
The first link that does not hold ends the walk.

Not covered: a forger who makes everything anew, from the manifests to the lock file: compare the digest
of the last manifest with one that you have by another way. Where a stage ran is believed to its
`run.json`, which no manifest covers. What the image's files are is not read out of the engine again:
`./invoke build` did that before it loaded the image.
"""

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

from synthia import manifest, pipeline, records
from synthia.errors import MissingRequirement, PipelineError
from synthia.host import engine
from synthia.images import (
    bill,
    build as images,
    description as image_description,
    inputs as image_inputs,
    lock as image_lock,
    notes as image_notes,
    provenance,
)
from synthia.images.inputs import Inputs
from synthia.images.notes import Note
from synthia.recipe import Recipe
from synthia.run import launch
from synthia.stage import BY_NAME, STAGES, Stage, folder, of

PRODUCT = "convert"
"""The stage that makes the GGUF files; later ones are walked if they have run."""


def lines(project: Path, recipe: Recipe) -> Iterator[str]:
    """One line for each link that holds. Raises PipelineError at the first that does not."""
    used = {images.of(stage.environment, gpu=recipe.runtime.gpu) for stage in of(recipe)
            if _ran(folder(project, recipe, stage)).get("runtime") == "docker"}  # fmt: skip
    configs: dict[str, str] = {}
    for name in images.NAMES:
        if name in used or image_notes.document(project, name, "provenance").exists():
            configs[name] = yield from image(project, name)
    if not used:
        yield f"images       no stage of {recipe.name} ran in one"
    for stage in of(recipe):
        out = folder(project, recipe, stage)
        if manifest.read(out) is None:
            if STAGES.index(stage) <= STAGES.index(BY_NAME[PRODUCT]):
                raise PipelineError(
                    f"{out.relative_to(project)} holds no manifest, so nothing can be said of what "
                    f"{stage.name} makes: ./invoke pipeline --recipe {recipe.name}"
                )
            yield f"{stage.name:12} has not run: the chain ends before it"
            return
        yield from stage_lines(project, recipe, stage, configs)
        if launch.signs(recipe, stage):
            launch.run_tool(
                project, launch.SIGNATURE, [], launch.signed(recipe, out), launch.SIGNING
            )
            yield f"{'':12} its signatures are by the recipe's hub.public_key"


def image(project: Path, name: str) -> Generator[str, None, str]:
    """The links of one image; the generator's value is the digest of its configuration."""
    files = {kind: image_notes.document(project, name, kind) for kind in image_notes.DOCUMENTS}
    remedy = f"./invoke build --image {name} writes it"
    for path in files.values():
        if not path.exists():
            raise PipelineError(f"{path.relative_to(project)} is missing: {remedy}")
    content = {kind: path.read_bytes() for kind, path in files.items()}
    shown = {kind: path.relative_to(project) for kind, path in files.items()}
    digests = {kind: hashlib.sha256(content[kind]).hexdigest() for kind in content}
    try:
        said = _statement(content["provenance"])
    except (ValueError, LookupError, TypeError, AttributeError):
        raise PipelineError(
            f"{shown['provenance']} is no statement on an image: {remedy}"
        ) from None
    if said["bill"] != digests["bill"]:
        raise PipelineError(
            f"{shown['bill']} has the SHA-256 {digests['bill']}, {shown['provenance']} names the bill "
            f"{said['bill']}: one of them was changed after the build; {remedy} anew"
        )
    inputs = image_inputs.gather(project, name)
    changed = sorted(path for path in inputs.files.keys() | said["files"].keys()
                     if inputs.files.get(path) != said["files"].get(path))  # fmt: skip
    if changed:
        raise PipelineError(
            f"the {name} image was built from another {', '.join(changed)} than lies here, says "
            f"{shown['provenance']}: ./invoke build --image {name} builds it from these"
        )
    layers, strange = _listed(inputs, content["bill"], said)
    if strange:
        raise PipelineError(
            f"{shown['bill']} names {strange[0]}, which is not what {shown['provenance']} and the locks "
            f"in requirements/ say: {remedy} anew"
        )
    described = {**said, "base_layers": image_description.base_key(said["base"])}
    base = layers[: len(said["base"])]
    again = provenance.make(inputs, described, base, bill=content["bill"])
    if again != content["provenance"]:
        raise PipelineError(
            f"{shown['provenance']} is not the statement that a build of the {name} image writes: it "
            f"was changed after the build; {remedy} anew"
        )
    note = image_notes.read(inputs)
    own, locked = layers[len(base) :], image_lock.layers(project, name)
    strange = [digest for digest in own if digest not in {layer["diff_id"] for layer in locked}]
    if locked and (strange or len(own) != len(locked)):
        raise PipelineError(
            f"{shown['bill']} names {len(own)} layers above the base, {image_lock.NAME} {len(locked)}; not "
            f"locked are {', '.join(strange) or 'none'}: {remedy} anew"
        )
    compared = []
    for place, known in _records(inputs, note, said["base"]).items():
        wanted = {"config": said["config"], "rootfs": said["rootfs"], **digests}
        differing = [key for key, value in wanted.items() if known.get(key) != value]
        if differing:
            key = differing[0]
            raise PipelineError(
                f"{shown['provenance']} is about another {name} image than {place}: {key} "
                f"{wanted[key]}, recorded is {known.get(key)}; {remedy} anew"
            )
        compared.append(place)
    if locked and image_lock.NAME not in compared:
        compared.insert(0, f"the {len(own)} layers in {image_lock.NAME} (this base is not in it)")
    yield (
        f"{name} image  {said['config']}: {len(inputs.files)} files it is made from, its bill of materials "
        f"and its statement agree with {' and '.join(compared) or 'each other, and nothing records them'}"
    )
    yield f"{name} image  {_held(name, note, said['config'], layers)}"
    config: str = said["config"]
    return config


def _statement(content: bytes) -> dict[str, Any]:
    """What a statement says; any error of its form ends in one of Python's own."""
    parsed = json.loads(content)
    config, rootfs = ("sha256:" + subject["digest"]["sha256"] for subject in parsed["subject"])
    depends = {item["name"]: item["digest"]["sha256"]
               for item in parsed["predicate"]["buildDefinition"]["resolvedDependencies"]}  # fmt: skip
    (listed,) = parsed["predicate"]["runDetails"]["byproducts"]
    base = [
        f"sha256:{digest}" for name, digest in depends.items() if name.startswith("base layer ")
    ]
    files = {path: digest for path, digest in depends.items() if not path.startswith("base layer ")}
    return {
        "config": config,
        "rootfs": rootfs,
        "base": base,
        "files": files,
        "bill": listed["digest"]["sha256"],
    }


def _listed(inputs: Inputs, content: bytes, said: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The layers that a bill names, and what it names against the statement or the locks."""
    parsed = json.loads(content)  # its digest is the one that the statement names
    described = parsed["metadata"]["component"]
    layers = [item["value"] for item in described["properties"] if item["name"] == "synthia:layer"]
    strange = []
    if "sha256:" + described["hashes"][0]["content"] != said["config"]:
        strange.append(f"the image {described['hashes'][0]['content']}")
    if layers[: len(said["base"])] != said["base"]:
        strange.append("other layers of the base")
    allowed = bill.locked(inputs)
    strange += [component["name"] for component in parsed["components"]
                if any(item["content"] not in allowed for item in component.get("hashes", []))]  # fmt: skip
    return layers, strange


def _records(inputs: Inputs, note: Note | None, base: list[str]) -> dict[str, Mapping[str, Any]]:
    """What is recorded of the image on this base, by the place that records it."""
    found: dict[str, Mapping[str, Any]] = {}
    key = image_description.base_key(base)
    in_lock = image_lock.locked(inputs.project, inputs.name, {"base_layers": key})
    if in_lock:
        found[image_lock.NAME] = in_lock
    if note and note.described["base_layers"] == key:
        found["the last build"] = note.described
    return found


def _held(name: str, note: Note | None, config: str, layers: list[str]) -> str:
    """What the engine says of the image, if there is one."""
    reference = image_notes.reference(name, config)
    try:
        engine.require()
    except MissingRequirement:
        return "was not looked at itself: no engine answers"
    found = engine.inspect(reference)
    if found is None:
        return f"was not looked at itself: the engine holds no {reference}"
    identities = (config, note.manifest) if note else (found.identity,)
    if list(found.diff_ids) != layers or found.identity not in identities:
        raise PipelineError(
            f"the engine holds another image as {reference} than the one that was built and checked: "
            f"./invoke build --image {name} loads that one again"
        )
    return f"is what the engine holds as {reference}: {len(layers)} layers"


def stage_lines(
    project: Path, recipe: Recipe, stage: Stage, configs: Mapping[str, str]
) -> Iterator[str]:
    """The link of one stage that has run, and the GGUF files it made; `configs` are its images'."""
    out = folder(project, recipe, stage)
    where = out.relative_to(project)
    anew = f"./invoke pipeline --recipe {recipe.name} makes it anew"
    found = manifest.read(out) or {}
    wanted = json.loads(manifest.encode(pipeline.identity(project, recipe, stage)))
    outputs = found.pop("outputs", None)
    named = found.get("inputs")
    for name, digest in wanted["inputs"].items():
        said = named.get(name) if isinstance(named, dict) else None
        if said != digest:
            other = folder(project, recipe, BY_NAME[name]).relative_to(project)
            raise PipelineError(
                f"{where} was not made from what lies in {other}: it names the manifest {said}, that "
                f"one is {digest}; {anew}"
            )
    differing = sorted(
        key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)
    )
    if differing:
        raise PipelineError(
            f"{where}/{manifest.NAME} names another {', '.join(differing)} than this checkout has "
            f"(./invoke status --recipe {recipe.name} says more); {anew}"
        )
    there = manifest.list_outputs(out)
    if not isinstance(outputs, dict) or sorted(outputs) != there:
        listed = outputs if isinstance(outputs, dict) else {}
        odd = sorted(set(there) ^ set(listed)) or ["outputs"]
        what = "does not list" if odd[0] in there else "lists, and which is not there,"
        raise PipelineError(f"{where} holds what its manifest {what} {odd[0]}; {anew}")
    for path, digest in outputs.items():
        is_now = manifest.sha256(out / path)
        if is_now != digest:
            raise PipelineError(
                f"{where}/{path} was changed after it was made: it has the SHA-256 {is_now}, the "
                f"manifest says {digest}; {anew}"
            )
    size = sum((out / path).stat().st_size for path in outputs)
    again = (
        f"./invoke {stage.name.replace('_', '-')} --recipe {recipe.name} --runtime docker --force"
    )
    name = images.of(stage.environment, gpu=recipe.runtime.gpu)
    place = _place(out, where, stage, name, configs, again)
    yield (
        f"{stage.name:12} manifest {manifest.digest(out)[:16]}: {len(outputs)} files, "
        f"{size / 1e6:,.1f} MB, {place}"
    )
    for path in outputs:
        if path.endswith(".gguf"):
            yield f"{'':12} {outputs[path]}  {where}/{path}"


def _place(
    out: Path, where: Path, stage: Stage, name: str, configs: Mapping[str, str], again: str
) -> str:
    """Where a stage ran: in a container, then of the image `name`; `again` runs it once more."""
    ran = _ran(out)
    if ran.get("runtime") == "host":
        return f"on the host with requirements/{stage.environment}.txt"
    if ran.get("runtime") != "docker":
        raise PipelineError(
            f"{where}/run.json does not say where {stage.name} ran: without it no image is linked to "
            f"what it made; {again} runs it again"
        )
    config = configs[name]
    if ran.get("image") != config:
        raise PipelineError(
            f"{where} was made in the image {ran.get('image')}, the {name} image of these "
            f"files is {config}; {again} runs it in that one"
        )
    return f"in the {name} image"


def _ran(out: Path) -> dict[str, Any]:
    """What a stage noted of its run; empty where that cannot be read."""
    try:
        said = records.read(out / "run.json")
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
