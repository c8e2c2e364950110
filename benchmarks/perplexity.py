"""llama.cpp's own perplexity beside our sums: python benchmarks/perplexity.py TEXT GGUF [GGUF...]

Both read the same chunks of the text, and judge the second half of each. The program is llama-imatrix. It
computes the perplexity as llama-perplexity does (the same lines of code) and is in the images; it reads the
file by itself, in C++. Ours is what the gates F build on: logits by `synthia.stages.gguf.libllama`, the
log-softmax of `synthia.stages.sample_gguf`.

The exit code is 0 only where the two agree to APART for every file. Needs the dev environment's Python:
./invoke test makes it.

Not covered: llama-perplexity's KL divergence: no image is built with that program.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia.host import environments  # noqa: E402
from synthia.run import launch, llama_build  # noqa: E402
from synthia.stages.gguf import libllama  # noqa: E402

CONTEXT, CHUNKS = 256, 4
APART = 1e-3
"""Share by which the two may differ: the program prints four digits, and sums in another order."""
PRINTED = re.compile(r"Final estimate: PPL = ([0-9.]+)")


def theirs(llama_cpp: Path, model: Path, text: Path) -> float:
    """The program's figure."""
    threads = str(len(os.sched_getaffinity(0)))
    words = [str(llama_cpp / "bin" / "llama-imatrix"), "-m", str(model), "-f", str(text)]
    words += ["-c", str(CONTEXT), "--chunks", str(CHUNKS), "-t", threads, "-fa", "off"]
    with tempfile.TemporaryDirectory() as scratch:
        words += ["-o", f"{scratch}/imatrix.gguf"]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = PRINTED.search(done.stdout.decode(errors="replace"))
    assert found, done.stdout[-2000:]
    return float(found[1])


def ours(llama_cpp: Path, model: Path, text: Path) -> float:
    """Ours, in the convert environment."""
    from synthia.stages import sample_gguf

    lib = libllama.load(llama_cpp)
    with libllama.model(lib, model, vocab_only=True) as vocabulary:
        ids = libllama.tokenizer(lib, vocabulary)(text.read_text(encoding="utf-8"))
    first, likely = CONTEXT // 2, []
    assert len(ids) >= CHUNKS * CONTEXT, f"{text} has {len(ids)} tokens, too few"
    with libllama.reader(lib, model, context=CONTEXT) as reader:
        for start in range(0, CHUNKS * CONTEXT, CONTEXT):
            chunk = ids[start : start + CONTEXT]
            logits = reader.logits(chunk, range(first, CONTEXT - 1))
            for row, token in zip(logits, chunk[first + 1 :], strict=True):
                likely.append(sample_gguf._log_softmax(row.astype(np.float64))[token])
    return float(np.exp(-np.mean(likely)))


def main() -> int:
    """Print both for each file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("text", type=Path)
    parser.add_argument("models", type=Path, nargs="+", metavar="GGUF")
    parser.add_argument("--ours", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ours:
        print(json.dumps([ours(given.ours, model, given.text) for model in given.models]))
        return 0
    python = environments.ensure(PROJECT, "convert")
    llama_cpp = llama_build.ensure(python, environments.cache_root())
    words = [str(python), __file__, *sys.argv[1:], "--ours", str(llama_cpp)]
    env = launch.stage_env(PROJECT, network=False)
    done = subprocess.run(words, env=env, check=True, stdout=subprocess.PIPE, text=True)
    wrong = 0
    print(f"{CHUNKS} chunks of {CONTEXT} tokens of {given.text}")
    print(f"{'perplexity of':40}{'llama.cpp':>12}{'ours':>12}{'apart':>12}")
    for model, mine in zip(given.models, json.loads(done.stdout.splitlines()[-1]), strict=True):
        said = theirs(llama_cpp, model, given.text)
        apart = abs(mine / said - 1)
        wrong += not apart <= APART
        print(f"{model.name:40}{said:12.4f}{mine:12.4f}{apart:12.6f}", flush=True)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
