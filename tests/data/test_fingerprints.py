"""White space does not make a row another one; renaming does not make a question another one."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from synthia.data import fingerprints, held_out

LONG = (
    "The parser in reader.py drops the last column whenever a quoted field holds a comma, "
    "please find out where that happens"
)


def chat(*texts: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in texts]


def test_white_space_does_not_change_the_key() -> None:
    one, other = chat("Add\n\n  two"), chat("Add two")
    assert fingerprints.exact_key(one, []) == fingerprints.exact_key(other, [])
    assert fingerprints.exact_key(one, []) != fingerprints.exact_key(chat("Add 2"), [])


@given(
    st.lists(st.sampled_from([f"word{number}" for number in range(300)]), min_size=60, max_size=200)
)
def test_minhash_estimates_the_jaccard_similarity_of_three_word_runs(words: list[str]) -> None:
    other = [*words[: len(words) * 3 // 4], *(f"x{word}" for word in words[len(words) * 3 // 4 :])]
    sets = [{tuple(each[at : at + 3]) for at in range(len(each) - 2)} for each in (words, other)]
    exact = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    signatures = [fingerprints.minhash(chat(" ".join(each))) for each in (words, other)]
    # Five standard deviations of 126 draws.
    assert abs(fingerprints.similarity(*signatures) - exact) < 5 * (0.25 / 126) ** 0.5


def test_equal_signatures_share_all_bands_and_different_ones_none() -> None:
    one, other = (fingerprints.bands(fingerprints.minhash(chat(text))) for text in (LONG, "No."))
    assert len(one) == 21
    assert not set(one) & set(other)


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        (LONG, True),
        (LONG.replace("reader.py", "lib/csv_io.py"), True),
        (f"Hello! {LONG} soon.", True),
        (LONG.upper(), True),
        ("The parser in reader.py drops the last column.", False),
        ("Please find out where that happens", False),
    ],
)
def test_a_held_out_question_is_known_by_a_long_run_of_its_words(text: str, leaks: bool) -> None:
    held = held_out.probes([("p7", chat(LONG))])
    assert ("p7" in held.leak(chat(text))) is leaks


def test_code_in_a_question_is_blanked_as_a_whole() -> None:
    asked = "Why does `{}` return None here when I call it with two empty lists in a row"
    held = held_out.probes([("p", chat(asked.format("merge(a, b)")))])
    assert held.leak(chat(asked.format("zip_all(first, second)")))


def test_short_questions_leak_only_when_equal() -> None:
    held = held_out.probes([("p", chat("Open a.txt"))])
    assert held.leak(chat("open  a.TXT"))
    assert not held.leak(chat("open  a.TXT", "And now?"))
    assert not held.leak(chat("Open b.txt"))
    assert not held.leak(chat("Hello", "Open a.txt"))
