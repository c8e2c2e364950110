"""Conversations in the common public forms, converted to the project's.

Known are OpenAI's messages, ShareGPT's turns, and rows of xLAM and Glaive; the turns in all dialects that
`synthia.data.turns` knows. Nothing is guessed, and nothing is lost: each key and each word of a row
comes out, or the row is refused with the reason. Only what says where a row comes from is left out,
and named.

Not covered: checking the converted row (`synthia.data.rules`), images, and other forms.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from synthia.data import call_order, calls_in_text, declared_tools, turns
from synthia.data.literals import given, parsed
from synthia.data.rules import ORIGIN
from synthia.recipe_sections import Reasoning

NOTES = (
    "id", "uuid", "idx", "index", "conversation_id", "conversation_hash", "hash", "source", "dataset",
    "category", "subcategory", "task", "language", "lang", "license", "split", "url", "created",
    "created_at", "timestamp", "model", "num_turns", "parallel_tool_calls",
)  # fmt: skip
"""Keys of a row that say where it comes from, and nothing to the model."""
ROW_KEYS = (*ORIGIN, *NOTES, "tools", "functions", "system")
REMOVE = (
    "what this should do is not known: remove {}, from JSON Lines e.g. by `jq -c 'del({})' FILE`; "
    "known here: {}"
)
NAMES = {"openai": "OpenAI's", "sharegpt": "ShareGPT's", "xlam": "xLAM's", "glaive": "Glaive's"}
GLAIVE_TURN = re.compile(r"(?:^|\n|<\|endoftext\|>)\s*(USER|ASSISTANT|FUNCTION RESPONSE):")
GLAIVE_ROLES = {"USER": "user", "ASSISTANT": "assistant", "FUNCTION RESPONSE": "tool"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Imported:
    """A row in the project's form."""

    form: str
    """What it came in: "project", "openai", "sharegpt", "xlam" or "glaive"."""
    row: Row
    left_out: tuple[str, ...] = ()
    """What is not in it because it says nothing to the model."""
    text: str = field(default="", compare=False)
    """The row as a line of JSON, without its end."""


def form_of(record: Mapping[str, Any]) -> str:
    """Name the form of a record, or "" if it is unknown. "openai" may be the project's own."""
    if record.get("query") is not None and "answers" in record:
        return "xlam"
    if record.get("conversations") is not None:
        return "sharegpt"
    if isinstance(record.get("chat"), str):
        return "glaive"
    return "openai" if record.get("messages") is not None else ""


def convert(record: Any, reasoning: Reasoning = "refuse") -> Imported:
    """Convert one record. Raises ValueError with the reason when it cannot be.

    `reasoning` says what to do with what a turn thinks: refuse the row, drop it, or keep it.
    """
    whole = isinstance(record, Mapping)
    record = parsed(record, "the row")
    if not isinstance(record, Mapping):
        raise ValueError("is no JSON object")
    form = form_of(record)
    if not form:
        empty = [key for key in ("messages", "conversations") if key in record]
        said = f"{empty[0]} is null; " if empty else ""
        if {"role", "content"} <= record.keys() or {"from", "value"} <= record.keys():
            said = "is one turn and no chat: put the turns of a chat under messages; "
        raise ValueError(
            f"{said}has the keys {sorted(map(str, record))}: known are messages (OpenAI), conversations "
            "(ShareGPT, Hermes), query with answers (xLAM), and system with chat (Glaive)"
        )
    try:
        made = _xlam(record) if form == "xlam" else _chat(record, form, reasoning)
        if made.form == "project" and not whole:
            made = replace(made, form=form)
        text = json.dumps(made.row, ensure_ascii=False)
        if place := _no_number(made.row, "") if "NaN" in text or "Infinity" in text else "":
            raise ValueError(f"{place} is NaN or Infinity, which JSON cannot say")
    except TypeError as error:
        raise ValueError(f"holds a value that JSON cannot say: {error}") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = text[error.start]
        place = next(at for at, said in texts(made.row, "") if half in said)
        message = f"holds half a character (lone surrogate \\u{ord(half):04x})"
        raise ValueError(f"{place} {message}: write the whole one, or remove it") from None
    return replace(made, text=text)


def _no_number(value: Any, place: str) -> str:
    """The first place with a number that is none, or ""."""
    if isinstance(value, float) and not math.isfinite(value):
        return place
    inside: Iterable[tuple[str, Any]] = ()
    if isinstance(value, Mapping):
        inside = ((f"{place}.{key}" if place else str(key), each) for key, each in value.items())
    elif isinstance(value, list):
        inside = ((f"{place}[{index}]", each) for index, each in enumerate(value))
    return next(filter(None, (_no_number(each, at) for at, each in inside)), "")


