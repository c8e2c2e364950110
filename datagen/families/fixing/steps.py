"""The steps that conversations about failing tests consist of.

Not covered: their order (`datagen.families.fixing`).
"""

import ast
import json
import re
from collections.abc import Sequence

from datagen.families.fixing.project import Example, Project, failed, passed
from datagen.families.fixing.replies import replies
from datagen.families.fixing.texts import texts
from datagen.patches import diff
from datagen.session import Session
from datagen.worlds import functions

ROOM = 5800
"""Characters of a row, tools included, up to which further tools are declared."""


def pick(session: Session, choices: Sequence[str], words: dict[str, str]) -> str:
    """One of the texts, with its slots filled."""
    return session.random.choice(choices).format(**words)


def maybe(session: Session, choices: Sequence[str], words: dict[str, str]) -> str:
    """A text, or none, as it comes beside a call; none that names code which was not seen yet."""
    text = pick(session, choices, words) if session.random.random() < 0.5 else ""
    named = [name.partition("(")[0] for name in re.findall(r"`([^`]*)`", text)]
    return text if all(map(session.knows, named)) else ""


def begin(session: Session, project: Project, request: str, *, plain: bool = False) -> None:
    """The files, perhaps a system prompt, and the user's request.

    `plain`: no wishes and house rules that the scenario does not keep by itself.
    """
    rng = session.random
    if not session.initial:
        session.files(project.files())
    words = project.words()
    if rng.random() < 0.25:
        pool = texts.safe_rules if plain else texts.system_rules
        rules = " ".join(rng.sample(pool, rng.randint(0, 2 if plain else 3)))
        session.system(f"{pick(session, texts.system_roles, words)} {rules}".strip())
    before = rng.choice(texts.suite_before).format(**words) if rng.random() < 0.25 else ""
    after = rng.choice(texts.suite_after).format(**words) if rng.random() < 0.35 else ""
    parts = [part for part in (before, request, "" if plain else after) if part]
    session.user(("\n\n" if "\n\n" in request else " ").join(parts))


def finish(session: Session, chance: float = 0.4) -> None:
    """Declare further tools; with some chance the row ends with one of its calls."""
    rng = session.random
    turns = [index for index, turn in enumerate(session.messages) if "tool_calls" in turn]
    if turns and rng.random() < chance:
        end = rng.choices(turns, [1] + [3] * (len(turns) - 1))[0]
        if session.messages[end + 1]["content"].startswith("Error: "):
            raise AssertionError("the last call of a row fails")
        del session.messages[end + 1 :]
    for _ in range(rng.randint(0, 4)):
        if len(json.dumps(session.row(""))) < ROOM:
            session.offer(others=1)
    session.offer()


def run_tests(session: Session, project: Project, choices: Sequence[str]) -> str:
    """Run the suite, or the project's test file."""
    arguments = session.random.choice(({}, {}, {"path": project.tests}))
    return session.call("run_tests", arguments, saying=maybe(session, choices, project.words()))


def correct(session: Session, project: Project, old: str = "", saying: str = "") -> None:
    """Change the module: mostly by a patch, small ones sometimes by writing them anew."""
    old = old or project.bad
    saying = saying or maybe(session, replies.patch, project.words())
    told = "Prefer patches" in session.messages[0]["content"]
    if len(project.good) < 700 and not told and session.random.random() < 0.2:
        arguments = {"path": project.path, "content": project.good}
        session.call("write_file", arguments, saying=saying)
        return
    apply(session, diff(project.path, old, project.good), saying)


def apply(session: Session, patch: str, saying: str = "") -> None:
    """Apply a patch, which must fit."""
    result = session.call("apply_patch", {"patch": patch}, saying=saying)
    if result.startswith("Error"):
        raise AssertionError(result)


def confirm(session: Session, project: Project) -> dict[str, str]:
    """Run the tests again; all of them must pass. Returns the words of a report."""
    count = passed(run_tests(session, project, replies.run_again))
    words = project.words() | project.examples[0].words() | {"count": str(count)}
    words["passed"] = pick(session, replies.passed, words)
    if count == 1:
        words["passed"] = "The test passes now."
    words["example"] = pick(session, replies.example, words)
    return words


