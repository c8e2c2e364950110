"""Files as other tools write them: a call stays a call, a null for "absent" goes, the rest is named."""

import bz2
import datetime
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import PROJECT
from public_rows import ASKED, CALL, CHAT, OPENAI, PARAMETERS, TOOL
from pyarrow import parquet

from synthia import recipe
from synthia.data import adding, check as data_check
from synthia.data.check import Rules
from synthia.errors import PipelineError, UsageError

Row = dict[str, Any]
Add = Callable[[bytes], tuple[str, list[Row]]]
OWN: Row = {"messages": CHAT, "tools": [TOOL]}
PLAIN: Row = {
    "messages": [
        {"role": "user", "content": "And who are you?"},
        {"role": "assistant", "content": "A model."},
    ]
}
SAID = '{"name": "weather", "arguments": {"city": "Oslo"}}'


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def answering(text: str) -> bytes:
    turns = [ASKED, {"role": "assistant", "content": text}]
    return lines({"messages": turns, "tools": [TOOL]})


def with_arguments(arguments: object, **schema: Any) -> Row:
    function = {"name": "weather", "arguments": arguments}
    turns = [
        ASKED,
        {"role": "assistant", "content": "", "tool_calls": [{**CALL, "function": function}]},
    ]
    tool = {**TOOL["function"], "parameters": {**PARAMETERS, **schema}}
    return {"messages": turns, "tools": [{"type": "function", "function": tool}]}


def as_parquet(table: Any) -> bytes:
    out = pyarrow.BufferOutputStream()
    parquet.write_table(table, out)
    data: bytes = out.getvalue().to_pybytes()
    return data


