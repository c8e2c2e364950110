"""Held-out probes whose gold answer calls no tool: nothing is needed, or something is missing.

Not covered: probes where a call is due (`known_tools`, `new_tools`).
"""

import json

from datagen.families.probing.scenes import ask, csv_text, module, offer, scene, speak
from datagen.families.probing.texts import texts
from datagen.session import Session


def concept(session: Session) -> None:
    """A question of general knowledge, though tools are there."""
    s = scene(session)
    question, answer = s.random.choice(texts.concepts)
    ask(session, s, "concept", question=question)
    offer(session)
    session.say(answer)


def lacking(session: Session) -> None:
    """A required value is not given: the answer asks for it."""
    s = scene(session)
    tool, requests, answer, asks = s.random.choice(texts.lacking)
    nested = s.nested()
    json_path = f"{s.folder}/{s.stems[0]}.json"
    path = {"json_set": json_path, "csv_column": f"{s.folder}/{s.stems[0]}.csv"}.get(
        tool, s.text_path
    )
    session.files({path: json.dumps(nested) if tool == "json_set" else s.prose()})
    section = next(iter(nested))
    slots = {
        "path": path,
        "folder": s.folder,
        "word": s.stems[1],
        "key": f"{section}.{next(iter(nested[section]))}",
    }
    speak(session, s, s.random.choice(requests).format(**slots))
    offer(session, tool)
    session.last_answer(answer.format(**slots), ask=list(asks))


def already_there(session: Session) -> None:
    """What is asked stands in a result further up."""
    s = scene(session)
    r = s.random
    path, columns, rows = f"{s.folder}/{s.stems[0]}.csv", s.columns(), s.table()
    session.files({path: csv_text(columns, rows)})
    ask(session, s, "read_whole", path=path)
    offer(session, "read_file")
    shown = session.call("read_file", {"path": path}).splitlines()[1:]
    session.say(r.choice(texts.shown).format(path=path, count=len(shown)))
    index = r.choice((1, 2))
    column = columns[index]
    kind = r.choice(list(texts.follow_ups))
    found = {line.split(",")[0]: int(line.split(",")[index]) for line in shown}
    name = r.choice(list(found))
    session.user(r.choice(texts.follow_ups[kind]).format(column=column, name=name, path=path))
    if kind == "rows":
        text = f"{path} has {len(found)} rows besides the heading."
        session.last_answer(text, hold=[[str(len(found))]])
        return
    chosen = {
        "greatest": max(found, key=found.__getitem__),
        "least": min(found, key=found.__getitem__),
    }
    who = chosen.get(kind, name)
    fact = str(found[name]) if kind == "value" else who
    session.last_answer(f"The {column} of {who} is {found[who]}.", hold=[[fact]])


def after_a_result(session: Session) -> None:
    """The result that was called for is there: the answer says it."""
    s = scene(session)
    r = s.random
    path, other, name = s.text_path, f"{s.folder}/{s.stems[1]}.txt", r.choice(s.world.functions)
    session.files(
        {path: s.prose(), other: s.prose(), f"{s.folder}/{s.stems[2]}.py": module(name, 3)}
    )
    tool = r.choice(("count_lines", "word_count", "find_definition", "delete_file", "copy_file"))
    calls: dict[str, dict[str, str]] = {
        "find_definition": {"name": name},
        "copy_file": {"source": path, "destination": f"{s.stems[3]}.txt"},
    }
    arguments = calls.get(tool, {"path": path})
    ask(session, s, tool, path=path, name=name, old=path, new=f"{s.stems[3]}.txt")
    offer(session, tool)
    result = session.call(tool, arguments)
    place, _, line = result.partition(":")
    new = f"{s.stems[3]}.txt"
    answers: dict[str, tuple[str, list[list[str]]]] = {
        "count_lines": (f"{path} has {result} lines.", [[result]]),
        "word_count": (f"{path} has {result} words.", [[result]]),
        "find_definition": (f"{name} is defined in {place}, line {line}.", [[place], [line]]),
        "delete_file": (f"{path} is gone.", [list(texts.deleted)]),
        "copy_file": (f"A copy of {path} is at {new} now.", [[new]]),
    }
    text, facts = answers[tool]
    session.last_answer(text, hold=facts)


def pasted(session: Session) -> None:
    """All that is needed stands in the question."""
    s = scene(session)
    r = s.random
    kind = r.choice(list(texts.pasted))
    rows, column, name = s.table(), r.choice(s.world.keys), r.choice(s.world.functions)
    row = r.choice(rows)
    a, b, c = r.randint(2, 9), r.randint(1, 30), r.randint(2, 12)
    words = r.sample(s.world.stems, 4)
    numbers = r.sample(range(10, 999), 6)
    label = {key: r.randint(2, 900) for key in s.world.keys[:3]}
    request = r.choice(texts.pasted[kind])
    ordered = sorted(words)
    data, answer, fact = {
        "greatest": (
            ", ".join(map(str, numbers)),
            f"The greatest is {max(numbers)}.",
            str(max(numbers)),
        ),
        "row": (
            "\n".join(f"{each[0]}: {each[1]}" for each in rows),
            f"The {column} of {row[0]} is {row[1]}.",
            str(row[1]),
        ),
        "key": (
            json.dumps(label),
            f"{s.world.keys[0]} is {label[s.world.keys[0]]}.",
            str(label[s.world.keys[0]]),
        ),
        "function": (
            f"def {name}(amount: int) -> int:\n    return amount * {a} + {b}",
            f"{name}({c}) is {c} * {a} + {b}, which gives {c * a + b}.",
            str(c * a + b),
        ),
        "order": (
            ", ".join(words),
            f"In alphabetical order: {', '.join(ordered)}.",
            ordered[0] if request.startswith("Which") else ", ".join(ordered),
        ),
    }[kind]
    slots = {"data": data, "place": s.world.place, "column": column, "name": row[0], "key": s.world.keys[0],
             "call": f"{name}({c})"}  # fmt: skip
    speak(session, s, request.format(**slots))
    offer(session)
    session.last_answer(answer, hold=[[fact]])


def beyond_the_tools(session: Session) -> None:
    """No tool can do it: the answer says so."""
    s = scene(session)
    r = s.random
    task, deed, possible = r.choice(texts.cannot)
    task = task.format(place=s.world.place, stem=s.stems[0], noun=r.choice(s.world.nouns))
    request = r.choice(texts.ask["cannot"])
    text = request.format(task=f"{task}.", task_low=task[0].lower() + task[1:], place=s.world.place)
    speak(session, s, text)
    offer(session)
    text = r.choice(texts.cannot_answers).format(deed=deed, offer=possible)
    session.last_answer(text, decline=True)
