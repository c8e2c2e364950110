"""How the rows of `datagen.families.recovering` are worded: sentences drawn and filled in.

Not covered: the sentences themselves (`texts`, `replies`).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.families.recovering.replies import replies
from datagen.families.recovering.texts import texts
from datagen.session import Session

Slots = Mapping[str, str]


def upper_first(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def words(session: Session, choices: Sequence[str], slots: Slots) -> str:
    """One of the sentences, with its names filled in; {name_up} is {name} with a capital."""
    more = {f"{key}_up": upper_first(value) for key, value in slots.items()}
    return session.random.choice(choices).format(**slots, **more)


def opening(
    session: Session, kind: str, tools: Sequence[str], slots: Slots, *, need: str = ""
) -> None:
    """Offer the tools and some others, perhaps with a system prompt; the user asks for something.

    `need` names a slot that the user has to mention.
    """
    r = session.random
    session.offer(*tools, others=r.randint(0, 4))
    if r.random() < 0.25:
        session.system(words(session, texts.systems, slots))
    request = r.choice(texts.ask[kind])
    more = {f"{key}_up": upper_first(value) for key, value in slots.items()}
    text = request.format(**slots, **more)
    if need and slots[need] not in text:
        text += f" {words(session, texts.where[need], slots)}"
    if kind != "puzzle" and r.random() < 0.4:
        gap = "\n" if text.startswith("```") else " "
        text = f"{words(session, texts.contexts, slots)}{gap}{text}"
    if r.random() < 0.3:
        text += f"{chr(10) if text.endswith('```') else ' '}{words(session, texts.tails, slots)}"
    session.user(text)


def said(session: Session) -> str:
    """All that was said and shown so far."""
    return "\n".join(message["content"] for message in session.messages)


def perhaps(session: Session, kind: str, slots: Slots) -> str:
    """A sentence for a call, or none: one as often as the other."""
    return words(session, replies.saying[kind], slots) if session.random.random() < 0.5 else ""


def fail(
    session: Session, call: tuple[str, dict[str, Any]], expected: str, saying: str = ""
) -> str:
    """A call that must fail, with a certain text in its result."""
    result = session.mistake(*call, saying=saying)
    if expected not in result:
        raise AssertionError(f"{call} should fail with {expected!r}, but gives {result!r}")
    return result


def retry(
    session: Session,
    kind: str,
    call: tuple[str, dict[str, Any]],
    slots: Slots,
    *,
    end: float = 0.43,
) -> str | None:
    """Say what the failure means, and make a better call. None if the row ends with that call."""
    saying = words(session, replies.why[kind], slots)
    if session.random.random() < end:
        session.last_call(*call, saying=saying)
        return None
    result = session.call(*call, saying=saying)
    if result.startswith("Error: "):
        raise AssertionError(f"{call} fails: {result}")
    return result


def answer(session: Session, kind: str, slots: Slots) -> None:
    """The row's last answer."""
    session.say(words(session, replies.answer[kind], slots))


def only(pattern: str, text: str) -> str:
    """The first group of the one place that matches."""
    found = re.findall(pattern, text, re.MULTILINE)
    if len(found) != 1:
        raise AssertionError(f"{pattern!r} is {len(found)} times in {text!r}")
    return str(found[0])


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def joined(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def places(result: str) -> dict[str, str]:
    """Count and places of a search's result, as slots of an answer."""
    hits = [line.split(": ", 1)[0] for line in result.splitlines()]
    return {"count": counted(len(hits), "match"), "places": joined(hits)}


def summary(result: str) -> str:
    """The last line of a run of pytest."""
    return result.splitlines()[-1]
