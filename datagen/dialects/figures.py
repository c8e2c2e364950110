"""What the dialects come to in written rows, as Markdown for the data card.

Not covered: the other figures of the card (`datagen.card`).
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from datagen import dialects
from datagen.dialects.forms import Variant
from datagen.tool_schemas import TOOLS

SEVERAL = "several of these"
"""The kind of a tool that does several things: a shell, an editor with commands."""
OTHER = "none of these"
"""The kind of a tool that a scenario brings along."""
TYPES = ("string", "integer", "number", "boolean", "array", "object")


def calls_by_kind(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Calls that carry loss, by the workbench's tool that the called one stands for."""
    counted: Counter[str] = Counter()
    for row in rows:
        actions = dialects.found(row).actions()
        for turn in row["messages"]:
            if turn.get("weight", 1) != 0:
                for call in turn.get("tool_calls", []):
                    stands_for = actions.get(call["function"]["name"], set())
                    kind = next(iter(stands_for), OTHER)
                    counted[kind if len(stands_for) < 2 else SEVERAL] += 1
    return counted


def figures(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Tables of dialects and of kinds of action, and shares, counted over training rows."""
    spoken: Counter[str] = Counter()
    names: dict[str, set[str]] = defaultdict(set)
    schemas: dict[str, set[str]] = defaultdict(set)
    types: Counter[str] = Counter()
    count: Counter[str] = Counter()
    every: set[str] = set()
    most = 0
    for row in rows:
        variant = dialects.found(row)
        actions = variant.actions()
        shells = {name for tool, name in variant.named() if tool.is_shell}
        spoken[row.get("dialect", "")] += 1
        most = max(most, len(row["tools"]))
        count["tools"] += len(row["tools"])
        offered = set()
        for tool in row["tools"]:
            function = tool["function"]
            text = json.dumps(tool, ensure_ascii=False)
            offered.add(function["name"])
            if text not in every:
                every.add(text)
                types.update(_types(function["parameters"].get("properties", {})))
            for action in actions.get(function["name"], ()):
                names[action].add(function["name"])
                schemas[action].add(text)
        called = [
            call["function"] for turn in row["messages"] for call in turn.get("tool_calls", [])
        ]
        count["offering a shell"] += bool(shells & offered)
        count["calling a shell"] += any(call["name"] in shells for call in called)
        count["with tools from elsewhere"] += bool(offered - actions.keys())
        edits = {_edit(variant, call["name"]) for call in called} - {""}
        count["that edit"] += bool(edits)
        count["exact"] += "exact" in edits
        results = [turn["content"] for turn in row["messages"] if turn["role"] == "tool"]
        count["results"] += len(results)
        count["results as JSON objects"] += sum(_is_object(result) for result in results)
    lines = ["| dialect | rows | what it is |", "|---|---|---|"]
    lines += [
        f"| `{name}` | {spoken[name] or 'held out'} | {each.about} |"
        for name, each in dialects.DIALECTS.items()
    ]
    own = "The workbench's tools where a turn names one, tools of the scenario's own, or none"
    lines.append(f"| | {spoken['']} | {own} |")
    calls = calls_by_kind(rows)
    lines += ["", "| kind of action | calls | names | schemas |", "|---|---|---|---|"]
    lines += [
        f"| `{kind}` | {calls[kind]:,} | {len(names[kind])} | {len(schemas[kind])} |"
        for kind in TOOLS
    ]
    lines += [f"| {kind} | {calls[kind]:,} | | |" for kind in (SEVERAL, OTHER) if calls[kind]]
    shares = ("offering a shell", "calling a shell", "with tools from elsewhere")
    said = ", ".join(f"{name} {count[name]:,} ({count[name] / len(rows):.1%})" for name in shares)
    declared = {json.loads(text)["function"]["name"] for text in every}
    return [
        *lines,
        "",
        f"- Tools a row: mean {count['tools'] / len(rows):.1f}, most {most}; {len(declared):,} names "
        f"and {len(every):,} schemas in all. Rows {said}.",
        f"- Of {count['that edit']:,} rows that edit, {count['exact']:,} "
        f"({count['exact'] / max(count['that edit'], 1):.1%}) do so by exact strings. "
        f"{count['results as JSON objects']:,} of {count['results']:,} results are JSON objects.",
        f"- Parameters by type, each schema once: "
        f"{', '.join(f'{name} {types[name]:,}' for name in (*TYPES, 'enum', 'anyOf'))}.",
    ]


def _edit(variant: Variant, name: str) -> str:
    """How a tool edits: "exact" for strings, "patch" for diffs, "" not at all."""
    for tool, own in variant.named():
        use = tool.uses.get("apply_patch")
        if own == name and use:
            return "patch" if use.facts & {"patch", "envelope"} else "exact"
    return ""


def _types(properties: Mapping[str, Any]) -> Iterator[str]:
    for schema in properties.values():
        yield from (word for word in ("enum", "anyOf") if word in schema)
        kinds = schema.get("type", [])
        yield from [kinds] if isinstance(kinds, str) else kinds
        inner = schema.get("items", {}) if schema.get("type") == "array" else schema
        yield from _types(inner.get("properties", {}))


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
