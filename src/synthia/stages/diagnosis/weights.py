"""Tensors against those of another artefact of the family: is each the one that its name says?

LoRA, 16 bit and 4 bit move a tensor by little; to a tensor of another layer it is about as far as to
noise. So each must be nearest its namesake. transformers' names are brought to GGUF's by gguf's own
table, and Llama's rows of queries and keys to their order before conversion.

Not covered: a change of a few values in rows that were not read; `merges` of a folder against base and
adapter finds every one.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synthia import records
from synthia.gates import Gate, none_found
from synthia.stages.gguf import metadata, tensors

ROWS = 16
"""Rows of each tensor that are compared, evenly spaced."""
SAME, NOTICED = 0.35, 0.03
"""Distance from the namesake over its length: up to the first a tensor may be its namesake, tuned or
quantised; above the second, others are looked at. Measured on SmolLM2-135M: tuned and quantised to
Q4_K_M, 0.022 at most from the base; layer 3's ffn_down 1.3 or more from another's, its attn_norm 0.12."""
LAYER = re.compile(r"\.(\d+)\.")

Tensors = dict[str, np.ndarray]


def read(path: Path) -> tuple[Tensors, list[str]]:
    """Sampled rows of each tensor by GGUF's name, and the names of tensors that are not finite."""
    found: Tensors = {}
    broken = []
    for name, rows, finite in _gguf(path) if path.is_file() else _folder(path):
        found[name] = rows
        if not finite:
            broken.append(name)
    return found, broken


def _sampled(whole: Any) -> Any:
    flat = whole.reshape(-1, whole.shape[-1])
    return flat[np.linspace(0, len(flat) - 1, min(ROWS, len(flat))).astype(int)]


def _folder(path: Path) -> Iterator[tuple[str, np.ndarray, bool]]:
    import gguf
    import torch
    from safetensors import safe_open

    config = records.read(path / "config.json")
    kinds = {text: kind for kind, text in gguf.MODEL_ARCH_NAMES.items()}
    kind = kinds.get(config.get("model_type"), gguf.MODEL_ARCH.LLAMA)
    table = gguf.get_tensor_name_map(kind, config["num_hidden_layers"])
    for shard in sorted(path.glob("*.safetensors")):
        with safe_open(shard, framework="pt") as file:
            for name in file.keys():
                tensor = file.get_tensor(name)
                if tensor.dtype.is_floating_point:
                    rows = np.asarray(_sampled(tensor.float()))
                    ours = table.get_name(name, (".weight", ".bias")) or name
                    yield ours, rows, bool(torch.isfinite(tensor).all())


def _gguf(path: Path) -> Iterator[tuple[str, np.ndarray, bool]]:
    from gguf import quants

    said = metadata.read(path)
    architecture = said["general.architecture"]
    heads = said[f"{architecture}.attention.head_count"]
    several = {
        "attn_q": heads,
        "attn_k": said.get(f"{architecture}.attention.head_count_kv", heads),
    }
    for tensor in tensors.read(path):
        turned = several.get(tensor.name.split(".")[-2]) if architecture == "llama" else None
        raw = tensor.kind.name in ("F32", "F16")
        data = tensor.data if raw or turned else _sampled(tensor.data)
        whole = data if raw else quants.dequantize(data, tensor.kind)
        finite = bool(np.isfinite(whole).all())
        if turned:
            whole = _unturned(whole, turned)
        rows = whole if data is not tensor.data else _sampled(whole)
        yield tensor.name, rows.astype(np.float32), finite


def _unturned(rows: np.ndarray, heads: int) -> np.ndarray:
    """The inverse of `LlamaModel.permute` in llama.cpp's converter."""
    half = len(rows) // heads // 2
    turned = rows.reshape(heads, half, 2, *rows.shape[1:])
    return turned.swapaxes(1, 2).reshape(rows.shape)


def distances(ours: Tensors, theirs: Tensors) -> Iterator[tuple[str, float, str, float]]:
    """Of each tensor: its name, its distance from its namesake, the nearest of the kind, that distance."""
    kinds: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for name, rows in theirs.items():
        kinds[LAYER.sub(".N.", name), rows.shape].append(name)
    for name, rows in ours.items():
        if name not in theirs:
            continue
        own = _apart(rows, theirs[name]) if rows.shape == theirs[name].shape else np.inf
        rivals = kinds[LAYER.sub(".N.", name), rows.shape]
        near, far = name, own
        if not own <= NOTICED:
            for other in rivals:
                if (apart := _apart(rows, theirs[other])) < far:
                    near, far = other, apart
        yield name, own, near, far


