"""A tokenizers.Tokenizer from what a GGUF file says of its vocabulary: tokens, their types, merges.

transformers reads vocabulary and merges from a GGUF as well, but not the types: of Qwen2.5's tokenizer it
loses `<tool_call>` and all other tokens that are no control tokens, which then come out as five ids each,
and of SmolLM2's the pre-tokenizer (digits split, then byte level).

Not covered: vocabularies of other kinds than byte-level BPE, and pre-tokenizers other than those below.
"""

from collections.abc import Sequence
from typing import Any

from synthia.errors import UsageError

CONTROL, USER_DEFINED, UNUSED = 3, 4, 5
"""Token types as llama.cpp numbers them (llama.h: llama_token_type)."""
QWEN2_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""Qwen2's pre-tokenizer (its tokenizer.json; llama.cpp's LLAMA_VOCAB_PRE_TYPE_QWEN2)."""
KINDS = ("qwen2", "smollm")
"""Values of `tokenizer.ggml.pre` that can be written back as a tokenizer."""


def build(tokens: Sequence[str], types: Sequence[int], merges: Sequence[str], pre: str) -> Any:
    """The tokenizer whose ids are the indices of `tokens`. Raises UsageError for another kind.

    Unused rows, which pad the embedding, are no tokens. Control tokens are special; tokens that the user
    defined are single tokens too, but stay in the decoded text.
    """
    from tokenizers import AddedToken, Tokenizer, models

    if pre not in KINDS:
        raise UsageError(
            f"the GGUF's pre-tokenizer is {pre!r}; only {' and '.join(KINDS)} can be written back as a "
            "Hugging Face tokenizer here"
        )
    used = [index for index, kind in enumerate(types) if kind != UNUSED]
    added = [index for index in used if types[index] in (CONTROL, USER_DEFINED)]
    # The added tokens that upstream appends to its vocabulary are no part of the BPE model's: they get the
    # next ids in their turn, which are theirs only where no id is left out.
    whole = used == list(range(len(used)))
    tail = [index for index in added if whole and set(used[index:]) <= set(added)]
    vocabulary = {tokens[index]: index for index in used if index not in tail}
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, byte_fallback=False))
    _split(tokenizer, pre)
    for index in added:
        token = AddedToken(
            tokens[index], lstrip=False, rstrip=False, normalized=False, single_word=False,
            special=types[index] == CONTROL,
        )  # fmt: skip
        (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
    return tokenizer


def _split(tokenizer: Any, pre: str) -> None:
    """Set normalizer, pre-tokenizer and decoder as upstream's tokenizer.json has them."""
    from tokenizers import Regex, decoders, normalizers, pre_tokenizers

    split: Any
    if pre == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
        split = pre_tokenizers.Split(Regex(QWEN2_SPLIT), "isolated")
        use_regex = False
    else:
        split = pre_tokenizers.Digits(individual_digits=True)
        use_regex = True
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, level])
    tokenizer.decoder = decoders.ByteLevel()


def differences(tokenizer: Any, tokens: Sequence[str], types: Sequence[int]) -> list[str]:
    """Tokens whose id is not their place in the GGUF."""
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    return [
        f"token {index} is {token!r} in the GGUF and has id {vocabulary.get(token)} here"
        for index, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind != UNUSED and vocabulary.get(token) != index
    ]
