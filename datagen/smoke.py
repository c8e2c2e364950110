"""Write `smoke.jsonl` and `smoke_probes.jsonl`: short chats of a coder's assistant with its tools.

Every tool result comes from really running the tool on small files that are made in a temporary
folder. The same bytes come out on every machine: fixed seeds, no clock, no network, and nothing
depends on hash order, locale or time zone. Training and probes share the tools and the ways of
asking; file names, folders, search words, numbers and questions of the probes never occur in
training.

Not covered: breadth. These chats teach a 135M model the format, when to stop, and to copy
arguments, in some twenty optimizer steps; they are no data for a useful assistant.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from datagen import table
from datagen.table import Table

Row = dict[str, Any]


class Vocabulary(Table):
    """The names and values of the training rows, or of the probes."""

    stems: str
    """Of file names, with spaces between them."""
    folders: tuple[str, ...]
    patterns: str
    """Words that files consist of and that are searched for."""
    first_number: int
    last_number: int
    glossary: Mapping[str, str]
    """Terms and what they mean, for questions that need no tool."""

    @property
    def numbers(self) -> range:
        """The numbers that are calculated with."""
        return range(self.first_number, self.last_number + 1)


class Words(Table):
    """Ways of asking and answering by tool, and what they are filled with."""

    extensions: tuple[str, ...]
    math: tuple[str, ...]
    questions: Mapping[str, tuple[str, ...]]
    plain_questions: tuple[str, ...]
    answers: Mapping[str, str]
    train: Vocabulary
    probes: Vocabulary


words = table.read(table.TABLES / "smoke.toml", Words)

RUN = (
    "import sys\n"
    "try: exec(sys.argv[1], {})\n"
    "except Exception as error: print('Error:', type(error).__name__ + ':', error)"
)


def read_file(path: str) -> str:
    """Return a file's text."""
    return _read(path).rstrip("\n")


def count_lines(path: str) -> str:
    """Count a file's lines."""
    return str(len(_read(path).splitlines()))


def word_count(path: str) -> str:
    """Count a file's words."""
    return str(len(_read(path).split()))


def file_size(path: str) -> str:
    """Count a file's bytes."""
    return str(len(_read(path).encode()))


def grep(pattern: str, path: str) -> str:
    """Return the lines that contain a word, numbered."""
    lines = enumerate(_read(path).splitlines(), start=1)
    return "\n".join(f"{number}: {line}" for number, line in lines if pattern in line)


def list_directory(path: str) -> str:
    """Return the names in a folder."""
    return "\n".join(sorted(os.listdir(path)))  # noqa: PTH208


def run_python(code: str) -> str:
    """Run a line of Python in a process of its own and return what it printed."""
    command = [sys.executable, "-I", "-X", "utf8", "-c", RUN, code]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.rstrip("\n")


def _read(path: str) -> str:
    if Path(path).is_file():
        return Path(path).read_text(encoding="utf-8")
    near = sorted(str(other) for other in Path(path).parent.glob(f"{Path(path).stem}.*"))
    raise FileNotFoundError(f"no file {path}. Did you mean {PurePosixPath(near[0])}?")


TOOLS: dict[str, tuple[Callable[..., str], str, tuple[str, ...]]] = {
    "read_file": (read_file, "Read file", ("path",)),
    "count_lines": (count_lines, "Count lines", ("path",)),
    "word_count": (word_count, "Count words", ("path",)),
    "file_size": (file_size, "Size in bytes", ("path",)),
    "grep": (grep, "Search file", ("pattern", "path")),
    "list_directory": (list_directory, "List folder", ("path",)),
    "run_python": (run_python, "Run code", ("code",)),
}
"""Function, description, and parameters, which are all required strings."""


def schema(name: str) -> Row:
    """Declare a tool as OpenAI's API does."""
    _, description, parameters = TOOLS[name]
    properties = {parameter: {"type": "string"} for parameter in parameters}
    parameters_schema = {"type": "object", "properties": properties, "required": list(parameters)}
    function = {"name": name, "description": description, "parameters": parameters_schema}
    return {"type": "function", "function": function}


def run_tool(name: str, arguments: Mapping[str, str]) -> str:
    """Run a tool; an error is a result too."""
    try:
        return TOOLS[name][0](**arguments)
    except FileNotFoundError as error:
        return f"Error: {error}"


