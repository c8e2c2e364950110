"""GGUF types: all that llama-quantize offers, and what follows from a type's name."""

import re
import subprocess
from pathlib import Path

import pytest

from synthia import gguf_types
from synthia.host import environments
from synthia.run import llama_build

PROJECT = Path(__file__).resolve().parents[1]


def test_what_follows_from_a_name() -> None:
    kinds = ("F16", "BF16", "Q8_0", "Q5_K_M", "IQ4_XS", "MXFP4_MOE", "TQ1_0")
    assert [gguf_types.bits(kind) for kind in kinds] == [16, 16, 8, 5, 4, 4, 1]
    wide = [kind for kind in kinds if gguf_types.in_blocks_of_256(kind)]
    assert wide == ["Q5_K_M", "IQ4_XS", "TQ1_0"]
    assert not gguf_types.in_blocks_of_256("IQ4_NL")


def test_every_type_has_limits_and_fewer_bits_are_never_held_to_more() -> None:
    by_bits = sorted(gguf_types.TYPES, key=gguf_types.bits)
    floors = [gguf_types.limits(kind)["min_top1"] for kind in by_bits]
    assert floors == sorted(floors)
    allowed = [gguf_types.limits(kind).get("max_kld", 0.0) for kind in by_bits]
    assert allowed == sorted(allowed, reverse=True)


def test_a_name_is_read_in_any_case_and_by_its_alias() -> None:
    assert [gguf_types.normalise(name) for name in (" q4_k_m", "Q4_k", "iq4_xs")] == [
        "Q4_K_M", "Q4_K_M", "IQ4_XS",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Q4", "COPY", "", "Q4_K_M,Q8_0"])
def test_another_name_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(ValueError, match=r"no type of llama-quantize.*It offers F32, F16"):
        gguf_types.normalise(name)


@pytest.mark.slow
def test_the_types_are_those_of_the_built_llama_quantize() -> None:
    python = environments.ensure(PROJECT, "convert")
    program = llama_build.ensure(python, environments.cache_root()) / "bin" / "llama-quantize"
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    offered = set(re.findall(r"^ +\d+  or  (\S+)", done.stdout, re.MULTILINE))
    assert offered == {*gguf_types.TYPES, *gguf_types.ALIASES}
