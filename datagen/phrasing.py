"""How conversations about small projects are worded: sentences drawn and filled in, steps taken.

Not covered: the sentences of a family (its module `texts`).
"""

import random
import re
from collections.abc import Mapping, Sequence

from datagen.session import Call, Session
from datagen.worlds.projects import Project

Slots = Mapping[str, str]

SYSTEMS = (
    "You are a coding assistant. The project is {name}, {purpose}.",
    "You help with {name}. Look at the files before you answer.",
    "Project: {name} ({purpose}). Answer briefly.",
    "You work in the repository of {name}. Use the tools; do not guess.",
    "You are pair programming with a developer of {name}.",
    "Assistant for {name}. House rules: small changes, plain words, no new dependencies.",
    "You support the people who maintain {name}, {purpose}.",
    "Keep answers short. Quote what a file says when you refer to it.",
    "You can read and change the files of {name} with the tools. Say what you did.",
    "{name} is {purpose}. You answer questions about its code and change it on request.",
    "You are a careful programmer. Check before you claim something.",
    "The user works on {name}. Type hints and docstrings are kept everywhere.",
    "Act as the maintainer's assistant for {name}. Ask if something that matters is missing.",
    "You have tools for one project folder, that of {name}. Paths are relative to it.",
    "Help with Python code. Be brief, be exact, name files and lines.",
    "You assist with {purpose}. Do only what was asked for.",
    "Coding help for {name}: prefer patches to whole files, and keep the style of the code.",
    "You are the assistant in an editor. The open folder is {name}.",
)
CONTEXTS = (
    "I'm new to {name}.",
    "I've just taken over {name}.",
    "We are preparing a release of {name}.",
    "About {name}:",
    "This is about {name}, {purpose}.",
    "Working on {name} today.",
    "Quick one on {name}.",
    "I'm reviewing {name}.",
    "For the handover of {name}:",
    "A colleague asked me about {name}.",
    "I'm writing the documentation of {name}.",
    "Context: {name}, {purpose}.",
    "Hi! I'm looking at {name}.",
    "I'm cleaning up {name} a little.",
    "Next item on my list for {name}.",
    "Back at {name} after a long break.",
    "I can't remember how we did this in {name}.",
    "{name} again.",
    "Somebody wrote to us about {name}.",
    "I have the folder of {name} open.",
    "We use {name} at work.",
    "I inherited {purpose}.",
    "Small thing.",
    "Ticket for {name}:",
    "Before I go on with {name}:",
)


def upper_first(text: str) -> str:
    """The text with a capital at its start, unless it starts with a path or a name."""
    if re.match(r"\S*[./_`]\w", text):
        return text
    return text[:1].upper() + text[1:]


def filled(text: str, slots: Slots) -> str:
    """A sentence with its names filled in; {name_up} is {name} with a capital."""
    return text.format(**slots, **{f"{key}_up": upper_first(value) for key, value in slots.items()})


def words(session: Session, choices: Sequence[str], slots: Slots) -> str:
    """One of the sentences, filled in."""
    return filled(session.random.choice(choices), slots)


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
        session.system(words(session, SYSTEMS, slots))
    text = words(session, requests, slots)
    if r.random() < 0.4:
        text = f"{words(session, CONTEXTS, slots)} {text}"
    if tails and r.random() < 0.3:
        text = f"{text} {words(session, tails, slots)}"
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
