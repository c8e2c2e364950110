"""Results in the order of their calls: a chat template shows no ids, so the order alone says whose one is.

Not covered: whether each call has a result (`synthia.data.rules`).
"""

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]


def in_call_order(messages: list[Row]) -> list[Row]:
    """Put results that name their call into the order of the calls; the template shows no ids.

    Raises ValueError where the names or ids leave open which result is whose.
    """
    ordered: list[Row] = []
    index = 0
    while index < len(messages):
        turn = messages[index]
        ordered.append(turn)
        index += 1
        calls = turn.get("tool_calls", [])
        results: list[Row] = []
        while len(results) < len(calls) and index < len(messages):
            if messages[index]["role"] != "tool":
                break
            results.append(messages[index])
            index += 1
        ordered += _sorted(calls, results)
    return ordered


def _sorted(calls: Sequence[Row], results: list[Row]) -> list[Row]:
    ids = [call.get("id") for call in calls]
    named = [result.get("tool_call_id") for result in results]
    if len(results) > 1:
        for each in ids:
            if each is not None and ids.count(each) > 1:
                raise ValueError(
                    f"two calls of one turn have the id {each!r}: which result is whose? Give each its own"
                )
    if None not in ids and len(set(named)) == len(named) == len(ids) and set(named) == set(ids):
        results = sorted(results, key=lambda result: ids.index(result["tool_call_id"]))
    elif len(results) == len(calls) and not any(named):
        names = [call["function"]["name"] for call in calls]
        said = [result.get("name") for result in results]
        if len(set(names)) == len(names) and set(names) == set(said):
            results = sorted(results, key=lambda result: names.index(result["name"]))
    for call, result in zip(calls, results, strict=False):
        if result.get("name") not in (None, call["function"]["name"]):
            raise ValueError(
                f"a result is named {result['name']!r}, but the call it answers is of "
                f"{call['function']['name']!r}: put the results in the order of the calls"
            )
    return results
