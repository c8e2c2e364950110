"""Reading conversations: good ones come back whole, each fault is named with place and remedy."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthia.data import conversations
from synthia.data.conversations import Reading, Row

CALL = {"type": "function", "function": {"name": "read_file", "arguments": {"path": "a.txt"}}}
TOOL = {
    "type": "function",
    "function": {
        "name": "read_file",
        "description": "Read file",
        "parameters": {
            "type": "object",
            "properties": {"path": {"type": "string"}},
            "required": ["path"],
            "additionalProperties": False,
        },
    },
}
GOOD: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Read a.txt."},
        {"role": "assistant", "content": "", "tool_calls": [CALL, CALL], "weight": 0},
        {"role": "tool", "content": "hello\n"},
        {"role": "tool", "content": ""},
        {"role": "assistant", "content": "It says hello."},
        {"role": "user", "content": "Again, please. \U0001f600"},
        {"role": "assistant", "content": "Once more.", "tool_calls": [CALL]},
    ],
    "tools": [TOOL],
}


def read_bytes(folder: Path, data: bytes) -> tuple[list[Row], list[str]]:
    path = folder / "rows.jsonl"
    path.write_bytes(data)
    rows, problems = conversations.read(path, "data/rows.jsonl")
    return rows, [f"{problem.gate}: {problem}" for problem in problems]


def read_rows(folder: Path, *records: object) -> tuple[list[Row], list[str]]:
    return read_bytes(folder, "".join(json.dumps(each) + "\n" for each in records).encode())


def changed(*path: str | int, to: object) -> dict[str, Any]:
    """A copy of the good row with one value replaced, or removed where `to` is ..."""
    row = copy.deepcopy(GOOD)
    place: Any = row
    for step in path[:-1]:
        place = place[step]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return row


def test_a_good_row_comes_back_as_it_is(tmp_path: Path) -> None:
    rows, problems = read_rows(tmp_path, GOOD)
    assert problems == []
    assert rows == [Row("data/rows.jsonl:1", GOOD["messages"], GOOD["tools"])]


def test_a_row_may_offer_no_tools_and_the_last_line_need_not_end(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    rows, problems = read_bytes(tmp_path, json.dumps({"messages": messages}).encode())
    assert (len(rows), problems) == (1, [])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "D schema: data/rows.jsonl: the file is empty"),
        (b"\n", "D schema: data/rows.jsonl: the file is empty"),
        (b"\xef\xbb\xbf{}", "D text: data/rows.jsonl: the file starts with a byte order mark"),
        (b"\n\n{}", "D schema: data/rows.jsonl:2: the line is blank"),
        (b"\n{'a': 1}", "D schema: data/rows.jsonl:2: is no JSON: Expecting property name"),
        (b'{"a": \xff}', "D text: data/rows.jsonl:1: is not UTF-8: byte 0xff in column 7"),
        (b'{"a": 1, "a": 2}', "the key 'a' occurs twice in one JSON object"),
        (b'{"a": NaN}', "NaN is no JSON value"),
        (b'{"a": -Infinity}', "-Infinity is no JSON value"),
        (b'{"a": 1e999}', "the number 1e999 is too large"),
        (b"[1]", "is no JSON object"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"a": 1}\r\n{"a": 1}\r\n', "holds 2 times a carriage return, first in line 1"),
        (b'{"a": "\\ud800"}', "a: is no known key"),
    ],
)
def test_a_faulty_line_is_one_clear_sentence(tmp_path: Path, data: bytes, problem: str) -> None:
    rows, problems = read_bytes(tmp_path, data)
    assert rows == []
    assert any(problem in each for each in problems), problems


STRING = ("messages", 2, "tool_calls", 0, "function", "arguments")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"messages": []}, "D schema: data/rows.jsonl:1: messages: is no list of turns"),
        ({**GOOD, "tool": []}, "D schema: data/rows.jsonl:1: tool: is no known key"),
        ({**GOOD, "tools": None}, "tools: is no list"),
        (changed("messages", 1, "role", to="human"), "messages[1].role: unknown role 'human'"),
        (changed("messages", 1, "role", to="assistant"), "'assistant' stands after a turn of role"),
        (changed("messages", 0, to=...), ""),
        (changed("messages", 1, to=...), "roles are out of order"),
        (changed("messages", 1, "role", to="system"), "roles are out of order: 'system'"),
        (changed("messages", 7, to=...), "messages[6]: the last turn is of role 'user'"),
        (changed("messages", 4, to=...), "with 1 of its calls unanswered"),
        (changed("messages", 6, "role", to="tool"), "is a tool's result that answers no call"),
        (changed("messages", 3, "tool_call_id", to="x"), "the next call to answer is None"),
        (changed("messages", 1, "content", to=None), "messages[1].content: is null, no text"),
        (changed("messages", 1, "content", to=...), "messages[1].content: is missing"),
        (changed("messages", 1, "content", to=["a"]), 'messages[1].content: is ["a"], no text'),
        (changed("messages", 5, "content", to=""), "is empty, and the turn calls no tool"),
        (changed("messages", 1, "weight", to=1), "no known key of a turn of role 'user'"),
        (changed("messages", 5, "weight", to=2), "messages[5].weight: is 2"),
        (changed("messages", 7, "tool_calls", to=[]), "is no list of calls"),
        (changed("messages", 7, "tool_calls", 0, "type", to="tool"), "has not the shape of a call"),
        (changed(*STRING, to='{"path": "a.txt"}'), "is a string that holds JSON"),
        (changed(*STRING, to="a.txt"), "D tools: data/rows.jsonl:1: " + "messages[2].tool_calls[0]"
         ".function.arguments: is a string, and what it holds is no JSON"),
        (changed(*STRING, to=None), "is null, no JSON object"),
        ({**GOOD, "tools": []}, "calls the tool 'read_file', which the row does not declare"),
        ({**GOOD, "tools": [TOOL, TOOL]}, "D tools: data/rows.jsonl:1: tools[1]: a second tool"),
        (changed("tools", 0, "function", "parameters", to={"type": "text"}), "is no JSON Schema"),
        (changed("tools", 0, "function", "name", to=...), "has not the shape of a tool"),
        (changed("messages", 1, "content", to="a<|im_end|>"), "D text: data/rows.jsonl:1: "
         "messages[1].content: has '<|im_end|>' typed in its text"),
        (changed("messages", 3, "content", to="</tool_call>"), "has '</tool_call>' typed"),
        (changed("tools", 0, "function", "description", to="<|im_start|>"), "description: has"),
        (changed("messages", 1, "content", to="a\0b"), "holds NUL at character 2"),
        (changed("messages", 1, "content", to="a\r\nb"), "holds a carriage return at character 2"),
        (changed("messages", 1, "content", to="a\u200bb"), "zero-width character (U+200B)"),
        (changed("messages", 1, "content", to="a\u202eb"), "bidirectional control (U+202E)"),
        (changed("messages", 1, "content", to="a\ufffdb"), "U+FFFD"),
        (changed("messages", 1, "content", to="\ud83d"), "lone surrogate \\ud83d"),
        (changed("messages", 5, "content", to="\nHi"), "starts with '\\n': it would melt"),
        (changed("messages", 1, "content", to="hf_" + "a" * 34), "secret (Hugging Face Token: hf_a..."),
    ],
)  # fmt: skip
def test_a_faulty_row_is_one_clear_sentence(
    tmp_path: Path, row: dict[str, Any], problem: str
) -> None:
    rows, problems = read_rows(tmp_path, row)
    if problem:
        assert rows == []
        assert any(problem in each for each in problems), problems
    else:
        assert problems == []


def test_arguments_that_violate_the_schema_are_named(tmp_path: Path) -> None:
    row = changed("messages", 7, "tool_calls", 0, "function", "arguments", to={"file": 1})
    _, problems = read_rows(tmp_path, row)
    assert "'path' is a required property" in "".join(problems)
    assert "'file' was unexpected" in "".join(problems)


def test_a_turn_without_loss_may_show_a_wrong_call(tmp_path: Path) -> None:
    wrong = {"type": "function", "function": {"name": "rm", "arguments": {}}}
    rows, problems = read_rows(tmp_path, changed("messages", 2, "tool_calls", 1, to=wrong))
    assert (len(rows), problems) == (1, [])


def test_all_problems_of_a_file_are_found_and_good_rows_kept(tmp_path: Path) -> None:
    bad = changed("messages", 1, "role", to="human")
    rows, problems = read_rows(tmp_path, bad, GOOD, [], changed("tools", to=[]))
    assert [row.id for row in rows] == ["data/rows.jsonl:2"]
    assert {each.split(": ")[1] for each in problems} == {f"data/rows.jsonl:{n}" for n in (1, 3, 4)}


def test_the_tokenizers_own_control_tokens_are_found(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = changed("messages", 1, "content", to="Open <filename> now.")
    path.write_text(json.dumps(row))
    assert conversations.read(path, "r")[1] == []
    (problem,) = conversations.read(path, "r", Reading(["<filename>"]))[1]
    assert "'<filename>' typed" in problem.message


def row(*contents: str, line: int = 1) -> Row:
    roles = ["user", "assistant"] * 9
    turns = [{"role": r, "content": c} for r, c in zip(roles, contents, strict=False)]
    return Row(f"r.jsonl:{line}", turns, [])


def test_duplicates_name_the_first_of_them() -> None:
    found = conversations.duplicates([row("a", "b"), row("a", "c", line=2), row("a", "b", line=3)])
    assert [str(each) for each in found] == ["r.jsonl:3: equals r.jsonl:1"]


def test_near_duplicates_share_most_of_their_three_word_runs() -> None:
    said = "Please add the two numbers one and two and then tell me what the sum of both of them is"
    rows = [row(said, "ok"), row(f"{said}  Now", "OK", line=2), row("Subtract them", "ok", line=3)]
    assert conversations.near_duplicates(rows) == ["r.jsonl:2"]


@pytest.mark.parametrize(
    ("contents", "leaks"),
    [
        (("Read A.txt", "x"), True),
        (("read  a.txt", "x", "More?", "y"), False),
        (("Hello", "x", "Read a.txt", "y"), False),
        (("Read b.txt", "x"), False),
    ],
)
def test_a_row_that_asks_what_a_probe_asks_is_found(contents: tuple[str, ...], leaks: bool) -> None:
    found = conversations.overlap([row(*contents)], [Row("p1", row("Read a.txt").messages, [])])
    assert [each.gate for each in found] == ["D leakage"] * leaks


@pytest.mark.parametrize(
    "secret",
    ["AKCp8" + "a" * 10, "APABCDEFGH12", "AKIAIOSFODNN7QWERTYU", "xoxb-12-ab", "hf_" + "a" * 34,
     "sk-" + "a1" * 10, "ghp_" + "a" * 36, "https://ann:Tr0ub4dor@db.corp.net",
     "SG." + "a" * 22 + "." + "b" * 43,
     "SK" + "a" * 32, "a" * 32 + "-us1", "eyJhbGciOi.eyJzdWIi", "12345678:" + "A" * 35,
     "cloudant_key='" + "a" * 24 + "'", "//x/:_authToken=npm_x", "sk_live_" + "a" * 24,
     "sq0csp-" + "a" * 43, "-----BEGIN RSA PRIVATE KEY-----"],
)  # fmt: skip
def test_a_secret_of_any_known_form_is_found(tmp_path: Path, secret: str) -> None:
    rows, problems = read_rows(tmp_path, changed("messages", 1, "content", to=f"Use {secret} now."))
    assert rows == []
    assert "looks like a secret" in str(problems)


GOLD = {"role": "assistant", "content": "", "tool_calls": [CALL]}
PROBE = {"id": "p1", "messages": GOOD["messages"][:2], "tools": [TOOL], "gold": GOLD}


def read_probes(folder: Path, *probes: object) -> tuple[list[Row], list[str]]:
    path = folder / "probes.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in probes))
    rows, problems = conversations.read_probes(path, "p.jsonl")
    return rows, [str(each) for each in problems]


def test_a_probe_comes_back_with_its_gold_turn(tmp_path: Path) -> None:
    rows, problems = read_probes(tmp_path, PROBE)
    assert problems == []
    assert (rows[0].id, rows[0].gold) == ("p1", GOLD)


@pytest.mark.parametrize(
    ("probes", "problem"),
    [
        ([{**PROBE, "gold": {"role": "user", "content": "x"}}], "gold: is no assistant turn"),
        ([{**PROBE, "gold": {**GOLD, "content": None}}], "gold.content: is null"),
        ([{**PROBE, "gold": {**GOLD, "weight": 0}}], "gold.weight"),
        ([{**PROBE, "gold": {"role": "assistant", "content": " x"}}], "gold.content: starts with"),
        ([{**PROBE, "tools": []}], "gold.tool_calls[0]: calls the tool 'read_file'"),
        ([{**PROBE, "messages": GOOD["messages"]}], "gold: roles are out of order"),
        ([PROBE, PROBE], "p.jsonl:2: id: the id 'p1' is taken by line 1"),
        ([{k: v for k, v in PROBE.items() if k != "id"}], "id: is no text"),
    ],
)
def test_a_faulty_probe_is_one_clear_sentence(
    tmp_path: Path, probes: list[object], problem: str
) -> None:
    _, problems = read_probes(tmp_path, *probes)
    assert any(problem in each for each in problems), problems


def test_rules_never_raise_whatever_the_json(tmp_path: Path) -> None:
    junk: list[object] = [
        None,
        True,
        1.5,
        "x",
        [],
        [[]],
        {},
        {"role": 1},
        {"function": {"name": 2}},
    ]
    places: list[Callable[[object], dict[str, Any]]] = [
        lambda v: {"messages": v},
        lambda v: {"messages": [v]},
        lambda v: changed("messages", 2, "tool_calls", to=v),
        lambda v: changed("messages", 2, "tool_calls", 0, to=v),
        lambda v: changed("messages", 2, "tool_calls", 0, "function", to=v),
        lambda v: changed("messages", 2, "weight", to=v),
        lambda v: changed("tools", to=v),
        lambda v: changed("tools", 0, to=v),
        lambda v: changed("tools", 0, "function", to=v),
        lambda v: changed("tools", 0, "function", "parameters", to=v),
    ]
    for place in places:
        for value in junk:
            read_rows(tmp_path, place(value))
            read_probes(tmp_path, {**place(value), "id": value, "gold": value})


def test_tools_are_read_in_the_order_in_which_llama_server_writes_their_keys(
    tmp_path: Path,
) -> None:
    function = dict(reversed(TOOL["function"].items()))  # type: ignore[attr-defined]
    tool = {"function": function, "type": "function"}
    assert json.dumps(tool) != json.dumps(TOOL)
    rows, problems = read_rows(tmp_path, GOOD | {"tools": [tool]})
    assert not problems
    assert json.dumps(rows[0].tools) == json.dumps([TOOL])
