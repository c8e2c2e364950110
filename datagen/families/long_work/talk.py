"""What the conversations of `long_work` share: some code in a repository, and talking about it.

Not covered: the scenarios (`datagen.families.long_work`).
"""

import json
import re
from dataclasses import dataclass, replace

from datagen.families.flask_routes.replies import with_articles
from datagen.families.long_work.texts import texts
from datagen.patches import diff
from datagen.session import Session
from datagen.worlds import functions
from datagen.worlds.functions import Bug, Case, Drawn, assertion

LONGEST_SOURCE = 330
LONGEST_OTHER = 260
ENDING = 0.4
"""The share of rows that end with the call of the commit."""


@dataclass
class Talk:
    """A conversation with the words that its sentences are filled with."""

    session: Session
    words: dict[str, str]

    def pick(self, forms: tuple[str, ...], **more: str) -> str:
        """One of the forms, filled in, beginning with a capital where a word begins it."""
        form = self.session.random.choice(forms)
        text = with_articles(form.format(**{**self.words, **more}))
        if re.match(r"[a-z]\S*[_./(]|[0-9a-f]{7}\b", text):  # a name, or a commit's id
            return text
        return text[:1].upper() + text[1:]

    def user(self, forms: tuple[str, ...], **more: str) -> None:
        """The user asks for something."""
        self.session.user(self.pick(forms, **more))

    def say(self, forms: tuple[str, ...], **more: str) -> None:
        """The assistant answers."""
        self.session.say(self.pick(forms, **more))

    def saying(self, step: str, file: str = "") -> str:
        """A sentence beside a call, half of the time."""
        file = file or self.words.get("file", self.words["path"])
        return self.pick(texts.say[step], path=file) if self.session.random.random() < 0.5 else ""

    def call(self, step: str, name: str, **arguments: str) -> str:
        """Call a tool; it must not fail."""
        result = self.session.call(
            name, arguments, saying=self.saying(step, arguments.get("path", ""))
        )
        if result.startswith("Error: "):
            raise AssertionError(f"{name}: {result}")
        return result

    def tests(self) -> tuple[str, list[str]]:
        """Run the tests: the counts, and the names of those that fail."""
        result = self.call("tests", "run_tests")
        counts = re.search(r"^(\d+ failed, )?(\d+ (passed|failed))$", result, re.MULTILINE)
        if not counts:
            raise AssertionError(result)
        return counts[0], re.findall(r"^FAILED \S+?::(\w+)", result, re.MULTILINE)

    def green(self) -> str:
        """Run the tests, which must pass: the counts."""
        counts, failed = self.tests()
        if failed:
            raise AssertionError(f"{counts}: {failed}")
        return counts

    def patch(self, *changes: tuple[str, str, str]) -> None:
        """Change files: path, old and new text of each."""
        heads = [f"diff --git a/{path} b/{path}\n" if changes[1:] else "" for path, _, _ in changes]
        parts = [head + diff(*change) for head, change in zip(heads, changes, strict=True)]
        self.call("patch", "apply_patch", patch="".join(parts))

    def commit(self, kind: str, expected: list[str]) -> None:
        """The last request: look at the changes and commit them."""
        rng = self.session.random
        message = rng.choice(texts.messages[kind]).format(**self.words)[:66].rstrip()
        if len(json.dumps(self.session.messages)) < 3500 and rng.random() < 0.8:
            self.user(texts.commit, message=message)
            shown = self.call("diff", "git_diff")
            files = re.findall(r"^\+\+\+ b/(.+)$", shown, re.MULTILINE)
        else:
            self.user(texts.commit_files, message=message)
            shown = self.call("status", "git_status")
            files = [line[3:] for line in shown.splitlines()]
        if files != sorted(expected):
            raise AssertionError(shown)
        last = {"message": message}
        if rng.random() < ENDING:
            self.session.last_call("git_commit", last, saying=self.saying("commit"))
            return
        result = self.session.call("git_commit", last, saying=self.saying("commit"))
        found = re.match(r"\[main (\w+)\] .*\n(\d+ files?) changed", result)
        if not found:
            raise AssertionError(result)
        self.say(texts.committed, id=found[1], files=found[2] + " changed")

    def close(self) -> None:
        """Declare tools, fewer where the row is long."""
        few = len(json.dumps(self.session.messages)) > 3700
        self.session.offer(others=self.session.random.randint(0, 0 if few else 2))


