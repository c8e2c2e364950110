"""Whether a GGUF's tokenizer gives the ids that Hugging Face's gives.

Compared on the texts that llama.cpp keeps because tokenizers got them wrong, on every row of the
data, and on random strings made of what tokenizers disagree about: spaces, digits, contractions,
code, scripts, emoji, combining marks, and the text of special tokens.

Not covered: decoding ids to text.
"""

import random
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

SEPARATOR = "\n__ggml_vocab_test__\n"
SEED = 1
WORDS = (
    "the", "Tool", "call", "HELLO", "don't", "I'LL", "we've", "naïve", "Straße", "Ünïcödé",
    "def", "return", "self.x", "foo_bar", "camelCase", "==", "!=", "=>", "->", "::", "//", "/*",
    "{", "}", "[]", "()", "();", '"', "'", "\\n", "\\", "<", ">", "</", "/>", "{{", "}}", "%}",
    '{"name": "read_file", "arguments": {"path": "a.md"}}', "https://example.org/?q=1&r=2", "...",
)  # fmt: skip
SPACES = (" ", "  ", "   ", "\n", "\n\n", "\n \n", "\t", "\t\t", "\r\n", "\r", "\u00a0", "\u3000")
RANGES = (
    (0x21, 0x7E), (0xA1, 0x17F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x621, 0x64A),
    (0x905, 0x939), (0xE01, 0xE3A), (0x1100, 0x11FF), (0x2010, 0x2044), (0x2190, 0x22FF),
    (0x3041, 0x30FF), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x300, 0x34F), (0x660, 0x669),
    (0xFF10, 0xFF19), (0x1F300, 0x1F64F), (0x1D400, 0x1D454),
)  # fmt: skip
"""Code points by script; those that are not assigned are left out."""


def cases(vocabulary_tests: Path) -> list[str]:
    """The texts of a `ggml-vocab-*.gguf.inp` file of llama.cpp."""
    return vocabulary_tests.read_text(encoding="utf-8").split(SEPARATOR)


def random_strings(count: int, special: Sequence[str]) -> Iterator[str]:
    """The same strings at each call; `special` are texts of special tokens to mix in."""
    source = random.Random(SEED)
    characters = [
        [chr(point) for point in range(first, last + 1) if _assigned(chr(point))]
        for first, last in RANGES
    ]
    for _ in range(count):
        parts = []
        for _ in range(source.randrange(1, 12)):
            kind = source.randrange(8)
            if kind < 2:
                parts.append(source.choice(WORDS))
            elif kind < 4:
                parts.append(source.choice(SPACES) * source.randrange(1, 4))
            elif kind == 4:
                parts.append(str(source.randrange(10 ** source.randrange(1, 12))))
            elif kind == 5 and special:
                parts.append(source.choice(special))
            else:
                script = source.choice(characters)
                parts.append("".join(source.choices(script, k=source.randrange(1, 6))))
        yield "".join(parts)


def _assigned(character: str) -> bool:
    return unicodedata.category(character) not in ("Cn", "Co", "Cs")


def differences(
    texts: Mapping[str, str],
    hugging_face: Callable[[Sequence[str]], Sequence[Sequence[int]]],
    llama_cpp: Callable[[str], Sequence[int]],
) -> list[str]:
    """Name each text, by its key, whose ids differ, with the first place where they do."""
    found = []
    for (name, text), expected in zip(
        texts.items(), hugging_face(list(texts.values())), strict=True
    ):
        ids = list(llama_cpp(text))
        if ids != list(expected):
            at = next(
                (place for place, pair in enumerate(zip(ids, expected, strict=False))
                 if pair[0] != pair[1]),
                min(len(ids), len(expected)),
            )  # fmt: skip
            found.append(
                f"{name}: {text[:60]!r} at token {at}: Hugging Face {expected[at : at + 4]}, "
                f"GGUF {ids[at : at + 4]}"
            )
    return found
