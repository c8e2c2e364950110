"""Steps that the rows of `asking` share: the request, the question, the change.

Not covered: what is asked for (the sibling modules).
"""

from datagen.families.asking.texts import texts
from datagen.patches import diff
from datagen.phrasing import (
    look,
    opening,
    perhaps,
    words,
)
from datagen.session import Call, Session

FIRST_LOOK = 0.12
"""The share of rows that end with the first look, before the question."""
ANSWERED = 0.6
"""The share of rows in which the user answers."""


def request(session: Session, kind: str, slots: dict[str, str], tools: list[str]) -> None:
    """The user asks for something without saying all that is needed."""
    most = 2 if kind in ("rename", "move", "behaviour") else 4
    opening(session, texts.ask[kind], tools, slots, most=most)


def answered(session: Session, kind: str, slots: dict[str, str], reply: str = "") -> bool:
    """The assistant asks; the user answers, or the row ends there."""
    session.say(words(session, texts.question[kind], slots))
    if session.random.random() >= ANSWERED:
        return False
    session.user(words(session, texts.reply[reply or kind], slots))
    return True


def edit(
    session: Session, path: str, old: str, new: str, slots: dict[str, str], *,
    end: float = 0.62, whole: float = 0.15,
) -> bool:  # fmt: skip
    """Patch a file or write it anew; False if the row ends with that."""
    if old == new:
        raise AssertionError(f"nothing changes in {path}")
    call: Call = ("apply_patch", {"patch": diff(path, old, new)})
    if session.random.random() < whole:
        call = ("write_file", {"path": path, "content": new})
    return look(session, [call], perhaps(session, texts.edit, slots), end=end) is not None