def _apart(rows: np.ndarray, others: np.ndarray) -> float:
    length = float(np.linalg.norm(others))
    return float(np.linalg.norm(rows - others)) / length if length else float(np.linalg.norm(rows))


def gates(
    name: str, ours: Tensors, broken: list[str], reference: Mapping[str, Any] | None
) -> list[Gate]:
    """Gates on an artefact's tensors; `reference` is {"name": ..., "tensors": ...} of one it comes from."""
    judged = [
        none_found("M merge: finite", broken, arm=name, metric="tensors with NaN or infinity",
                   why="such a model answers nonsense; 16-bit floats end at 65,504",
                   fix="make it again from the artefact before, in bfloat16 where values are large")
    ]  # fmt: skip
    if reference is None:
        return judged
    theirs: Tensors = reference["tensors"]
    swapped, other = [], []
    for tensor, own, near, far in distances(ours, theirs):
        if near != tensor and far <= SAME and far < own / 2:
            swapped.append(
                f"{tensor} is {near} of {reference['name']} (distance {far:.2f}, from its own {own:.2f})"
            )
        elif not own <= SAME:
            other.append(
                f"{tensor}: its distance from that of {reference['name']} is {own:.2f} of its length"
            )
    missing = sorted(t for t in theirs.keys() - ours.keys() if t != "output.weight")
    other += [f"{tensor} is missing" for tensor in missing]
    compared = len(theirs)
    judged.append(
        none_found("M merge: order", swapped, arm=name, metric="tensors that are another layer's",
                   why="each layer computes on what another one left: the answers are nonsense",
                   fix="make it again from the artefact before; the converter or an editor mixed them up")
    )  # fmt: skip
    judged.append(
        none_found(
            "M merge: base", other, arm=name,
            metric=f"of {compared} tensors, those unlike a tuned or quantised {reference['name']}'s",
            why="another base, or transposed or damaged tensors: it computes what nobody trained",
            fix="merge onto the base that the adapter names",
        )
    )  # fmt: skip
    return judged


def constants(path: Path) -> dict[str, float]:
    """The constants that decide what is computed, by one set of names for folders and GGUF files."""
    if path.is_file():
        return _gguf_constants(metadata.read(path))
    config = records.read(path / "config.json")
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    names = {"hidden_size": "width", "num_hidden_layers": "layers", "num_attention_heads": "heads",
             "num_key_value_heads": "kv heads", "rms_norm_eps": "norm eps"}  # fmt: skip
    found = {
        said: float(config[name]) for name, said in names.items() if config.get(name) is not None
    }
    theta = config.get("rope_theta", rope.get("rope_theta"))
    return found | ({"rope theta": float(theta)} if theta is not None else {})


def _gguf_constants(said: Mapping[str, Any]) -> dict[str, float]:
    names = {"embedding_length": "width", "block_count": "layers", "attention.head_count": "heads",
             "attention.head_count_kv": "kv heads", "rope.freq_base": "rope theta",
             "attention.layer_norm_rms_epsilon": "norm eps"}  # fmt: skip
    architecture = said.get("general.architecture")
    found = {word: said.get(f"{architecture}.{name}") for name, word in names.items()}
    return {word: float(value) for word, value in found.items() if isinstance(value, int | float)}


def constants_gate(
    name: str, ours: Mapping[str, float], theirs: Mapping[str, float], origin: str
) -> Gate:
    """Gate G static: constants, against an artefact of the family."""
    wrong = [
        f"{said} is {ours[said]:g}, in {origin} {theirs[said]:g}"
        for said in ours
        if said in theirs and abs(ours[said] - theirs[said]) > 1e-4 * abs(theirs[said])
    ]
    return none_found(
        "G static: constants", wrong, arm=name, metric="constants of the architecture that differ",
        why="the same weights compute something else", fix=f"take the values of {origin}",
    )  # fmt: skip
