"""A marker in any place of any form that is read comes out, or the row is refused: nothing is lost."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from public_rows import APIGEN_MT, ASKED, CHAT, FORMS, HERMES, TOOL

from synthia.data import public_schemas, rules as conversation_rules
from synthia.data.public_schemas import NOTES

MARKER = "Qzx7marker"
Path = tuple[str | int, ...]


@pytest.mark.parametrize("name", FORMS)
def test_each_form_comes_out_as_the_project_writes_it(name: str) -> None:
    row = public_schemas.convert(FORMS[name]).row
    assert conversation_rules.problems(row) == []
    said = [
        {key: value for key, value in turn.items() if key not in ("name", "tool_call_id")}
        for turn in without_call_ids(row)["messages"]
        if turn["role"] != "system"
    ]
    assert said == CHAT[: len(said)]
    assert [tool["function"]["name"] for tool in row["tools"]] == ["weather"]


def without_call_ids(row: dict[str, Any]) -> dict[str, Any]:
    row = copy.deepcopy(row)
    for turn in row["messages"]:
        for call in turn.get("tool_calls", []):
            call.pop("id", None)
    return row


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """All places of a JSON value, JSON inside of texts not looked into."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def marked(record: Any, path: Path, way: str, position: float, around: str = "") -> tuple[Any, str]:
    """The record with a marker at a place, and what was put there: as text, as a key, or as an entry."""
    root = {"row": copy.deepcopy(record)}
    holder: Any = root
    key: Any = "row"
    for step in path:
        holder, key = holder[key], step
    value = holder[key]
    if isinstance(value, str):
        at = round(position * len(value))
        holder[key] = value[:at] + around + MARKER + around + value[at:]
    elif isinstance(value, dict):
        value[MARKER if way == "key" else "extra"] = {"text": MARKER, "flag": 1, "list": [MARKER]}[
            way if way in ("text", "flag", "list") else "text"
        ]
    elif isinstance(value, list):
        value.insert(round(position * len(value)), MARKER if way != "object" else {MARKER: 1})
    else:
        holder[key] = MARKER
    return root["row"], "extra" if way == "flag" and isinstance(value, dict) else MARKER


def is_lost(name: str, path: Path, way: str, position: float, text: str = "") -> bool:
    """Whether a marked row is converted without a trace of the marker."""
    row, marker = marked(FORMS[name], path, way, position, text)
    try:
        imported = public_schemas.convert(row)
    except ValueError:  # any other error is a crash
        return False
    out = json.dumps([imported.row, imported.left_out], ensure_ascii=False)
    return marker not in out and not (path and path[0] in NOTES)


@pytest.mark.parametrize("name", FORMS)
def test_a_marker_in_any_place_comes_out_or_the_row_is_refused(name: str) -> None:
    tried = 0
    for path in places(FORMS[name]):
        value: Any = FORMS[name]
        for step in path:
            value = value[step]
        characters = len(value) if isinstance(value, str) else 0
        for way in (
            ("text",) if isinstance(value, str) else ("text", "key", "flag", "list", "object")
        ):
            for at in range(characters + 1):
                assert not is_lost(name, path, way, at / max(characters, 1)), (path, way, at)
                tried += 1
    assert tried > 100


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_a_marker_among_any_characters_comes_out_or_the_row_is_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FORMS)))
    path = data.draw(st.sampled_from(list(places(FORMS[name]))))
    signs = st.sampled_from("<>[]{}()\"'\\,:=#\n ab1_/|é\u200d\U0001f600")
    around = data.draw(st.text(signs, max_size=6))
    assert not is_lost(name, path, "text", data.draw(st.floats(0, 1)), around)


@pytest.mark.parametrize(
    "key", ["value", "from", "score", "rejected", "loss_mask", "images", "label"]
)
@pytest.mark.parametrize("where", [(), ("messages", 0), ("messages", 1, "tool_calls", 0)])
def test_a_key_that_is_not_known_is_refused_by_name(key: str, where: Path) -> None:
    row = copy.deepcopy({"messages": CHAT, "tools": [TOOL]})
    holder: Any = row
    for step in where:
        holder = holder[step]
    holder[key] = "x"
    with pytest.raises(ValueError, match=key):
        public_schemas.convert(row)
    holder[key] = None  # null is absent
    assert public_schemas.convert(row).row == {"messages": CHAT, "tools": [TOOL]}


