"""What bug reports of the field tell of data files, tried: each comes out whole, or says why not."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from conftest import PROJECT
from public_rows import ASKED, CALL, CHAT, OPENAI, PARAMETERS, TOOL, openai_call
from pyarrow import parquet

from synthia import recipe
from synthia.data import accepted, adding, check as data_check, held_out, text as conversation_text
from synthia.data.check import Rules
from synthia.errors import PipelineError, UsageError

Row = dict[str, Any]
SAID = {"role": "assistant", "content": "It has 3 degrees."}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "3 degrees"}


def calling(call: Any, **turn: Any) -> Row:
    return {"messages": [ASKED, {"role": "assistant", "content": None, "tool_calls": call, **turn},
                         RESULT, SAID], "tools": [TOOL]}  # fmt: skip


def with_arguments(arguments: str) -> Row:
    return calling([{"type": "function", "id": "c1",
                     "function": {"name": "weather", "arguments": arguments}}])  # fmt: skip


def with_parameters(parameters: Row, arguments: Row) -> Row:
    row = with_arguments(json.dumps(arguments))
    function = {"name": "weather", "description": "Weather", "parameters": parameters}
    return {**row, "tools": [{"type": "function", "function": function}]}


def saying(text: str, answer: str = "Yes.") -> Row:
    return {
        "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": answer}]
    }


def lines(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


TWO = [openai_call("c1", "Oslo"), openai_call("c1", "Rome")]
QUOTED = json.loads(
    json.dumps(with_arguments('{"city": "Oslo"}')).replace('"weather"', '"weat\\"her"')
)
GREETING = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
REFUSED: dict[str, tuple[bytes, str]] = {
    "A1 ids twice in a turn": (
        lines({"messages": [ASKED, {"role": "assistant", "content": None, "tool_calls": TWO},
                            {**RESULT, "content": "snow"}, RESULT, SAID], "tools": [TOOL]}),
        "two calls of one turn have the id 'c1'"),
    "A2 reasoning": (
        lines(calling([openai_call("c1", "Oslo")], reasoning_content="Look.")),
        "messages[1].reasoning_content is reasoning: say what to do with it, --set data.reasoning=drop"),
    "A9 a key twice in the arguments": (
        lines(with_arguments('{"city": "a", "city": "b"}')), "the key 'city' occurs twice"),
    "A10 a part without text": (
        lines({"messages": [{"role": "user", "content": [{"type": "text", "text": None}]}, SAID]}),
        "messages[0].content[0].text is null or missing"),
    "A11 UTF-16": (
        lines(OPENAI).decode().encode("utf-16"), "the file is UTF-16"),
    "A11 Latin-1": (
        json.dumps(saying("Gr\u00fc\u00dfe"), ensure_ascii=False).encode("latin-1"),
        "is not UTF-8: byte 0xfc in column"),
    "A12 no Parquet, though it begins like it": (b"PAR1\0\1\2PAR1", "cannot be read as Parquet"),
    "A12 a packed file that is cut off": (
        gzip.compress(lines(OPENAI))[:-9], "cannot be read as gzip"),
    "A13 half a character": (
        lines({**OPENAI, "messages": [{"role": "user", "content": "hi \ud83d"}, SAID]}),
        "messages[0].content holds half a character (lone surrogate \\ud83d)"),
    "A14 a set": (lines(with_arguments("{'city': {1, 2}}")), "'{1, 2}', which JSON cannot say"),
    "A6 a call with words behind it": (
        lines({**OPENAI, "messages": [ASKED, {"role": "assistant", "content": "[weather(city='a')] So."}]}),
        "holds a call written as text, in ToolACE's form"),
    "A10 a part that is a text": (
        lines({"messages": [{"role": "user", "content": ["Hi"]}, SAID]}),
        "messages[0].content[0] is text alone"),
    "A15 null for a question": (
        lines({"conversations": [{"from": "human", "value": None}, {"from": "gpt", "value": "Yes."}]}),
        "conversations[0] is a user's turn whose text is null or missing"),
    "A27 an object over many lines that is none": (
        lines({"messages": GREETING}) + json.dumps(OPENAI, indent=1).replace('"role"', "role", 1).encode(),
        "mine.jsonl:2: cannot be converted: is no JSON: Expecting property name enclosed in double quotes "
        "in line 5, column 4"),
    "A15 null for a list": (lines({"conversations": None}), "has the keys ['conversations']"),
    "A15 a number for a list": (lines(calling(3)), "messages[1].tool_calls is no list of calls"),
    "A28 an image": (
        lines({"messages": [{"role": "user", "content": [{"type": "image_url"}]}, SAID]}),
        "holds parts that are no text: 'image_url'"),
    "A32 a name that JSON must escape": (lines(QUOTED), "which JSON must escape"),
    "an empty file": (b"", "the file is empty"),
    "an archive": (b"PK\3\4abcd", "unpack it"),
}  # fmt: skip
COMES_OUT: dict[str, tuple[bytes, Callable[[list[Row]], bool]]] = {
    "A3 a turn that is not to be learned": (
        lines(calling([openai_call("c1", "Oslo")], train=False, loss=False)),
        lambda rows: rows[0]["messages"][1]["weight"] == 0),
    "A3 in ShareGPT's form": (
        lines({"conversations": [{"from": "human", "value": "Hi"},
                                 {"from": "gpt", "value": "No.", "weight": 0},
                                 {"from": "human", "value": "So?"}, {"from": "gpt", "value": "Yes."}]}),
        lambda rows: rows[0]["messages"][1]["weight"] == 0),
    "A12 gzip": (gzip.compress(lines(OPENAI)), lambda rows: len(rows) == 1),
    "A12 bzip2": (bz2.compress(lines(OPENAI)), lambda rows: len(rows) == 1),
    "A12 xz": (lzma.compress(lines(OPENAI)), lambda rows: len(rows) == 1),
    "A12 Zstandard": (pyarrow.compress(lines(OPENAI), codec="zstd", asbytes=True),
                      lambda rows: len(rows) == 1),
    "A16 emoji": (lines(saying("Greet \U0001f469\u200d\U0001f4bb and \U0001f3f3\ufe0f\u200d\U0001f308.")),
                  lambda rows: "\u200d" in rows[0]["messages"][0]["content"]),
    "A16 Persian and Hindi": (
        lines(saying("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937")),
        lambda rows: "\u200c" in rows[0]["messages"][0]["content"]),
    "A16 words of Thai and Khmer, marks of direction, Mongolian": (
        lines(saying("\u0e01\u200b\u0e02 \u1780\u200b\u1781 \u182d\u180e\u1820",
                     "\u05d0\u200f! 10\u200e$")),
        lambda rows: "\u200b" in rows[0]["messages"][0]["content"]),
    "A17 a greeting": (
        lines({"messages": GREETING}, {"messages": [*GREETING, {"role": "user", "content": "Who?"}, SAID]}),
        lambda rows: len(rows) == 2),
    "A18 credentials of this machine": (
        lines(saying("postgresql://postgres:postgres@localhost:5432/app and redis://u:s3cr3t@cache:6379, "
                     "https://me:<password>@host.org, AKIAIOSFODNN7EXAMPLE")), lambda rows: len(rows) == 1),
    "A18 a private key that is none, and a token that everybody knows": (
        lines(saying("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
                     "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV")),
        lambda rows: len(rows) == 1),
    "A19 a word that begins like a key": (lines(saying("The class sk-toggleable__label-arrow")),
                                          lambda rows: len(rows) == 1),
    "A20 parameters without a type": (
        lines(with_parameters({"properties": {"city": {"type": "string"}}}, {"city": "a"})),
        lambda rows: "properties" in rows[0]["tools"][0]["function"]["parameters"]),
    "A20 a reference at the top": (
        lines(with_parameters({"$ref": "#/$defs/In", "$defs": {"In": {"type": "object"}}}, {})),
        lambda rows: "$ref" in rows[0]["tools"][0]["function"]["parameters"]),
    "A20 keywords alone": (
        lines(with_parameters({"additionalProperties": {"type": "string"}}, {"city": "a"})),
        lambda rows: list(rows[0]["tools"][0]["function"]["parameters"]) == ["additionalProperties"]),
    "A21 a pattern that looks behind": (
        lines(with_parameters({"properties": {"city": {"pattern": "(?<=a+)b"}}}, {"city": "x"})),
        lambda rows: len(rows) == 1),
    "A22 a tuple of no draft, and bounds of draft 4": (
        lines(with_parameters({"properties": {"city": {"items": [{"type": "number"}]}}}, {"city": [1]}),
              {**with_parameters({"properties": {"city": {"minimum": 0, "exclusiveMinimum": True}}},
                                 {"city": 1}), "messages": GREETING}),
        lambda rows: len(rows) == 2),
    "A21 a pattern of JavaScript": (
        lines(with_parameters({"type": "object", "properties": {
            "city": {"type": "string", "pattern": "^\\p{L}+$"}}}, {"city": "Zo\u00eb"})),
        lambda rows: len(rows) == 1),
    "A22 a tuple of draft 7": (
        lines(with_parameters({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object",
                               "properties": {"city": {"items": [{"type": "number"}]}}}, {"city": [1]})),
        lambda rows: len(rows) == 1),
    "A24 no description, strict, index": (
        lines({**calling([{**CALL, "id": "c1", "index": 0}]),
               "tools": [{"type": "function", "function": {
                   "name": "weather", "strict": True,
                   "parameters": PARAMETERS}}]}),
        lambda rows: rows[0]["tools"][0]["function"]["description"] == ""),
    "A27 an object over many lines": (json.dumps(OPENAI, indent=1).encode(), lambda rows: len(rows) == 1),
    "A27 an object over many lines among lines": (
        lines({"messages": GREETING}) + json.dumps(OPENAI, indent=1).encode() + b",\n"
        + lines(saying("Then?")),
        lambda rows: [len(row["messages"]) for row in rows] == [2, 4, 2]),
    "A25 null as text": (
        lines({"messages": [ASKED, {**SAID, "tool_calls": "null"}], "tools": "null"}),
        lambda rows: rows[0]["tools"] == []),
    "A27 a comma after each line": (lines(OPENAI).replace(b"\n", b",\n"), lambda rows: len(rows) == 1),
    "A27 an array with a comma at its end": (b"[" + lines(OPENAI) + b",]", lambda rows: len(rows) == 1),
    "two rows on a line": (
        json.dumps(OPENAI).encode() + lines({"messages": GREETING}), lambda rows: len(rows) == 2),
}  # fmt: skip


@pytest.fixture
def added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, list[Row]]]:
    """Add a file's bytes; return what was said, and the rows that were written."""
    (tmp_path / "data").mkdir()
    held = held_out.HeldOut()
    held.add("case live_1 of BFCL", ["Hi"], short=False)
    rules = Rules(held=held, control_tokens=("<|im_end|>",))

    def add(data: bytes, name: str = "mine.jsonl", *, drop: bool = False, over: Any = ()) -> Any:
        path = tmp_path / name
        path.write_bytes(data)
        loaded = recipe.load(PROJECT / "recipes", "smoke", over)
        try:
            said = adding.add(tmp_path, loaded, path, rules, drop=drop)
        except PipelineError as error:
            said = str(error)
        out = tmp_path / "data" / "mine.jsonl"
        rows = [json.loads(line) for line in out.read_bytes().splitlines()] if out.exists() else []
        assert not list((tmp_path / "data").glob(".*"))
        return capsys.readouterr().out + said, rows

    return add


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_named_and_a_good_row_beside_it_is_kept(
    name: str, added: Callable[..., Any]
) -> None:
    data, reason = REFUSED[name]
    said, rows = added(data)
    assert reason in said
    assert "Traceback" not in said
    assert rows == []
    if name != "an empty file":
        assert "is empty" not in said.replace("is empty, and", "")
    if data[:1] == b"{":
        said, rows = added(data.rstrip(b"\n") + b"\n" + lines({"messages": GREETING}), drop=True)
        assert len(rows) == 1, said


