"""What clients do with the smoke product, as one table: python benchmarks/consumers/table.py [TYPE ...]

Each client that is to be had here reads `outputs/smoke`, which a finished run has left, or asks
`./invoke serve` on the GGUF of each TYPE (default: Q4_K_M). A row is printed as soon as it is known; what
is missing says so in a row. Then come exact calls as served, on the parameters that the files ship,
against greedy ones, by file and seed: as the run has measured them, and asked here of a few probes, beside
Ollama's default sampling; that part ends after eight minutes a file at the latest. Needs the dev
environment's Python (./invoke test makes it), and for its rows npm.

Not covered: programs that are not in a package registry (LM Studio, Ollama, Jan, vLLM for processors); of
the first two there are the parts that render templates and read metadata.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT / "tests")]

import node_packages  # noqa: E402
import pytest  # noqa: E402
import served_product  # noqa: E402
import shipped_chats  # noqa: E402

from synthia import arms, gguf_types, recipe, records  # noqa: E402
from synthia.data import chat_format, tool_calls  # noqa: E402
from synthia.host import environments  # noqa: E402
from synthia.run import serve  # noqa: E402
from synthia.stages import answer_records  # noqa: E402
from synthia.stages.answers import read_answer  # noqa: E402
from synthia.stages.gguf import llama_server  # noqa: E402

SCRIPTS = PROJECT / "tests" / "consumers"
OUTPUTS = PROJECT / "outputs" / "smoke"
SMOKE = recipe.load(PROJECT / "recipes", "smoke")
CALL = ("count_lines", {"path": "app/main.py"})
OLLAMA = {"temperature": 0.8, "top_k": 40, "top_p": 0.9}
"""Ollama's defaults (`DefaultOptions` in its api/types.go)."""
SAMPLED, LONGEST, SEEDS = 10, 100, (1, 2)
"""Probes, spread over the file, that each file is asked in five ways, the most tokens of an answer, and
the seeds of those ways that sample."""
FILE_SECONDS, ANSWER_SECONDS = 480.0, 60.0
"""When the last probe of a file begins at the latest, and how long an answer may take. On a busy machine
llama-server's threads wait for one another at every token, so it is kept to one core."""


def row(*cells: object) -> None:
    """Print a line of a table."""
    texts = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
    print(f"| {' | '.join(texts)} |", flush=True)


def gguf_file(kind: str) -> Path:
    """The GGUF of a type."""
    return OUTPUTS / "gguf" / gguf_types.file_name(SMOKE.convert.name, kind)


