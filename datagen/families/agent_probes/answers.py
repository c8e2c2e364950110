"""Probes whose gold answer calls no tool: a result tells it, something is missing, or no tool can do it.

Not covered: probes where a call is due (`calls`, `changes`, `worked_out`).
"""

import json

from datagen.families.agent_probes.repository import ask, offer, repository, speak, write
from datagen.families.agent_probes.texts import texts
from datagen.session import Session


def settled(session: Session) -> None:
    """The call that was needed has been made: the answer says what its result tells."""
    repo = repository(session)
    r = repo.random
    kind = r.choice(("which_fails", "what_value", "what_changed", "returns"))
    module = r.choice(repo.modules)
    write(session, repo, failing=module if kind == "which_fails" else None)
    if kind == "which_fails":
        ask(session, repo, kind)
        offer(session, "run_tests")
        session.call("run_tests", {})
        name = f"test_{module.function}_adds_small_items"
        session.last_answer(f"{name} in {module.test} fails.", hold=[[name, module.test]])
    elif kind == "what_value":
        path, key = "config/prod.json", r.choice(list(repo.settings))
        ask(session, repo, kind, path=path, key=key)
        offer(session, "read_file")
        value = json.loads(session.call("read_file", {"path": path}))[key]
        session.last_answer(f"{key} is {value} in {path}.", hold=[[str(value)]])
    elif kind == "what_changed":
        session.repository()
        session.files({module.path: module.text + "\n# TODO: split this up\n"})
        ask(session, repo, kind)
        offer(session, "git_status")
        session.call("git_status", {})
        session.last_answer(f"Only {module.path} is modified.", hold=[[module.path]])
    else:
        numbers, limit = r.sample(range(1, 60), 4), r.randint(20, 40)
        slots = {
            "path": module.path,
            "function": module.function,
            "numbers": numbers,
            "limit": limit,
        }
        ask(session, repo, kind, **slots)
        offer(session, "read_file")
        session.call("read_file", {"path": module.path})
        kept = [number for number in numbers if number < limit]
        added = " + ".join(map(str, kept)) or "nothing"
        session.last_answer(
            f"It returns {sum(kept)}: only {added} counts below {limit}.", hold=[[str(sum(kept))]]
        )


def unclear(session: Session) -> None:
    """Something that only the user knows is missing, or no tool can do it."""
    repo = repository(session)
    r = repo.random
    write(session, repo)
    if r.random() < 0.5:
        lacking = r.choice(texts.lacking)
        key, module = r.choice(list(repo.settings)), r.choice(repo.modules)
        slots = {"key": key, "path": "config/dev.json", "module": module.path}
        speak(session, repo, r.choice(lacking.requests).format(**slots))
        offer(session, lacking.tool)
        session.last_answer(lacking.answer.format(**slots), ask=list(lacking.asks))
        return
    one = r.choice(texts.tasks)
    task = one.task.format(name=repo.project.name, package=repo.project.package)
    ask(session, repo, "cannot", task=task, task_low=task[0].lower() + task[1:])
    offer(session, count=6)
    session.last_answer(
        f"I cannot {one.deed} from here: my tools only reach this repository.", decline=True
    )
