"""Which probes are right: their turns as a row's, their gold turn, and what else they take for right.

Not covered: the rules that they share with rows (`synthia.data.rules`), and how an answer is judged by them
(`synthia.data.probe_answers`, `synthia.stages.answers`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from synthia.data import probe_answers, rules, tool_calls
from synthia.data.rules import Problem

BESIDES = ("also_right", "answer_must")
"""What a probe may take for right besides its gold turn (`synthia.data.probe_answers`)."""


def probe_problems(probe: Mapping[str, Any]) -> list[Problem]:
    """Check a probe: a conversation that lacks its last assistant turn, and that turn as gold."""
    found = list(
        rules.row_shape(probe, {"id", "messages", "tools", "gold", *rules.ORIGIN, *BESIDES})
    )
    found += rules.origin(probe)
    if not isinstance(probe.get("id"), str) or not probe.get("id"):
        found.append(
            Problem(
                rules.SCHEMA, "id", "is no text", 'give each probe its own "id", e.g. "probe-01"'
            )
        )
    if not isinstance(probe.get("gold"), dict) or probe["gold"].get("role") != "assistant":
        shape = '{"role": "assistant", "content": "..."}, with "tool_calls" where a call is due'
        found.append(Problem(rules.SCHEMA, "gold", "is no assistant turn", f"write it as {shape}"))
    elif "weight" in probe["gold"]:
        found.append(Problem(rules.SCHEMA, "gold.weight", "has no meaning in a probe", "remove it"))
    if found:
        return found
    found = rules.content_problems([*probe["messages"], probe["gold"]], probe.get("tools", []))
    gold = f"messages[{len(probe['messages'])}]"
    placed = [
        Problem(each.gate, each.field.replace(gold, "gold"), each.message, each.fix)
        for each in found
    ]
    return placed or [*_also_right(probe), *_answer_must(probe)]


def _also_right(probe: Mapping[str, Any]) -> Iterator[Problem]:
    """Other calls than gold's: as well formed, and of declared tools."""
    ways = probe.get("also_right", [])
    if not isinstance(ways, list) or ("also_right" in probe and "tool_calls" not in probe["gold"]):
        message = (
            "is no list of lists of calls" if not isinstance(ways, list) else "has no gold call"
        )
        fix = "leave it out, or write lists of calls beside a gold turn with calls"
        yield Problem(rules.SCHEMA, "also_right", message, fix)
        return
    for index, calls in enumerate(ways):
        place = f"also_right[{index}]"
        wrong = list(rules.call_shapes(calls, place))
        yield from wrong
        functions = [] if wrong else [call["function"] for call in calls]
        for said in tool_calls.problems(functions, probe.get("tools", [])):
            yield Problem(rules.TOOLS, place, said, "correct the call, or leave it out")


def _answer_must(probe: Mapping[str, Any]) -> Iterator[Problem]:
    """What an answer without a call must say; the gold answer says it."""
    if "answer_must" not in probe:
        return
    said = list(probe_answers.demand_problems(probe["answer_must"]))
    if not said and "tool_calls" in probe["gold"]:
        said = ["stands beside a gold call"]
    if not said and not probe_answers.meets(probe["gold"]["content"], probe["answer_must"]):
        said = ["asks for what the gold answer does not say"]
    fix = 'write e.g. {"hold": [["12"]]}, {"ask": ["name"]} or {"decline": true}, or leave it out'
    for message in said:
        yield Problem(rules.SCHEMA, "answer_must", message, fix)