@contextmanager
def tried(client: str) -> Iterator[None]:
    """Turn what a client lacks or breaks into a row."""
    try:
        yield
    except pytest.skip.Exception as missing:
        row(client, "", "", f"not to be had: {missing}")
    except (AssertionError, LookupError, OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        row(client, "", "", f"FAILS: {type(error).__name__} {said[-300:]}")


def version(package: str) -> str:
    """The locked version of an npm package."""
    lock = records.read(node_packages.LOCK / "package-lock.json")
    found: str = lock["packages"][f"node_modules/{package}"]["version"]
    return found


def called(name: str, arguments: str) -> str:
    """What a client got in place of the call that is due."""
    right = (name, json.loads(arguments)) == CALL
    return "the right call" if right else f"WRONG: {name} {arguments}"


def answered(answer: dict[str, Any]) -> str:
    """What a client got for a result: words that hold it, or another call."""
    if answer["calls"]:
        return "calls once more"
    return f"{'' if '12' in answer['content'] else 'WRONG: '}{answer['content']}"


def lm_studio() -> None:
    """LM Studio's engine on every row."""
    with tempfile.TemporaryDirectory() as scratch:
        chats = Path(scratch) / "chats.jsonl"
        shipped_chats.write(chats)
        found = node_packages.run(SCRIPTS / "rows.mjs", str(shipped_chats.TEMPLATE), str(chats))
    different = found["different"]
    row("@huggingface/jinja (LM Studio's engine)", version("@huggingface/jinja"),
        f"{found['count']} rows, probes and odd chats",
        f"{len(different)} are not the text of training {different[:2] or ''}")  # fmt: skip


def hub_page() -> None:
    """What the Hub shows of the files, and hands to Ollama."""
    files = [str(gguf_file(kind)) for kind in SMOKE.convert.types]
    page = node_packages.run(SCRIPTS / "hub_page.mjs", *files)
    quants = [shown["quant"] for shown in page.values()]
    names = {(shown["name"], shown["parameters"]) for shown in page.values()}
    row("@huggingface/gguf", version("@huggingface/gguf"), "name, parameters", names)
    row("@huggingface/tasks", version("@huggingface/tasks"), "types by name; buttons",
        f"{quants}; {', '.join(next(iter(page.values()))['apps'])}")  # fmt: skip
    ours = (OUTPUTS / "gguf" / "template").read_text(encoding="utf-8")
    mapped = {shown["mapped"]["model"] for shown in page.values() if shown["mapped"]}
    right = "json ." in ours and "{{ .Function }}" not in ours
    row("@huggingface/ollama-utils", version("@huggingface/ollama-utils"), "Ollama's template",
        f"it would give that of {', '.join(mapped) or 'no model'}; "
        f"{'the shipped one overrides it' if right else 'WRONG: ours loses tools'}")  # fmt: skip


def openai_clients(kind: str) -> None:
    """OpenAI's clients and an agent on what `./invoke serve` serves."""
    python = environments.ensure(PROJECT, "consumers")
    with served_product.serving(PROJECT, "--type", kind) as said:
        base_url = next(line.split()[-1] for line in said.splitlines() if "base URL" in line)
        with tried("openai (npm)"):
            found = node_packages.run(SCRIPTS / "chat.mjs", base_url, "any")
            calls = [(call["name"], call["arguments"]) for call in found["whole"]["calls"]]
            answers = {form: {**each, "calls": len(each["calls"])}
                       for form, each in found["answers"].items()}  # fmt: skip
            chat_rows(f"openai (npm), {kind}", version("openai"), found, calls, answers)
        with tried("openai (Python)"):
            words = [str(python), str(SCRIPTS / "chat.py"), base_url]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            both = json.loads(done.stdout)
            found, agent = both["chat"], both["agent"]
            calls = [(name, text) for name, text in found["whole"]["calls"]]
            chat_rows(f"openai (Python), {kind}", found["version"], found, calls, found["answers"])
            right = agent["ran"] == [CALL[1]["path"]] and "12" in agent["said"]
            row(f"pydantic-ai, {kind}", agent["version"], "an agent whose tool runs",
                f"{'' if right else 'WRONG: '}ran {agent['ran']}, said {agent['said']!r}")  # fmt: skip


def chat_rows(
    client: str, number: str, found: Any, calls: Sequence[tuple[str, str]], answers: Any
) -> None:
    """A client's rows of one server."""
    row(client, number, "a call", " ".join(called(*call) for call in calls))
    streamed = found["streamed"]
    row(client, number, "a call, streamed",
        f"{called(streamed['name'], streamed['text'])} in {streamed['deltas']} parts")  # fmt: skip
    for form, answer in answers.items():
        row(client, number, f"a result as {form}", answered(answer))
    row(client, number, "json_schema", found["shaped"])


def node_llama(kind: str) -> None:
    """node-llama-cpp's round trips."""
    found = node_packages.run(SCRIPTS / "node_llama.mjs", str(gguf_file(kind)))
    for form in ("text", "object"):
        got = found[form]
        right = got["calls"] == [CALL[1]] and "12" in got["said"]
        row(f"node-llama-cpp, {kind}", version("node-llama-cpp"), f"a round trip, result as {form}",
            f"{len(got['calls'])} call(s), then {got['said'] if right else got['end']!r}")  # fmt: skip


def transformers() -> None:
    """Version 4 beside the locked one: the same ids and first choices."""
    train = environments.ensure(PROJECT, "train")
    four = environments.ensure(PROJECT, "transformers-4").parents[1]
    script = Path(__file__).with_name("transformers_4.py")
    words = [str(train), str(script), str(OUTPUTS / "16bit"), str(OUTPUTS / "prepare/probes.jsonl")]
    found = []
    for more in ({}, {"PYTHONPATH": str(next(four.glob("lib/python*/site-packages")))}):
        env = {**os.environ, **more, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    locked = found[0]
    for each in found:
        first, wanted = each["first choices"], locked["first choices"]
        count = sum(map(len, wanted.values()))
        equal = sum(
            a == b for name in wanted for a, b in zip(first[name], wanted[name], strict=True)
        )
        row("transformers", each["version"], f"{len(wanted)} prompts, {count} gold tokens",
            f"rotary base {each['rotary base']}, {each['equal prompts']} prompts with prepare's ids, "
            f"first choice as {locked['version']}'s at {equal}")  # fmt: skip


def other_engines(kind: str) -> None:
    """Engines that are not llama.cpp."""
    python = environments.ensure(PROJECT, "engines")
    script = Path(__file__).with_name("engines.py")
    for client, name in (("mistral.rs", "mistralrs"), ("OpenVINO GenAI", "openvino")):
        with tried(client):
            words = [str(python), str(script), name, str(gguf_file(kind))]
            done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=900)
            found = json.loads(done.stdout.splitlines()[-1])
            shown = f"{client}, {kind}"
            if name == "mistralrs":
                row(shown, found["version"], "a call", " ".join(called(*c) for c in found["calls"]))
            else:
                text = shipped_chats.TEMPLATE.read_text(encoding="utf-8")
                wanted = chat_format.render(
                    text, found["messages"], found["tools"], add_generation_prompt=True
                )
                right = found["prompt"] == wanted
                row(
                    shown,
                    found["version"],
                    "the prompt of a call",
                    "byte for byte the text of training" if right else f"WRONG: {found['prompt']}",
                )
                calls = tool_calls.parse(found["called"]).calls
                row(
                    shown,
                    found["version"],
                    "a call, in the text",
                    " ".join(called(call["name"], json.dumps(call["arguments"])) for call in calls),
                )
            row(shown, found["version"], "a plain answer", found["plain"])


def ollama() -> None:
    """Ollama's template by Go's own engine."""
    script = Path(__file__).with_name("ollama_template.py")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    said, _, equal = (done.stdout.splitlines() or [done.stderr[-300:]])[0].partition(": ")
    row("Go's text/template (Ollama)", said, "every prompt", equal or said)


def exact(records_: Sequence[dict[str, Any]], probes: dict[str, Any]) -> str:
    """How many of the answers to probes with calls are exactly right."""
    due = [record for record in records_ if probes[record["id"]]["gold"]["tool_calls"]]
    count = sum(
        tool_calls.same_calls(read_answer(record).calls, probes[record["id"]]["gold"]["tool_calls"])
        for record in due
    )
    return f"{count} of {len(due)}"


def as_served() -> None:
    """Exact calls of each file: greedy, of those asked again as served, and by seed."""
    folder = OUTPUTS / "sample_gguf"
    probes = {probe["id"]: probe for probe in records.read_lines(OUTPUTS / "prepare/probes.jsonl")}
    every = {kind: records.read_lines(folder / f"{arms.served(kind)}.jsonl")
             for kind in SMOKE.convert.types}  # fmt: skip
    seeds = sorted({record["seed"] for found in every.values() for record in found})
    row("file", "greedy, all probes", "greedy, those asked as served",
        *(f"as served, seed {seed}" for seed in seeds))  # fmt: skip
    print("|---|---|---|" + "---|" * len(seeds))
    for kind, served in every.items():
        greedy = records.read_lines(folder / f"{arms.by_ids(kind)}.jsonl")
        asked = {record["id"] for record in served}
        row(kind, exact(greedy, probes), exact([r for r in greedy if r["id"] in asked], probes),
            *(exact([r for r in served if r["seed"] == seed], probes) for seed in seeds))  # fmt: skip


def answer_of(ask: llama_server.Ask, probe: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The record of an answer; of none at all, and no stop, where it takes longer than it may."""
    body = {"messages": probe["messages"], "tools": probe["tools"], **more, "max_tokens": LONGEST}
    try:
        (choice,) = ask("/v1/chat/completions", body)["choices"]
    except TimeoutError:
        choice = {"finish_reason": "length", "message": {"content": ""}}
    return {**answer_records.served(probe["id"], choice)}


def sampled(kind: str, probes: Sequence[dict[str, Any]]) -> None:
    """A file asked greedily, as served, and on Ollama's default sampling, which it is not to be left to.

    A probe is asked in every way before the next one, so that all ways have the same probes when the
    time is over.
    """
    ways: dict[tuple[str, str], dict[str, Any]] = {("greedy", ""): {"temperature": 0, "top_k": 1}}
    for seed in SEEDS:
        ways["as served", str(seed)] = {"seed": seed}
    for seed in SEEDS:
        ways["Ollama's defaults", str(seed)] = {"seed": seed, **OLLAMA}
    known = {probe["id"]: probe for probe in probes}
    kept: dict[tuple[str, str], list[dict[str, Any]]] = {way: [] for way in ways}
    deadline = time.monotonic() + FILE_SECONDS
    with llama_server.running(serve.llama_cpp(PROJECT), gguf_file(kind), context=2048) as ask:
        for probe in probes:
            if time.monotonic() > deadline:
                break
            for way, more in ways.items():
                kept[way].append(answer_of(ask, probe, more))
    for (name, number), answers in kept.items():
        stops = sum(answer["stop_reason"] == "stop" for answer in answers)
        row(kind, name, number, exact(answers, known), f"{stops} of {len(answers)}")


def main() -> None:
    """Print the tables."""
    kinds = sys.argv[1:] or ["Q4_K_M"]
    row("client", "version", "tried", "result")
    print("|---|---|---|---|")
    steps: list[tuple[str, Callable[[], None]]] = [
        ("@huggingface/jinja", lm_studio), ("@huggingface/gguf", hub_page),
        ("Ollama's template", ollama), ("transformers", transformers),
    ]  # fmt: skip
    for kind in kinds:
        steps.append(("openai", lambda kind=kind: openai_clients(kind)))  # type: ignore[misc]
        steps.append(("node-llama-cpp", lambda kind=kind: node_llama(kind)))  # type: ignore[misc]
        steps.append(("other engines", lambda kind=kind: other_engines(kind)))  # type: ignore[misc]
    for name, step in steps:
        with tried(name):
            step()
    print("\nExact calls:\n")
    as_served()
    every = [probe for probe in records.read_lines(OUTPUTS / "prepare/probes.jsonl")
             if probe["gold"]["tool_calls"]]  # fmt: skip
    asked = arms.asked(every, SAMPLED)
    print(f"\nOf {len(asked)} probes with calls, asked here through llama-server:\n")
    row("file", "sampling", "seed", "exact calls", "stops")
    print("|---|---|---|---|---|")
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # what is started inherits it
    llama_server.ANSWER_SECONDS = ANSWER_SECONDS
    for kind in SMOKE.convert.types:
        sampled(kind, asked)


if __name__ == "__main__":
    main()
