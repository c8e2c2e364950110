"""What these probes play in: a small repository, the user's turn, the tools that are offered.

Not covered: what is asked and called (`datagen.families.agent_probes`).
"""

import json
import random
from dataclasses import dataclass
from functools import partial
from typing import Any

from datagen.families.agent_probes.texts import Project, texts
from datagen.families.probing import scenes, tools as probe_tools
from datagen.session import Session
from datagen.workbench import Refused, Workbench

FEW = (3, 8)
"""So many tools are offered in all, unless a scenario says how many."""
EDITS = {"apply_patch", "edit_file", "replace_text", "write_file"}
UNFIT = {
    "edit_file": EDITS,
    "apply_patch": EDITS,
    "replace_text": EDITS,
    "json_set": EDITS,
    "format_json": EDITS,
}
"""Tools that could serve as well, besides those that `scenes.ALIKE` knows; `run_python` always could."""
EDIT_FILE: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "edit_file",
        "description": "Replace an exact string, which must occur once in the file, by another one",
        "parameters": {
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "old_string": {"type": "string"},
                "new_string": {"type": "string"},
            },
            "required": ["path", "old_string", "new_string"],
        },
    },
}


@dataclass(frozen=True)
class Module:
    """A module of the repository."""

    path: str
    test: str
    """Path of its test file."""
    function: str
    constant: str
    number: int
    """The constant's value."""
    limit: int
    """The default of the function's limit."""

    @property
    def text(self) -> str:
        """Its code."""
        return (
            f'"""Part of the {self.path.partition("/")[0]} package."""\n\n'
            f"{self.constant} = {self.number}\n\n\n"
            f"def {self.function}(items: list[int], limit: int = {self.limit}) -> int:\n"
            '    """Sum up the items below the limit."""\n'
            "    kept = [item for item in items if item < limit]\n    return sum(kept)\n\n\n"
            f"def check_{self.function}(value: int) -> None:\n    if value > {self.constant}:\n"
            f'        raise ValueError("{self.complaint}")\n'
        )

    @property
    def complaint(self) -> str:
        """What its error says."""
        return f"bad {self.function.replace('_', ' ')}"

    def tests(self, expected: int) -> str:
        """Its test file; the right sum is 3."""
        module = self.path.removesuffix(".py").replace("/", ".")
        name = f"test_{self.function}_adds_small_items"
        return (
            f"from {module} import {self.function}\n\n\n"
            f"def {name}() -> None:\n    assert {self.function}([1, 2]) == {expected}\n"
        )


@dataclass(frozen=True)
class Repository:
    """A project, and the random choices for one probe."""

    project: Project
    random: random.Random
    modules: list[Module]
    settings: dict[str, int]

    def request(self, kind: str, **slots: object) -> str:
        """A request of a kind, filled in."""
        return self.random.choice(texts.ask[kind]).format(
            name=self.project.name, package=self.project.package, **slots
        )


def repository(session: Session) -> Repository:
    """Draw a project; from here on the probe tools and `edit_file` can be called."""
    probe_tools.extend(session)
    session.bench.schemas["edit_file"] = EDIT_FILE
    session.bench.tools["edit_file"] = partial(edit_file, session.bench)
    r = session.random
    project = r.choice(texts.projects)
    pairs = list(zip(project.modules.split(), project.functions.split(), strict=True))
    modules = [
        Module(
            f"{project.package}/{name}.py", f"tests/test_{name}.py", function,
            f"MAX_{name.upper()}", r.randint(11, 90), r.choice((10, 20, 50, 100)),
        )
        for name, function in r.sample(pairs, len(pairs))
    ]  # fmt: skip
    settings = {key: r.randint(3, 120) for key in project.settings.split()}
    return Repository(project, r, modules, settings)


def write(session: Session, repo: Repository, *, failing: Module | None = None) -> None:
    """Write its files: modules, tests, settings, a README; one module's test may fail."""
    files = {f"{repo.project.package}/__init__.py": ""}
    for module in repo.modules:
        files[module.path] = module.text
        files[module.test] = module.tests(4 if module is failing else 3)
    other = {key: value + repo.random.randint(1, 30) for key, value in repo.settings.items()}
    files["config/dev.json"] = json.dumps(repo.settings, indent=2) + "\n"
    files["config/prod.json"] = json.dumps(other) + "\n"
    files["README.md"] = f"# {repo.project.package}\n\nThe {repo.project.name}.\n"
    session.files(files)


def edit_file(bench: Workbench, path: str, old_string: str, new_string: str) -> str:
    """Replace a string that occurs once."""
    full = bench.path(path)
    if not full.is_file():
        raise Refused(f"no such file: {path}")
    text = full.read_text(encoding="utf-8")
    count = text.count(old_string) if old_string else 0
    if count != 1:
        raise Refused(f"old_string occurs {count} times in {path}")
    full.write_text(text.replace(old_string, new_string), encoding="utf-8")
    return f"edited {path}"


def speak(session: Session, repo: Repository, text: str) -> None:
    """The user's first turn, with a system prompt or a few words around it at times."""
    r, slots = session.random, {"name": repo.project.name, "package": repo.project.package}
    if r.random() < 0.5:
        session.system(r.choice(texts.systems).format(**slots))
    if r.random() < 0.3:
        text = f"{r.choice(texts.before).format(**slots)} {text}"
    if r.random() < 0.15 and text[-1] in ".?!":
        text = f"{text} {r.choice(texts.after)}"
    session.user(text)


def ask(session: Session, repo: Repository, kind: str, **slots: object) -> None:
    """The user asks for something."""
    speak(session, repo, repo.request(kind, **slots))


def offer(session: Session, *tools: str, count: int = 0) -> None:
    """Offer these tools and others that would not do as well, `count` in all, or a few."""
    unfit = {"run_python", *tools}.union(
        *(scenes.ALIKE.get(tool, set()) | UNFIT.get(tool, set()) for tool in tools)
    )
    rest = [name for name in session.bench.schemas if name not in unfit]
    wanted = (count or session.random.randint(*FEW)) - len(tools)
    session.offer(*tools, *session.random.sample(rest, max(wanted, 1)))
