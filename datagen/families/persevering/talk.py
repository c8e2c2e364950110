"""How the conversations of `persevering` go: what is said beside a call, and calls that keep the files.

Not covered: the order of steps (`datagen.families.persevering.hunts`, `works`), and the sentences
(`datagen.families.persevering.texts`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datagen.families.persevering.project import Fault, Module, Package, pages, place
from datagen.families.persevering.texts import texts
from datagen.patches import diff
from datagen.phrasing import counted, upper_first
from datagen.session import Call, Session, Unlucky

SPOKEN = 0.62
"""The share of calls that come with a sentence where a sentence is not needed."""
PAGES = (70, 90, 110, 140, 180)
SCREENS = (36, 48, 60, 80)
MATCHES = (20, 25, 30, 50)
OUTLINED = 0.4
"""The share of looks around that end with a search for all functions."""
ENDING = 0.35
"""The share of rows that end with the call of the commit."""


@dataclass(frozen=True)
class Run:
    """What a run of the tests said."""

    text: str
    passed: int
    failed: tuple[str, ...]

    @property
    def counts(self) -> str:
        """As pytest counts them."""
        parts = [f"{len(self.failed)} failed"] if self.failed else []
        return ", ".join([*parts, *([f"{self.passed} passed"] if self.passed else [])])


@dataclass
class Talk:
    """A conversation, with the words that its sentences are filled with and the files as they are now."""

    session: Session
    words: dict[str, str]
    now: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    """By kind of sentence: the one drawn last."""

    def pick(self, forms: Sequence[str], **more: str) -> str:
        """One of the forms, filled in, with a capital where a word begins it."""
        form = self.session.random.choice(forms)
        return upper_first(form.format(**{**self.words, **more}))

    def user(self, forms: Sequence[str], **more: str) -> None:
        """The user asks for something."""
        self.session.user(self.pick(forms, **more))

    def say(self, forms: Sequence[str], **more: str) -> None:
        """The assistant answers."""
        self.session.say(self.pick(forms, **more))

    def beside(self, kind: str, **more: str) -> str:
        """A sentence for a call, now and then none; never the one that the same kind of call had last."""
        if self.session.random.random() > SPOKEN:
            return ""
        forms = [form for form in texts.beside[kind] if form != self.last.get(kind)]
        self.last[kind] = form = self.session.random.choice(forms)
        return self.pick([form], **more)

    def call(self, name: str, arguments: dict[str, object], saying: str) -> str:
        """Call a tool, which must work."""
        result = self.session.call(name, arguments, saying=saying)
        if result.startswith("Error: "):
            raise AssertionError(f"{name} {arguments}: {result}")
        return result

    # looking

    def listed(self, path: str = ".") -> None:
        """List a folder."""
        self.call("list_directory", {"path": path}, self.beside("list"))

    def look_around(self, package: Package, share: float = 0.45) -> None:
        """In some rows, and where nothing names the package: list its folder and the project's."""
        if self.session.knows(package.name) and self.session.random.random() > share:
            return
        calls: list[Call] = [
            ("list_directory", {"path": "."}), ("list_directory", {"path": package.name}),
        ]  # fmt: skip
        self.session.offer("list_directory")
        if self.session.knows(f"{package.name}/") and self.session.random.random() < 0.5:
            self.session.calls(calls, saying=self.beside("list"))
        else:
            self.listed()
            self.listed(package.name)
        if self.session.random.random() < OUTLINED:
            self.find("^def ", self.beside("outline"), path=package.name)

    def run(self, path: str = "", saying: str | None = None, *, keyword: str = "") -> Run:
        """Run tests."""
        arguments: dict[str, object] = {"path": path} if path else {}
        arguments |= {"keyword": keyword} if keyword else {}
        kind = "run" if path or keyword else "run_all"
        first = not any(step.name in ("run_tests", "apply_patch") for step in self.session.steps)
        kind = f"{kind}_first" if first else kind
        saying = self.beside(kind, tests=path) if saying is None else saying
        text = self.call("run_tests", arguments, saying)
        summary = text.splitlines()[-1]
        numbers = {
            word: int(count) for count, word in re.findall(r"(\d+) (passed|failed)", summary)
        }
        failed = re.findall(r"^FAILED \S+?::(\w+(?:\[.*?\])?)(?= - |$)", text, re.MULTILINE)
        if not numbers or len(failed) != numbers.get("failed", 0):
            raise Unlucky(text)
        return Run(text, numbers.get("passed", 0), tuple(failed))

    def green(self, path: str = "", *, keyword: str = "") -> Run:
        """Run tests, which must pass."""
        run = self.run(path, keyword=keyword)
        if run.failed:
            raise Unlucky(run.text)
        return run

    def both_green(self, path: str) -> Run:
        """Run one file of tests, then all of them; the latter is returned."""
        self.green(path)
        return self.green()

    def value(self, package: Package, name: str, call: str, saying: str) -> str:
        """Call one function, and return what it gives, as it is printed."""
        line = package.module_of(name).name
        code = f"from {line} import {name}\n\nprint(repr({call}))"
        return self.call("run_python", {"code": code}, saying)

    def find(
        self, pattern: str, saying: str | None = None, **where: object
    ) -> list[tuple[str, int]]:
        """Search; the places found, and shown."""
        saying = self.beside("find") if saying is None else saying
        result = self.call("search", {"pattern": pattern, **where}, saying)
        return [(path, int(line)) for path, line in re.findall(r"^(\S+?):(\d+): ", result, re.M)]

    def read(self, path: str, saying: str | None = None, *, start: int = 0, end: int = 0) -> str:
        """Read a file, or some of its lines."""
        saying = self.beside("read", path=path) if saying is None else saying
        arguments: dict[str, object] = {"path": path}
        arguments |= {"start_line": start} if start > 1 else {}
        arguments |= {"end_line": end} if end and (start or end < self.total(path)) else {}
        return self.call("read_file", arguments, saying)

    def total(self, path: str) -> int:
        """How many lines a file has now."""
        return len(self.now[path].splitlines())

    def read_whole(self, path: str, until: str = "", saying: str | None = None) -> None:
        """Read a file page by page, to its end or until a function has been read with what follows."""
        page = self.session.bench.page or self.total(path)
        wanted = place(self.now[path], until)[1] + 4 if until else self.total(path)
        self.read(path, saying)
        for start, end in pages(self.now[path], page + 1, page):
            if start > wanted:
                break
            self.read(path, self.beside("read_on", path=path), start=start, end=end)

    def look_at(self, fault: Fault | str, module: Module, saying: str = "") -> None:
        """Find a function in its module and read it with some lines around."""
        name = fault if isinstance(fault, str) else fault.fn.name
        where = {"path": module.path} if self.session.knows(module.path) else {}
        saying = saying or self.beside("find", fn=name)
        found = self.find(rf"def {name}\b", saying, **where)
        if module.path not in [path for path, _ in found]:
            raise Unlucky(f"{name}: {found}")
        self.read_around(module, name)

    def read_around(self, module: Module, name: str, saying: str | None = None) -> None:
        """Read a function with some lines around it."""
        rng = self.session.random
        first, last = place(self.now[module.path], name)
        end = min(last + rng.randint(4, 16), self.total(module.path))
        self.read(module.path, saying, start=max(1, first - rng.randint(4, 14)), end=end)

    # changing

    def patch(self, changes: Mapping[str, str], saying: str) -> None:
        """Change files: the new text by path."""
        heads = [f"diff --git a/{path} b/{path}\n" if len(changes) > 1 else "" for path in changes]
        parts = [
            head + diff(path, self.now.get(path, ""), text)
            for head, (path, text) in zip(heads, changes.items(), strict=True)
        ]
        self.call("apply_patch", {"patch": "".join(parts)}, saying)
        self.now |= changes

    def mend(self, fault: Fault, count: int, saying: str) -> None:
        """Mend a fault's bugs up to a number of them."""
        old = self.now[fault.module.path]
        before = fault.mended(count - 1)
        new = old.replace(before, fault.mended(count))
        if old.count(before) != 1 or new == old:
            raise AssertionError(f"{fault.fn.name} is not in {fault.module.path}")
        self.patch({fault.module.path: new}, saying)

    def commit(self, message: str, changed: Sequence[str]) -> None:
        """The user wants a commit; look at what is changed, and make it. The row may end with the call."""
        rng = self.session.random
        self.user(texts.commit, message=message)
        shown = self.call("git_status", {}, self.beside("status"))
        if sorted(line[3:] for line in shown.splitlines()) != sorted(set(changed)):
            raise AssertionError(shown)
        if len(set(changed)) < 3 and rng.random() < 0.5:
            self.call("git_diff", {}, self.beside("diff"))
        arguments = {"message": message}
        if rng.random() < ENDING:
            self.session.last_call("git_commit", arguments, saying=self.beside("commit"))
            return
        result = self.call("git_commit", {"message": message}, self.beside("commit"))
        found = re.match(r"\[main (\w+)\] .*\n(\d+) files? changed", result)
        if not found:
            raise AssertionError(result)
        self.say(texts.committed, id=found[1], files=counted(int(found[2]), "file"))


def begin(session: Session, package: Package, files: Mapping[str, str]) -> Talk:
    """The files in a repository, a client's limits on what it shows, perhaps a system prompt."""
    rng = session.random
    every = {f"{package.name}/__init__.py": "", **files}
    if rng.random() < 0.6:
        every["README.md"] = f"# {package.name}\n\nRun the tests with pytest.\n"
    session.files(every)
    session.repository()
    session.bench.page, session.bench.screen = rng.choice(PAGES), rng.choice(SCREENS)
    session.bench.matches = rng.choice(MATCHES)
    core = package.modules[0]
    words = {"project": package.name, "core": core.path, "core_tests": core.tests}
    talk = Talk(session, words, dict(every))
    if rng.random() < 0.2:
        session.system(talk.pick(texts.roles))
    return talk


def close(talk: Talk) -> None:
    """Declare some more tools."""
    talk.session.offer(others=talk.session.random.randint(0, 3))