@pytest.mark.parametrize("name", COMES_OUT)
def test_what_can_be_read_comes_out(name: str, added: Callable[..., Any]) -> None:
    data, right = COMES_OUT[name]
    said, rows = added(data)
    if not rows:  # it is in the project's form already
        assert "rows in the project's form" in said
        rows = [json.loads(line) for line in data.splitlines()]
    assert right(rows), said


@pytest.mark.parametrize("kind", ["Parquet", "Arrow", "Arrow stream"])
def test_rows_of_arrow_are_read_with_their_nulls_as_absent(
    kind: str, tmp_path: Path, added: Callable[..., Any]
) -> None:
    bare = [{key: value for key, value in turn.items() if key != "tool_calls"} for turn in CHAT[2:]]
    rows: list[Row] = [
        {"messages": [ASKED, {**CHAT[1], "tool_calls": json.dumps(CHAT[1]["tool_calls"])}, *bare],
         "tools": json.dumps([TOOL]), "id": number} for number in range(2)
    ]  # fmt: skip
    rows[1]["messages"] = [{"role": "user", "content": "And in Rome?"}, *rows[1]["messages"][1:]]
    table = pyarrow.Table.from_pylist(rows)
    path = tmp_path / "made"
    if kind == "Parquet":
        parquet.write_table(table, path)
    else:
        new = pyarrow.ipc.new_file if kind == "Arrow" else pyarrow.ipc.new_stream
        with new(str(path), table.schema) as out:
            out.write_table(table)
    said, made = added(path.read_bytes(), "mine.parquet")
    assert [row["messages"][1:] for row in made] == [CHAT[1:], CHAT[1:]], said
    assert "left out, as it says nothing to the model: id (2 rows)" in said
    assert "tokens: not counted before ./invoke fetch" in said


