"""A table that is wrong is refused with its file and the key at fault."""

from pathlib import Path
from typing import NamedTuple

import pytest

from datagen import table
from datagen.table import Table
from synthia.errors import UsageError


class Pair(NamedTuple):
    word: str
    number: int
    more: str | None = None


class Words(Table):
    say: dict[str, tuple[str, ...]]
    pairs: tuple[Pair, ...] = ()


def read(folder: Path, text: str) -> Words:
    path = folder / "words.toml"
    path.write_text(text, encoding="utf-8")
    return table.read(path, Words)


def test_arrays_and_tables_keep_their_order(tmp_path: Path) -> None:
    words = read(tmp_path, 'pairs = [{ number = 1, word = "x" }]\n[say]\nz = ["b", "a"]\na = []\n')
    assert words.say == {"z": ("b", "a"), "a": ()}
    assert list(words.say) == ["z", "a"]
    assert words.pairs == (Pair("x", 1),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[say]\nz = ["b", 3]\n', r"words\.toml: say\.z\.1: Input should be a valid string"),
        ('[say]\nz = "b"\n', r"words\.toml: say\.z: Input should be a valid array"),
        ('[say]\n[[pairs]]\nword = "x"\n', r"words\.toml: pairs\.0\.number: .*required"),
        ("[say]\n[other]\n", r"words\.toml: other: Extra inputs are not permitted"),
        ("", r"words\.toml: say: Field required"),
        ("[say]\nz = [2025-03-03]\n", r"words\.toml cannot be read: .*date"),
        ("[say\n", r"words\.toml cannot be read: .*line 1"),
        ("[say]\n[say]\n", r"words\.toml cannot be read: .*say"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(tmp_path, text)


def test_a_missing_table_is_named_from_the_project() -> None:
    with pytest.raises(UsageError, match=r"^datagen/tables/none\.toml cannot be read"):
        table.read(table.TABLES / "none.toml", Words)