def texts(value: Any, place: str) -> list[tuple[str, str]]:
    """All texts inside a JSON value, keys included, with their places."""
    if isinstance(value, str):
        return [(place, value)]
    found = []
    if isinstance(value, Mapping):
        for key, inner in value.items():
            at = f"{place}.{key}" if place else str(key)
            found += [(at, str(key)), *texts(inner, at)]
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += texts(inner, f"{place}[{index}]")
    return found


def _notes(record: Mapping[str, Any], own: Sequence[str]) -> tuple[Row, list[str]]:
    """The row's keys without those that say where it comes from, and the names of these."""
    known = (*own, *ROW_KEYS)
    unknown = [
        str(key)
        for key, value in record.items()
        if key not in known and value not in (None, "", [], {})
    ]
    if unknown:
        them = "it" if len(unknown) == 1 else "them"
        keys = ", ".join(f".{key}" for key in unknown)
        raise ValueError(
            f"{', '.join(unknown)}: {REMOVE.format(them, keys, ', '.join(sorted(known)))}"
        )
    found = given(record, known, "")
    notes = [key for key in found if key in NOTES]
    for key in notes:
        values = found[key] if isinstance(found[key], list) else [found[key]]
        if any(isinstance(value, Mapping | list) for value in values):
            raise ValueError(f"{key} is taken for a note on the row, and holds more than a value")
        if key == "parallel_tool_calls" and not isinstance(found[key], bool):
            raise ValueError(f"{key} is neither true nor false")
    return {key: value for key, value in found.items() if key not in notes}, notes


def _declared(found: Mapping[str, Any]) -> tuple[list[Row], list[str]]:
    """The tools that stand beside the turns."""
    ways = [key for key in ("tools", "functions") if found.get(key) not in (None, "", [])]
    if not ways:
        return [], []
    tools, left_out = declared_tools.convert(found[ways[0]], ways[0])
    if len(ways) > 1 and declared_tools.convert(found[ways[1]], ways[1])[0] != tools:
        raise ValueError("functions declares other tools than tools: keep one of them")
    return tools, left_out


def _chat(record: Mapping[str, Any], form: str, reasoning: Reasoning) -> Imported:
    key = {"openai": "messages", "sharegpt": "conversations", "glaive": "chat"}[form]
    found, notes = _notes(record, [key])
    said = _glaive(found[key]) if form == "glaive" else parsed(found[key], key)
    if not isinstance(said, list):
        raise ValueError(f"{key} is no list of turns")
    said = [parsed(turn, f"{key}[{index}]") for index, turn in enumerate(said)]
    tools, left_out = _declared(found)
    notes += left_out
    read = turns.Turns(key, tools=tools, thoughts=reasoning)
    if found.get("system"):
        system = found["system"]
        if form == "glaive" and isinstance(system, str):
            system = system.removeprefix("SYSTEM:").strip()
        read.add({"role": "system", "content": system}, "system")
    for index, turn in enumerate(said):
        read.add(turn, f"{key}[{index}]")
    origin = {name: found[name] for name in ORIGIN if name in found}
    row = {"messages": call_order.in_call_order(read.messages), "tools": read.tools, **origin}
    if "tools" not in record and not row["tools"]:
        own = {name: value for name, value in row.items() if name != "tools"}
    else:
        own = row
    if own == record:
        return Imported("project", own)
    return Imported(form, row, tuple(dict.fromkeys([*notes, *read.left_out])))


def _glaive(chat: str) -> list[Row]:
    """Turns of Glaive's text: USER:, ASSISTANT: and FUNCTION RESPONSE: at the start of a paragraph."""
    pieces = GLAIVE_TURN.split(chat)
    if pieces[0].strip():
        raise ValueError(f"chat begins with {pieces[0].strip()[:40]!r}, and not with USER:")
    return [
        {"role": GLAIVE_ROLES[who], "content": text.strip().removesuffix("<|endoftext|>").strip()}
        for who, text in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def _xlam(record: Mapping[str, Any]) -> Imported:
    found, notes = _notes(record, ("query", "answers"))
    answers = parsed(found.get("answers"), "answers")
    if not isinstance(answers, list):
        raise ValueError("answers is no list of calls")
    if not answers:
        raise ValueError("answers holds no call, and xLAM gives no text to answer with")
    tools, left_out = _declared(found)
    read = turns.Turns("query", tools=tools, thoughts="refuse")
    if found.get("system"):
        read.add({"role": "system", "content": found["system"]}, "system")
    read.add({"role": "user", "content": found["query"]}, "query")
    calls = calls_in_text.from_json(answers, "answers")
    read.messages.append({"role": "assistant", "content": "", "tool_calls": calls})
    origin = {name: found[name] for name in ORIGIN if name in found}
    row = {"messages": read.messages, "tools": read.tools, **origin}
    return Imported("xlam", row, (*notes, *left_out))
