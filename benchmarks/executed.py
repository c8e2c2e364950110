"""Run the calls of a run's answers in the probes' folders: which do what the gold calls do?

`python benchmarks/executed.py outputs/qwen-0.5b` in the dev environment plays the scenario of each shipped
probe up to its gold turn, runs the calls that each arm answered with, in whatever form it wrote them, and
compares results, files and commits with those of the gold calls. The stage evaluate knows the forms that
the probe lists (`also_right`); here stands how many more there were, and which.

Models wrote what is run. `datagen.confinement` holds what goes wrong, not what sets out to get around it.

Not covered: the smoke set and users' own probes, whose folders nobody has.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT)]

from datagen import also_right, generate  # noqa: E402
from datagen.session import Call, Session  # noqa: E402
from datagen.workbench import Unfit  # noqa: E402
from synthia import arms, records  # noqa: E402
from synthia.data import probe_answers, tool_calls  # noqa: E402
from synthia.gguf_types import TYPES  # noqa: E402
from synthia.stages import answers  # noqa: E402

Record = Mapping[str, Any]


def main() -> int:
    """Print a line for each arm, and the calls that were right and not listed."""
    parser = argparse.ArgumentParser(description="Run the calls of a run's answers.")
    parser.add_argument("outputs", type=Path, help="a folder with prepare, sample_hf, sample_gguf")
    outputs = parser.parse_args().outputs
    rows = {row["id"]: row for row in records.read_lines(PROJECT / "data" / "probes.jsonl")}
    given = {arm.name: answered(outputs, arm) for arm in arms.of(list(TYPES))}
    given = {name: found for name, found in given.items() if found}
    counts: dict[str, Counter[str]] = {name: Counter() for name in given}
    missed: dict[str, Counter[str]] = {}
    for probe in records.read_lines(outputs / "prepare" / "probes.jsonl"):
        row = rows.get(probe["id"])
        if row is None or not probe["gold"]["tool_calls"]:
            continue
        others = [[call["function"] for call in way] for way in row.get("also_right", [])]
        judge({**probe, "also_right": others}, row["scenario"], given, counts, missed)
    print(
        "| arm | calls due | gold's exactly | listed as right | right when run |\n|---|---|---|---|---|"
    )
    for name, found in counts.items():
        cells = (found[key] for key in ("due", "exact", "listed", "executed"))
        print(f"| {name} | {' | '.join(map(str, cells))} |")
    for identifier, said in sorted(missed.items()):
        for text, count in said.items():
            print(f"right when run and not listed: {identifier}: {text} ({count} arms)")
    return 0


def answered(outputs: Path, arm: arms.Arm) -> dict[str, Record]:
    """The first answer of an arm to each probe, by id; empty where the arm did not answer here."""
    path = outputs / arm.sampled_in / f"{arm.name}.jsonl"
    every = records.read_lines(path) if path.exists() else []
    return {answer["id"]: answer for answer in reversed(every)}


def judge(
    probe: Record, scenario: str, given: Mapping[str, Mapping[str, Record]],
    counts: Mapping[str, Counter[str]], missed: dict[str, Counter[str]],
) -> None:  # fmt: skip
    """Count each arm's answer to one probe; a call that is right and not listed goes into `missed`."""
    gold = probe["gold"]["tool_calls"]
    unknown: dict[str, list[str]] = {}
    for name, found in given.items():
        if probe["id"] not in found:
            continue
        answer = answers.read_answer(found[probe["id"]], tools=probe["tools"])
        meant = answers.in_any_form(answer, probe["tools"])
        exact = tool_calls.same_calls(meant, gold)
        listed = probe_answers.right(meant, probe)
        counts[name].update({"due": 1, "exact": exact, "listed": listed, "executed": listed})
        if meant and not listed and not tool_calls.problems(meant, probe["tools"]):
            unknown.setdefault(json.dumps(meant, sort_keys=True, ensure_ascii=False), []).append(
                name
            )
    if not unknown:
        return
    with generate.played(scenario) as session:
        wanted = also_right.outcome(session, as_calls(gold))
        for text, names in unknown.items():
            if does_the_same(session, as_calls(json.loads(text)), wanted):
                missed.setdefault(probe["id"], Counter())[text] = len(names)
                for name in names:
                    counts[name]["executed"] += 1


def as_calls(calls: list[dict[str, Any]]) -> list[Call]:
    """Calls as a session takes them."""
    return [(call["name"], call["arguments"]) for call in calls]


def does_the_same(session: Session, calls: list[Call], wanted: also_right.Outcome) -> bool:
    """Whether calls that a model wrote end as gold's do; a tool may raise what no scenario provokes."""
    try:
        return wanted.equals(also_right.outcome(session, calls))
    except (Unfit, OSError, SyntaxError, TypeError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main())