class Author:
    """Writes chats on freshly made files; keeps which file names and questions are used up."""

    def __init__(self, vocabulary: Vocabulary, seed: int) -> None:
        self.vocabulary = vocabulary
        self.random = random.Random(seed)
        self.patterns = vocabulary.patterns.split()
        self.paths = [
            f"{folder}{stem}.{extension}"
            for stem in vocabulary.stems.split()
            for folder, extension in zip(
                ["", f"{self.random.choice(vocabulary.folders)}/"],
                self.random.sample(words.extensions, 2),
                strict=True,
            )
        ]
        self.random.shuffle(self.paths)
        self.sums = sorted({(a, b) for a in vocabulary.numbers for b in vocabulary.numbers})
        self.random.shuffle(self.sums)
        self.terms = list(vocabulary.glossary)

    def new_file(self) -> tuple[str, str]:
        """Make a file of a few lines and return its path and a word that it contains."""
        path = self.paths.pop()
        Path(path).parent.mkdir(exist_ok=True)
        lines = [
            " ".join(self.random.sample(self.patterns, self.random.randint(2, 4)))
            for _ in range(self.random.randint(1, 3))
        ]
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path, self.random.choice(lines[0].split())

    def arguments(self, name: str) -> dict[str, str]:
        """Choose arguments for a call that will work."""
        if name == "run_python":
            a, b = self.sums.pop()
            return {"code": f"print({a} {self.random.choice('+-*')} {b})"}
        path, pattern = self.new_file()
        if name == "list_directory":
            folder = str(PurePosixPath(path).with_suffix(""))
            Path(folder).mkdir()
            for stem in self.random.sample(self.vocabulary.stems.split(), 2):
                Path(folder, f"{stem}.{self.random.choice(words.extensions)}").touch()
            return {"path": folder}
        return {"pattern": pattern, "path": path} if name == "grep" else {"path": path}

    def tools(self, name: str) -> list[Row]:
        """Declare a tool, every fifth time together with another one."""
        declared = [name]
        if self.random.randrange(5) == 0:
            declared.append(self.random.choice([other for other in TOOLS if other != name]))
            self.random.shuffle(declared)
        return [schema(other) for other in declared]

    def question(self, name: str, arguments: Mapping[str, str]) -> Row:
        """Ask for a call, in one of the tool's ways of asking."""
        return user(self.random.choice(words.questions[name]).format(**arguments))

    def call_row(self, name: str, *, answered: bool) -> Row:
        """A question and the call; then perhaps its result and the answer."""
        arguments = self.arguments(name)
        messages = [self.question(name, arguments), calling(name, arguments)]
        if answered:
            messages += self.finish(name, arguments)
        return {"messages": messages, "tools": self.tools(name)}

    def recovery_row(self, name: str, *, answered: bool) -> Row:
        """A call that fails and a changed call at once; the failed call is not trained."""
        if name == "run_python":
            function, number = self.random.choice(words.math), self.sums.pop()[0]
            wrong = {"code": f"print({function}({number}))"}
            right = {"code": f"from math import {function}; print({function}({number}))"}
        else:
            right = self.arguments(name)
            suffix = PurePosixPath(right["path"]).suffix
            others = [f".{other}" for other in words.extensions if f".{other}" != suffix]
            other_path = PurePosixPath(right["path"]).with_suffix(self.random.choice(others))
            wrong = {**right, "path": str(other_path)}
        messages = [self.question(name, wrong), {**calling(name, wrong), "weight": 0}]
        messages += [tool_result(name, wrong), calling(name, right)]
        if answered:
            messages += self.finish(name, right)
        return {"messages": messages, "tools": [schema(name)]}

    def plain_row(self, name: str) -> Row:
        """A question that needs no tool, though one is offered."""
        term = self.terms.pop(0)
        asked = self.random.choice(words.plain_questions).format(term=term)
        answer = assistant(self.vocabulary.glossary[term])
        return {"messages": [user(asked), answer], "tools": self.tools(name)}

    def finish(self, name: str, arguments: Mapping[str, str]) -> list[Row]:
        """The result of a call and the answer that reports it."""
        result = tool_result(name, arguments)
        first_line = result["content"].partition("\n")[0]
        listed = result["content"].replace("\n", " and ")
        text = words.answers[name].format(**arguments, line=first_line, listed=listed)
        return [result, assistant(text)]


def user(text: str) -> Row:
    """A user's turn."""
    return {"role": "user", "content": text}


def assistant(text: str) -> Row:
    """An assistant's turn without a call."""
    return {"role": "assistant", "content": text}


def calling(name: str, arguments: Mapping[str, str]) -> Row:
    """An assistant's turn with a call."""
    call = {"type": "function", "function": {"name": name, "arguments": dict(arguments)}}
    return {**assistant(""), "tool_calls": [call]}


def tool_result(name: str, arguments: Mapping[str, str]) -> Row:
    """The turn of a tool that really ran."""
    return {"role": "tool", "content": run_tool(name, arguments)}


def training_rows() -> list[Row]:
    """240 rows: 120 end with a call, 48 with its answer, 32 repair a call, 40 call nothing."""
    author = Author(words.train, seed=1)
    names = list(TOOLS)
    failing = [name for name in names if name != "list_directory"]
    rows = [author.call_row(names[i % 7], answered=False) for i in range(120)]
    rows += [author.call_row(names[i % 7], answered=True) for i in range(48)]
    rows += [author.recovery_row(failing[i % 6], answered=i % 4 == 0) for i in range(32)]
    rows += [author.plain_row(names[i % 7]) for i in range(40)]
    author.random.shuffle(rows)
    return rows


def probe_rows() -> list[Row]:
    """60 probes with a gold call, 10 of them after a failure; 12 without one, 4 after a result."""
    author = Author(words.probes, seed=2)
    names = list(TOOLS)
    failing = [name for name in names if name != "list_directory"]
    rows = [author.call_row(names[i % 7], answered=False) for i in range(50)]
    rows += [author.recovery_row(failing[i % 6], answered=False) for i in range(10)]
    rows += [author.plain_row(names[i % 7]) for i in range(8)]
    rows += [author.call_row(names[i], answered=True) for i in range(4)]
    return [
        {
            "id": f"probe-{number:02}",
            "messages": row["messages"][:-1],
            "tools": row["tools"],
            "gold": row["messages"][-1],
        }
        for number, row in enumerate(rows, start=1)
    ]


def in_fresh_folder(make: Callable[[], list[Row]]) -> list[Row]:
    """Make rows inside an empty folder, where the tools run."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return make()
        finally:
            os.chdir(before)


def write(out: Path) -> Iterator[str]:
    """Write both files into `out`; yields a line about each."""
    for name, make in {"smoke": training_rows, "smoke_probes": probe_rows}.items():
        rows = in_fresh_folder(make)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (out / f"{name}.jsonl").write_bytes(text.encode())
        yield f"{name}.jsonl: {len(rows)} {'probes' if name.endswith('probes') else 'rows'}"
