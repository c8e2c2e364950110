"""Long system prompts as clients send them: who the assistant is, its rules, and the project's folder.

A prompt is composed for one row (`datagen/tables/prompts.toml`): sections and rules are drawn, names of
tools are the row's, the tree of files and git's status are those of the folder before the first call. A
rule that demands something is drawn only for rows whose assistant keeps it. A short prompt that the row
has stays, as the last part.

Not covered: which rows get one, and whether there is room (`datagen.dialects`).
"""

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from typing import Any, Literal

from datagen.confinement import CLOCK
from datagen.dialects.forms import Tool
from datagen.session import Step
from datagen.table import TABLES, Table, read

SHORTEST, LONGEST = 500, 3000
"""Tokens of a prompt, about: what is drawn is as often below as above the root of their product."""
MOST_FILES = 40
"""Of a tree; a larger one is left out."""
DATED = re.compile(r"20\d\d|date|time|clock|git|today|year", re.IGNORECASE)
"""In a row that may show the date of the tools' clock, the prompt has that one."""
SLOT = re.compile(r"\{(\w+)\}")
SLOTS = {
    "read": "read_file", "write": "write_file", "list": "list_directory", "search": "search",
    "edit": "apply_patch", "run": "run_python", "tests": "run_tests", "status": "git_status",
    "diff": "git_diff", "commit": "git_commit", "request": "http_request",
}  # fmt: skip
"""By slot: the workbench's tool whose name in the row goes there."""
RUNS = {"run_tests", "run_python", "http_request"}


class Rule(Table):
    """A sentence or two, and what must be true of a row that is to keep it."""

    text: str
    when: tuple[str, ...] = ()


class Section(Table):
    """Rules on one matter, and what it may be called."""

    title: tuple[str, ...]
    rules: tuple[str | Rule, ...]


class Client(Table):
    """Who the assistant is told to be, and how a client marks sections."""

    layout: tuple[Literal["markdown", "tags", "ruled"], ...]
    roles: tuple[str, ...]


class Words(Table):
    """Titles of the parts that are no rules, and what the environment may be."""

    environment: tuple[str, ...]
    tree: tuple[str, ...]
    status: tuple[str, ...]
    short: tuple[str, ...]
    platforms: tuple[str, ...]
    shells: tuple[str, ...]


class Prompts(Table):
    """All that prompts are drawn from."""

    clients: Mapping[str, Client]
    """By dialect."""
    sections: tuple[Section, ...]
    words: Words


prompts = read(TABLES / "prompts.toml", Prompts)


@dataclass(frozen=True)
class Scene:
    """What a prompt is composed for: the row as it is spoken, and how it came about."""

    messages: Sequence[Mapping[str, Any]]
    """As it was played: a step for each call."""
    spoken: Sequence[Mapping[str, Any]]
    """In the client's tools: a turn may have more calls."""
    steps: Sequence[Step]
    names: Mapping[str, str]
    """By slot: the names of the tools that the row needs."""
    root: str
    status: str
    """Git's, before the first call; "" where the folder is no repository."""


CONDITIONS: dict[str, Callable[[Scene], bool]] = {
    "brief": lambda row: all(len(text) <= 240 and "\n" not in text for text in _answers(row)),
    "plain": lambda row: not any(re.search(r"^(#|[-*] |\d+\. )", t, re.M) for t in _answers(row)),
    "silent": lambda row: bool(_calling(row)) and not any(t["content"] for t in _calling(row)),
    "announced": lambda row: bool(_calling(row)) and all(t["content"] for t in _calling(row)),
    "parallel": lambda row: any(count > 1 for count in _counts(row)),
    "single": lambda row: len(_counts(row)) > 1 and all(count == 1 for count in _counts(row)),
    "edits": lambda row: bool(_changes(row)),
    "no edits": lambda row: not _changes(row),
    "looks first": lambda row: bool(_changes(row)) and all(map(_looked(row), _changes(row))),
    "tested": lambda row: bool(_changes(row)) and _each_followed(row, _changes(row), RUNS),
    "tested by tests": lambda row: (
        bool(_changes(row)) and _each_followed(row, _changes(row), {"run_tests"})
    ),
    "writes new files only": lambda row: (
        not any(
            step.name == "write_file" and step.arguments["path"] in step.before
            for step in row.steps
        )
    ),
    "not run": lambda row: bool(_changes(row)) and not any(step.name in RUNS for step in row.steps),
    "names files": lambda row: (
        "tool_calls" not in row.messages[-1]
        and all(PurePosixPath(path).name in row.messages[-1]["content"] for path in _changed(row))
    ),
    "names tests": lambda row: (
        "tool_calls" not in row.messages[-1]
        and re.search(r"pass|test|green", row.messages[-1]["content"]) is not None
    ),
    "commits": lambda row: any(step.name == "git_commit" for step in row.steps),
    "looks at git": lambda row: _looks_at_git([step.name for step in row.steps]),
    "asks": lambda row: any(text.endswith("?") for text in _answers(row)),
    "recovers": lambda row: any(turn.get("weight", 1) == 0 for turn in row.messages),
    "no mistakes": lambda row: all(turn.get("weight", 1) != 0 for turn in row.messages),
}
"""By name in the table: whether it is true of a row."""