def test_a_recipes_files_may_be_packed(tmp_path: Path) -> None:
    rows = [{"messages": CHAT, "tools": [TOOL]}, saying("Who are you, by the way?")]
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(lines(*rows)))
    table = tmp_path / "rows.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([rows[1], {"messages": GREETING}]), table)
    found = data_check.check({"rows.jsonl.gz": packed, "rows.parquet": table}, Rules())
    assert [str(problem) for problem in found.problems] == [
        "rows.parquet:1: equals rows.jsonl.gz:2 but for white space at most"
    ]
    assert found.counts["rows"] == 4
    table.write_bytes(table.read_bytes()[:-20])
    with pytest.raises(UsageError, match=r"rows\.parquet cannot be read as Parquet"):
        data_check.check({"r": table}, Rules())


def test_duplicates_name_the_lines_of_the_file_that_was_added(added: Callable[..., Any]) -> None:
    said, _ = added(lines({"x": 1}) + b"\n" + lines(OPENAI, {"messages": GREETING}, OPENAI))
    assert "mine.jsonl:5: equals mine.jsonl:3 but" in said


def test_a_recipes_file_in_a_public_form_is_told_how_it_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(lines(OPENAI))
    problems = data_check.check({"data/mine.jsonl": path}, Rules()).problems
    assert all("./invoke data --add data/mine.jsonl converts it" in each.fix for each in problems)
    assert problems


