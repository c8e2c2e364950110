"""LM Studio's engine renders every row and probe, and chats as clients send them, byte for byte alike."""

import json
from pathlib import Path

import family_chats
import node_packages
import pytest
import shipped_chats

from synthia.data import chat_format
from synthia.families import FAMILIES, Name

PROJECT = Path(__file__).resolve().parents[2]


def test_every_row_and_odd_chat_is_the_text_of_training(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    count = shipped_chats.write(path)
    script = Path(__file__).with_name("rows.mjs")
    found = node_packages.run(script, str(shipped_chats.TEMPLATE), str(path))
    assert found["different"] == []
    assert found["count"] == count > 3_000


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
