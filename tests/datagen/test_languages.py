"""A row speaks one language throughout, and says in it what the English row would say."""

import random
import re
import string

import pytest

from datagen import generate, languages
from datagen.languages import LANGUAGES, SCENARIOS
from synthia.data import text, unseen

Row = dict[str, object]
REFERENCE = LANGUAGES["de"].texts


def slots(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_sentence_with_slots_that_are_filled(code: str) -> None:
    texts = LANGUAGES[code].texts
    assert texts.keys() == REFERENCE.keys()
    for place, sentences in texts.items():
        known = {slot for sentence in languages.english(place) for slot in slots(sentence)}
        assert len(sentences) >= 2, place
        assert len(set(sentences)) == len(sentences), place
        for sentence in sentences:
            assert slots(sentence) <= known | {"name"}, (place, sentence)
            if not re.match(
                r"reading\.(tails|list)|phrasing|committing|asking\.(look|edit)", place
            ):
                assert slots(sentence) or "hellos" in place or "search" in place, sentence


def test_a_share_of_some_scenarios_is_drawn_from_all_languages() -> None:
    drawn = [languages.drawn(f"{SCENARIOS[0]}/{number}") for number in range(3000)]
    share = sum(map(bool, drawn)) / len(drawn)
    assert abs(share - languages.SHARE) < 0.03
    assert set(drawn) == {"", *LANGUAGES}
    assert languages.drawn("fixing.two_bugs/1") == ""


def fullmatches(language: str, said: str) -> bool:
    sentences = [each for texts in LANGUAGES[language].texts.values() for each in texts]
    forms = ["(?s:.*)".join(map(re.escape, re.split(r"\{\w+\}", each))) for each in sentences]
    return any(re.fullmatch(form, said) for form in forms if form != "(?s:.*)")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_row_never_mixes_languages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, code in enumerate(random.Random(name).sample(list(LANGUAGES), 3)):
        monkeypatch.setattr(languages, "drawn", lambda scenario, code=code: code)
        with generate.played(f"{name}/{number}") as session:
            row = session.row(f"{name}/{number}")
        assert session.language == code
        assert languages.spoken(row) == code
        for turn in row["messages"]:
            if turn["role"] == "assistant" and turn["content"]:
                assert fullmatches(code, turn["content"]), turn["content"]
                assert not re.search(r"\.\w+ and \w+", turn["content"])
        assert text.problems(row) == []
        assert unseen.unseen(row) == []


def test_a_row_that_lacks_a_sentence_is_played_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "drawn", lambda scenario: "de")
    with generate.played("reading.log_question/0") as session:
        row = session.row("reading.log_question/0")
    assert session.language == ""
    assert languages.spoken(row) == ""
    assert not fullmatches("de", row["messages"][-1]["content"])


def test_names_and_values_are_the_same_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "drawn", lambda scenario: "ja")
    with generate.played("reading.setting_value/3") as session:
        said = (
            session.messages[-1]["content"] if session.messages[-1]["role"] == "assistant" else ""
        )
        asked = next(turn["content"] for turn in session.messages if turn["role"] == "user")
        files = session.bench.texts()
    (key,) = re.findall(r"`(\w+)`", asked)
    assert any(key in file for file in files.values())
    if said:
        assert any(path in said for path in files)
