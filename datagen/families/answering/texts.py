"""What is said in the family `answering`; the words are in `datagen/tables/answering/`.

Not covered: when it is said (the sibling modules).
"""

from collections.abc import Mapping, Sequence

from datagen import table
from datagen.phrasing import choice, upper_first
from datagen.session import Session
from datagen.table import Table


class Beyond(Table):
    """What no tool can do."""

    task: str
    can: str
    near: tuple[str, ...] = ()
    """Services whose tools come near it, and are not offered."""


class Missing(Beyond):
    """What only certain tools can do, and they are not offered."""

    needs: tuple[str, ...]


class Vague(Beyond):
    """What a tool can do as soon as the user says more."""

    question: str
    tool: str
    told: str
    """What the user says then, or "" where the row ends with the question."""
    call: Mapping[str, str] = {}
    """Arguments of the call that follows; without them they follow from the tool."""


class Texts(Table):
    """Sentences of users and the assistant."""

    requests: tuple[str, ...]
    systems: tuple[str, ...]
    asks: tuple[str, ...]
    replies: tuple[str, ...]
    replies_several: tuple[str, ...]
    cannot: tuple[str, ...]
    updated: tuple[str, ...]
    created: tuple[str, ...]
    deleted: tuple[str, ...]
    found_none: tuple[str, ...]
    found: tuple[str, ...]
    got: tuple[str, ...]
    field_questions: tuple[str, ...]
    field_answers: tuple[str, ...]
    highest_questions: tuple[str, ...]
    highest_answers: tuple[str, ...]
    thanks: tuple[str, ...]
    welcome: tuple[str, ...]
    greetings: tuple[str, ...]
    hellos: tuple[str, ...]
    hellos_by_name: tuple[str, ...]
    abilities: tuple[str, ...]
    able_answers: tuple[str, ...]
    plain_abilities: tuple[str, ...]
    people: str
    topics: str
    follow_ups: Mapping[str, tuple[str, ...]]
    """Questions on a result, by kind, and what they are answered with."""
    first: Mapping[str, tuple[str, ...]]
    """What is asked before that, by kind, and what it is answered with."""
    abilities_of: Mapping[str, str]
    beyond: tuple[Beyond, ...]
    missing: tuple[Missing, ...]
    vague: tuple[Vague, ...]
    incomplete: tuple[Vague, ...]


texts = table.read(table.TABLES / "answering/texts.toml", Texts)
PEOPLE = tuple(texts.people.split())
TOPICS = tuple(texts.topics.split("; "))


def lower_first(text: str) -> str:
    """The text with a small letter at its start, unless its first word is "I"."""
    return text if text.startswith(("I ", "I'")) else text[:1].lower() + text[1:]


def draw(session: Session, choices: Sequence[str], **slots: object) -> str:
    """One of the sentences, filled in; {task_up} is {task} with a capital, and so on."""
    said = {key: str(each) for key, each in slots.items()}
    said |= {f"{key}_up": upper_first(each) for key, each in said.items()}
    said |= {f"{key}_low": lower_first(each) for key, each in said.items()}
    return choice(session, choices).format(**said)


def begin(session: Session, request: str, *, system: float = 0.3) -> None:
    """The user's first turn, perhaps after a system prompt."""
    if session.random.random() < system:
        session.system(session.random.choice(texts.systems))
    session.user(request)


def person(session: Session) -> str:
    """Somebody's name."""
    return session.random.choice(PEOPLE)


def together(parts: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last
