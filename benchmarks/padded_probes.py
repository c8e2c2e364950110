"""The same probes among more and more text that has nothing to do with them.

`python benchmarks/padded_probes.py data/padded.jsonl` in the dev environment writes 60 of the shipped
probes that are due to call a tool, each at four lengths. Before the probe's own turns stand others, in
which files that the user attached are opened; tools that do not help are declared besides. Lengths are
tokens of Qwen2.5's vocabulary and template up to where the answer begins.

`./invoke pipeline --recipe qwen-0.5b --set data.probes=data/padded.jsonl` then lets every arm answer them,
and the report's table by kind has a row a length: calls that parse, the right tool, the right arguments.

Not covered: text that is about the probe's own files, which would have to be told apart from it.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia import arms  # noqa: E402
from synthia.data import chat_format, vocabulary  # noqa: E402
from synthia.host import environments  # noqa: E402

COUNT = 60
LENGTHS = (512, 2048, 4096, 7680)
"""The last leaves room for an answer in a context of 8,192."""
SHORT = 420
"""Tokens of a probe that can be padded to the first length."""
SLACK = 120
"""So many tokens may be missing to a length, as no line is cut; to the first more."""
TEMPLATE = "chat_templates/qwen2.5-tools.jinja"
TEXTS = ("datagen/tables/flask_templates/*/*.py", "datagen/tables/projects/*.txt")

Turn = dict[str, Any]


def tool(name: str, description: str, *arguments: str) -> dict[str, Any]:
    """A tool whose arguments are required texts."""
    properties = {each: {"type": "string"} for each in arguments}
    parameters = {"type": "object", "properties": properties, "required": list(arguments)}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


OPEN = tool("open_attachment", "Show a file that the user attached to this chat", "name")
UNRELATED = (
    tool("convert_currency", "Convert an amount of money", "amount", "from", "to"),
    tool("book_room", "Reserve a meeting room", "room", "day"),
    tool("time_in", "Tell the time of day in a city", "city"),
)


def main() -> int:
    """Write the padded probes."""
    parser = argparse.ArgumentParser(description="Write probes among unrelated text.")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    template = (PROJECT / TEMPLATE).read_text(encoding="utf-8")
    count = counter(template)
    lines = (PROJECT / "data" / "probes.jsonl").read_text(encoding="utf-8").splitlines()
    probes = [probe for probe in map(json.loads, lines) if "tool_calls" in probe["gold"]]
    short = [probe for probe in probes if count(probe["messages"], probe["tools"]) <= SHORT]
    files = attachments()
    rows = [
        padded(probe, length, files[number % len(files) :] + files, count)
        for length in LENGTHS
        for number, probe in enumerate(arms.asked(short, COUNT))
    ]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="\n")
    print(f"{out}: {len(rows)} probes, {', '.join(map(str, LENGTHS))} tokens")
    return 0


def counter(template: str) -> Callable[[list[Turn], list[dict[str, Any]]], int]:
    """What counts the tokens of a prompt."""
    from tokenizers import Tokenizer

    path = vocabulary.qwen2(PROJECT / "requirements", environments.cache_root())
    tokenizer = Tokenizer.from_file(str(path))

    def count(messages: list[Turn], tools: list[dict[str, Any]]) -> int:
        text = chat_format.render(template, messages, tools, add_generation_prompt=True)
        return len(tokenizer.encode(text).ids)

    return count


def attachments() -> list[tuple[str, str]]:
    """Names and texts of unrelated files."""
    paths = sorted(path for pattern in TEXTS for path in PROJECT.glob(pattern))
    return [
        (f"attachment_{number:02}{path.suffix}", path.read_text(encoding="utf-8"))
        for number, path in enumerate(paths, start=1)
    ]


def padded(
    probe: dict[str, Any], length: int, files: list[tuple[str, str]],
    count: Callable[[list[Turn], list[dict[str, Any]]], int],
) -> dict[str, Any]:  # fmt: skip
    """A probe with as many files before its turns as fit into a length, the last one cut at a line."""
    first = probe["messages"][0]["role"] == "system"
    system, own = probe["messages"][:first], probe["messages"][first:]
    tools = [*UNRELATED, *probe["tools"], OPEN] if length > LENGTHS[0] else [*probe["tools"], OPEN]
    before: list[Turn] = []
    for name, text in files:
        lines = text.splitlines()
        low, high = 0, len(lines)
        middle = high
        while low < high:  # the most lines that fit: all of them, or found by halves
            turns = list(opened(name, "\n".join(lines[:middle])))
            fits = count([*system, *before, *turns, *own], tools) <= length
            low, high = (middle, high) if fits else (low, middle - 1)
            middle = (low + high + 1) // 2
        if low:
            before += opened(name, "\n".join(lines[:low]))
        if low < len(lines):
            break
    missing = length - count([*system, *before, *own], tools)
    if not 0 <= missing <= SLACK + (SHORT if length == LENGTHS[0] else 0):
        raise AssertionError(f"{probe['id']} misses {length} tokens by {missing}")
    return {
        **{key: value for key, value in probe.items() if key not in ("scenario", "exec_digest")},
        "id": f"{probe['id']}-{length}",
        "messages": [*system, *before, *own],
        "tools": tools,
        "scenario": f"padded to {length:5} tokens/{probe['id']}",
    }


def opened(name: str, text: str) -> Iterator[Turn]:
    """The turns in which a file is opened."""
    call = {
        "type": "function",
        "function": {"name": "open_attachment", "arguments": {"name": name}},
    }
    yield {"role": "user", "content": f"I attached {name}, have it ready."}
    yield {"role": "assistant", "content": "", "tool_calls": [call]}
    yield {"role": "tool", "content": text}
    yield {"role": "assistant", "content": f"{name} is open."}


if __name__ == "__main__":
    sys.exit(main())
