"""Rehearse a recipe at full size, stage by stage, as if the card had less memory: what does each take?

`python benchmarks/rehearse_gpu.py --recipe synthia-7b --tokenizer FILE --work FOLDER --out FILE` runs the
stages' own code in the Python that runs it, a process each, and appends a line of JSON per stage to the
file: seconds, the peaks of GPU and host memory and of disk, gates. With `--card 12` PyTorch may take so
many GiB, less what CUDA itself takes; `compare` is what of merge uses the GPU. A stage whose output lies in
the work folder is not run again, so that a call can go on where another was ended. Packages are not
compared with the locks: say beside the figures which they were.

Not covered: what a run needs in its own environments (`./invoke rehearse`), and a card's speed.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia import manifest, recipe as recipes, rehearsal  # noqa: E402
from synthia.host import environments  # noqa: E402
from synthia.recipe_sources import HubModel  # noqa: E402
from synthia.stage import BY_NAME  # noqa: E402

CONTEXT = 0.6
"""GiB that CUDA takes beside what PyTorch allocates."""
ORDER = ("fetch", "prepare", "train", "merge", "sample_hf", "convert", "sample_gguf", "evaluate")
"""The pipeline's, except that all that reads the base model comes before the disk fills."""
NAMES = ("torch", "transformers", "trl", "peft", "unsloth", "bitsandbytes", "accelerate")


