"""What the held-out probes play in: files of a craft, the user's turn, the tools that are offered.

Not covered: what is asked and called (`datagen.families.probing`).
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.families.probing import tools as probe_tools
from datagen.families.probing.texts import WORLDS, World, texts
from datagen.session import Session

ALIKE = {
    "head": {"read_file", "tail"}, "tail": {"read_file", "head"}, "count_lines": {"word_count"},
    "word_count": {"count_lines"}, "find_definition": {"search"}, "list_routes": {"search", "read_file"},
    "replace_text": {"apply_patch", "write_file"}, "json_get": {"read_file", "search"},
    "csv_column": {"read_file", "head"}, "compare_files": {"git_diff", "read_file"},
    "json_set": {"replace_text", "apply_patch", "write_file"}, "format_json": {"write_file"},
    "sort_lines": {"write_file"}, "copy_file": {"write_file", "merge_files"},
    "rename_file": {"copy_file", "delete_file"}, "merge_files": {"write_file"},
    "read_file": {"head", "tail"}, "search": {"find_definition"}, "write_file": {"make_directory"},
    "http_request": {"list_routes"}, "git_status": {"git_diff", "git_log"}, "git_diff": {"git_status"},
}  # fmt: skip
"""Tools that could serve as well: they are not offered together, so that one call is right."""


@dataclass(frozen=True)
class Scene:
    """A craft, and the random choices for one probe."""

    world: World
    random: random.Random
    folder: str
    stems: list[str]

    @property
    def text_path(self) -> str:
        """A file with prose."""
        return f"{self.folder}/{self.stems[0]}.{self.random.choice(('txt', 'md', 'rst'))}"

    def prose(self) -> str:
        """Some lines."""
        r = self.random
        lines = [
            r.choice(texts.prose).format(
                a=r.choice(self.world.stems), b=r.choice(self.world.nouns), n=r.randint(2, 90)
            )
            for _ in range(r.randint(6, 12))
        ]
        return "\n".join(lines) + "\n"

    def table(self) -> list[tuple[str, int, int]]:
        """Rows with different names and different numbers."""
        r = self.random
        names = r.sample(self.world.stems, r.randint(3, 5))
        first, second = (r.sample(range(2, 400), len(names)) for _ in range(2))
        return list(zip(names, first, second, strict=True))

    def columns(self) -> tuple[str, str, str]:
        """Headings for a table."""
        one, two = self.random.sample(self.world.keys, 2)
        return "name", one, two

    def nested(self) -> dict[str, dict[str, float]]:
        """What a JSON file holds."""
        r = self.random
        return {
            section: {
                key: r.choice((r.randint(1, 900), r.randint(1, 900) / 10))
                for key in r.sample(self.world.keys, 3)
            }
            for section in r.sample(self.world.stems, 2)
        }


def scene(session: Session) -> Scene:
    """Draw a craft; from here on the probe tools can be called."""
    probe_tools.extend(session)
    r = session.random
    world = r.choice(WORLDS)
    return Scene(world, r, r.choice(world.folders), r.sample(world.stems, len(world.stems)))


def csv_text(columns: tuple[str, ...], rows: list[tuple[str, int, int]]) -> str:
    """A table as a CSV file."""
    return "".join(",".join(map(str, row)) + "\n" for row in [columns, *rows])


def module(name: str, number: int) -> str:
    """A module with one function."""
    return f"def {name}(amount: int) -> int:\n    return amount * {number}\n"


def app(noun: str, prefix: str, names: list[str]) -> str:
    """A Flask app with routes for some things."""
    rows = json.dumps(names)
    return f'''from flask import Flask, Response, jsonify, request

app = Flask(__name__)
NAMES = {rows}


@app.get("{prefix}/{noun}")
def every() -> Response:
    return jsonify(NAMES)


@app.post("{prefix}/{noun}")
def enter() -> tuple[Response, int]:
    return jsonify(request.get_json()), 201


@app.delete("{prefix}/{noun}/<name>")
def strike(name: str) -> Response:
    NAMES.remove(name)
    return jsonify(NAMES)
'''


def speak(session: Session, s: Scene, text: str) -> None:
    """The user's first turn, with a system prompt or a few words around it at times."""
    r = session.random
    if r.random() < 0.25:
        session.system(r.choice(texts.systems).format(place=s.world.place))
    if r.random() < 0.3:
        text = f"{r.choice(texts.before).format(place=s.world.place)} {text}"
    if r.random() < 0.25 and not text.endswith("```"):
        text = f"{text} {r.choice(texts.after).format(place=s.world.place)}"
    session.user(text)


def ask(session: Session, s: Scene, kind: str, **slots: object) -> None:
    """The user asks for something."""
    request = session.random.choice(texts.ask[kind])
    speak(session, s, request.format(place=s.world.place, **slots))


def offer(session: Session, *tools: str) -> None:
    """Offer these tools and some others that would not do as well."""
    r = session.random
    unfit = set(tools).union(*(ALIKE.get(tool, set()) for tool in tools))
    rest = [name for name in session.bench.schemas if name not in unfit]
    session.offer(*tools, *r.sample(rest, r.randint(1, 5)))


def gold(session: Session, name: str, arguments: Mapping[str, Any]) -> None:
    """The call that is right, as the last turn."""
    offer(session, name)
    session.last_call(name, dict(arguments))


def one_of_its_kind(session: Session, s: Scene, tool: str, more: Mapping[str, Any]) -> None:
    """A folder is listed; the one file of a kind in it is what the next call is about."""
    kind = s.random.choice(("txt", "csv", "md", "log", "ini"))
    others = [each for each in ("json", "toml", "py") if each != kind]
    wanted = f"{s.stems[0]}.{kind}"
    rest = {f"{s.folder}/{stem}.{s.random.choice(others)}": "{}\n" for stem in s.stems[1:4]}
    session.files({f"{s.folder}/{wanted}": s.prose(), **rest})
    then = s.random.choice(texts.then[tool])
    ask(session, s, "list_then", folder=s.folder, ext=f".{kind}", then=then)
    offer(session, "list_directory", tool)
    found = session.call("list_directory", {"path": s.folder})
    names = [name for name in found.splitlines() if name.endswith(f".{kind}")]
    if names != [wanted]:
        raise AssertionError(found)
    session.last_call(tool, {"path": f"{s.folder}/{wanted}", **more})
