"""Ten thousand mutated rows, in files of every kind: no traceback, and no good row lost among them."""

import bz2
import copy
import gzip
import json
import lzma
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import PROJECT
from public_rows import CHAT, FORMS, TOOL
from tokenizers import Tokenizer, models, pre_tokenizers

from synthia import recipe
from synthia.data import adding, check as data_check
from synthia.data.check import Rules
from synthia.errors import PipelineError

ROWS = int(os.environ.get("SYNTHIA_FUZZ_ROWS", "10000"))
SEED = int(os.environ.get("SYNTHIA_FUZZ_SEED", "17"))
ROWS_A_FILE = 200
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**400, 1e308, "", " ", "x", "\ud83d", "\0", "null", "[]", "{", "{'a': {1}}",
    '{"a": 1, "a": 2}', "<tool_call>", "<tools>[", "[f(a=1)]", "[f(", "<functioncall> {", [], [[]], {},
    [None], {"type": "text"}, {"type": "tool_use"}, {"role": 1}, {"": {"": ""}}, {"$ref": "#"},
    {"$schema": 3},
    {"type": "object", "properties": {"a": {"pattern": "("}}}, {"patternProperties": {"[": False}},
    {"multipleOf": 1e-300}, {"enum": [{}]}, {"$ref": "http://[/"}, {"minLength": 10**30},
)  # fmt: skip


def mutated(draw: random.Random, record: Any) -> Any:
    """A copy with values somewhere replaced, removed, doubled, or buried."""
    root = {"row": copy.deepcopy(record)}
    for _ in range(draw.randint(1, 3)):
        holder: Any = root
        key: Any = "row"
        while isinstance(holder[key], dict | list) and holder[key] and draw.random() < 0.85:
            holder = holder[key]
            key = draw.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        way = draw.random()
        if way < 0.6:
            holder[key] = copy.deepcopy(draw.choice(JUNK))
        elif way < 0.75 and holder is not root:
            del holder[key]
        elif way < 0.85 and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        elif way < 0.9:
            for _ in range(draw.choice((3, 60, 120))):
                holder[key] = [holder[key]] if draw.random() < 0.5 else {"a": holder[key]}
        elif isinstance(holder, dict):
            holder[draw.choice(("content", "id", "type", "text", "\ud800"))] = holder[key]
    return root["row"]


def damaged(draw: random.Random, data: bytes) -> bytes:
    """Bytes with some cut off, changed, removed or put in."""
    at = draw.randrange(len(data) + 1)
    way = draw.randrange(4)
    if way == 0:
        return data[:at]
    if way == 1:
        return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
    if way == 2:
        return data[:at] + data[at + draw.randrange(9) :]
    return (
        data[:at] + draw.choice((b"\xff\xfe", b"\0", b"\r", b"\n", b",", b"{}", b"]")) + data[at:]
    )


def zstandard(data: bytes) -> bytes:
    packed: bytes = pyarrow.compress(data, codec="zstd", asbytes=True)
    return packed


def as_array(data: bytes) -> bytes:
    return b"[\n" + b",\n".join(data.splitlines()) + b"\n]"


def spread_out(data: bytes) -> bytes:
    """Each row over many lines, where it is JSON."""
    made = []
    for line in data.splitlines():
        try:
            made.append(json.dumps(json.loads(line), indent=1).encode())
        except (ValueError, RecursionError):
            made.append(line)
    return b"\n".join(made)


PACKED: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("jsonl", bytes), ("jsonl", bytes), ("jsonl.gz", gzip.compress), ("jsonl.zst", zstandard),
    ("jsonl.bz2", bz2.compress), ("jsonl.xz", lzma.compress), ("json", as_array), ("json", spread_out),
)  # fmt: skip


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(path))
    template = (PROJECT / "chat_templates" / "qwen2.5-tools.jinja").read_text(encoding="utf-8")
    return Rules(tokenizer=str(path), chat_template=template, max_length=512, reasoning="drop")


def test_no_row_and_no_file_ends_in_a_traceback(
    tmp_path: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    draw = random.Random(SEED)
    loaded = recipe.load(PROJECT / "recipes", "smoke", ["data.reasoning=drop"])
    forms = list(FORMS.values())
    stopped = []
    tried = written = 0
    for number in range(ROWS // ROWS_A_FILE):
        good = [
            {
                "messages": [{"role": "user", "content": f"Row {number} of {each}?"}, *CHAT[1:]],
                "tools": [TOOL],
            }
            for each in range(3)
        ]
        lines = [json.dumps(mutated(draw, draw.choice(forms))).encode() for _ in range(ROWS_A_FILE)]
        lines = [damaged(draw, line) if draw.random() < 0.2 else line for line in lines]
        lines = [line.replace(b"\n", b" ").replace(b"\xff\xfe", b"") for line in lines]
        for each in good:
            lines.insert(draw.randrange(len(lines)), json.dumps(each).encode())
        ending, pack = PACKED[number % len(PACKED)]
        packed = pack(b"\n".join(lines))
        broken = number % 3 == 2
        path = tmp_path / f"rows{number}.{ending}"
        path.write_bytes(damaged(draw, packed) if broken else packed)
        tried += len(lines)
        try:
            adding.add(tmp_path, loaded, path, rules, drop=True)
        except PipelineError:  # any other error is a crash
            stopped.append((path.name, broken))
        else:
            out = tmp_path / "data" / f"{adding.stem(path)}.jsonl"
            rows = [json.loads(line) for line in out.read_bytes().splitlines()]
            written += len(rows)
            # In one array, or in objects over many lines, a broken row may swallow the next ones.
            if ending.startswith("jsonl") and not broken:
                assert all(each in rows for each in good), path.name
            assert data_check.check({"r": out}, rules).problems == []
        try:
            data_check.check({"r": path}, rules)
        except PipelineError:
            assert broken or ending != "jsonl"
    capsys.readouterr()
    assert tried >= ROWS
    assert written > ROWS // 50
    assert all(broken or name.endswith(".json") for name, broken in stopped), stopped
    assert len(stopped) < ROWS // ROWS_A_FILE // 3
    assert not list((tmp_path / "data").glob(".*"))
