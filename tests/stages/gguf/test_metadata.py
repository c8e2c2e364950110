"""Our reader of a GGUF's keys finds what the format's own library finds, in every kind of value."""

from pathlib import Path

import pytest
from gguf import GGUFReader, GGUFValueType, GGUFWriter

from synthia.errors import PipelineError
from synthia.stages.gguf import metadata

KINDS = {
    "u8": 200, "i8": -100, "u16": 60_000, "i16": -30_000, "u32": 4_000_000_000, "i32": -2_000_000_000,
    "u64": 2**63, "i64": -(2**62),
}  # fmt: skip
NAMES = {
    "u8": "UINT8", "i8": "INT8", "u16": "UINT16", "i16": "INT16", "u32": "UINT32", "i32": "INT32",
    "u64": "UINT64", "i64": "INT64",
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.gguf"
    writer = GGUFWriter(path, "qwen2")
    for key, number in KINDS.items():
        writer.add_key_value(key, number, getattr(GGUFValueType, NAMES[key]))
    writer.add_float32("f32", 0.5)
    writer.add_float64("f64", 1e-300)
    writer.add_bool("yes", True)
    writer.add_string("text", "zwölf \U0001f600\n")
    writer.add_string("empty", "")
    writer.add_array("tokens", ["a", "", "Ġü", "\U0001f600"])
    writer.add_array("numbers", [1, -2, 3])
    writer.add_array("scores", [0.25, -1.5])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path


def test_every_kind_of_value_is_read_as_the_library_reads_it(file: Path) -> None:
    fields = GGUFReader(str(file)).fields
    theirs = {key: each.contents() for key, each in fields.items() if not key.startswith("GGUF.")}
    found = metadata.read(file)
    assert found == theirs
    assert found["tokens"] == ["a", "", "Ġü", "\U0001f600"]
    assert {key: found[key] for key in KINDS} == KINDS


def test_a_file_of_another_version_is_refused(file: Path) -> None:
    file.write_bytes(b"GGUF\x02" + file.read_bytes()[5:])
    with pytest.raises(PipelineError, match="is no GGUF file of version 3"):
        metadata.read(file)
