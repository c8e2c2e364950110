"""Measure what a user waits for, against the project's targets: python benchmarks/speed.py [NAME ...]

    list          ./invoke --list
    noop          ./invoke pipeline --recipe smoke when everything is current
    smoke         the smoke pipeline from cached environments and a built llama.cpp, and its stages
    environments  both stage environments from nothing (an empty cache), without llama.cpp's build
    prepare       rows a minute through prepare, next to plain tokenization, in one run

Without names, all but `environments`. Works in a copy of the project, so outputs are left alone.
Wall time and peak memory are the whole process tree's. Timings never decide a test.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def timed(project: Path, *words: str, **env: str) -> float:
    """Seconds that ./invoke takes; raises CalledProcessError when it fails."""
    started = time.perf_counter()
    ours = {**os.environ, **env}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)  # else the copy's modules are compiled in every call
    subprocess.run(
        [str(project / "invoke"), *words], check=True, stdout=subprocess.DEVNULL, env=ours
    )
    return time.perf_counter() - started


def best(project: Path, *words: str, runs: int = 5) -> float:
    """The median of several runs."""
    return sorted(timed(project, *words) for _ in range(runs))[runs // 2]


def peak_gib() -> float:
    """Largest resident set of any ended child so far, in GiB (Linux counts KiB)."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20


def ended(path: Path) -> float:
    """When a file was written."""
    return path.stat().st_mtime


PREPARE = r"""
import json, sys, time
from pathlib import Path
from synthia import recipe
from synthia.stages import prepare
project, fetched, out = map(Path, sys.argv[1:4])
loaded = recipe.load(project / "recipes", "smoke", ["data.files=['data/bench.jsonl']"])
rows = sum(1 for _ in (project / "data/bench.jsonl").open())
started = time.perf_counter()
prepare.run(loaded, {"project": project, "fetch": fetched}, out)
ours = time.perf_counter() - started

from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(out / "tokenizer")
texts = [json.loads(line) for line in (out / "texts.jsonl").open()]
started = time.perf_counter()
for row in texts:
    tokenizer.apply_chat_template(row["messages"], tools=row["tools"], tokenize=True, return_dict=True)
theirs = time.perf_counter() - started
print(json.dumps({"rows": rows, "ours": rows / ours * 60, "theirs": rows / theirs * 60}))
"""


def prepare(project: Path) -> None:
    """Rows a minute: ours with every gate and the mask page, and plain tokenization without any."""
    sys.path.insert(0, str(project / "src"))
    from synthia.host import environments
    from synthia.run import launch

    lines = (project / "data/smoke.jsonl").read_text().splitlines()
    rows = []
    for copy in range(20):
        for number, line in enumerate(lines):
            row = json.loads(line)
            row["messages"][0]["content"] += f" Case {copy}-{number}."
            rows.append(json.dumps(row, ensure_ascii=False))
    (project / "data/bench.jsonl").write_text("\n".join(rows) + "\n")
    out = project / "bench"
    out.mkdir()
    python = environments.ensure(project, "train")
    fetched = project / "outputs/smoke/fetch"
    done = subprocess.run(
        [str(python), "-c", PREPARE, str(project), str(fetched), str(out)], check=True,
        capture_output=True, text=True, env=launch.stage_env(project, network=False),
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    show("prepare, all gates", f"{found['ours']:,.0f} rows/min", ">= 20,000 rows/min")
    show("  transformers' apply_chat_template alone", f"{found['theirs']:,.0f} rows/min", "")


def show(name: str, value: str, target: str) -> None:
    """One line of the table."""
    print(f"{name:45} {value:>20}   {target}", flush=True)


def main() -> None:
    """Run the benchmarks named, in the order in which they build on each other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=["list", "smoke", "noop", "prepare"])
    names = parser.parse_args().names
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        ignored = shutil.ignore_patterns("outputs", ".git", "__pycache__")
        shutil.copytree(PROJECT, project, ignore=ignored, symlinks=True)
        timed(project, "--list")
        if "list" in names:
            show("./invoke --list", f"{best(project, '--list'):.2f} s", "< 0.5 s")
        if "environments" in names:
            sys.path.insert(0, str(project / "src"))
            cache = {"SYNTHIA_CACHE": f"{folder}/cache", "UV_CACHE_DIR": f"{folder}/uv"}
            code = (
                "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1] + '/src');"
                "from synthia.host import environments as e;"
                "[e.ensure(Path(sys.argv[1]), name) for name in ('train', 'convert')]"
            )
            started = time.perf_counter()
            host = str(project / ".invoke/host/bin/python")
            subprocess.run(
                [host, "-c", code, str(project)], check=True, env={**os.environ, **cache}
            )
            show("environments from nothing", f"{time.perf_counter() - started:.0f} s", "< 180 s")
        if {"smoke", "noop", "prepare"} & {*names}:
            seconds = timed(project, "pipeline", "--recipe", "smoke")
            show("smoke pipeline", f"{seconds:.0f} s", "<= 480 s on 2 cores")
            for run in sorted((project / "outputs/smoke").glob("*/run.json"), key=ended):
                facts = json.loads(run.read_text())
                show(f"  {run.parent.name}", f"{facts['seconds']:.0f} s", "")
            show("  largest process", f"{peak_gib():.1f} GiB", "<= 6 GiB")
        if "noop" in names:
            noop = best(project, "pipeline", "--recipe", "smoke")
            show("smoke pipeline, nothing to do", f"{noop:.2f} s", "< 2 s")
        if "prepare" in names:
            prepare(project)


if __name__ == "__main__":
    main()
