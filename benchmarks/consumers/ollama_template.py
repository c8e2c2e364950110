"""Is Ollama's Go template the text of training? python benchmarks/consumers/ollama_template.py

Every shipped row and probe, up to its last answer, and the plain chats of tests/odd_messages.py are
rendered by Go's text/template as Ollama calls it, and by the chat template. The texts must be equal but
for how JSON is written (white space, order of keys, escapes). Go is that of the environment `consumers`;
tests/consumers runs this too.

Not covered: Ollama itself, which also drops keywords of tools' schemas that it does not know.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT / "tests")]

import odd_messages  # noqa: E402

from synthia.data import chat_format  # noqa: E402
from synthia.host import environments  # noqa: E402

TEMPLATES = PROJECT / "chat_templates"
SHOWN = 5
KNOWN = ("system null",)
"""An empty system turn is none for Ollama's templates; ours writes the line breaks after it."""


def chats() -> Iterator[dict[str, Any]]:
    """All prompts, with the place that each comes from."""
    for path in sorted((PROJECT / "data").glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(line)
            messages = row["messages"]
            last = max((i for i, m in enumerate(messages) if m["role"] == "assistant"), default=0)
            yield {"id": f"{path.name}:{number}", "tools": row.get("tools") or [],
                   "messages": messages if "gold" in row else messages[:last]}  # fmt: skip
    for name, (_, chat) in odd_messages.CASES.items():
        yield {"id": name, "messages": chat, "tools": odd_messages.TOOLS}


def plain(line: str) -> object:
    """A line of text, or the JSON that it holds."""
    try:
        return json.loads(line) if line.startswith("{") else line
    except ValueError:
        return line


def main() -> None:
    """Render, compare, and print how many are equal and where the first others differ."""
    asked = list(chats())
    template = (TEMPLATES / "qwen2.5-tools.jinja").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        program = f"{scratch}/render"
        source = Path(__file__).with_name("ollama_template.go")
        cache = environments.cache_root() / "consumers" / "go"
        env = {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOCACHE": str(cache)}
        go = environments.ensure(PROJECT, "consumers").with_name("go")
        subprocess.run([go, "build", "-o", program, str(source)], check=True, env=env)
        version = subprocess.run([go, "version"], capture_output=True, text=True, check=True).stdout
        done = subprocess.run(
            [program, str(TEMPLATES / "qwen2.5-tools.gotmpl")], check=True, capture_output=True,
            input="".join(f"{json.dumps(chat)}\n" for chat in asked), text=True,
        )  # fmt: skip
    different, to_the_byte = [], 0
    for chat, line in zip(asked, done.stdout.splitlines(), strict=True):
        found = json.loads(line)
        wanted = chat_format.render(
            template, chat["messages"], chat["tools"], add_generation_prompt=True
        )
        text = found.get("text", found.get("error"))
        to_the_byte += text == wanted
        if chat["id"] not in KNOWN and [*map(plain, text.split("\n"))] != [
            *map(plain, wanted.split("\n"))
        ]:
            different.append(f"{chat['id']}: {text[-300:]!r}\n    for {wanted[-300:]!r}")
    count = len(asked) - len(KNOWN)
    print(f"{version.strip()}: {count - len(different)} of {count} prompts are equal")
    print(f"({to_the_byte} of them to the byte), known to differ: {', '.join(KNOWN)}")
    print("\n".join(different[:SHOWN]))
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
