"""A GGUF file's layers go to the GPU as far as they fit, and all of them where they do."""

import sys
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter

from synthia.host import environments
from synthia.llama_cpp import flags as llama_flags
from synthia.stages import sample_gguf
from synthia.stages.gguf import llama_server, offload

COUNT, HIDDEN, INNER, WORDS, HEADS, CONTEXT = 4, 64, 128, 256, 4, 512
LAYER = 2**22
"""Values of 16 bit in a layer here, so that weights outweigh what is computed."""
CACHED = CONTEXT * 2 * (HIDDEN // HEADS) * 2 * 2
"""Keys and values of two heads in 16 bit."""
BATCH = 512 * 4 * (WORDS + 2 * HEADS * CONTEXT + 3 * INNER)
OUTPUT = WORDS * HIDDEN * 2
NEEDED = offload.SLACK + BATCH + OUTPUT


@pytest.fixture(scope="module", params=("untied", "tied"))
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of four equal layers, with an output of its own or without."""
    path = tmp_path_factory.mktemp(request.param) / "model.gguf"
    writer = GGUFWriter(str(path), "qwen2")
    writer.add_block_count(COUNT)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(2)
    writer.add_token_list([f"w{number}" for number in range(WORDS)])
    writer.add_tensor("token_embd.weight", np.zeros((WORDS, HIDDEN), np.float16))
    if request.param == "untied":
        writer.add_tensor("output.weight", np.zeros((WORDS, HIDDEN), np.float16))
    for number in range(COUNT):
        writer.add_tensor(f"blk.{number}.ffn_up.weight", np.zeros(LAYER, np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(autouse=True)
def without_gguf(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    """The environment that converts has no such package: llama.cpp's folder brings its own."""
    monkeypatch.setitem(sys.modules, "gguf", None)


def test_all_layers_go_where_all_fit(file: Path) -> None:
    """At exactly what they need, and not a byte below."""
    needed = NEEDED + COUNT * (2 * LAYER + CACHED)
    assert offload.layers(file, CONTEXT, needed) == llama_server.ALL
    assert offload.layers(file, CONTEXT, needed - 1) != llama_server.ALL


@pytest.mark.parametrize("fitting", range(COUNT))
def test_as_many_go_as_fit_beside_the_copy_of_one(file: Path, fitting: int) -> None:
    """The output counts as one, so three layers are four; one is copied while a batch is read."""
    room = NEEDED + 2 * LAYER + fitting * (2 * LAYER + CACHED)
    assert offload.layers(file, CONTEXT, room) == 1 + fitting
    assert offload.layers(file, CONTEXT, room - 1) == fitting


def test_none_go_where_not_even_a_batch_fits(file: Path) -> None:
    """Then the processor computes everything, as without a GPU."""
    assert offload.layers(file, CONTEXT, offload.SLACK) == 0


def test_what_the_gpu_has_no_room_for_is_said(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stage asks llama.cpp what is free; without a GPU it puts nothing there and says nothing."""
    rooms: list[int | None] = [None, 2**40, NEEDED + 2 * LAYER + 2 * (2 * LAYER + CACHED)]
    free = iter(rooms)
    monkeypatch.setattr(offload, "free_bytes", lambda llama_cpp: next(free))
    found = [sample_gguf.place(file.parent, file, CONTEXT) for _ in rooms]
    assert found == [0, llama_server.ALL, 3]
    said = "".join(capsys.readouterr())
    assert said.count("model.gguf: 3 of its layers fit") == said.count("of its layers") == 1


def test_a_build_for_the_processor_has_no_gpu() -> None:
    """That of hosts, whose library holds its backend."""
    requirements = Path(__file__).parents[3] / "requirements"
    assert offload.free_bytes(llama_flags.place(requirements, environments.cache_root())) is None
