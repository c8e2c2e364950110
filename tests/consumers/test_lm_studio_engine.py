"""LM Studio's engine renders every row and probe, and chats as clients send them, byte for byte alike."""

import json
from pathlib import Path
from typing import Any

import family_chats
import node_packages
import odd_messages
import pytest

from synthia.data import chat_format
from synthia.families import FAMILIES, Name

PROJECT = Path(__file__).resolve().parents[2]
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


def test_every_row_and_odd_chat_is_the_text_of_training(tmp_path: Path) -> None:
    template = TEMPLATE.read_text(encoding="utf-8")
    chats = _chats()
    for chat in chats:
        chat["text"] = chat_format.render(
            template, chat["messages"], chat["tools"], add_generation_prompt=chat["prompt"]
        )
    path = tmp_path / "chats.jsonl"
    lines = (json.dumps(chat, ensure_ascii=False) for chat in chats)
    path.write_text("\n".join(lines), encoding="utf-8")
    found = node_packages.run(Path(__file__).with_name("rows.mjs"), str(TEMPLATE), str(path))
    assert found["different"] == []
    assert found["count"] == len(chats) > 3_000


@pytest.mark.parametrize("name", ["qwen3", "qwen3-coder", "llama3"])
def test_chats_of_other_families_are_rendered_alike(tmp_path: Path, name: Name) -> None:
    template = PROJECT / FAMILIES[name].chat_template
    chats = [
        {"id": name, "messages": messages, "tools": tools, "prompt": prompt,
         "text": chat_format.render(template.read_text(encoding="utf-8"), messages, tools,
                                    add_generation_prompt=prompt, special_tokens={"bos_token": ""})}
        for whole in family_chats.rows(name)
        for tools in ([], family_chats.TOOLS)
        for messages, prompt in ((whole, False), (whole[:-1], True))
    ]  # fmt: skip
    path = tmp_path / "chats.jsonl"
    path.write_text("\n".join(map(json.dumps, chats)), encoding="utf-8")
    found = node_packages.run(Path(__file__).with_name("rows.mjs"), str(template), str(path))
    assert found == {"count": len(chats), "different": []}
