"""Rows in other languages: the same scenarios, with the sentences of users and assistant translated.

A row's name draws its language. Whatever sentence a scenario would draw from a family's table is drawn
from that table's translation (`datagen/tables/languages/`); paths, names, values and what files say
stay as they are. A row that needs a sentence nobody translated is played in English instead, so that no
row mixes two languages.

Not covered: system prompts, which stay English as clients send them; slips of the keyboard
(`datagen.typos`).
"""

import importlib
import random
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from datagen.table import TABLES, Table, read


class Language(Table):
    """A language, and sentences by the place of the English ones: family, key, key of a mapping."""

    name: str
    space: str = " "
    """Between sentences."""
    texts: Mapping[str, tuple[str, ...]]


class Untranslated(Exception):
    """A row needs a sentence that its language lacks."""


FOLDER = TABLES / "languages"
LANGUAGES = {path.stem: read(path, Language) for path in sorted(FOLDER.glob("*.toml"))}
SCENARIOS = (
    "reading.constant_value", "reading.two_constants", "reading.setting_value",
    "reading.defining_module", "reading.function_signature", "reading.part_of_file",
    "reading.changes_of_version", "reading.page_against_code", "asking.new_value",
    "asking.value_of_new_setting", "committing.commit_existing", "committing.nothing_changed",
    "coding.write_function", "coding.write_from_examples", "coding.write_with_tests",
    "answering.greeting",
)  # fmt: skip
"""Those whose answers hold nothing but translated sentences, names and quotations."""
SHARE = 0.3
"""Of the rows of these scenarios."""
REQUESTS = re.compile(
    r"reading\.ask\.|asking\.ask\.|committing\.(commit|uncommitted)$"
    r"|coding\.(write|from_examples|with_tests)$|answering\.greetings$"
)
"""The places of sentences with which a user begins."""


def drawn(scenario: str) -> str:
    """The language in which a row is tried, by its name; "" for English."""
    r = random.Random(f"translated {scenario}")
    if scenario.partition("/")[0] not in SCENARIOS or r.random() >= SHARE:
        return ""
    return r.choice(list(LANGUAGES))


def translated(language: str, choices: Sequence[str]) -> tuple[str, ...]:
    """The sentences of a language in place of English ones; raises Untranslated where it has none."""
    place = _places().get(tuple(choices), "")
    if place not in LANGUAGES[language].texts:
        raise Untranslated(f"{language} has nothing for {list(choices)[:1]}")
    return LANGUAGES[language].texts[place]


def english(place: str) -> tuple[str, ...]:
    """The sentences at a place: `reading.ask.setting`, or `phrasing.contexts`."""
    family, *keys = place.split(".")
    module = "datagen.phrasing" if family == "phrasing" else f"datagen.families.{family}.texts"
    found: Any = getattr(
        importlib.import_module(module), "phrases" if family == "phrasing" else "texts"
    )
    for key in keys:
        found = found[key] if isinstance(found, Mapping) else getattr(found, key)
    return tuple(found)


def spoken(row: Mapping[str, Any]) -> str:
    """The language that a written row is in; "" for English."""
    language = drawn(row["scenario"])
    said = next((turn["content"] for turn in row["messages"] if turn["role"] == "user"), "")
    return language if language and _requests(language).search(said) else ""


@lru_cache(maxsize=1)
def _places() -> dict[tuple[str, ...], str]:
    """Where English sentences stand that are translated."""
    places = {place for each in LANGUAGES.values() for place in each.texts}
    return {english(place): place for place in sorted(places)}


@lru_cache(maxsize=len(LANGUAGES))
def _requests(language: str) -> re.Pattern[str]:
    """What a user of a language may begin with."""
    texts = LANGUAGES[language].texts
    requests = [text for place in texts if REQUESTS.match(place) for text in texts[place]]
    forms = ["(?s:.+?)".join(map(re.escape, re.split(r"\{\w+\}", text))) for text in requests]
    return re.compile("|".join(forms))
