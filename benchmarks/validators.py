"""Compare the checks of data files with public validators: python benchmarks/validators.py [NAME ...]

    table     thirty broken files (tests/broken_rows.py) by validator: which ones does it catch?
    speed     the shipped 2,764 rows through each validator, in one run
    million   1,000,000 generated rows through ours: rows a second, peak memory

Without names, all three. The validators are ftgate and finelint (versions and hashes in
validators.txt), and what TRL does to a row before it trains on it: loading by datasets, and its
apply_chat_template. Each gets what it can use: the tokenizer with the chat template, the longest
length, the held-out probe. A broken file counts as caught when something is said about it that is
not said about the healthy row. Timings never decide a test.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT / "tests")]

from broken_rows import BROKEN, MAX_LENGTH, PROBE, healthy, line  # noqa: E402

from synthia.host import environments  # noqa: E402
from synthia.recipe import load  # noqa: E402

FILES = load(PROJECT / "recipes", "synthia-7b").data.files

THEIRS = r"""
import json, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
name, tokenizer, limit, probe, *paths = sys.argv[1:]

def ftgate(path):
    from ftgate import data
    report = data.lint(Path(path), tokenizer, int(limit), Path(probe))
    return {issue.code for issue in report.issues}

def finelint(path):
    from finelint.chat import adapt_chat, analyze_chat
    from finelint.models import ScanConfig
    from finelint.readers import read_dataset
    result = read_dataset(Path(path), "jsonl")
    chat = adapt_chat(result, "openai", None)
    config = ScanConfig(similarity_threshold=0.8, schema="openai")
    return {finding.code for finding in analyze_chat(result, config, chat)[1]}

def trl(path):
    from datasets import Dataset, disable_progress_bars
    from transformers import AutoTokenizer
    from trl.data_utils import apply_chat_template
    disable_progress_bars()
    loaded = AutoTokenizer.from_pretrained(tokenizer)
    for row in Dataset.from_json(path, cache_dir=str(Path(path).parent / "cache")):
        apply_chat_template({key: row[key] for key in ("messages", "tools")}, loaded)
    return set()

check = {"ftgate": ftgate, "finelint": finelint, "trl": trl}[name]
check(paths[0])
results = {}
for path in paths:
    started = time.perf_counter()
    try:
        said = sorted(check(path))
    except Exception as error:
        said = [f"{type(error).__name__}: {str(error)[:80]}"]
    results[path] = (said, time.perf_counter() - started)
print(json.dumps(results))
"""

OURS = r"""
import json, re, sys, time
from pathlib import Path
from synthia.data import check as data_check, held_out
from synthia.data.check import Rules
tokenizer, template, limit, probe, processes, *paths = sys.argv[1:]
held = held_out.probes([("p", json.loads(Path(probe).read_text())["messages"])])
tokens = data_check.control_tokens(Path(tokenizer))
rules = Rules(held, tuple(tokens), tokenizer, Path(template).read_text(), "", int(limit))
results = {}
for path in paths:
    started = time.perf_counter()
    found = data_check.check({"rows": Path(path)}, rules, processes=int(processes))
    said = sorted({problem.gate for problem in found.problems})
    results[path] = (said, time.perf_counter() - started)
