"""Every shipped row and probe, and the odd chats of clients, with their text by the chat template."""

import json
from pathlib import Path
from typing import Any

import odd_messages

from synthia.data import chat_format

PROJECT = Path(__file__).resolve().parents[1]
TEMPLATE = PROJECT / "chat_templates" / "qwen2.5-tools.jinja"


def _chats() -> list[dict[str, Any]]:
    found = []
    for path in sorted((PROJECT / "data").glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            row = json.loads(line)
            messages = [*row["messages"], *([row["gold"]] if "gold" in row else [])]
            chat = {"messages": messages, "tools": row.get("tools") or [], "prompt": False}
            found.append({"id": f"{path.name}:{number}", **chat})
    for name, (odd, _) in odd_messages.CASES.items():
        for tools in ([], odd_messages.TOOLS):
            found.append({"id": name, "messages": odd, "tools": tools, "prompt": True})
    return found


def write(path: Path) -> int:
    """Write them as JSON lines; returns how many there are."""
    template = TEMPLATE.read_text(encoding="utf-8")
    chats = _chats()
    for chat in chats:
        chat["text"] = chat_format.render(
            template, chat["messages"], chat["tools"], add_generation_prompt=chat["prompt"]
        )
    lines = (json.dumps(chat, ensure_ascii=False) for chat in chats)
    path.write_text("\n".join(lines), encoding="utf-8")
    return len(chats)