def test_reasoning_is_dropped_or_kept_where_the_recipe_says_so(added: Callable[..., Any]) -> None:
    data = lines(calling([openai_call("c1", "Oslo")], thinking="Look."))
    said, rows = added(data, over=["data.reasoning=drop"])
    assert "left out, as it says nothing to the model: reasoning (1 rows)" in said
    assert "thinking" not in rows[0]["messages"][1]


def test_reasoning_cannot_be_kept_where_the_template_has_no_place_for_it() -> None:
    from synthia.data import reasoning

    data = recipe.load(PROJECT / "recipes", "smoke", ["data.reasoning=keep"]).data
    with pytest.raises(UsageError, match="never reads reasoning_content"):
        reasoning.require_place(data, "{{ messages }}")
    reasoning.require_place(data, "{{ message.reasoning_content }}")


SECRET = "Use ghp_" + "a1B2" * 9 + " here."


def test_a_place_that_a_person_accepted_is_no_problem_and_is_shown(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "mine.jsonl"
    path.write_bytes(lines(saying(SECRET)))
    label = "data/mine.jsonl"
    (problem,) = data_check.check({label: path}, Rules()).problems
    assert problem.rule == "secret"
    entry = f'[[accepted]]\nfile = "{label}"\nrow = "{problem.row}"\nrule = "secret"\nreason = "Revoked."\n'
    (tmp_path / accepted.FILE).write_text(entry + entry.replace(problem.row, "0" * 16))
    seen = accepted.load(tmp_path)
    found = data_check.check({label: path}, Rules(accepted=seen))
    assert found.problems == []
    assert found.counts["rows"] == 1
    assert list(found.accepted) == [(label, problem.row, "secret")]
    assert seen.stale([label], found.accepted) == [(label, "0" * 16, "secret")]
    path.write_bytes(lines(saying(SECRET + " Now.")))  # another text is another row
    assert len(data_check.check({label: path}, Rules(accepted=seen)).problems) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[accepted]", "no valid TOML"),
        ("[[accepted]]\nfile = 'x'", "entry 1: must have file, row, rule, reason"),
        (
            "[[accepted]]\nfile='x'\nrow='y'\nrule='D schema'\nreason='z'",
            "no rule that can be accepted",
        ),
    ],
)
def test_a_faulty_list_of_accepted_places_is_one_sentence(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / accepted.FILE).write_text(text)
    with pytest.raises(UsageError, match=reason):
        accepted.load(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "a\u200db",
        "\u0645\u200c\u200c\u062e",
        "\U0001f469\u200dx",
        "x\u200c",
        "see\u200bing",
        "\u200d",
    ],
)
def test_joiners_elsewhere_are_still_found(text: str) -> None:
    assert len(conversation_text.problems(saying(text))) == 1


@pytest.mark.parametrize(
    "secret",
    [
        "https://ann:Tr0ub4dor@db.corp.net/x",
        "sk-proj-abcDEF123456ghiJKL7890",
        "AKIAIOSFODNN7QWERTYU",
    ],
)
def test_what_is_no_placeholder_is_still_a_secret(secret: str) -> None:
    assert [each.rule for each in conversation_text.problems(saying(secret))] == ["secret"]
