"""Whether the F16 file holds the merged model: architecture, constants, every value of every tensor.

The converter renames tensors, gives matrices as F16 and vectors as F32, and puts Llama's rows of queries
and keys in another order; nothing else. So the file can be compared value by value, in seconds, before an
hour of sampling shows that the two compute something else.

Not covered: architectures whose converter changes values (Gemma adds one to its norms): of these only the
constants are compared. Quantised files: the gates F judge what they compute.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synthia import records
from synthia.errors import PipelineError
from synthia.gates import Gate, none_found
from synthia.stages.diagnosis import weights
from synthia.stages.gguf import metadata as gguf_metadata, tensors

PLAIN = ("llama", "qwen2", "qwen3")
"""Architectures whose values the converter keeps."""
CHUNK = 2048
"""Rows of a matrix that are compared at a time."""
LARGEST = 65_504
FIX = "look at convert's log; run ./invoke convert --force"


def whole(merged: Path, files: Mapping[str, Path]) -> Gate:
    """Gate G static: whole. Each file has all its bytes, and the architecture that config.json names."""
    kind = records.read(merged / "config.json").get("model_type")
    offenders = []
    for path in files.values():
        try:
            found = gguf_metadata.read(path).get("general.architecture")
            if kind in PLAIN and found != kind:
                offenders.append(f"gguf/{path.name}: its architecture is {found}, 16bit/ is {kind}")
            for _ in tensors.read(path):
                pass
        except (PipelineError, ValueError, IndexError) as error:
            offenders.append(f"gguf/{error}")
    return none_found(
        "G static: whole",
        offenders,
        metric="files that are cut off, or of another architecture",
        why="no client loads such a file, or it computes nonsense",
        fix=FIX,
    )


def gates(merged: Path, file: Path) -> list[Gate]:
    """Gates G static: constants and G static: tensors, of the F16 file."""
    values = (
        _different(merged, file)
        if records.read(merged / "config.json").get("model_type") in PLAIN
        else ()
    )
    found = weights.constants(file)
    found.pop(
        "rope theta", None
    )  # a gate of its own, which also compares both forms in config.json
    constants = weights.constants_gate("", found, weights.constants(merged), "16bit/config.json")
    return [
        Gate(**{**vars(constants), "fix": FIX}),
        none_found(
            "G static: tensors",
            list(values),
            metric="tensors of the F16 file that are not the merged model's",
            why="the file does not compute what was trained",
            fix=FIX,
        ),
    ]


def _different(merged: Path, file: Path) -> Iterator[str]:
    ours = {tensor.name: tensor.data for tensor in tensors.read(file)}
    constants = weights.constants(merged)
    heads = int(constants["heads"])
    turned = {"attn_q": heads, "attn_k": int(constants.get("kv heads", heads))}
    llama = records.read(merged / "config.json")["model_type"] == "llama"
    seen = set()
    for name, source in _sources(merged):
        seen.add(name)
        if name not in ours:
            yield f"{name} is missing"
            continue
        data: np.ndarray = ours[name]
        if llama and name.split(".")[-2] in turned:
            data = weights._unturned(data, turned[name.split(".")[-2]])
        if said := _said(name, data, source, ours):
            yield said
    if "output.weight" in ours.keys() - seen:
        yield "output.weight: a head of its own, where the merged model has the embedding's"


def _sources(merged: Path) -> Iterator[tuple[str, Any]]:
    """Each tensor of the merged model by GGUF's name: a slice of its file, read a few rows at a time."""
    import gguf
    from safetensors import safe_open

    config = records.read(merged / "config.json")
    kinds = {text: kind for kind, text in gguf.MODEL_ARCH_NAMES.items()}
    table = gguf.get_tensor_name_map(kinds[config["model_type"]], config["num_hidden_layers"])
    for shard in sorted(merged.glob("*.safetensors")):
        with safe_open(shard, framework="pt") as opened:
            for name in sorted(opened.keys()):
                yield (
                    table.get_name(name, (".weight", ".bias")) or name,
                    opened.get_slice(name),
                )


def _said(name: str, data: np.ndarray, source: Any, ours: Mapping[str, np.ndarray]) -> str:
    """What is wrong with one tensor; "" where nothing is."""
    shape = tuple(source.get_shape())
    if data.shape != shape:
        return f"{name} is {data.shape}, in 16bit/ {shape}"
    wrong = over = 0
    for first in range(0, shape[0], CHUNK):
        wanted = source[first : first + CHUNK].float().numpy()
        with np.errstate(over="ignore"):  # infinity is what is looked for
            rounded = wanted.astype(data.dtype)
        over += int((np.isfinite(wanted) & ~np.isfinite(rounded)).sum())
        wrong += int((rounded != data[first : first + CHUNK]).sum())
    if over:
        return f"{name}: {over} values beyond {LARGEST:,}, where 16-bit floats end, became infinite"
    if not wrong:
        return ""
    if len(shape) == 1:  # the norms of several layers may be equal
        return f"{name}: {wrong} of {data.size} values are not the merged model's"
    first_rows = source[: min(shape[0], 16)].float().numpy().astype(data.dtype)
    kind = weights.LAYER.sub(".N.", name)
    for other, theirs in ours.items():
        same_kind = other != name and weights.LAYER.sub(".N.", other) == kind
        if same_kind and theirs.shape == shape and np.array_equal(theirs[:16], first_rows):
            return f"{name} is not the merged model's: {other} holds that"
    if shape[0] == shape[1] and np.array_equal(data.T[:16], first_rows):
        return f"{name} is the merged model's transposed"
    return f"{name}: {wrong} of {data.size} values are not the merged model's"
