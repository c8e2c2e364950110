"""The same probes in the tools of several clients, two of which no training row shows.

`python benchmarks/dialect_probes.py data/dialects.jsonl` in the dev environment plays scenarios of the
training data with seeds that none of its rows has, and says each in every dialect below, up to one of its
calls, which is what should follow. One that asks what a training row asks is left out.

`./invoke pipeline --recipe qwen-0.5b --set data.probes=data/dialects.jsonl` then lets every arm answer
them, and the report's table by kind has a row a dialect. The probes of each are the same, so they
compare in pairs.

Not covered: other calls that do the same; the gold one alone counts as exact. Scenarios are those of the
training data, so that this measures how well a model reads tools, not how well it plans.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT)]

from datagen import dialects, generate, grounding  # noqa: E402
from datagen.dialects.facts import Unsaid  # noqa: E402
from synthia.data import held_out, unseen  # noqa: E402

COUNT = 60
FIRST_SEED = 900_000
"""Far above those of the training rows."""
NAMES = ("claude_code", "mcp", *dialects.HELD_OUT)
FAMILIES = ("fixing", "running", "reading", "searching", "committing", "flask_routes")


def main() -> int:
    """Write the probes."""
    parser = argparse.ArgumentParser(description="Write probes in the tools of several clients.")
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    asked = held_out.probes(
        (row["scenario"], row["messages"])
        for name in generate.FAMILIES
        for row in map(json.loads, (PROJECT / "data" / f"{name}.jsonl").open(encoding="utf-8"))
    )
    rows = [row for rows in islice(probes(asked), COUNT) for row in rows]
    out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8", newline="\n")
    print(f"{out}: {COUNT} probes in each of {', '.join(NAMES)}")
    return 0


def probes(asked: held_out.HeldOut) -> Iterator[list[dict[str, Any]]]:
    """Probe after probe, each in every dialect: the families in turn, and their scenarios in turn."""
    number = 0
    while True:
        family = FAMILIES[number % len(FAMILIES)]
        seed = FIRST_SEED + number // len(FAMILIES)
        scenarios = list(generate.scenarios(family))
        row, steps, _ = generate._played(f"{family}.{scenarios[seed % len(scenarios)]}/{seed}")
        number += 1
        fit = not (dialects.is_about_tools(row) or grounding.unknown_names(row))
        if fit and not unseen.unseen(row) and not asked.leak(row["messages"]):
            try:
                said = [dialects.spoken(row, steps, dialect=name) for name in NAMES]
            except Unsaid:
                continue
            if places := calls(row["messages"]):
                turn = random.Random(f"turn {row['scenario']}").choice(places)
                yield [cut(each, turn, name) for each, name in zip(said, NAMES, strict=True)]


def calls(messages: list[dict[str, Any]]) -> list[int]:
    """Which of the assistant's turns call something and are right to, with no text of its own making."""
    turns = [turn for turn in messages if turn["role"] == "assistant"]
    return [
        number
        for number, turn in enumerate(turns)
        if turn.get("tool_calls") and "weight" not in turn and "\\n" not in json.dumps(turn)
    ]


def cut(row: dict[str, Any], turn: int, name: str) -> dict[str, Any]:
    """A row up to one of the assistant's turns, as a probe."""
    places = [n for n, each in enumerate(row["messages"]) if each["role"] == "assistant"]
    asked = row["messages"][: places[turn]]
    return {
        "id": f"{name}-{row['scenario']}",
        "messages": [{key: each[key] for key in each if key != "weight"} for each in asked],
        "gold": row["messages"][places[turn]],
        "tools": row["tools"],
        "scenario": f"in {name}/{row['scenario']}",
    }


if __name__ == "__main__":
    sys.exit(main())
