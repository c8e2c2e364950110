"""A conversation that is written down while it happens.

A scenario is a function that gets a Session. It sets up files, lets the user speak, calls tools,
looks at what they return, and decides what comes next. The session runs every call on its workbench
and records the result as the tool gave it.

Not covered: which scenarios there are, and how many rows each gives (`datagen.generate`).
"""

import hashlib
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.tool_schemas import TOOLS
from datagen.workbench import AUTHOR, COMMIT_TIME, Workbench

Call = tuple[str, dict[str, Any]]


class Unlucky(Exception):
    """What was drawn turned out otherwise than a scenario needs it: there is no row of this seed."""


@dataclass(frozen=True)
class Step:
    """One call, as the workbench ran it."""

    name: str
    arguments: dict[str, Any]
    result: str
    exit_code: int | None
    """Where a program ran to its end."""
    before: dict[str, str]
    """The files' texts by path."""
    after: dict[str, str]


class Session:
    """One conversation, in a folder of its own, with a random generator of its own."""

    def __init__(
        self, root: Path, seed: str, *, before_last: Path | None = None, language: str = ""
    ) -> None:
        self.language = language
        """What users and the assistant speak (`datagen.languages`); "" for English."""
        self.random = random.Random(seed)  # a text seeds it by its SHA-512, on every Python
        self.bench = Workbench(root)
        self.messages: list[dict[str, Any]] = []
        self.offered: list[str] = []
        self.initial: dict[str, str] = {}
        self.log: list[list[Any]] = []
        self.steps: list[Step] = []
        self.status = ""
        """Git's before the first call; "" where the folder is no repository."""
        self.before_last = before_last
        """Where a copy of the folder goes that shows it before the last calls; None for no copy."""
        self.must: dict[str, Any] = {}
        """What any answer in place of the last one must say (`synthia.data.probe_answers`)."""

    # setting the scene

    def files(self, files: Mapping[str, str], *, modes: Mapping[str, int] | None = None) -> None:
        """Write the project's files before the conversation begins. 0o444 makes one read-only."""
        for path, text in files.items():
            full = self.bench.path(path)
            full.parent.mkdir(parents=True, exist_ok=True)
            full.write_text(text, encoding="utf-8")
            full.chmod((modes or {}).get(path, 0o644))
            self.initial[path] = text

    def repository(self) -> None:
        """Make the folder a git repository whose first commit holds the files."""
        from dulwich import porcelain
        from dulwich.refs import Ref

        repository = porcelain.init(str(self.bench.root))
        repository.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/main"))
        porcelain.add(repository, [str(self.bench.root)])
        porcelain.commit(
            repository, message=b"Initial commit", author=AUTHOR, committer=AUTHOR,
            author_timestamp=COMMIT_TIME, commit_timestamp=COMMIT_TIME,
            author_timezone=0, commit_timezone=0,
        )  # fmt: skip

    def offer(self, *names: str, others: int = 0) -> None:
        """Declare tools; `others` more are drawn, and the order is shuffled."""
        known = [*self.offered, *(name for name in names if name not in self.offered)]
        rest = [name for name in TOOLS if name not in known]
        known += self.random.sample(rest, min(others, len(rest)))
        self.random.shuffle(known)
        self.offered = known

    # the conversation

    def system(self, text: str) -> None:
        """The system prompt; only as the first turn."""
        self.messages.append({"role": "system", "content": text})

    def user(self, text: str) -> None:
        """The user speaks."""
        self.messages.append({"role": "user", "content": text})

    def say(self, text: str) -> None:
        """The assistant speaks, and calls nothing."""
        self.messages.append({"role": "assistant", "content": text})

    def call(self, name: str, arguments: dict[str, Any], *, saying: str = "") -> str:
        """The assistant calls a tool, perhaps after a sentence. Returns the tool's result."""
        return self.calls([(name, arguments)], saying=saying)[0]

    def calls(self, calls: Sequence[Call], *, saying: str = "") -> list[str]:
        """The assistant calls several tools in one turn. Returns their results in order."""
        return self._turn(calls, saying, {})

    def knows(self, name: str) -> bool:
        """Whether something stands in an earlier turn, call or result, or in an offered tool."""
        tools = [self.bench.schemas[tool] for tool in self.offered]
        return name.casefold() in json.dumps([self.messages, tools], ensure_ascii=False).casefold()

    def mistake(self, name: str, arguments: dict[str, Any], *, saying: str = "") -> str:
        """A call that fails. It is run like any other, and its turn carries no loss."""
        return self._turn([(name, arguments)], saying, {"weight": 0})[0]

    def last_call(self, name: str, arguments: dict[str, Any], *, saying: str = "") -> None:
        """A call that ends the row: it is run to see that it works, its result is not shown."""
        self.last_calls([(name, arguments)], saying=saying)

    def last_calls(self, calls: Sequence[Call], *, saying: str = "") -> None:
        """Several calls that end the row in one turn."""
        if self.before_last is not None:
            shutil.copytree(self.bench.root, self.before_last)
        results = self._turn(calls, saying, {})
        del self.messages[-len(calls) :]
        for result in results:
            if result.startswith("Error: "):
                raise AssertionError(f"the last call of a row fails: {result}")

    def last_answer(self, text: str, **must: Any) -> None:
        """An answer that ends a probe, and what any answer in its place must hold, ask or decline."""
        self.say(text)
        self.must = must

    def _turn(self, calls: Sequence[Call], saying: str, extra: Mapping[str, Any]) -> list[str]:
        made = [
            {"type": "function", "function": {"name": name, "arguments": arguments}}
            for name, arguments in calls
        ]
        self.messages.append({"role": "assistant", "content": saying, "tool_calls": made, **extra})
        if not extra:
            self.offer(*dict.fromkeys(name for name, _ in calls if name not in self.offered))
        if not self.steps and (self.bench.root / ".git").exists():
            self.status = self.bench.git_status()
        results = []
        for name, arguments in calls:
            before, code = self.bench.texts(), None
            if name in self.offered:
                result = self.bench.call(name, arguments)
                code = self.bench.exit_code
            else:  # only in a mistake: a program that serves tools answers so
                offered = ", ".join(sorted(self.offered))
                result = f"Error: unknown tool {name!r}; available: {offered}"
            self.log.append([name, arguments, result])
            self.steps.append(Step(name, arguments, result, code, before, self.bench.texts()))
            self.messages.append({"role": "tool", "content": result})
            results.append(result)
        return results

    # what comes out

    def row(self, scenario: str) -> dict[str, Any]:
        """The conversation as a row of a data file; `scenario` is its name and seed."""
        return {
            "messages": self.messages,
            "tools": [self.bench.schemas[name] for name in self.offered],
            "scenario": scenario,
            "exec_digest": self.digest(),
        }

    def digest(self) -> str:
        """SHA-256 over the files at the start, every call with its result, the files at the end."""
        bench = self.bench
        final = {name: (bench.root / name).read_text(encoding="utf-8") for name in bench.files()}
        record = json.dumps([self.initial, self.log, final], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(record.encode()).hexdigest()
