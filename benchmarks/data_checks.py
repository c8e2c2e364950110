"""Rows a second and memory of the checks of data, and of --add: python benchmarks/data_checks.py [--rows N]

The shipped rows again and again, under other ids and with other words, N in all. They are checked as
`./invoke data` does it, and added in OpenAI's form as `./invoke data --add` does it, with one worker each:
with the recipe synthia-7b, so with its tokenizer, its probes and BFCL. `--project` names another copy of
the project, e.g. an older commit, whose code is measured on the same rows; `--what` one of the two alone.
Timings never decide a test.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src")]

from synthia.host import environments  # noqa: E402
from synthia.recipe import load  # noqa: E402

RECIPE = "synthia-7b"
WAYS = ("check", "add")
WORD = re.compile(r"\b[a-z]{5,}\b")
MEASURED = """
import json, os, re, resource, sys, time
from pathlib import Path
from synthia import recipe
from synthia.data import check as data_check, command
from synthia.errors import PipelineError

way, project, path, name = sys.argv[1], *map(Path, sys.argv[2:4]), sys.argv[4]
os.cpu_count = lambda: 1
loaded = recipe.load(project / "recipes", name)
rules, _ = command.rules_for(project, loaded, command.benchmark(project))
count = sum(1 for _ in path.open("rb"))

def used():
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in of)

before, started = used(), time.perf_counter()
said = ""
if way == "check":
    found = data_check.check({"rows": path}, rules, processes=1)
    said = dict(sorted((each, found.counts[each]) for each in found.counts if each.startswith("problem")))
else:
    try:
        command.add(project, loaded, path, drop=True)
    except PipelineError as error:
        said = str(error)
seconds, wall = used() - before, time.perf_counter() - started
peak = int(re.findall(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[0])
largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("\\n" + json.dumps({"rows": count, "cpu": seconds, "wall": wall, "peak": peak, "worker": largest,
                          "said": said}))
"""


def varied(count: int) -> Iterator[dict[str, Any]]:
    """The shipped rows in turn, with every longer word of the turns replaced by another one."""
    shipped = [
        json.loads(line)
        for name in load(PROJECT / "recipes", RECIPE).data.files
        for line in (PROJECT / name).read_text(encoding="utf-8").splitlines()
    ]
    texts = (turn["content"] for row in shipped for turn in row["messages"])
    words: list[str] = sorted({word for text in texts for word in WORD.findall(text)})
    random.Random(1).shuffle(words)
    place = {word: index for index, word in enumerate(words)}
    for number in range(count):
        turns, index = divmod(number, len(shipped))
        row = shipped[index]
        shift = turns * 7919

        def another(found: re.Match[str], shift: int = shift) -> str:
            return words[(place[found[0]] + shift) % len(words)]

        messages = [
            {**turn, "content": WORD.sub(another, turn["content"])} if turns else turn
            for turn in row["messages"]
        ]
        if turns:
            messages[-1] = {
                **messages[-1],
                "content": f"{messages[-1]['content'] or 'Row'} {number}",
            }
        yield {**row, "messages": messages}


def as_openai(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A row as OpenAI writes it: arguments as text, each call with an id, null for no text."""
    messages: list[dict[str, Any]] = []
    waiting: list[str] = []
    for turn in row["messages"]:
        made = dict(turn)
        if made.get("tool_calls"):
            calls = []
            for call in made["tool_calls"]:
                waiting.append(f"call_{number}_{len(waiting)}_{len(messages)}")
                arguments = json.dumps(call["function"]["arguments"], ensure_ascii=False)
                function = {"name": call["function"]["name"], "arguments": arguments}
                calls.append({"id": waiting[-1], "type": "function", "function": function})
            made = {**made, "tool_calls": calls, "content": made["content"] or None}
        elif made["role"] == "tool":
            made.pop("name", None)
            made["tool_call_id"] = waiting.pop(0)
        messages.append(made)
    return {"messages": messages, "tools": row.get("tools", [])}


def write(folder: Path, count: int) -> dict[str, Path]:
    """The rows in the project's form, and in OpenAI's."""
    paths = dict(zip(WAYS, (folder / "own.jsonl", folder / "openai.jsonl"), strict=True))
    with (
        paths["check"].open("w", encoding="utf-8") as own,
        paths["add"].open("w", encoding="utf-8") as public,
    ):
        for number, row in enumerate(varied(count)):
            own.write(json.dumps(row, ensure_ascii=False) + "\n")
            public.write(json.dumps(as_openai(row, number), ensure_ascii=False) + "\n")
    return paths


def measure(project: Path, way: str, path: Path) -> dict[str, Any]:
    """Run one of the two in the dev environment, on the code of a copy of the project."""
    python = environments.ensure(PROJECT, "dev")
    env = {**os.environ, "PYTHONPATH": str(project / "src"), "PYTHONHASHSEED": "0"}
    added = project / "data" / path.name
    words = [str(python), "-c", MEASURED, way, str(project), str(path), RECIPE]
    try:
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    finally:
        added.unlink(missing_ok=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--project", type=Path, action="append", help="default: this one")
    parser.add_argument("--what", choices=WAYS, action="append", help="default: both")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=environments.cache_root()) as scratch:
        paths = write(Path(scratch), words.rows)
        print(
            "| code | what | rows | GB | rows a CPU second | CPU seconds | peak MiB | worker MiB | said |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for project in words.project or [PROJECT]:
            for way in words.what or WAYS:
                path = paths[way]
                found = measure(project.resolve(), way, path)
                print(
                    f"| {project.resolve().name} | {way} | {found['rows']:,} | "
                    f"{path.stat().st_size / 1e9:.2f} | {found['rows'] / found['cpu']:,.0f} | "
                    f"{found['cpu']:.0f} | {found['peak'] / 1024:.0f} | {found['worker'] / 1024:.0f} | "
                    f"{found['said']} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
