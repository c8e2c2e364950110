"""How many layers of a GGUF file fit on the GPU: llama.cpp loads none where not all that it was told do.

Its programs can reckon this themselves (`--fit`), its library cannot, and both are to compute alike here.

Not covered: which layers, llama.cpp takes the output first, then the last ones; and that each of several
GPUs needs what one does beside the weights.
"""

import ctypes
from itertools import accumulate, takewhile
from pathlib import Path

from synthia.stages.gguf import metadata, tensors
from synthia.stages.gguf.libllama import BATCH
from synthia.stages.gguf.llama_server import ALL

SLACK = 3 * 2**29
"""Bytes for CUDA itself, twice, as the process that asks has a context too, and for cuBLAS's workspace."""
LAYER = "blk."
"""How the names of a layer's tensors begin; its number follows."""
GPU = 1
"""ggml's number for this type of device."""


def free_bytes(llama_cpp: Path) -> int | None:
    """What llama.cpp finds free on all GPUs together, once it is loaded; None where it finds no GPU."""
    if not (llama_cpp / "bin" / "libggml.so").exists():
        return None  # built without backends
    found = ctypes.CDLL(str(llama_cpp / "bin" / "libggml.so"))
    device = ctypes.CDLL(str(llama_cpp / "bin" / "libggml-base.so"))
    found.ggml_backend_dev_count.restype = ctypes.c_size_t
    found.ggml_backend_dev_get.restype = ctypes.c_void_p
    found.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    device.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    size = ctypes.c_size_t
    device.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, *2 * [ctypes.POINTER(size)]]
    rooms = []
    for number in range(found.ggml_backend_dev_count()):
        one = found.ggml_backend_dev_get(number)
        if device.ggml_backend_dev_type(one) == GPU:
            free, total = size(), size()
            device.ggml_backend_dev_memory(one, ctypes.byref(free), ctypes.byref(total))
            rooms.append(free.value)
    return sum(rooms) if rooms else None


def layers(path: Path, context: int, free: int) -> int:
    """The most layers, the output among them, that leave a context of so many tokens room in `free` bytes.

    ALL where all do. Reckoned are weights, keys and values in 16 bit, and in 32 bit what a batch computes:
    logits, the scores of attention twice, and of the MLP three values. Where layers stay behind, the
    weights of one are copied while a batch is read.
    """
    known = metadata.read(path)
    kind = known["general.architecture"]
    count, hidden = known[f"{kind}.block_count"], known[f"{kind}.embedding_length"]
    heads = known[f"{kind}.attention.head_count"]
    groups = known.get(f"{kind}.attention.head_count_kv", heads)
    head = known.get(f"{kind}.attention.key_length", hidden // heads)
    sizes = tensors.sizes(path)
    weights = [0] * count
    output = sum(size for name, size in sizes.items() if name.startswith("output"))
    if "output.weight" not in sizes:  # then the table of embeddings is
        output += sizes["token_embd.weight"]
    for name, size in sizes.items():
        if name.startswith(LAYER):
            weights[int(name.split(".")[1])] += size
    names, inner = len(known["tokenizer.ggml.tokens"]), known[f"{kind}.feed_forward_length"]
    batch = BATCH * 4 * (names + 2 * heads * context + 3 * inner)
    cached = context * groups * head * 2 * 2
    room = free - SLACK - batch - output
    if room >= sum(weights) + count * cached:
        return ALL
    room -= max(weights)
    if room < 0:
        return 0
    fitting = takewhile(lambda taken: taken <= room, accumulate(w + cached for w in weights[::-1]))
    return 1 + len(list(fitting))
