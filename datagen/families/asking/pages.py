"""The part of the family `asking` that concerns pages and lists, and what no tool can do.

Not covered: functions (`functions`), values and settings (`settings`).
"""

from datagen.families.asking.steps import FIRST_LOOK, answered, edit, request
from datagen.families.asking.texts import texts
from datagen.phrasing import (
    SYSTEMS,
    about,
    counted,
    look,
    perhaps,
    words,
)
from datagen.session import Session
from datagen.worlds import documents, projects


def readme_line(session: Session) -> None:
    """A fact is to be added to the README: what is it?"""
    r = session.random
    project = projects.draw(r)
    page, stated = documents.readme(r, project, r.randint(3, 5))
    kind = r.choice([each for each in documents.words.facts if each not in stated])
    fact = documents.words.facts[kind]
    sentence, value = r.choice(fact.sentences), r.choice(fact.values)
    line = sentence.format(value.format(name=project.name))
    session.files({**project.files, "README.md": page})
    slots = about(project) | {"clause": fact.clause, "noun": fact.noun, "new": line}
    request(session, "readme", slots, ["read_file", "apply_patch"])
    calls = [("read_file", {"path": "README.md"})]
    result = look(session, calls, perhaps(session, texts.look, slots), end=FIRST_LOOK)
    if not result:
        return
    if line in result[0]:
        raise AssertionError("the README says it already")
    if not answered(session, "readme", slots):
        return
    old = f"{result[0]}\n"
    if edit(session, "README.md", old, f"{old}- {line}\n", slots):
        session.say(words(session, texts.done["readme"], slots))


def old_entries(session: Session) -> None:
    """Old entries are to go from a file: from which date on are they kept?"""
    r = session.random
    path, head, rows = r.choice(texts.entry_kinds)
    dates = sorted(
        {
            f"20{r.randint(21, 25)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
            for _ in range(r.randint(6, 10))
        }
    )
    comma = "," if head else " "
    lines = [f"{date}{comma}{r.choice(rows)}" for date in dates]
    project = projects.draw(r)
    text = "\n".join(([head] if head else []) + lines) + "\n"
    session.files({path: text, **dict(list(project.files.items())[:1])})
    slots = about(project) | {"path": path}
    request(session, "entries", slots, ["read_file", "write_file"])
    result = look(session, [("read_file", {"path": path})], perhaps(session, texts.look, slots))
    entries = [line for line in (result[0] if result else "").splitlines() if line[:2] == "20"]
    limit = r.choice(
        (
            dates[r.randint(2, len(dates) - 2)],
            f"{dates[len(dates) // 2][:4]}-{r.randint(1, 12):02}-01",
        )
    )
    kept = [line for line in entries if line[:10] >= limit]
    if not kept or len(kept) == len(entries):
        limit = dates[2]
        kept = [line for line in entries if line[:10] >= limit]
    slots |= {"first": entries[0][:10], "last": entries[-1][:10], "limit": limit}
    slots |= {"count": f"{len(entries)} entries", "left": f"{len(kept)}", "oldest": kept[0][:10]}
    slots["gone"] = counted(len(entries) - len(kept), "line")
    if not answered(session, "entries", slots):
        return
    new = "\n".join(([head] if head else []) + kept) + "\n"
    if edit(session, path, text, new, slots, whole=0.7):
        session.say(words(session, texts.done["entries"], slots))


def no_tool_for_it(session: Session) -> None:
    """Something is wanted that no tool can do: declined, with what could be done instead."""
    r = session.random
    project = projects.draw(r)
    session.files(project.files)
    task, cannot, instead, tools = r.choice(texts.no_tool)
    slots = about(project) | {"task": task.format(name=project.name), "cannot": cannot}
    slots |= {"instead": instead, "instead_alt": instead}
    session.offer(*tools)
    if r.random() < 0.25:
        session.system(words(session, SYSTEMS, slots))
    session.user(words(session, texts.wanted, slots))
    session.say(words(session, texts.declined, slots))