@pytest.fixture
def add(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Add:
    """Add a file's bytes; return what was said, and the rows that were written."""
    (tmp_path / "data").mkdir()
    loaded = recipe.load(PROJECT / "recipes", "smoke")
    path, out = tmp_path / "mine.jsonl", tmp_path / "data" / "mine.jsonl"

    def added(data: bytes) -> tuple[str, list[Row]]:
        path.write_bytes(data)
        try:
            said = adding.add(tmp_path, loaded, path, Rules(), drop=False)
        except PipelineError as error:
            said = str(error)
        rows = [json.loads(line) for line in out.read_bytes().splitlines()] if out.exists() else []
        out.unlink(missing_ok=True)
        return capsys.readouterr().out + said, rows

    return added


AS_TEXT = {
    "in a fence": f"```json\n{SAID}\n```",
    "behind a sentence": f"Let me look.\n{SAID}",
    "under other keys": '{"tool": "weather", "args": {"city": "Oslo"}}',
    "ToolACE's behind a sentence": "Sure: [weather(city='Oslo')]",
    "ReAct's": 'Thought: look\nAction: weather\nAction Input: {"city": "Oslo"}',
    "Python's": "```python\nweather(city='Oslo')\n```",
    "Gemma's": "```tool_code\nprint(weather(city='Oslo'))\n```",
    "DeepSeek's": "<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>function",
    "Kimi's": "<|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0",
    "gpt-oss's": f"<|channel|>commentary to=functions.weather <|message|>{SAID}<|call|>",
    "Anthropic's older": '<invoke name="weather"><parameter name="city">Oslo</parameter></invoke>',
    "Nemotron's": f"<TOOLCALL>[{SAID}]</TOOLCALL>",
}


@pytest.mark.parametrize("name", AS_TEXT)
def test_a_call_that_is_not_read_is_never_taught_as_text(name: str, add: Add) -> None:
    said, rows = add(answering(AS_TEXT[name]))
    assert rows == []
    assert "holds a call" in said


@pytest.mark.parametrize("text", [SAID, f"[{SAID}]", SAID.replace("{", '{"id": "c1", ', 1)])
def test_a_text_that_is_nothing_but_calls_becomes_calls(text: str, add: Add) -> None:
    said, (row,) = add(answering(text))
    (call,) = row["messages"][1]["tool_calls"]
    assert call["function"] == CALL["function"], said
    assert row["messages"][1]["content"] == ""


@pytest.mark.parametrize(
    "text",
    ["Call weather(city) in a.py.", '{"name": "x", "arguments": {}}', 'Write {"name": "weather"}.',
     "[weather] is a tool.", "Action: none"],
)  # fmt: skip
def test_a_text_that_only_speaks_of_tools_is_text(text: str, add: Add) -> None:
    assert "rows in the project's form" in add(answering(text))[0]


def test_null_arguments_that_arrow_filled_in_are_left_out_and_others_stay(add: Add) -> None:
    more = {"days": {"type": "integer"}, "unit": {"type": ["string", "null"]}}
    schema = {"properties": {"city": {"type": "string"}, **more}}
    arguments = {"city": "Oslo", "path": None, "days": None, "unit": None}
    said, (row,) = add(lines(with_arguments(arguments, **schema)))
    (call,) = row["messages"][1]["tool_calls"]
    assert call["function"]["arguments"] == {"city": "Oslo", "unit": None}
    assert "left out, as it says nothing to the model: null arguments (1 rows)" in said
    said, rows = add(lines(with_arguments(json.dumps(arguments), **schema)))
    assert "path: is null, and the tool declares no argument of this name" in said  # not filled in
    assert rows == []


def test_null_keywords_of_a_schema_are_absent_and_a_default_of_null_stays(add: Add) -> None:
    city = {"type": "string", "enum": None, "default": None}
    schema = {"properties": {"city": city, "default": None}, "$defs": None}
    _, (row,) = add(lines(with_arguments({"city": "Oslo"}, **schema)))
    parameters = row["tools"][0]["function"]["parameters"]
    assert parameters == {
        **PARAMETERS, "properties": {"city": {"type": "string", "default": None}}}  # fmt: skip


def test_rows_with_other_tools_come_out_of_one_parquet_file_as_they_were(
    add: Add, tmp_path: Path
) -> None:
    other: Row = {
        "messages": [
            {"role": "user", "content": "Sum them."},
            {"role": "assistant", "content": "", "tool_calls": [{
                "type": "function",
                "function": {"name": "sum", "arguments": {"of": {"numbers": [1, None]}}}}]},
        ],
        "tools": [{"type": "function", "function": {
            "name": "sum", "description": "", "parameters": {
                "type": "object", "properties": {"of": {"type": "object"}}}}}],
    }  # fmt: skip
    data = as_parquet(pyarrow.Table.from_pylist([OWN, other]))
    assert "2 rows in the project's form" in add(data)[0]
    path = tmp_path / "rows.parquet"
    path.write_bytes(data)
    found = data_check.check({"rows.parquet": path}, Rules())
    assert found.problems == []
    assert [row.messages for row in found.samples[""]] == [OWN["messages"], other["messages"]]
    assert [list(row.tools) for row in found.samples[""]] == [OWN["tools"], other["tools"]]


def test_columns_of_times_bytes_and_dictionaries_are_read(add: Add) -> None:
    texts = [json.dumps(OWN["messages"]), json.dumps(PLAIN["messages"])]
    tools = pyarrow.array([json.dumps([TOOL]), None])
    for messages in (
        pyarrow.array([text.encode() for text in texts]),
        pyarrow.array(texts).dictionary_encode(),
        pyarrow.array(texts, type=pyarrow.large_string()),
    ):
        table = pyarrow.table({
            "messages": messages, "tools": tools,
            "created": pyarrow.array([1, 2], type=pyarrow.timestamp("ns", "Nowhere/Town")),
            "created_at": pyarrow.array([datetime.date(2024, 1, 1), None]),
            "timestamp": pyarrow.array([1, 2], type=pyarrow.duration("ns")),
            "id": pyarrow.array([Decimal("1.5"), None]),
        })  # fmt: skip
        said, rows = add(as_parquet(table))
        assert [row["messages"] for row in rows] == [OWN["messages"], PLAIN["messages"]], said
        assert "left out, as it says nothing to the model: created (2 rows)" in said


def test_of_two_columns_with_one_name_none_is_lost_in_silence(add: Add, tmp_path: Path) -> None:
    column = pyarrow.array([json.dumps(PLAIN["messages"])])
    data = as_parquet(pyarrow.table([column, column], names=["messages", "messages"]))
    assert "has two columns named 'messages': rename or remove one" in add(data)[0]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps([OWN, PLAIN]).encode(),
        lines(OWN, PLAIN).replace(b"\n", b",\n"),
        lines(OWN, PLAIN).replace(b"\n", b"\r\n"),
        lines(OWN, PLAIN).replace(b"\n", b"\r"),
        lines(OWN) + b"\n" + lines(PLAIN),
        b"\xef\xbb\xbf" + lines(OWN) + b"\xef\xbb\xbf" + lines(PLAIN),
        b"\x1e" + lines(OWN) + b"\x1e" + lines(PLAIN),
        json.dumps(OWN, indent=1).encode() + b"\n" + json.dumps(PLAIN, indent=1).encode(),
        lines(json.dumps(OWN), json.dumps(PLAIN)),
    ],
    ids=["array", "commas", "CRLF", "CR", "blank line", "joined with marks", "RS", "pretty", "as text"],
)  # fmt: skip
def test_good_rows_that_do_not_stand_one_a_line_are_written_so(data: bytes, add: Add) -> None:
    said, rows = add(data)
    assert rows == [OWN, PLAIN], said


