"""The same executed conversation through the tool sets of many clients.

A scenario calls the workbench's tools, and they run. What a row shows of that is drawn from the row's
own name: a dialect, that is a client's tools with their names, arguments and forms of results, perhaps
tools from elsewhere that nobody needs here, and perhaps the client's long system prompt. Turns of users
and assistants stay as they are; so a row whose turns name a tool, or that turns on which tools there are,
keeps the workbench's.

Not covered: the forms themselves (`datagen.dialects.forms` and its tables), and what a prompt says
(`datagen.dialects.prompts`).
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.dialects import prompts
from datagen.dialects.facts import Unsaid
from datagen.dialects.forms import FOLDER, OTHERS, Declared, Dialect, Variant
from datagen.session import Step
from datagen.table import read
from datagen.tool_schemas import TOOLS
from synthia.data import tool_calls

DIALECTS: dict[str, Dialect] = {
    path.stem: read(path, Dialect)
    for path in sorted(FOLDER.glob("*.toml"))
    if path.stem not in ("shared", "others")
}
WORKBENCH = "workbench"
HELD_OUT = tuple(name for name, dialect in DIALECTS.items() if not dialect.weight)
"""For the exam alone."""
LONGEST = 7700
"""Tokens of a row by `tokens`, a twentieth too few at most: data.max_length of the recipes is 8,192."""
PIECE = re.compile(
    r"[^\r\nA-Za-z0-9]?[A-Za-z]+|\d| ?[^\sA-Za-z0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""What Qwen2's tokenizer splits a text into before it merges bytes."""
OTHER_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
"""Letters of which a token holds fewer: accented ones and those of other scripts."""
SURROUNDING = 63
"""Tokens that the chat template adds to any row with tools."""
WHOLE_SET = 0.4
"""Share of the rows that offer all of a client's tools, where there is room."""
FOREIGN = 0.6
"""Share of the rows that offer tools from elsewhere as well, where there is room."""
PROMPTED = 0.2
"""Share of the rows that have their client's long system prompt, where it has one and there is room."""
FEWEST, MOST = 3, 25
"""Of tools from elsewhere."""
NAMED = re.compile(rf"\b({'|'.join(name for name in TOOLS if name != 'search')})\b|`search`")
ABOUT_TOOLS = ("no_tool_for_it", "unknown_tool", "without_the_tool", "beyond_any_tool")
"""Scenarios that turn on which tools are offered."""
RUNS, CHANGES = {"run_tests", "run_python"}, {"apply_patch", "write_file"}


def spoken(
    row: Mapping[str, Any], steps: Sequence[Step], *, dialect: str | None = None, status: str = ""
) -> dict[str, Any]:
    """A row of the workbench's tools in the dialect that its name draws, or in the one named.

    `status` is git's before the first call, "" where the folder is no repository. Raises Unsaid where the
    one named cannot say it.
    """
    if dialect:
        return _spoken(row, steps, variant(row["scenario"], dialect), status)
    if is_about_tools(row):
        return dict(row)
    for name in drawn(row["scenario"]):
        try:
            return _spoken(row, steps, variant(row["scenario"], name), status)
        except Unsaid:
            continue
    return dict(row)


def is_about_tools(row: Mapping[str, Any]) -> bool:
    """Whether a turn names one of the workbench's tools, or what is offered matters."""
    offered = {tool["function"]["name"] for tool in row["tools"]}
    if not offered or offered - TOOLS.keys():
        return True  # a scenario with tools of its own, or with none
    return any(name in row["scenario"] for name in ABOUT_TOOLS) or any(
        NAMED.search(turn["content"])
        or turn["content"].startswith(("Error: unknown tool", "Error: invalid arguments"))
        for turn in row["messages"]
        if turn["role"] != "tool" or turn["content"].startswith("Error: ")
    )


def drawn(scenario: str) -> list[str]:
    """The dialects in the order in which a row tries them."""
    draw = random.Random(f"dialect {scenario}")
    trained = {name: each.weight for name, each in DIALECTS.items() if each.weight}
    places = {name: draw.random() ** (1 / weight) for name, weight in trained.items()}
    return sorted(places, key=lambda name: places[name], reverse=True)


def variant(scenario: str, name: str) -> Variant:
    """A dialect with the choices that a row's name draws."""
    return Variant(name, DIALECTS[name], f"{name} {scenario}")


def found(row: Mapping[str, Any]) -> Variant:
    """The dialect that a written row is in; the workbench's where it names none."""
    return variant(row["scenario"], row.get("dialect", WORKBENCH))


