"""How conversations about small projects are worded: sentences drawn and filled in, steps taken.

Not covered: the sentences of a family (its module `texts`).
"""

import random
import re
from collections.abc import Mapping, Sequence

from datagen import languages, table
from datagen.session import Call, Session
from datagen.table import Table
from datagen.worlds.projects import Project

Slots = Mapping[str, str]


class Phrases(Table):
    """What several families say."""

    systems: tuple[str, ...]
    """System prompts."""
    contexts: tuple[str, ...]
    """Sentences before a request."""


phrases = table.read(table.TABLES / "phrasing.toml", Phrases)
SYSTEMS = phrases.systems


def upper_first(text: str) -> str:
    """The text with a capital at its start, unless it starts with a path or a name."""
    if re.match(r"\S*[./_`]\w", text):
        return text
    return text[:1].upper() + text[1:]


def filled(text: str, slots: Slots) -> str:
    """A sentence with its names filled in; {name_up} is {name} with a capital."""
    return text.format(**slots, **{f"{key}_up": upper_first(value) for key, value in slots.items()})


def choice(session: Session, choices: Sequence[str]) -> str:
    """One of the sentences, in the row's language."""
    if session.language:
        choices = languages.translated(session.language, choices)
    return session.random.choice(choices)


def words(session: Session, choices: Sequence[str], slots: Slots) -> str:
    """One of the sentences, filled in."""
    return filled(choice(session, choices), slots)


def perhaps(session: Session, choices: Sequence[str], slots: Slots) -> str:
    """A sentence for a call, or none: one as often as the other."""
    return words(session, choices, slots) if session.random.random() < 0.5 else ""


def about(project: Project) -> dict[str, str]:
    """The slots that every sentence may use."""
    return {"name": project.name, "purpose": project.purpose}


def opening(
    session: Session,
    requests: Sequence[str],
    tools: Sequence[str],
    slots: Slots,
    tails: Sequence[str] = (),
    *,
    most: int = 4,
) -> None:
    """Offer the tools and some others, perhaps with a system prompt; the user asks for something.

    `most` is the largest number of others: fewer where the row gets long.
    """
    r = session.random
    session.offer(*tools, others=r.randint(0, most))
    if r.random() < 0.25:
        session.system(filled(r.choice(SYSTEMS), slots))
    text = words(session, requests, slots)
    space = languages.LANGUAGES[session.language].space if session.language else " "
    if r.random() < 0.4:
        text = f"{words(session, phrases.contexts, slots)}{space}{text}"
    if tails and r.random() < 0.3:
        text = f"{text}{space}{words(session, tails, slots)}"
    session.user(text)


def look(
    session: Session, calls: Sequence[Call], saying: str = "", *, end: float = 0.0
) -> list[str] | None:
    """Make calls that must work and return their results; None if the row ends with them.

    `end` is the probability of that. The results of a row's last calls are not shown.
    """
    ends = session.random.random() < end
    session.offer(*dict.fromkeys(name for name, _ in calls))
    results = session.calls(calls, saying=saying)
    for call, result in zip(calls, results, strict=True):
        if result.startswith(("Error: ", "Traceback")):
            raise AssertionError(f"{call} fails: {result}")
    if ends:
        del session.messages[-len(calls) :]
        return None
    return results


def only(pattern: str, text: str) -> str:
    """The first group of the one place that matches."""
    found = re.findall(pattern, text, re.MULTILINE)
    if len(found) != 1:
        raise AssertionError(f"{pattern!r} is {len(found)} times in {text!r}")
    return str(found[0])


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`, `no files`."""
    plural = f"{noun}es" if noun.endswith(("ch", "s")) else f"{noun}s"
    return f"{count or 'no'} {noun if count == 1 else plural}"


def joined(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def naming(session: Session, names: Sequence[str]) -> str:
    """`a, b and c`; in other languages without a word for "and"."""
    return ", ".join(names) if session.language else joined(names)


def code(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, each marked as code."""
    return joined([f"`{name}`" for name in names])


def setting_line(text: str, key: str) -> tuple[int, str]:
    """The number of the line that sets a key, and its value as it is written."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := re.fullmatch(rf'\W*{re.escape(key)}"?(?: =|:) (.*?),?', line):
            return number, found[1]
    raise AssertionError(f"{key} is not set in {text!r}")


def shuffled(r: random.Random, items: Sequence[str]) -> list[str]:
    """The items in a random order."""
    return r.sample(list(items), len(items))