def of_tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("rows.jsonl")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def of_anthropic(result: object) -> bytes:
    use = {"type": "tool_use", "id": "t", "name": "weather", "input": {"city": "Oslo"}}
    turns = [
        ASKED,
        {"role": "assistant", "content": [use]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t", "content": result}],
        },
    ]
    return lines({"messages": turns, "tools": [TOOL]})


REFUSED = {
    "bzip2 with more behind it": (bz2.compress(lines(OPENAI)) + b"more", "cannot be read as bzip2"),
    "xz with more behind it": (
        lzma.compress(lines(OPENAI)) + b"more" * 9, "cannot be read as xz: more stands behind its end"),
    "UTF-16 without a mark": (
        f"\n [{lines(OPENAI).decode()}]".encode("utf-16-le"), "the file is UTF-16"),
    "tar": (of_tar(lines(OPENAI)), "the file is tar"),
    "tar in gzip": (gzip.compress(of_tar(lines(OPENAI))), "inside of gzip the file is tar"),
    "NUL bytes": (bytes(1000), "the file is nothing but NUL bytes"),
    "CSV": (b"role,content\nuser,Hi\n", "begins with 'role,content', which is no JSON"),
    "pickle": (b"\x80\4\x95\x8a\1", "is binary data, which is no JSON"),
    "an array without rows": (b"[]", "the file holds no row"),
    "one turn a line": (lines(ASKED), "is one turn and no chat"),
    "GLM's call": (
        answering("<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>"),
        "a call in GLM's form"),
    "Qwen3-Coder's call without its mark": (
        answering("<function=weather>\n<parameter=city>\nOslo\n</parameter>\n</function>"),
        "a call in Qwen3-Coder's form"),
    "empty arguments": (lines(with_arguments("")), "the arguments are an empty text: write {}"),
    "an image as a result": (
        of_anthropic([{"type": "image", "source": {}}]), "holds parts that are no text: 'image'"),
    "UTF-32": (lines(OPENAI).decode().encode("utf-32"), "`iconv -f UTF-32"),
    "a pointer of Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "`git lfs pull`"),
    "a page": (b"<!DOCTYPE html><html></html>", "the file is HTML"),
    "gzip in gzip": (gzip.compress(gzip.compress(lines(OPENAI))), "inside of gzip the file is gzip"),
    "Parquet in gzip": (gzip.compress(b"PAR1" + b"x" * 20), "inside of gzip the file is Parquet"),
    "gzip with more behind it": (gzip.compress(lines(OPENAI)) + b"more", "cannot be read as gzip"),
    "messages of null": (lines({"messages": None}), "messages is null; has the keys ['messages']"),
    "keys that are not known": (
        lines({**OPENAI, "chosen": 1, "rejected": 2}), "`jq -c 'del(.chosen, .rejected)' FILE`"),
    "no role": (lines({"messages": [{"type": "human", "content": "Hi"}]}),
                "no known speaker under role or from: it has type, content"),
    "a number too long": (
        lines(OPENAI)[:-2] + b', "x": 1' + b"0" * 5000 + b"}\n", "more than 4,300 digits"),
    "digits that would be lost": (
        lines(with_arguments('{"city": "x", "y": 3.14159265358979323846}')), "it would become 3.14159"),
    "a number too small": (
        lines(with_arguments('{"city": "x", "y": 1.0000000000000000e-999999999}')), "would become 0.0"),
    "NaN of Arrow": (
        as_parquet(pyarrow.Table.from_pylist([with_arguments({"y": float("nan")})])),
        "messages[1].tool_calls[0].function.arguments.y is NaN or Infinity"),
    "times inside of turns": (
        as_parquet(pyarrow.Table.from_pylist(
            [{"messages": [{"role": "user", "content": datetime.datetime(2024, 1, 1)}]}])),
        "messages[0].content is no text"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_named(name: str, add: Add) -> None:
    data, reason = REFUSED[name]
    said, rows = add(data)
    assert reason in said
    assert rows == []


@pytest.mark.parametrize(
    "digits",
    ["0.1", "0.30000000000000004", "0.10000000000000000555", "1.5e300", "0." + "0" * 20000],
)
def test_a_number_that_keeps_its_value_is_read(digits: str, add: Add) -> None:
    row = with_arguments(f'{{"city": "x", "y": {digits}}}', properties={"city": {}, "y": {}})
    _, (made,) = add(lines(row))
    call = made["messages"][1]["tool_calls"][0]
    assert call["function"]["arguments"]["y"] == float(digits)


def test_langchains_and_ollamas_words_are_read(add: Add) -> None:
    turns = [
        ASKED,
        {"role": "ai", "content": "", "tool_calls": [
            {"name": "weather", "args": {"city": "Oslo"}, "id": "c1", "type": "tool_call"}]},
        {"role": "tool", "tool_name": "weather", "content": "3 degrees"},
        CHAT[3],
    ]  # fmt: skip
    _, (row,) = add(lines({"messages": turns, "tools": [TOOL]}))
    assert row["messages"] == [
        ASKED, {**CHAT[1], "tool_calls": [{**CALL, "id": "c1"}]},
        {**CHAT[2], "name": "weather"}, CHAT[3],
    ]  # fmt: skip


def test_a_row_of_a_recipes_parquet_file_that_json_cannot_say_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(as_parquet(pyarrow.table({"messages": [b"\xff"]})))
    with pytest.raises(
        UsageError, match=r"rows\.parquet, row 1: .*\./invoke data --add FILE names"
    ):
        data_check.check({"rows.parquet": path}, Rules())


@pytest.mark.parametrize(
    "text",
    [
        "[weather(city='Oslo')]\nDone.",
        "weather(city='Oslo')\nweather(city='Rome')",
        "print(weather(city='Oslo'))",
        'weather.call(city="Oslo")',
    ],
)
def test_calls_among_lines_of_text_are_found(text: str, add: Add) -> None:
    said, rows = add(answering(text))
    assert rows == []
    assert "holds a call written as text" in said


def test_a_call_of_a_tool_that_the_users_text_declares_is_no_answer(add: Add) -> None:
    asked = f"Answer with JSON of a call.\n{json.dumps(TOOL)}\nWeather?"
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": SAID}]
    assert "holds a call written as text, in bare JSON's form" in add(lines({"messages": turns}))[0]


def test_a_function_that_is_json_text_is_read(add: Add) -> None:
    tool = {"type": "function", "function": json.dumps(TOOL["function"])}
    call = {"type": "function", "function": json.dumps(CALL["function"])}
    turns = [ASKED, {"role": "assistant", "content": "", "tool_calls": [call]}]
    _, (row,) = add(lines({"messages": turns, "tools": [tool]}))
    assert row["messages"][1]["tool_calls"] == [CALL]
    assert row["tools"] == [TOOL]


def test_pythons_types_inside_of_a_schema_become_json_schemas(add: Add) -> None:
    properties = {"city": {"type": "str"}, "days": {"type": "list", "items": {"type": "float"}},
                  "type": {"type": "any", "default": "int"}, "kind": {"enum": ["int"]}}  # fmt: skip
    _, (row,) = add(lines(with_arguments({"city": "Oslo"}, type="dict", properties=properties)))
    assert row["tools"][0]["function"]["parameters"] == {**PARAMETERS, "properties": {
        "city": {"type": "string"}, "days": {"type": "array", "items": {"type": "number"}},
        "type": {"default": "int"}, "kind": {"enum": ["int"]}}}  # fmt: skip


def test_a_range_beside_a_class_is_javascripts(add: Add) -> None:
    city = {"type": "string", "pattern": r"^[\w-.]+$"}
    assert "1 rows in the project's form" in add(lines(with_arguments(
        {"city": "Oslo"}, properties={"city": city})))[0]  # fmt: skip


def test_add_is_named_only_where_it_mends(add: Add) -> None:
    said, _ = add(lines(with_arguments({"city": "Oslo"}, properties={"city": {"type": "STRING"}})))
    assert "is no JSON Schema" in said
    assert "converts it" not in said