@dataclass(frozen=True)
class Code:
    """A module of two functions, one of which has a bug where `bug` is put in."""

    path: str
    tests: str
    fn: Drawn
    other: Drawn
    bug: Bug
    bad: list[Case]
    """Cases that the bug makes fail."""
    got: dict[str, str]
    """By case: what the function with the bug gives."""
    first: bool
    names: list[str]
    """Other names that the function could have."""

    def module(self, fn: str | None = None) -> str:
        """The module's text; `fn` is the function's source, "" leaves it out."""
        parts = [self.fn.source if fn is None else fn, self.other.source]
        return functions.module(part for part in (parts if self.first else parts[::-1]) if part)

    def test_text(self, cases: list[Case], name: str = "") -> str:
        """The test file: some cases of the function, one of the other one."""
        name = name or self.fn.name
        tested = [(self.other.name, list(self.other.cases[:1])), (name, cases)]
        used = sorted(each for each, some in tested if some)
        bodies = [test_of(each, case) for each, some in tested for case in some]
        head = "import pytest\n\n" if any("pytest.raises" in body for body in bodies) else ""
        module = self.path.removesuffix(".py")
        return f"{head}from {module} import {', '.join(used)}\n\n\n" + "\n\n\n".join(bodies) + "\n"


def test_of(name: str, case: Case) -> str:
    """One case as a test."""
    body = re.sub("^", "    ", assertion(name, case[1], case[2]), flags=re.MULTILINE)
    return f"def test_{name}_{case[0]}() -> None:\n{body}"


def draw_code(session: Session) -> Code:
    """Draw two short functions of one topic, and a bug that some but not all cases show."""
    rng = session.random

    def python(code: str) -> str:
        return session.bench.call("run_python", {"code": code})

    while True:
        function = rng.choice(functions.FUNCTIONS)
        fn = functions.draw(function, rng)
        fn = replace(
            fn, cases=tuple(sorted(rng.sample(fn.cases, min(3, len(fn.cases))), key=fn.cases.index))
        )
        near = [each for each in functions.FUNCTIONS if each.topic == fn.topic]
        other = functions.draw(rng.choice(near), rng, [fn.name])
        if len(fn.source) > LONGEST_SOURCE or len(other.source) > LONGEST_OTHER:
            continue
        names = [name for name in function.names if not name.startswith(fn.name)]
        names = [
            name
            for name in names
            if name != other.name and not re.search(rf"\b{name}\b", fn.source)
        ]
        if other.spec == fn.spec or not names:
            continue
        bug = rng.choice(fn.bugs)
        outcomes = functions.outcomes(python, fn.broken(bug), fn)
        bad = [case for case in fn.cases if not outcomes[case[0]][0]]
        # A test that fails since nothing was raised looks different from one Python to the next.
        usual = all(case[2][0] != "!" and len(outcomes[case[0]][1]) < 60 for case in bad)
        if bad and len(bad) < len(fn.cases) and usual:
            stem = rng.choice(functions.MODULES[fn.topic])
            got = {name: value for name, (_, value) in outcomes.items()}
            first = rng.random() < 0.5
            return Code(f"{stem}.py", f"test_{stem}.py", fn, other, bug, bad, got, first, names)


def begin(session: Session, code: Code) -> Talk:
    """Begin a conversation about some code."""
    rng = session.random
    names = [code.fn.name, code.other.name]
    words = {
        "project": rng.choice(functions.PLACES.projects),
        "path": code.path, "tests": code.tests, "fn": code.fn.name,
        "other": code.other.name, "spec": code.fn.spec, "cause": code.bug.cause, "fix": code.bug.fix,
        "arguments": _arguments(code.fn), "functions": " and ".join(f"`{name}`" for name in names),
    }  # fmt: skip
    talk = Talk(session, words)
    if rng.random() < 0.25:
        session.system(talk.pick(texts.roles))
    return talk


def _arguments(fn: Drawn) -> str:
    found = re.search(r"def \w+\((.*?)\) ->", fn.source, re.DOTALL)
    if not found:
        raise AssertionError(fn.source)
    return " ".join(found[1].split())
