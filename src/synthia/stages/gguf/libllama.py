"""libllama in this process: ids of texts, and logits of ids.

Its declarations are those of llama-cpp-python, in the built folder.

Not covered: choosing tokens, and rendering chats.
"""

import ctypes
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synthia import terminal
from synthia.errors import PipelineError
from synthia.stages.gguf.llama_server import ALL

BATCH = 512
"""Tokens computed together, as in `llama_server`."""
QUIET: list[Any] = []
"""Keeps the callback alive that swallows libllama's log."""


def load(llama_cpp: Path) -> Any:
    """Return the module of declarations, with libllama loaded."""
    os.environ["LLAMA_CPP_LIB_PATH"] = str(llama_cpp / "bin")
    sys.path.insert(0, str(llama_cpp / "python"))
    lib = importlib.import_module("llama_cpp.llama_cpp")
    QUIET.append(lib.llama_log_callback(lambda level, text, data: None))
    lib.llama_log_set(QUIET[-1], ctypes.c_void_p(0))
    backends = llama_cpp / "bin" / "libggml.so"
    if backends.exists():
        # Libraries of their own, which it would look for beside the running program.
        place = os.fsencode(backends.parent)
        ctypes.CDLL(str(backends)).ggml_backend_load_all_from_path(ctypes.c_char_p(place))
        if not lib.llama_supports_gpu_offload():
            terminal.say(
                "llama.cpp finds no GPU and computes on the CPU, which takes hours for a 7B model: "
                "./invoke doctor says which driver it needs"
            )
    lib.llama_backend_init()
    return lib


@contextmanager
def model(
    lib: Any, path: Path, *, vocab_only: bool = False, gpu_layers: int = ALL
) -> Iterator[Any]:
    """Load a GGUF file, or only its vocabulary; on a GPU, if there is one, so many of its layers."""
    params = lib.llama_model_default_params()
    params.vocab_only, params.n_gpu_layers = vocab_only, gpu_layers
    loaded = lib.llama_model_load_from_file(os.fsencode(path), params)
    if not loaded:
        raise PipelineError(f"libllama cannot load {path.name}: convert it again")
    try:
        yield loaded
    finally:
        lib.llama_model_free(loaded)


def tokenizer(lib: Any, loaded: Any) -> Callable[[str], list[int]]:
    """Return a function from text to ids: control tokens are recognised, none is added."""
    vocab = lib.llama_model_get_vocab(loaded)

    def tokenize(text: str) -> list[int]:
        data = text.encode()
        size = len(data) + 8
        buffer = (lib.llama_token * size)()
        count = lib.llama_tokenize(vocab, data, len(data), buffer, size, False, True)
        if count < 0:
            raise PipelineError(f"libllama cannot tokenize {text[:60]!r}")
        return list(buffer[:count])

    return tokenize


def end_of_generation(lib: Any, loaded: Any) -> set[int]:
    """The ids at which llama.cpp ends an answer: it chooses some of them by their text."""
    vocab = lib.llama_model_get_vocab(loaded)
    return {
        token
        for token in range(lib.llama_vocab_n_tokens(vocab))
        if lib.llama_vocab_is_eog(vocab, token)
    }


@dataclass
class Reader:
    """A model that reads ids; it remembers what it has read and reads only what differs."""

    lib: Any
    context: Any
    vocabulary: int
    ends: set[int]
    """The ids that end an answer."""
    read: list[int]
    """The ids in its memory."""

    def logits(self, ids: Sequence[int], wanted: Sequence[int]) -> np.ndarray:
        """Logits [len(wanted), vocabulary] for the tokens after the positions `wanted` of `ids`.

        `wanted` is sorted and not empty. Positions before the first wanted one that are in the
        memory are not computed again.
        """
        known = shared(self.read, ids, wanted[0])
        memory = self.lib.llama_get_memory(self.context)
        self.lib.llama_memory_seq_rm(memory, -1, known, -1)
        self.read = list(ids)
        result = np.empty((len(wanted), self.vocabulary), np.float32)
        rows = {position: row for row, position in enumerate(wanted)}
        for start in range(known, len(ids), BATCH):
            self._decode(ids, range(start, min(start + BATCH, len(ids))), rows, result)
        return result

    def _decode(
        self, ids: Sequence[int], span: range, rows: dict[int, int], result: np.ndarray
    ) -> None:
        batch = self.lib.llama_batch_init(len(span), 0, 1)
        batch.n_tokens = len(span)
        for index, position in enumerate(span):
            batch.token[index] = ids[position]
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = position in rows
        code = self.lib.llama_decode(self.context, batch)
        self.lib.llama_batch_free(batch)
        if code != 0:
            raise PipelineError(f"llama_decode failed with {code} at token {span.start}")
        for index, position in enumerate(span):
            if position in rows:
                pointer = self.lib.llama_get_logits_ith(self.context, index)
                result[rows[position]] = np.ctypeslib.as_array(pointer, (self.vocabulary,))


def shared(some: Sequence[int], others: Sequence[int], limit: int) -> int:
    """How many ids two sequences begin with in common, at most `limit`."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if count == limit or one != other:
            break
        count += 1
    return count


@contextmanager
def reader(
    lib: Any, path: Path, *, context: int, sequences: int = 1, gpu_layers: int = ALL
) -> Iterator[Reader]:
    """Load a GGUF file for reading up to `context` tokens, of all sequences together."""
    with model(lib, path, gpu_layers=gpu_layers) as loaded:
        params = lib.llama_context_default_params()
        params.n_ctx = context
        if sequences > 1:
            params.n_seq_max, params.kv_unified = sequences, True
        params.n_batch = params.n_ubatch = BATCH
        params.n_threads = params.n_threads_batch = len(os.sched_getaffinity(0))
        params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        opened = lib.llama_init_from_model(loaded, params)
        if not opened:
            raise PipelineError(f"libllama has no room for {context} tokens of {path.name}")
        try:
            vocab = lib.llama_model_get_vocab(loaded)
            yield Reader(
                lib, opened, lib.llama_vocab_n_tokens(vocab), end_of_generation(lib, loaded), []
            )
        finally:
            lib.llama_free(opened)