@pytest.mark.parametrize("flag", ["weight", "train", "training", "trainable", "loss", "loss_scale"])
@pytest.mark.parametrize("value", [0, False, 0.0])
def test_each_word_for_no_loss_becomes_weight_0(flag: str, value: object) -> None:
    for key, form in (("messages", {"messages": copy.deepcopy(CHAT)}),
                      ("conversations", copy.deepcopy(APIGEN_MT))):  # fmt: skip
        form[key][1][flag] = value
        row = public_schemas.convert({"tools": [TOOL], **form}).row
        assert [turn.get("weight") for turn in row["messages"]] == [None, 0, None, None]
        form[key][1][flag] = 0.5
        with pytest.raises(ValueError, match=flag):
            public_schemas.convert({"tools": [TOOL], **form})
        del form[key][1][flag]
        form[key][0][flag] = 1
        with pytest.raises(ValueError, match="never done"):
            public_schemas.convert({"tools": [TOOL], **form})


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning", "thinking"])
def test_reasoning_is_refused_dropped_or_kept_as_the_recipe_says(key: str) -> None:
    row: dict[str, Any] = {"messages": copy.deepcopy(CHAT), "tools": [TOOL]}
    row["messages"][1][key] = "Look first."
    with pytest.raises(ValueError, match=rf"messages\[1\]\.{key} is reasoning"):
        public_schemas.convert(row)
    dropped = public_schemas.convert(row, "drop")
    assert dropped.row["messages"] == CHAT
    assert dropped.left_out == ("reasoning",)
    kept = public_schemas.convert(row, "keep").row["messages"][1]
    assert kept == {**CHAT[1], "reasoning_content": "Look first."}


def test_of_a_system_prompt_only_the_known_sentences_go() -> None:
    row = copy.deepcopy(HERMES)
    row["conversations"][0]["value"] += " Answer in German."
    system = public_schemas.convert(row).row["messages"][0]["content"]
    assert system == "You are a function calling AI model. Answer in German."
    row["conversations"][0]["value"] += " Close each <tool_call> twice."
    with pytest.raises(ValueError, match="Close each <tool_call> twice"):
        public_schemas.convert(row)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<functioncall> {"name": "weather"', "is no JSON"),
        ("[weather(city=open('x'))]", "ToolACE"),
        ("[weather('Oslo')]", "ToolACE"),
        ("<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</tool_call>", "Qwen3-Coder"),
        ('<|python_tag|>{"name": "weather", "parameters": {}}', "Llama's form"),
        ('<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call> Done.', "'Done.' behind"),
    ],
)
def test_what_looks_like_a_call_and_is_none_is_refused(text: str, reason: str) -> None:
    turns = [ASKED, {"role": "assistant", "content": text}]
    with pytest.raises(ValueError, match=reason):
        public_schemas.convert({"conversations": turns, "tools": [TOOL]})


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ('{"city": "a", "city": "b"}', "'city' occurs twice"),
        ("{'city': 'a', 'city': 'b'}", "'city' occurs twice"),
        ("{'city': {1, 2}}", "which JSON cannot say"),
        ("{'city': 1} # of Norway", "comment"),
        ("{'city': b'x'}", "which JSON cannot say"),
        ("{'city': 1e999}", "which JSON cannot say"),
        ('{"city": NaN}', "NaN"),
        ("{1: 2}", "no text"),
        ("open('x')", "which JSON cannot say"),
        ("[1]", "no JSON object"),
    ],
)
def test_arguments_that_json_cannot_say_are_refused(arguments: str, reason: str) -> None:
    call = {"type": "function", "function": {"name": "weather", "arguments": arguments}}
    turns = [ASKED, {"role": "assistant", "content": None, "tool_calls": [call]}]
    with pytest.raises(ValueError, match=reason):
        public_schemas.convert({"messages": turns, "tools": [TOOL]})
