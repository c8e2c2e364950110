"""The tokenizer made from llama.cpp's vocabulary gives Qwen2's ids."""

from pathlib import Path

import pytest
from conftest import PROJECT
from tokenizers import Tokenizer

from synthia.data import vocabulary
from synthia.host import environments
from synthia.run import llama_build


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = vocabulary.qwen2(PROJECT / "requirements", environments.cache_root())
    return Tokenizer.from_file(str(made))


@pytest.mark.slow
def test_llama_cpps_own_cases_get_their_ids(tokenizer: Tokenizer) -> None:
    python = environments.ensure(PROJECT, "convert")
    built = llama_build.ensure(python, environments.cache_root())
    cases = vocabulary.cases(built / "models")
    assert len(cases) == 46
    for text, ids in cases:
        assert tokenizer.encode(text, add_special_tokens=False).ids == ids, text


def test_the_marks_of_turns_and_calls_are_single_tokens(tokenizer: Tokenizer) -> None:
    text = "<|im_start|>user\nx<|im_end|>\n<tool_call>\n{}\n</tool_call><|endoftext|>"
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert ids[0] == 151644
    assert [token for token in ids if token >= 151643] == [151644, 151645, 151657, 151658, 151643]


@pytest.mark.slow
def test_the_vocabulary_also_comes_from_the_source_alone(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    """Without a build of llama.cpp in the cache."""
    made = vocabulary.qwen2(PROJECT / "requirements", tmp_path)
    assert Tokenizer.from_file(str(made)).to_str() == tokenizer.to_str()