def composed(client: str, scene: Scene, seed: str) -> str:
    """A prompt of that client for the row."""
    r = random.Random(seed)
    drawn = prompts.clients[client]
    layout = r.choice(drawn.layout)
    parts = [r.choice(drawn.roles)]
    size = int(SHORTEST * (LONGEST / SHORTEST) ** r.random())
    ends = list(_surroundings(scene, r, layout))
    room = size - _tokens("\n".join([*parts, *ends]))
    chosen: dict[int, str] = {}
    for place in r.sample(range(len(prompts.sections)), len(prompts.sections)):
        section = prompts.sections[place]
        rules = [text for rule in section.rules if (text := _filled(rule, scene))]
        lines: list[str] = []
        for text in r.sample(rules, r.randint((len(rules) + 1) // 2, len(rules))):
            if (room := room - _tokens(text)) < 0:
                break
            lines.append(f"- {text}")
        if lines:
            chosen[place] = _titled(r.choice(section.title), "\n".join(lines), layout)
    return "\n\n".join([*parts, *(chosen[place] for place in sorted(chosen)), *ends])


def _surroundings(scene: Scene, r: random.Random, layout: str) -> Iterator[str]:
    """The environment, the files, git's status, and the short prompt that the row had."""
    words = prompts.words
    said = json.dumps(scene.messages)
    day = date.fromisoformat(CLOCK[:10])
    if not DATED.search(said):
        day += timedelta(days=r.randint(-240, 420))
    lines = [f"Working directory: {scene.root or '. (paths are relative to the project folder)'}"]
    if scene.steps:
        lines.append(f"Is a git repository: {'yes' if scene.status else 'no'}")
    lines += [f"Platform: {r.choice(words.platforms)}"] * (r.random() < 0.7)
    lines += [f"Shell: {r.choice(words.shells)}"] * ("shell" in scene.names)
    form = r.choice(("%Y-%m-%d", "%A, %d %B %Y", "%d %b %Y", "%m/%d/%Y"))
    lines.append(f"Today's date: {day.strftime(form)}")
    yield _titled(r.choice(words.environment), "\n".join(lines), layout)
    called = {step.name for step in scene.steps}
    # What a row finds out by a call is not told beforehand.
    if scene.steps and "list_directory" not in called and r.random() < 0.8:
        paths = sorted(scene.steps[0].before)
        if 0 < len(paths) <= MOST_FILES:
            yield _titled(r.choice(words.tree), r.choice((_tree, "\n".join))(paths), layout)
    if scene.status and "git_status" not in called:
        status = scene.status.replace("nothing to commit", "(clean)")
        yield _titled(r.choice(words.status), status, layout)
    if scene.messages[0]["role"] == "system":
        yield _titled(r.choice(words.short), scene.messages[0]["content"], layout)


def _tree(paths: Sequence[str]) -> str:
    """Paths as an indented tree, folders with a slash."""
    lines: list[str] = []
    for path in paths:
        parts = PurePosixPath(path).parts
        for depth, part in enumerate(parts):
            line = f"{'  ' * depth}{part}{'/' * (depth < len(parts) - 1)}"
            if depth == len(parts) - 1 or line not in lines:
                lines.append(line)
    return "\n".join(lines)


def _titled(title: str, text: str, layout: str) -> str:
    if layout == "tags":
        name = "_".join(re.findall(r"[a-z]+", title.partition(" (")[0].casefold()))
        return f"<{name}>\n{text}\n</{name}>"
    return f"====\n\n{title.upper()}\n\n{text}" if layout == "ruled" else f"# {title}\n\n{text}"


def _filled(rule: str | Rule, scene: Scene) -> str:
    """A rule with the row's names, or "" where it is none for the row."""
    text, when = (rule, ()) if isinstance(rule, str) else (rule.text, rule.when)
    if not all(CONDITIONS[name](scene) for name in when):
        return ""
    slots = SLOT.findall(text)
    names = {scene.names.get(slot, "") for slot in slots}
    if "" in names or len(names) < len(set(slots)):
        return ""
    return SLOT.sub(lambda found: f"`{scene.names[found[1]]}`", text)


def _tokens(text: str) -> int:
    """About how many tokens plain English comes to."""
    return int(1.1 * len(re.findall(r"\w+|[^\w\s]", text)))


def _answers(scene: Scene) -> list[str]:
    turns = [turn for turn in scene.messages if turn["role"] == "assistant"]
    return [turn["content"] for turn in turns if "tool_calls" not in turn]


def _calling(scene: Scene) -> list[Mapping[str, Any]]:
    return [turn for turn in scene.messages if "tool_calls" in turn]


def _counts(scene: Scene) -> list[int]:
    """The number of calls of each turn that has any."""
    return [len(turn["tool_calls"]) for turn in scene.spoken if "tool_calls" in turn]


def _changed(scene: Scene) -> set[str]:
    """The files that are changed or made."""
    return {
        path
        for step in scene.steps
        for path, text in step.after.items()
        if step.before.get(path) != text
    }


def _changes(scene: Scene) -> list[int]:
    return [place for place, step in enumerate(scene.steps) if step.before != step.after]


def _looked(scene: Scene) -> Callable[[int], bool]:
    """Whether all files that a step changes had been read, were made by a step before, or are new."""

    def looked(place: int) -> bool:
        step = scene.steps[place]
        known = {
            path
            for each in scene.steps[:place]
            for path in ([each.arguments["path"]] if each.name == "read_file" else each.after)
            if each.name == "read_file" or each.before.get(path) != each.after[path]
        }
        changed = {path for path in step.before if step.after.get(path) != step.before[path]}
        return changed <= known

    return looked


def _each_followed(scene: Scene, places: Sequence[int], names: Set[str]) -> bool:
    """Whether after each of the steps one of those tools is called before the assistant answers."""
    steps = iter(enumerate(scene.steps))
    open_places: set[int] = set()
    for turn in scene.messages:
        for _ in turn.get("tool_calls", []):
            place, step = next(steps)
            open_places = set() if step.name in names else open_places
            open_places |= {place} & set(places)
        if turn["role"] == "assistant" and "tool_calls" not in turn and open_places:
            return False
    return not open_places


def _looks_at_git(names: Sequence[str]) -> bool:
    """Whether status or diff is asked for before each commit."""
    before = [names[:place] for place, name in enumerate(names) if name == "git_commit"]
    return all({"git_status", "git_diff"} & set(each) for each in before)


def names_of(tools: Iterable[tuple[Tool, str]], allowed: Sequence[str]) -> dict[str, str]:
    """By slot: the tool of a row that does just what one of the workbench's does; editor and shell."""
    found: dict[str, str] = {}
    slots = {action: slot for slot, action in SLOTS.items()}
    for tool, name in tools:
        if name not in allowed:
            continue
        if tool.is_shell:
            found.setdefault("shell", name)
            if "run_tests" in tool.uses:
                found.setdefault("tests", name)
        elif len(tool.uses) == 1:
            found.setdefault(slots[next(iter(tool.uses))], name)
        elif {"read_file", "apply_patch"} <= tool.uses.keys():
            found.setdefault("editor", name)
    return found