def report(session: Session, project: Project, choices: Sequence[str] = replies.report) -> None:
    """Run the tests again, report, and perhaps go on with a further request."""
    words = confirm(session, project)
    if not session.knows(project.examples[0].got.strip("!")):  # no run has shown it
        choices = [each for each in choices if "{example}" not in each]
    session.say(pick(session, choices, words))
    if session.random.random() < 0.2:
        (add_case if project.spare() and session.random.random() < 0.6 else quote)(session, project)


def add_case(session: Session, project: Project) -> None:
    """The user wants one more test."""
    case, arguments, expected = session.random.choice(project.spare())
    name = project.broken.name
    example = Example(case, f"{name}({arguments})", arguments, "", expected)
    words = project.words() | example.words() | {"test": f"test_{name}_{case}"}
    session.user(pick(session, texts.fix_also, words))
    new = with_test(project.test_text, name, (case, arguments, expected))
    patch = diff(project.tests, project.test_text, new)
    shown = any(project.test_text.strip() == turn["content"] for turn in session.messages)
    if not shown:
        session.call("read_file", {"path": project.tests})
    apply(session, patch, maybe(session, replies.add_test, words))
    session.say(pick(session, replies.added, words | confirm(session, project)))


def with_test(text: str, name: str, case: tuple[str, str, str]) -> str:
    """A test file with one more test at its end."""
    body = re.sub("^", "    ", functions.assertion(name, case[1], case[2]), flags=re.MULTILINE)
    if "pytest." in body and "import pytest" not in text:
        text = f"import pytest\n\n{text}"
    return f"{text}\n\ndef test_{name}_{case[0]}() -> None:\n{body}\n"


def quote(session: Session, project: Project) -> None:
    """The user asks what was changed."""
    session.user(pick(session, texts.which_line, project.words()))
    lines = diff(project.path, project.bad, project.good).splitlines()[2:]
    removed = "\n".join(line[1:] for line in lines if line.startswith("-"))
    added = "\n".join(line[1:] for line in lines if line.startswith("+"))
    both = "\n".join(line for line in lines if line[:1] in "+-")
    choices = replies.changed_lines if removed and added else replies.changed_lines[2:]
    words = {"removed": removed, "added": added, "both": both}
    session.say(pick(session, choices, project.words() | words))


def locate(session: Session, project: Project, path: str = "") -> None:
    """Find out where a file is, unless its folder has been named already."""
    *folders, _ = (path or project.path).split("/")
    if not folders or folders[0] == "tests" or session.knows(f"{folders[0]}/"):
        return
    if session.knows(f"{folders[0]}."):  # an import shows it
        return
    if session.knows(project.broken.name) and session.random.random() < 0.5:
        saying = maybe(session, replies.search, project.words())
        session.call("search", {"pattern": f"def {project.broken.name}\\b"}, saying=saying)
    if not session.knows(f"{folders[0]}/"):
        session.call("list_directory", {"path": "."}, saying=maybe(session, replies.list, {}))


def read(session: Session, project: Project, choices: Sequence[str] = replies.read_source) -> None:
    """Read the module."""
    locate(session, project)
    session.call(
        "read_file", {"path": project.path}, saying=maybe(session, choices, project.words())
    )


def look_around(session: Session, project: Project) -> None:
    """Perhaps list the folder first."""
    if session.random.random() < 0.25:
        session.call("list_directory", {"path": "."}, saying=maybe(session, replies.list, {}))


def named_failures(session: Session, project: Project, result: str) -> dict[str, str]:
    """The failing tests of a result as words; all must be tests of the broken function."""
    names = failed(result)
    known = [part.name for part in project.parts]
    if not names or not all(any(part in name for part in known) for name in names):
        raise AssertionError(f"unexpected failures: {result}")
    cases = f"`{names[0]}`" if len(names) == 1 else f"`{names[0]}` and {len(names) - 1} more"
    return project.words() | {"case": names[0], "cases": cases, "count": str(len(names))}


def check_printed(result: str, expected: str) -> None:
    """What was printed must be the value."""
    if result not in (expected, str(ast.literal_eval(expected)), repr(ast.literal_eval(expected))):
        raise AssertionError(f"expected {expected}, printed {result}")
