"""Faults that are caught before a stage computes: in the rows, on this machine, in what lies on the disk.

Each is put into something healthy, and what becomes of it is returned: the gates that turn red with their
words, or what the command says that refuses. `rows` and `findings` take the healthy things too.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import finished_run
import pytest
from broken_rows import BROKEN, MAX_LENGTH, PROBE, healthy, line
from conftest import PROJECT

from synthia import gates, model_folder, pipeline, recipe, resume
from synthia.data import check as data_check, command, held_out, jinja
from synthia.errors import PipelineError
from synthia.host import doctor, environments
from synthia.recipe import Recipe
from synthia.run import launch, preflight
from synthia.stage import BY_NAME, folder

Outcome = dict[str, Any]
Patch = pytest.MonkeyPatch


def outcome(stage: str, red: Mapping[str, str] | None = None, said: str = "") -> Outcome:
    """What became of a fault, as the stage environments' scripts print it."""
    return {"stage": stage, "red": dict(red or {}), "said": said}


def refusal(stage: str, run: Callable[[], Any]) -> Outcome:
    """The sentence that a command ends with."""
    try:
        run()
    except PipelineError as error:
        return outcome(stage, said=str(error))
    return outcome(stage)


# -- rows -----------------------------------------------------------------------------------------

GIVEN: dict[str, bytes] = {
    "healthy": line(healthy()),
    **{name: data for name, (_, data) in BROKEN.items()},
    "byte order mark": b"\xef\xbb\xbf" + line(healthy()),
    "call written as text": line(
        {**healthy(), "messages": [
            {"role": "user", "content": "Read a.txt, please."},
            {"role": "assistant", "content": '{"name": "read_file", "arguments": {"path": "a.txt"}}'},
        ]}),
    "rows of another schema": line(
        {"conversations": [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello."}]}),
}  # fmt: skip


WORDS = json.dumps({
    "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"},
    "pre_tokenizer": {"type": "Whitespace"}, "added_tokens": [],
})  # fmt: skip
BEGIN = "{%- set system_first"
TEMPLATES = {
    "doubled braces in the template": ("{{- '<|im_start|>assistant\\n' }}", "{{{{ messages }}}}"),
    "template that runs code": (BEGIN, "{{ ''.__class__.__mro__ }}" + BEGIN),
    "template that loops for ever": (BEGIN, "{% for a in range(99999) %}{% for b in range(99999) %}"
                                     "{% endfor %}{% endfor %}" + BEGIN),
    "template that writes the day's date": (BEGIN, "{{ strftime_now('%Y') }}" + BEGIN),
}  # fmt: skip
"""What stands in the shipped chat template, and what takes its place."""


def template(name: str) -> Callable[[Path, Patch], Outcome]:
    """`./invoke data` with a changed chat template."""

    def run(tmp: Path, patch: Patch) -> Outcome:
        patch.setattr(jinja, "SECONDS", 0.5)
        return refusal("data", lambda: rows(line(healthy()), tmp, *TEMPLATES[name]))

    return run


def rows(data: bytes, tmp: Path, old: str = "", new: str = "") -> Outcome:
    """`./invoke data` on a file, with a tokenizer of words, which counts like any other, and one probe."""
    path = tmp / "rows.jsonl"
    path.write_bytes(data)
    loaded = recipe.load(PROJECT / "recipes", "smoke", [f"data.max_length={MAX_LENGTH}"])
    text = (PROJECT / loaded.data.chat_template).read_text(encoding="utf-8")
    assert old in text
    tokenizer = tmp / "tokenizer.json"
    tokenizer.write_text(WORDS)
    rules = data_check.Rules(
        held=held_out.probes([("p1", [{"role": "user", "content": PROBE}])]),
        control_tokens=("<|im_start|>", "<|im_end|>"),
        tokenizer=str(tokenizer),
        chat_template=text.replace(old, new),
        max_length=MAX_LENGTH,
    )
    found = data_check.check({"rows.jsonl": path}, rules, processes=1)
    judged = command.judge(loaded, found, [])
    return outcome("data", {g.name: gates.describe(g) for g in judged if not g.passed})


# -- this machine ---------------------------------------------------------------------------------

INFO: dict[str, Any] = {
    "ServerVersion": "28.3.0",
    "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
    "Runtimes": {"runc": {}, "nvidia": {}},
}
GOOD = doctor.Facts(
    docker="/usr/bin/docker", info=INFO, buildx="v0.25.0", compose="2.38.1",
    gpus="NVIDIA GeForce RTX 4090, 580.65.06, 24564\n", capabilities="8.9\n", nvidia="/usr/bin/nvidia-smi",
    kernel="Linux version 6.8.0", flags="fpu sse4_2 avx avx2 fma f16c bmi2", free=200 * 10**9,
    free_in="/home/me/.cache/synthia", engine_free=200 * 10**9,
)  # fmt: skip
"""What the programs of a machine with everything print."""


def findings(facts: doctor.Facts, project: Path = PROJECT) -> Outcome:
    """`./invoke doctor` on what a machine's programs print."""
    bad = [f for f in (doctor.scripts(project), *doctor.judge(facts)) if not f.good]
    return outcome("doctor", {f.name: "\n".join(doctor.lines([f])) for f in bad})


def machine(**facts: Any) -> Callable[[Path, Patch], Outcome]:
    return lambda tmp, patch: findings(replace(GOOD, **facts))


def windows_script(tmp: Path, patch: Patch) -> Outcome:
    (tmp / "docker").mkdir()
    (tmp / "docker" / "build.sh").write_bytes(b"#!/bin/sh\r\nset -eu\r\n")
    shutil.copy(PROJECT / "invoke", tmp)
    return findings(GOOD, tmp)


def smoke(*overrides: str) -> Recipe:
    return recipe.load(PROJECT / "recipes", "smoke", overrides)


def no_gpu(tmp: Path, patch: Patch) -> Outcome:
    patch.setattr(environments, "gpu_names", list)
    seven = recipe.load(PROJECT / "recipes", "synthia-7b")
    return refusal("preflight", lambda: preflight.require(PROJECT, seven, "host"))


def no_data(tmp: Path, patch: Patch) -> Outcome:
    loaded = smoke('data.files=["data/smoke.jsonl", "data/mine.jsonl"]')
    return refusal("preflight", lambda: preflight.require(PROJECT, loaded, "host"))


@dataclass(frozen=True)
class Installed:
    """A distribution, as importlib.metadata gives it."""

    name: str
    version: str


def nightly(tmp: Path, patch: Patch) -> Outcome:
    lock = tmp / "train.txt"
    lock.write_text("torch==2.10.0 \\\n    --hash=sha256:0\n")
    patch.setattr(
        metadata, "distributions", lambda: [Installed("torch", "2.12.0.dev20260101+cu130")]
    )
    return refusal("train", lambda: environments.verify(lock, "remove the folder train"))


def two_at_once(tmp: Path, patch: Patch) -> Outcome:
    def run() -> None:
        busy = "another run of smoke is going on"
        with (
            environments.file_lock(tmp / ".lock", busy),
            environments.file_lock(tmp / ".lock", busy, wait=False),
        ):
            pass

    return refusal("preflight", run)


def no_room(tmp: Path, patch: Patch) -> Outcome:
    full = shutil.disk_usage(tmp)._replace(free=10**9)
    patch.setattr(shutil, "disk_usage", lambda path: full)
    patch.setenv("SYNTHIA_CACHE", str(tmp))
    return refusal("preflight", lambda: environments.ensure(PROJECT, "train"))


def misspelled(tmp: Path, patch: Patch) -> Outcome:
    return refusal("recipe", lambda: smoke("training.learnin_rate=1e-4"))


# -- what lies on the disk ------------------------------------------------------------------------


def half_copied(tmp: Path, patch: Patch) -> Outcome:
    base = tmp / "models" / "mine"
    base.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (base / name).write_text("{}")
    header = json.dumps(
        {"a.q_proj.weight": {"dtype": "BF16", "shape": [8, 8], "data_offsets": [0, 128]}}
    )
    head = len(header).to_bytes(8, "little") + header.encode()
    (base / "model.safetensors").write_bytes(head + bytes(128))
    model_folder.require(tmp, "models/mine", ["q_proj"])  # whole, it is good
    (base / "model.safetensors").write_bytes(head + bytes(100))
    return refusal("preflight", lambda: model_folder.require(tmp, "models/mine", ["q_proj"]))


def torn(tmp: Path, patch: Patch) -> Outcome:
    for step in (4, 8):
        checkpoint = tmp / f"checkpoint-{step}"
        checkpoint.mkdir()
        (checkpoint / "optimizer.pt").write_text(str(step))
        resume.seal(checkpoint)
    assert resume.newest(tmp) == tmp / "checkpoint-8"  # whole, the newest is taken
    (tmp / "checkpoint-8" / "optimizer.pt").write_text("")
    with spoken() as said:
        assert resume.newest(tmp) == tmp / "checkpoint-4"
    return outcome("train", said=said[0])


@contextmanager
def spoken() -> Iterator[list[str]]:
    """What is said to the user inside the block."""
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("synthia.terminal.say", said.append)
        yield said


def begun_before(key: str) -> Callable[[Path, Patch], Outcome]:
    """A training that was begun with another recipe or other data, and is started again."""

    def run(tmp: Path, patch: Patch) -> Outcome:
        python = tmp / "python"
        python.write_text(
            f"#!{sys.executable}\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
        )
        python.chmod(0o755)
        patch.setattr(environments, "ensure", lambda *_: python)
        loaded, train = smoke(), BY_NAME["train"]
        checkpoint = folder(tmp, loaded, train).with_name("train")
        now = {"recipe": 1, "inputs": 1}

        def start(identity: Mapping[str, int]) -> None:
            with pytest.raises(PipelineError, match="SIGKILL"):
                launch.launch(tmp, loaded, train, runtime="host", identity=identity)

        start(now)
        work = next(checkpoint.parent.glob("*train*/"))
        (work / "old").touch()
        with spoken() as said:
            start(now)  # unchanged: what is there is kept, and nothing said
            assert said == []
            assert (work / "old").exists()
            start({**now, key: 2})
        assert not (work / "old").exists()
        return outcome("train", said=said[0])

    return run


@contextmanager
def finished(tmp: Path) -> Iterator[tuple[Path, Recipe]]:
    """A finished run of smoke with little in it and real manifests, all of it current."""
    for name in ("src", "requirements", "recipes", "chat_templates", "LICENSE"):
        (tmp / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "data", tmp / "data", ignore=shutil.ignore_patterns("[!sa]*"))
    loaded = smoke("hub.repo_id=me/mine")
    finished_run.write(tmp, loaded)
    assert pipeline.outdated(tmp, loaded) == ""
    yield tmp, loaded


def old_model(tmp: Path, patch: Patch) -> Outcome:
    with finished(tmp) as (project, loaded):
        with (project / "data" / "smoke.jsonl").open("a") as file:
            file.write(line(healthy()).decode())
        return outcome("serve", said=pipeline.outdated(project, loaded))


def changed_output(stage: str, file: str) -> Callable[[Path, Patch], Outcome]:
    """A file of a finished stage that something else has changed."""

    def run(tmp: Path, patch: Patch) -> Outcome:
        with finished(tmp) as (project, loaded):
            place = folder(project, loaded, BY_NAME[stage]) / file
            place.write_bytes(place.read_bytes() + b" ")
            first = next((s, why) for s, why in pipeline.status(project, loaded) if why)
            return outcome("status", said=f"{first[0].name} {'; '.join(first[1])}")

    return run


ENVIRONMENT: dict[str, Callable[[Path, Patch], Outcome]] = {
    "no GPU": no_gpu,
    "data file missing": no_data,
    "nightly PyTorch": nightly,
    "another run going on": two_at_once,
    "disk full": no_room,
    "key of the recipe misspelled": misspelled,
    "half-copied base model": half_copied,
    "torn checkpoint": torn,
    "checkpoint of another run": begun_before("recipe"),
    "training resumed with other data": begun_before("inputs"),
    "old model in the client": old_model,
    "base changed after training": changed_output("fetch", "config.json"),
    "finished GGUF damaged on the disk": changed_output("convert", "Smoke-F16.gguf"),
    "script with Windows line endings": windows_script,
    "CUDA not seen by the driver's program": machine(gpus="", capabilities=""),
    "driver too old": machine(gpus="NVIDIA H100 80GB HBM3, 550.172.08, 81559\n"),
    "GPU too old": machine(gpus="Tesla T4, 580.65.06, 15360\n", capabilities="7.5\n"),
    "containers without a GPU": machine(info={**INFO, "Runtimes": {"runc": {}}}),
    **{name: template(name) for name in TEMPLATES},
}


def checked_out(project: Path, target: Path) -> bytes:
    """`invoke` as git checks it out where it was told to write Windows line endings."""
    words = [
        "git",
        "-c",
        "core.autocrlf=true",
        "clone",
        "--quiet",
        "--no-hardlinks",
        "--depth",
        "1",
    ]
    subprocess.run([*words, f"file://{project}", str(target)], check=True, capture_output=True)
    return (target / "invoke").read_bytes()