def _spoken(
    row: Mapping[str, Any], steps: Sequence[Step], speaker: Variant, status: str
) -> dict[str, Any]:
    offered = {tool["function"]["name"] for tool in row["tools"]}
    # A shell can run tests: where a row changes files and has no tests to run, it has no shell.
    runs = bool({"run_tests"} & offered or ("run_python" in offered and not CHANGES & offered))
    needed: list[Declared] = []
    rest: list[Declared] = []
    for tool, declared in speaker.tools():
        if (tool.is_shell and not runs) or (
            "http_request" in tool.uses and not tool.uses.keys() & offered
        ):
            continue
        (needed if tool.uses.keys() & offered else rest).append(declared)
    names = [tool["function"]["name"] for tool in needed]
    if speaker.root and any("elative" in turn["content"] for turn in row["messages"][:1]):
        raise Unsaid("the system prompt says that paths are relative")
    messages = _messages(row["messages"], iter(steps), speaker, names)
    scene = prompts.Scene(
        row["messages"], messages, steps, prompts.names_of(speaker.named(), names),
        speaker.root, status,
    )  # fmt: skip
    messages = _prompted(scene, needed, speaker.name, row["scenario"])
    tools = _with_more(needed, rest, messages, speaker)
    wrong = [
        problem
        for turn in messages
        for problem in tool_calls.problems(
            [call["function"] for call in turn.get("tool_calls", [])], tools
        )
    ]
    if wrong:
        raise AssertionError(f"{row['scenario']} as {speaker.name}: {wrong[0]}")
    return {**row, "messages": messages, "tools": tools, "dialect": speaker.name}


def _messages(
    messages: Sequence[Mapping[str, Any]], steps: Any, speaker: Variant, names: Sequence[str]
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for index, turn in enumerate(messages):
        if turn["role"] == "tool":
            continue
        if "tool_calls" not in turn:
            made.append(dict(turn))
            continue
        said = [call for _ in turn["tool_calls"] for call in speaker.say(next(steps), names)]
        calls = [
            {"type": "function", "function": {"name": name, "arguments": arguments}}
            for name, arguments, _ in said
        ]
        made.append({**turn, "tool_calls": calls})
        if index + 1 < len(messages):  # else the row ends with the call
            made += [{"role": "tool", "content": result} for *_, result in said]
    return made


def _prompted(
    scene: prompts.Scene, needed: Sequence[Declared], client: str, scenario: str
) -> list[dict[str, Any]]:
    """The turns, in some rows with the client's long prompt in place of a short one or of none."""
    turns = [dict(turn) for turn in scene.spoken]
    seed = f"prompt {scenario}"
    if client not in prompts.prompts.clients or random.Random(seed).random() >= PROMPTED:
        return turns
    said = {"role": "system", "content": prompts.composed(client, scene, seed)}
    longer = [said, *(turn for turn in turns if turn["role"] != "system")]
    room = LONGEST - SURROUNDING - tokens(longer) - tokens(needed)
    return longer if room >= 0 else turns


def prompted(row: Mapping[str, Any]) -> int:
    """About how many tokens a written row's long prompt has; 0 where it has none."""
    first = row["messages"][0]
    roles = [role for client in prompts.prompts.clients.values() for role in client.roles]
    if first["role"] != "system" or not any(first["content"].startswith(f"{r}\n\n") for r in roles):
        return 0
    return tokens([first])


def _with_more(
    needed: Sequence[Declared], rest: Sequence[Declared],
    messages: Sequence[Mapping[str, Any]], speaker: Variant,
) -> list[Declared]:  # fmt: skip
    """The tools that a row declares: those that it needs, and others as far as there is room."""
    draw = speaker.random
    tools = list(needed)
    room = LONGEST - SURROUNDING - tokens(messages) - tokens(tools)
    if room < 0:
        raise Unsaid("the row would be too long")
    more = list(rest) if draw.random() < WHOLE_SET else []
    draw.shuffle(more)
    if draw.random() < FOREIGN:
        count = min(draw.randint(FEWEST, MOST), draw.randint(FEWEST, MOST))
        more += [speaker.other(tool) for tool in draw.sample(OTHERS, min(count, len(OTHERS)))]
    names = {tool["function"]["name"] for tool in tools}
    for tool in more:
        room -= tokens([tool])
        if room < 0:
            break
        if tool["function"]["name"] not in names:
            names.add(tool["function"]["name"])
            tools.append(tool)
    if draw.random() < 0.5:
        draw.shuffle(tools)
    return tools


def fits(row: Mapping[str, Any]) -> bool:
    """Whether a row is no longer than a row may be."""
    tools = sum(tokens([tool]) for tool in row["tools"])
    return SURROUNDING + tokens(row["messages"]) + tools <= LONGEST


def tokens(what: Sequence[Mapping[str, Any]]) -> int:
    """About how many tokens turns or tools come to; fitted to rows in all dialects."""
    pieces = 0
    for each in what:
        text = each.get("content", "") if "role" in each else json.dumps(each, ensure_ascii=False)
        calls = [json.dumps(call["function"]) for call in each.get("tool_calls", [])]
        pieces += sum(len(PIECE.findall(part)) for part in (text, *calls))
        if not text.isascii():
            pieces += len(OTHER_LETTER.findall(text)) * 2 // 3
    return int(1.09 * pieces) + 11 * sum("role" in each for each in what)
