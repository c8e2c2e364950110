"""The files in launch/: read by the tools that they are for, their commands run beside stand-ins."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT

from synthia.host import environments
from synthia.stage import BY_NAME, STAGES

LAUNCH = PROJECT / "launch"
READ = """
import json, sys
import kubernetes_validate, sky, yaml

def read(jobs, task):
    found = {"kubernetes": list(yaml.safe_load_all(jobs)), "errors": []}
    # The first in which a policy on failures is stable, and the newest.
    for version in ("1.31", kubernetes_validate.latest_version()):
        for document in found["kubernetes"]:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                found["errors"].append(error.message)
    try:
        made = sky.Task.from_yaml_config(yaml.safe_load(task), env_overrides=[("BUCKET", "a-bucket")])
        found["sky"] = made.to_yaml_config()
    except ValueError as error:
        found["errors"].append(str(error))
    return found

print(json.dumps([read(*texts) for texts in json.load(sys.stdin)]))
"""
MISSPELT = {"backoffLimit:": "backoffLimits:", "use_spot:": "use_spots:"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the schemas of Kubernetes' API and SkyPilot read: the files, and the same with misspelt keys."""
    python = environments.ensure(PROJECT, "launch")
    home = str(tmp_path_factory.mktemp("home"))
    env = {**os.environ, "HOME": home, "SKYPILOT_DISABLE_USAGE_COLLECTION": "1"}
    wrong = texts()
    for key, misspelt in MISSPELT.items():
        wrong = [text.replace(key, misspelt) for text in wrong]
    done = subprocess.run(
        [str(python), "-c", READ], input=json.dumps([texts(), wrong]),
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def files(both: list[dict[str, Any]]) -> dict[str, Any]:
    return both[0]


def texts() -> list[str]:
    return [(LAUNCH / name).read_text() for name in ("kubernetes.yaml", "sky.yaml")]


def job(files: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = files["kubernetes"][1]["spec"]["template"]["spec"]
    return found


def program(name: str) -> Path:
    return environments.ensure(PROJECT, "launch").with_name(name)


@pytest.mark.slow
def test_the_apis_schemas_and_skypilots_parser_take_the_files(files: dict[str, Any]) -> None:
    assert files["errors"] == []
    assert [document["kind"] for document in files["kubernetes"]] == [
        "PersistentVolumeClaim",
        "Job",
    ]
    assert files["sky"]["num_nodes"] == 1


@pytest.mark.slow
def test_misspelt_keys_are_refused(both: list[dict[str, Any]]) -> None:
    *kubernetes, sky = both[1]["errors"]
    assert len(kubernetes) == 2
    assert all("backoffLimits" in error for error in kubernetes)
    assert "use_spots" in sky


@pytest.mark.slow
def test_shellcheck_finds_nothing(files: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "sky.sh").write_text("#!/bin/bash\n" + files["sky"]["run"])
    (code,) = (one["args"][0] for one in job(files)["initContainers"] if one["name"] == "code")
    (tmp_path / "code.sh").write_text("#!/bin/sh\n" + code)
    scripts = [*LAUNCH.glob("*.sh"), *(PROJECT / "docker").glob("*.sh"), PROJECT / "invoke"]
    done = subprocess.run(
        [program("shellcheck"), *scripts, *tmp_path.glob("*.sh")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
def test_every_image_is_named_by_its_digest(files: dict[str, Any]) -> None:
    pod = job(files)
    images = {one["image"] for one in [*pod["initContainers"], *pod["containers"]]}
    assert images == {f"REGISTRY/NAME@sha256:{name}" for name in ("TRAIN", "CONVERT")}
    # What is to be filled in stands there once.
    assert len(re.findall(r"^[^#\n]*REGISTRY/NAME", texts()[0], re.MULTILINE)) == 2
    base = re.search(r"^ARG BASE=(.*)$", (PROJECT / "Dockerfile.train").read_text(), re.MULTILINE)
    assert base
    image_ids = {
        value for one in files["sky"]["resources"]["any_of"] for value in one["image_id"].values()
    }
    assert image_ids == {f"docker:{base[1]}"}


@pytest.mark.slow
def test_no_pod_is_root_or_may_write_but_into_its_volumes(files: dict[str, Any]) -> None:
    pod = job(files)
    assert pod["securityContext"]["runAsNonRoot"] is True
    for one in [*pod["initContainers"], *pod["containers"]]:
        assert one["securityContext"]["readOnlyRootFilesystem"] is True
        assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        tokens = [value["name"] for value in one.get("env", []) if "secretKeyRef" in str(value)]
        assert tokens == (["HF_TOKEN"] if one["name"] == "train" else [])


def in_slurm() -> list[list[str]]:
    """Environment and task of each call in slurm.sh."""
    text = (LAUNCH / "slurm.sh").read_text()
    calls = re.findall(r'^inside "\$(\w+)" (\w+) (\S+)$', text, re.MULTILINE)
    assert all(image == name.upper() for image, name, _ in calls)
    return [[name, task] for _, name, task in calls]


def in_kubernetes(files: dict[str, Any]) -> list[list[str]]:
    pod = job(files)
    stages = [one for one in [*pod["initContainers"], *pod["containers"]] if one["name"] != "code"]
    for one in stages:
        assert one["image"].endswith(one["command"][2].upper())
        assert one["resources"]["limits"]["nvidia.com/gpu"] == 1
    return [one["command"][2:4] for one in stages]


@pytest.mark.slow
@pytest.mark.parametrize("which", ["slurm", "kubernetes"])
def test_each_image_runs_the_stages_of_its_environment_up_to_the_verdict(
    files: dict[str, Any], which: str
) -> None:
    done = 0
    for environment, task in in_slurm() if which == "slurm" else in_kubernetes(files):
        upto = STAGES.index(BY_NAME[task.replace("-", "_")]) + 1
        assert {stage.environment for stage in STAGES[done:upto]} == {environment}
        done = upto
    assert STAGES[done - 1].name == "evaluate"


@pytest.mark.slow
def test_what_a_spot_machine_finished_is_on_the_next_one(
    files: dict[str, Any], tmp_path: Path
) -> None:
    """SkyPilot's `run`, with a folder for the bucket, and a program that hangs for ./invoke."""
    if not shutil.which("rsync"):
        pytest.skip("no rsync here: what launch/sky.yaml keeps in its bucket was not looked at")
    bucket = tmp_path / "bucket"
    run = files["sky"]["run"].replace("/kept", str(bucket)).replace("sleep 60", "sleep 0.2")
    assert str(bucket) in run

    def machine(name: str, does: str) -> subprocess.Popen[bytes]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "invoke").write_text(f"#!/bin/sh\nset -eu\ncd outputs\n{does}")
        (tmp_path / name / "invoke").chmod(0o755)
        env = {**os.environ, "RECIPE": "smoke"}
        words = ["bash", "-c", run]
        return subprocess.Popen(words, cwd=tmp_path / name, env=env, start_new_session=True)

    made = "smoke/.train.partial/checkpoints/checkpoint-8/adapter"
    first = machine(
        "first",
        f"mkdir -p smoke/fetch smoke/.gguf.partial $(dirname {made})\n"
        f"echo model >smoke/fetch/model; echo half >smoke/.gguf.partial/half; echo weights >{made}\n"
        "echo {} >smoke/.train.partial.json\nsleep 60\n",
    )
    try:
        for _ in range(100):
            if (bucket / "outputs" / made).exists() and (
                bucket / "outputs/smoke/.train.partial.json"
            ).exists():
                break
            time.sleep(0.1)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    second = machine(
        "second",
        f"cat smoke/fetch/model {made}\nrm -r smoke/.train.partial*\n"
        "test ! -e smoke/.gguf.partial\nmkdir smoke/train; echo tuned >smoke/train/adapter\nexit 1\n",
    )
    assert second.wait(timeout=60) == 1  # as ./invoke ended
    kept = {path.relative_to(bucket).as_posix() for path in bucket.rglob("*") if path.is_file()}
    assert kept == {"outputs/smoke/fetch/model", "outputs/smoke/train/adapter"}


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_of_several_machines_skypilots_first_runs_all_and_the_others_train_along(
    files: dict[str, Any], tmp_path: Path, rank: int
) -> None:
    """SkyPilot's `run` on each, with folders for the bucket, and programs for ./invoke and rsync."""
    run = (
        files["sky"]["run"]
        .replace("/kept", str(tmp_path / "bucket"))
        .replace("sleep 60", "sleep 2")
    )
    for name, does in (("invoke", 'echo "$*"'), ("bin/rsync", 'echo "rsync $*" >>copied')):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    given = {"RECIPE": "a b", "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
             "SKYPILOT_NUM_NODES": "2", "SKYPILOT_NODE_RANK": str(rank),
             "SKYPILOT_NODE_IPS": "10.0.0.1\n10.0.0.2"}  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", run], cwd=tmp_path, env={**os.environ, **given},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    task = "train" if rank else "pipeline"
    assert done.stdout == (
        f"{task} --recipe a b --runtime host --nnodes 2 --node-rank {rank} --master-addr 10.0.0.1\n"
    )
    copied = (tmp_path / "copied").read_text().splitlines()
    assert len(copied) == (1 if rank else 2)  # the others write nothing into the bucket


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """A project whose ./invoke says what it was called with, beside what an image holds."""
    for path in ("launch/inside.sh", "requirements/train.txt"):
        (tmp_path / "project" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / path, tmp_path / "project" / path)
    invoke = tmp_path / "project/invoke"
    invoke.write_text('#!/bin/sh\necho "$SYNTHIA_CACHE $SYNTHIA_PYTHON $*"\n')
    invoke.chmod(0o755)
    (tmp_path / "opt/environment/bin").mkdir(parents=True)
    (tmp_path / "opt/environment/bin/python").symlink_to(sys.executable)
    (tmp_path / "opt/llama.cpp/0123").mkdir(parents=True)
    return tmp_path


def call(home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    words = ["sh", str(home / "project/launch/inside.sh"), "train", "merge", "--recipe", "a b"]
    return subprocess.run(
        words, env={**os.environ, "SYNTHIA_CACHE": str(home / "cache"), **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_inside_an_image_its_own_environment_is_the_one_that_is_looked_for(inside: Path) -> None:
    for _ in range(2):
        done = call(inside, OPT=str(inside / "opt"))
        assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert words[0] == str(inside / "cache")
    assert words[1].endswith("/bin/python3.13")
    assert words[2:] == ["merge", "--recipe", "a", "b", "--runtime", "host"]
    lock = environments.identity(PROJECT, "train")["lock"][:16]
    found = inside / "cache/environments" / f"train-py313-{lock}"
    assert found.readlink() == inside / "opt/environment"
    assert (inside / "cache/llama.cpp/0123").is_dir()


def test_outside_of_an_image_it_says_so(inside: Path) -> None:
    done = call(inside, OPT=str(inside / "nowhere"))
    assert (done.returncode, done.stdout) == (3, "")
    assert "run it in the train image" in done.stderr


def slurm(home: Path, ends: int = 0, /, **env: str) -> subprocess.CompletedProcess[str]:
    """The job's script, with a program named apptainer that says how it was called."""
    (home / "bin").mkdir()
    apptainer = home / "bin/apptainer"
    apptainer.write_text(
        '#!/bin/sh\necho "$* token=${APPTAINERENV_HF_TOKEN-}"\n'
        f'case "$*" in *" convert convert "*) exit {ends};; esac\n'
    )
    apptainer.chmod(0o755)
    given = {"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "SLURM_SUBMIT_DIR": str(home), **env}
    words = ["bash", str(LAUNCH / "slurm.sh")]
    return subprocess.run(
        words, env={**os.environ, **given}, capture_output=True, text=True, check=False
    )


DIGEST = f"docker://registry/name@sha256:{'0' * 64}"


def test_the_slurm_job_runs_each_image_once_its_predecessor_is_done(tmp_path: Path) -> None:
    archive = "oci-archive:convert.tar"
    done = slurm(tmp_path, TRAIN=DIGEST, CONVERT=archive, RECIPE="smoke", HF_TOKEN="hf_1")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    images = [next(word for word in line.split() if word in (DIGEST, archive)) for line in lines]
    assert images == [DIGEST, archive, DIGEST, archive]
    assert [line.split("token=")[1] for line in lines] == ["hf_1", "", "", ""]
    assert all(f"--bind {tmp_path}:/synthia " in line for line in lines)
    assert all(" --recipe smoke " in line for line in lines)


def on_nodes(home: Path, ends: int = 0) -> dict[str, str]:
    """What a job of two nodes finds: their names, and an srun that runs its command for each."""
    (home / "launch").mkdir()
    shutil.copy2(LAUNCH / "slurm.sh", home / "launch/slurm.sh")
    (home / "tools").mkdir()
    for name, does in (
        # Slowly: who listened to the first line alone would be gone by the second.
        ("scontrol", 'test "$*" = "show hostnames gpu[7-8]"; echo gpu7; sleep 0.2; echo gpu8'),
        ("srun", f'echo "srun $1 $2 $3"; shift 3; SLURM_NODEID=0 "$@"; SLURM_NODEID=1 "$@"; exit {ends}'),
    ):  # fmt: skip
        (home / "tools" / name).write_text(f"#!/bin/sh\nset -eu\n{does}\n")
        (home / "tools" / name).chmod(0o755)
    path = f"{home / 'bin'}:{home / 'tools'}:{os.environ['PATH']}"
    return {"PATH": path, "SLURM_NNODES": "2", "SLURM_JOB_NODELIST": "gpu[7-8]"}


def test_on_several_nodes_one_prepares_all_train_and_one_goes_on(tmp_path: Path) -> None:
    words = {**on_nodes(tmp_path), "TRAIN": DIGEST, "CONVERT": DIGEST, "HF_TOKEN": "hf_1"}
    done = slurm(tmp_path, **words, RECIPE="smoke")
    assert done.returncode == 0, done.stderr
    called = [line.split("inside.sh ")[-1] for line in done.stdout.splitlines()]
    together = "train train --nnodes 2 --node-rank {} --master-addr gpu7 --recipe smoke token="
    assert called == [
        "train prepare --recipe smoke token=hf_1",
        "srun --ntasks-per-node=1 --cpus-per-task=8 --kill-on-bad-exit=1",
        together.format(0),
        together.format(1),
        "train merge --recipe smoke token=hf_1",
        "convert convert --recipe smoke token=",
        "train sample-hf --recipe smoke token=",
        "convert evaluate --recipe smoke token=",
    ]


def test_a_training_that_a_node_ended_ends_the_slurm_job(tmp_path: Path) -> None:
    done = slurm(tmp_path, **on_nodes(tmp_path, ends=1), TRAIN=DIGEST, CONVERT=DIGEST)
    assert done.returncode == 1
    assert "train merge" not in done.stdout


def test_a_slurm_job_ends_with_the_exit_code_of_what_stopped(tmp_path: Path) -> None:
    done = slurm(tmp_path, 3, TRAIN=DIGEST, CONVERT=DIGEST)
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 2


@pytest.mark.parametrize("image", ["", "docker://registry/name:latest"])
def test_a_slurm_job_takes_no_image_without_a_digest(tmp_path: Path, image: str) -> None:
    done = slurm(tmp_path, TRAIN=DIGEST, CONVERT=image)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"one is '{image}'" in done.stderr