peak = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])
import resource
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"results": results, "peak": peak, "largest child": children}))
"""


def run(environment: str, code: str, *words: str, path: Path) -> Any:
    """Run code in a stage environment and return the JSON that it prints last."""
    python = environments.ensure(PROJECT, environment)
    env = {**os.environ, "PYTHONPATH": f"{PROJECT / 'src'}:{path}", "PYTHONHASHSEED": "0"}
    env |= {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [str(python), "-c", code, *words], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def validators(folder: Path) -> Path:
    """Install the validators of validators.txt, hash-checked and without what they depend on."""
    target = folder / "validators"
    command = ["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    python = environments.ensure(PROJECT, "train")
    lock = PROJECT / "benchmarks" / "validators.txt"
    subprocess.run([str(python), *command, "--target", str(target), "-r", str(lock)], check=True)
    return target


def tokenizer_folder(folder: Path) -> Path:
    """Qwen2's tokenizer with the project's chat template, as transformers loads it."""
    python = environments.ensure(PROJECT, "dev")
    code = (
        "import sys; from pathlib import Path; from synthia.host import environments; "
        "from synthia.data import vocabulary; "
        "print(vocabulary.qwen2(Path(sys.argv[1]), environments.cache_root()))"
    )
    env = {**os.environ, "PYTHONPATH": str(PROJECT / "src")}
    words = [str(python), "-c", code, str(PROJECT / "requirements")]
    made = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    target = folder / "tokenizer"
    target.mkdir()
    (target / "tokenizer.json").write_bytes(Path(made.stdout.strip()).read_bytes())
    template = (PROJECT / "chat_templates" / "qwen2.5-tools.jinja").read_text(encoding="utf-8")
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>",
              "chat_template": template}  # fmt: skip
    (target / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return target


def table(folder: Path, path: Path, tokenizer: Path) -> None:
    """Which broken files each validator says something about."""
    probe = folder / "probe.jsonl"
    answer = {"role": "assistant", "content": "Here they are."}
    messages = [{"role": "user", "content": PROBE}, answer]
    probe.write_text(json.dumps({"messages": messages}) + "\n", encoding="utf-8")
    files = {"healthy": line(healthy())} | {name: data for name, (_, data) in BROKEN.items()}
    paths = {}
    for number, (name, data) in enumerate(files.items()):
        paths[name] = folder / f"{number}.jsonl"
        paths[name].write_bytes(data)
    words = [str(tokenizer), str(MAX_LENGTH), str(probe), *map(str, paths.values())]
    said = {
        name: run("train", THEIRS, name, *words, path=path)
        for name in ("ftgate", "finelint", "trl")
    }
    ours = [str(tokenizer / "tokenizer.json"), str(PROJECT / "chat_templates/qwen2.5-tools.jinja")]
    said["ours"] = run("dev", OURS, *ours, *words[1:3], "1", *words[3:], path=path)["results"]
    if refused := said["trl"][str(paths["healthy"])][0]:
        raise SystemExit(f"TRL refuses the healthy row, so its column would say nothing: {refused}")
    columns = ("ours", "ftgate", "finelint", "trl")
    print("| broken file | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    totals = dict.fromkeys(columns, 0)
    for name in BROKEN:
        marks = []
        for column in columns:
            healthy_said = set(said[column][str(paths["healthy"])][0])
            caught = bool(set(said[column][str(paths[name])][0]) - healthy_said)
            totals[column] += caught
            marks.append("yes" if caught else "no")
        print(f"| {name} | " + " | ".join(marks) + " |")
    print("| caught of 30 | " + " | ".join(str(totals[column]) for column in columns) + " |")


def speed(folder: Path, path: Path, tokenizer: Path) -> None:
    """Seconds for the shipped rows."""
    rows = folder / "rows.jsonl"
    rows.write_bytes(b"".join((PROJECT / name).read_bytes() for name in FILES))
    plain = folder / "plain.jsonl"  # TRL's loader wants columns of one type
    with plain.open("w", encoding="utf-8") as file:
        for text in rows.read_text(encoding="utf-8").splitlines():
            row = json.loads(text)
            file.write(json.dumps({key: row[key] for key in ("messages", "tools")}) + "\n")
    probe = folder / "probe.jsonl"
    probe.write_text(json.dumps({"messages": [{"role": "user", "content": PROBE}]}) + "\n")
    words = [str(tokenizer), "2048", str(probe)]
    print("| validator | rows | seconds | rows/s |\n|---|---|---|---|")
    count = rows.read_bytes().count(b"\n")
    ours = [str(tokenizer / "tokenizer.json"), str(PROJECT / "chat_templates/qwen2.5-tools.jinja")]
    for processes in ("1", "2"):
        found = run("dev", OURS, *ours, *words[1:], processes, str(rows), path=path)
        seconds = found["results"][str(rows)][1]
        print(
            f"| ours, {processes} processes | {count:,} | {seconds:.2f} | {count / seconds:,.0f} |"
        )
    for name in ("ftgate", "finelint", "trl"):
        # The first file is a warm-up, so that imports are not counted.
        warm = folder / "warm.jsonl"
        warm.write_bytes(line(healthy()))
        found = run("train", THEIRS, name, *words, str(warm), str(plain), path=path)
        seconds = found[str(plain)][1]
        print(f"| {name} | {count:,} | {seconds:.2f} | {count / seconds:,.0f} |")


def million(folder: Path, path: Path, tokenizer: Path, count: int) -> None:
    """Generated rows through ours: every check, all cores."""
    rows = folder / "million.jsonl"
    draw = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(20_000)]
    template = line(healthy()).decode()
    with rows.open("w", encoding="utf-8") as file:
        for number in range(count):
            own = " ".join(draw.choices(words, k=50))
            text = template.replace("Compare a.txt with b.txt, please.", f"Compare {own[:160]}.")
            file.write(text.replace("b.txt says two.", f"row {number}: {own[160:]}"))
    size = rows.stat().st_size
    probe = folder / "probe.jsonl"
    probe.write_text(json.dumps({"messages": [{"role": "user", "content": PROBE}]}) + "\n")
    ours = [str(tokenizer / "tokenizer.json"), str(PROJECT / "chat_templates/qwen2.5-tools.jinja")]
    processes = str(os.cpu_count() or 1)
    found = run("dev", OURS, *ours, "2048", str(probe), processes, str(rows), path=path)
    said, seconds = found["results"][str(rows)]
    print(f"{count:,} rows, {size / 1e9:.2f} GB, {processes} processes: {seconds:.0f} s, "
          f"{count / seconds:,.0f} rows/s, {count / seconds / int(processes):,.0f} a core; peak "
          f"{found['peak'] / 1024:.0f} MiB, largest worker {found['largest child'] / 1024:.0f} MiB; "
          f"red gates: {said or 'none'}")  # fmt: skip


def main() -> None:
    """Run what is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="table, speed, million")
    parser.add_argument("--rows", type=int, default=1_000_000, help="for million")
    words = parser.parse_args()
    names = words.names or ["table", "speed", "million"]
    if unknown := set(names) - {"table", "speed", "million"}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(dir=environments.cache_root()) as scratch:
        folder = Path(scratch)
        path = validators(folder) if names != ["million"] else folder
        tokenizer = tokenizer_folder(folder)
        if "table" in names:
            table(folder, path, tokenizer)
        if "speed" in names:
            speed(folder, path, tokenizer)
        if "million" in names:
            million(folder, path, tokenizer, words.rows)


if __name__ == "__main__":
    main()