def main() -> None:
    """Run the stages that are asked for, or with --inside one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default=recipes.DEFAULT)
    parser.add_argument("--set", action="append", default=[], help="as ./invoke pipeline --set")
    parser.add_argument("--tokenizer", help="tokenizer.json, inside the project's folder")
    parser.add_argument("--llama-cpp", default="", help="a build of llama.cpp")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="lines of JSON are appended")
    parser.add_argument("--card", type=float, default=0.0, help="GiB of the card to stand for")
    parser.add_argument("--stages", default=",".join(ORDER))
    parser.add_argument("--again", action="store_true", help="run them though they have run")
    parser.add_argument("--drop", default="", help="folders to delete first, to free disk")
    parser.add_argument("--until", type=float, default=540, help="begin no stage after seconds")
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--hidden", type=int, default=0)
    parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.inside:
        inside(words.inside, words.card)
        return
    began = time.monotonic()
    for name in filter(None, words.drop.split(",")):
        shutil.rmtree(words.work / name, ignore_errors=True)
    resolved = derive(words)
    for stage in words.stages.split(","):
        folder = words.work / ("compare" if stage == "compare" else BY_NAME[stage].folder)
        if folder.exists() and not words.again:
            print(f"{stage}: has run")
            continue
        if time.monotonic() - began > words.until:
            print(f"{stage}: not begun, {words.until:g} s are over; call again")
            return
        if not measured(words, resolved, stage, folder):
            return


def derive(words: argparse.Namespace) -> recipes.Recipe:
    """The rehearsal, with values of its own set by --set."""
    loaded = recipes.load(PROJECT / "recipes", words.recipe)
    if isinstance(loaded.model, HubModel) and not words.tokenizer:
        sys.exit("--tokenizer FILE: random weights have none of their own")
    derived = rehearsal.derive(
        PROJECT, loaded, words.tokenizer, gpu=True, layers=words.layers, hidden=words.hidden
    )
    values = derived.model_dump(mode="json")
    for override in words.set:
        recipes._override(values, override)
    return recipes.parse(values, origin="--set")


def measured(words: argparse.Namespace, resolved: recipes.Recipe, stage: str, folder: Path) -> bool:
    """Run one stage in a process of its own and note what it took; return whether it ended well."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    reads = ("fetch", "prepare", "train", "merge") if stage == "compare" else BY_NAME[stage].reads
    inputs = {name: str(words.work / BY_NAME[name].folder) for name in reads}
    inputs |= {"project": str(PROJECT), "llama_cpp": str(Path(words.llama_cpp).absolute())}
    inputs["cache"] = str(environments.cache_root())
    request = {
        "stage": stage, "recipe": resolved.model_dump(mode="json"), "inputs": inputs,
        "out": str(partial), "runtime": {"runtime": "host"},
    }  # fmt: skip
    command = [sys.executable, __file__, "--inside", stage, "--card", str(words.card)]
    command += ["--work", str(words.work), "--out", str(words.out)]
    env = {**os.environ, "PYTHONPATH": f"{PROJECT / 'src'}:{os.environ.get('PYTHONPATH', '')}"}
    env |= {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    log = words.work / f"{stage}-{words.card:g}.log"
    began = time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT, env=env
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.close()
        peaks = watched(process, words.work)
    taken = time.monotonic() - began
    facts = partial / "run.json"
    line: dict[str, Any] = {
        "recipe": resolved.name, "stage": stage, "card": words.card or "whole", "gpu": gpu(),
        "ended": process.returncode, "seconds": round(taken, 1), **peaks,
        "run": json.loads(facts.read_text()) if facts.exists() else {}, **gates(partial),
        "output_bytes": sum(f.stat().st_size for f in partial.rglob("*") if f.is_file()),
        "files": {f.name: f.stat().st_size for f in sorted(partial.iterdir()) if f.is_file()},
        "packages": {name: version(name) for name in NAMES},
    }  # fmt: skip
    if process.returncode != 0:
        line["end"] = log.read_text(errors="replace")[-2500:]
    with words.out.open("a") as lines:
        lines.write(json.dumps(line) + "\n")
    print(
        json.dumps({key: line[key] for key in line if key not in ("files", "packages")}, indent=1)
    )
    # A red gate leaves a complete output, and shows itself in the line.
    if process.returncode == 0 or (partial / "run.json").exists():
        (partial / manifest.NAME).write_text("{}")  # inputs' digests are the pipeline's business
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
        return True
    return False


def watched(process: "subprocess.Popen[bytes]", work: Path) -> dict[str, int]:
    """Wait for a process; return the most bytes of memory and disk that were seen, a look a second."""
    peaks = {"gpu_seen_bytes": 0, "rss_seen_bytes": 0, "anonymous_seen_bytes": 0, "disk_bytes": 0}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(1.0):
            seen = {"gpu_seen_bytes": gpu_used(), "disk_bytes": disk(work)}
            status = Path(f"/proc/{process.pid}/status")
            if status.exists():
                rows = dict(row.split(":", 1) for row in status.read_text().splitlines())
                for key, name in (("rss_seen_bytes", "VmRSS"), ("anonymous_seen_bytes", "RssAnon")):
                    seen[key] = 1024 * int(rows.get(name, "0 kB").split()[0])
            for key, value in seen.items():
                peaks[key] = max(peaks[key], value)

    thread = threading.Thread(target=look)
    thread.start()
    process.wait()
    ended.set()
    thread.join()
    return peaks


def disk(work: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts nothing."""
    total = 0
    for folder, _, names in os.walk(work):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118
            except FileNotFoundError:
                continue
    return total


def gpu_used() -> int:
    """Bytes in use on the first GPU, all processes together."""
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    if not shutil.which(query[0]):
        return 0
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return int(done.stdout.split()[0]) * 2**20 if done.returncode == 0 else 0


def gpu() -> str:
    """The first GPU's name."""
    query = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    if not shutil.which(query[0]):
        return ""
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout.strip()


def gates(folder: Path) -> dict[str, Any]:
    """How many gates there are, and the red ones."""
    file = folder / "gates.json"
    judged = json.loads(file.read_text()) if file.exists() else []
    red = [
        f"{gate['name']} {gate['arm']} {gate['value']} {gate['threshold']} {gate['where'][:3]}"
        for gate in judged if not gate["passed"]
    ]  # fmt: skip
    return {"gates": len(judged), "red": red}


def version(name: str) -> str:
    """The version of an installed package; "" without it."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def inside(stage: str, card: float) -> None:
    """Run the stage of the request on standard input, with a card's memory."""
    from synthia import __main__ as running
    from synthia.gates import GateFailed

    request = json.loads(sys.stdin.buffer.readline())
    if card and stage != "sample_gguf":
        import torch

        if torch.cuda.is_available():
            total = torch.cuda.mem_get_info()[1]
            torch.cuda.set_per_process_memory_fraction((card - CONTEXT) * 2**30 / total)
    try:
        if stage == "compare":
            compare(request)
        else:
            running.run(request, Path(request["out"]))
    except GateFailed as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def compare(request: dict[str, Any]) -> None:
    """The part of merge that uses the GPU."""
    import torch

    from synthia import records
    from synthia.stages.hf import merge_choices

    inputs = {name: Path(path) for name, path in request["inputs"].items()}
    resolved = recipes.parse(request["recipe"], origin="the rehearsal")
    found = merge_choices.compare(resolved, inputs, inputs["merge"])
    taken = torch.cuda.max_memory_reserved() if torch.cuda.is_available() else 0
    records.write(Path(request["out"]) / "run.json", {"gpu_bytes": taken, "merges": found})


if __name__ == "__main__":
    main()
