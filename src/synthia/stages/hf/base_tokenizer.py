"""Whether a base model's tokenizer.json is whole: gate T tokenizer: base, before anything is tokenized.

A tokenizer that was saved by hand loses its merges or its pre-tokenizer without a word, and one that went
through another library's chat template has two control tokens in each other's place. Rows would be cut
into other ids than the model was trained on, in training and in serving alike: no comparison shows it.

Not covered: which ids upstream gives. They are known of what is made here (`wheel_model`, `random_model`).
"""

from collections.abc import Iterator
from pathlib import Path

from synthia import records
from synthia.gates import Gate, none_found

TEXT = "def add(a, b):\n    return a + b  # the sum of 12 and 345\n"
MOST = 0.7
"""Tokens a character of TEXT. Qwen2.5 takes 0.44, SmolLM2 0.46; where each letter is a token, 1."""
QWEN_WORDS = 151_643
QWEN_IDS = {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645}
"""Ids of the tokens with which every Qwen2 tokenizer, of 151,643 words, goes on."""


def gate(folder: Path) -> Gate:
    """Gate T tokenizer: base, of a folder with tokenizer.json and config.json."""
    return none_found(
        "T tokenizer: base",
        list(_problems(folder)),
        metric="faults of the base's tokenizer.json",
        why="text would be cut into other tokens than the base model was trained on, and it reads nonsense",
        fix="take the tokenizer files of the base model's own repository, unchanged",
    )


def _problems(folder: Path) -> Iterator[str]:
    from tokenizers import Tokenizer

    content = records.read(folder / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    ids = tokenizer.encode(TEXT, add_special_tokens=False).ids
    back = tokenizer.decode(ids, skip_special_tokens=False)
    if back != TEXT:
        kept = f"pre-tokenizer {(content.get('pre_tokenizer') or {}).get('type', 'none')}"
        yield f"{TEXT[:18]!r} comes back as {back[:18]!r}: {kept}"
    if len(ids) > MOST * len(TEXT):
        count = len(content["model"].get("merges") or ())
        yield f"{len(TEXT)} characters are {len(ids)} tokens: it has {count} merges"
    # As the file says: tokenizers gives an added token another id than the file where one before is free.
    vocabulary = dict(content["model"]["vocab"])
    vocabulary |= {token["content"]: token["id"] for token in content["added_tokens"]}
    if len(content["model"]["vocab"]) == QWEN_WORDS and vocabulary.keys() >= QWEN_IDS.keys():
        for token, number in QWEN_IDS.items():
            if vocabulary[token] != number:
                yield f"{token} has the id {vocabulary[token]}, in Qwen2's family {number}"
    rows = records.read(folder / "config.json")["vocab_size"]
    over = sorted((number, token) for token, number in vocabulary.items() if number >= rows)
    for number, token in over[:3]:
        yield f"{token!r} has the id {number}, and the model has {rows} embedding rows"
