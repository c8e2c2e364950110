"""The tokenizers of artefacts, to encode prompts with another one than an artefact's own.

Not covered: llama.cpp's (`gguf_files`), and judging them (`static`).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any


class TokenizerFile:
    """A tokenizer.json, as an `answering.Codec`."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    @property
    def count(self) -> int:
        """Its ids are below this."""
        return 1 + int(max(self.tokenizer.get_vocab(with_added_tokens=True).values()))

    def encode(self, text: str) -> list[int]:
        """See `answering.Codec`."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """See `answering.Codec`."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=False))


def of(words: Iterable[str], rows: int) -> dict[str, TokenizerFile]:
    """The tokenizers of folders, by path; those alone that a model with so many rows can read."""
    from tokenizers import Tokenizer

    files = {word: Path(word) / "tokenizer.json" for word in words}
    found = {
        word: TokenizerFile(Tokenizer.from_file(str(file)))
        for word, file in files.items()
        if file.exists()
    }
    return {word: codec for word, codec in found.items() if codec.count <= rows}
