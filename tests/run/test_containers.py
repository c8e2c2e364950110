"""How a stage is put into a container: paths, user, folders, and nothing left behind."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia import recipe
from synthia.errors import MissingRequirement, StageStopped
from synthia.host import engine, environments
from synthia.images import build as images, notes as image_notes
from synthia.llama_cpp import cuda as llama_cuda, flags as llama_flags
from synthia.run import containers, launch
from synthia.stage import BY_NAME

SMOKE = recipe.load(PROJECT / "recipes", "smoke")
LARGE = recipe.load(PROJECT / "recipes", "synthia-7b")


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pretended docker that writes its words, its settings and its input to a file."""
    said = tmp_path / "called.jsonl"
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(
        f"#!{sys.executable}\n"
        "import json, os, sys\n"
        "line = sys.stdin.readline() if 'run' in sys.argv else ''\n"
        f"with open({str(said)!r}, 'a') as file:\n"
        "    env = {k: v for k, v in os.environ.items() if k.startswith('SYNTHIA_')}\n"
        "    token = env.get('SYNTHIA_TOKEN_FILE')\n"
        "    env |= {'read': open(token).read()} if token else {}\n"
        "    env |= {'HF_TOKEN': os.environ['HF_TOKEN']} if 'HF_TOKEN' in os.environ else {}\n"
        "    print(json.dumps([sys.argv[1:], env, line]), file=file)\n"
        "if sys.argv[1] == 'info':\n"
        "    options = os.environ.get('OPTIONS', '').split()\n"
        "    print(json.dumps({'ServerVersion': '26', 'SecurityOptions': options}))\n"
        "if sys.argv[1] == 'ps':\n"
        "    print('0badc0de')\n"
        "sys.exit(int(os.environ.get('CODE', '7')) if 'run' in sys.argv else 0)\n"
    )
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)

    def ensure(project: Path, name: str) -> image_notes.Note:
        return image_notes.Note(
            name=name, reference=f"synthia-{name}:1", described={"config": "sha256:c0"}
        )

    monkeypatch.setattr(images, "ensure", ensure)
    return said


def calls(said: Path) -> list[tuple[list[str], dict[str, str], str]]:
    return [tuple(json.loads(line)) for line in said.read_text().splitlines()]


def request(project: Path) -> dict[str, object]:
    outputs = project / "outputs/smoke"
    return {
        "inputs": {"fetch": str(outputs / "fetch"), "project": str(project),
                   "cache": str(environments.cache_root() / "downloads")},
        "out": str(outputs / ".gguf.partial"),
        "lock": str(project / "requirements/convert.txt"),
        "runtime": {"runtime": "docker"},
    }  # fmt: skip


def test_a_stage_gets_the_paths_of_its_container(called: Path, tmp_path: Path) -> None:
    project = tmp_path / "a project"
    shutil.copytree(PROJECT / "requirements", project / "requirements")
    container = containers.prepare(project, SMOKE, "convert", network=False, gpu=False)
    assert containers.run(container, request(project), llama_cpp=True) == 7
    words, env, line = next(call for call in calls(called) if "run" in call[0])
    sent = json.loads(line)
    assert sent["out"] == "/synthia/outputs/smoke/.gguf.partial"
    assert sent["lock"] == "/synthia/requirements/convert.txt"
    assert sent["inputs"]["cache"] == "/cache/downloads"
    assert sent["inputs"]["fetch"] == "/synthia/outputs/smoke/fetch"
    assert sent["inputs"]["llama_cpp"] == str(
        llama_flags.place(PROJECT / "requirements", Path("/opt"))
    )
    assert sent["runtime"] == {"runtime": "docker", "image": "sha256:c0"}
    assert words[-4:] == ["convert", "python", "-m", "synthia"]
    assert env["SYNTHIA_USER"] == f"{os.getuid()}:{os.getgid()}"
    assert env["SYNTHIA_CONVERT_IMAGE"] == "synthia-convert:1"


def test_a_stage_whose_container_is_killed_is_said_to_be_killed(
    project: Path, called: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODE", "137")  # as docker compose run ends when its container is killed
    with pytest.raises(StageStopped, match=r"fetch was killed by signal 9 \(SIGKILL\), most often"):
        launch.launch(project, SMOKE, BY_NAME["fetch"], runtime="docker", identity={})


def test_only_a_stage_with_network_runs_in_the_hub_service(called: Path, tmp_path: Path) -> None:
    for network, service in ((True, "hub"), (False, "train")):
        made = containers.prepare(tmp_path, SMOKE, "train", network=network, gpu=False)
        assert made.command[-1] == service


@pytest.mark.parametrize("environment", ["train", "convert"])
def test_the_hub_service_runs_in_the_image_of_the_stages_environment(
    called: Path, tmp_path: Path, environment: str
) -> None:
    made = containers.prepare(tmp_path, SMOKE, environment, network=True, gpu=False)
    assert made.command[-1] == "hub"
    assert made.env["SYNTHIA_HUB_IMAGE"] == f"synthia-{environment}:1"
    assert "image: ${SYNTHIA_HUB_IMAGE:-" in (PROJECT / "compose.yaml").read_text()


def test_only_a_stage_on_a_gpu_asks_for_one(called: Path, tmp_path: Path) -> None:
    for gpu in (True, False):
        made = containers.prepare(tmp_path, SMOKE, "train", network=False, gpu=gpu)
        assert (str(tmp_path / "compose.gpu.yaml") in made.command) == gpu


def test_a_recipe_with_a_gpu_converts_and_evaluates_in_the_image_with_the_cuda_backend(
    called: Path, tmp_path: Path
) -> None:
    shutil.copytree(PROJECT / "requirements", tmp_path / "requirements")
    for chosen, image in ((SMOKE, "synthia-convert:1"), (LARGE, "synthia-convert-cuda:1")):
        made = containers.prepare(tmp_path, chosen, "convert", network=False, gpu=False)
        assert made.env["SYNTHIA_CONVERT_IMAGE"] == image
        assert made.env["SYNTHIA_TRAIN_IMAGE"] == "synthia-train:1"
    for gpu, place in ((False, llama_flags.place), (True, llama_cuda.place)):
        made = containers.prepare(tmp_path, LARGE, "convert", network=False, gpu=gpu)
        containers.run(made, request(tmp_path), llama_cpp=True)
        _, _, line = [call for call in calls(called) if "run" in call[0]][-1]
        wanted = str(place(PROJECT / "requirements", Path("/opt")))
        assert json.loads(line)["inputs"]["llama_cpp"] == wanted


def test_what_a_killed_run_left_is_removed_before_and_after(called: Path, tmp_path: Path) -> None:
    container = containers.prepare(tmp_path, SMOKE, "train", network=False, gpu=False)
    containers.run(container, request(tmp_path), llama_cpp=False)
    removed = [words for words, _, _ in calls(called) if words[0] == "rm"]
    assert removed == [["rm", "--force", "--volumes", "0badc0de"]] * 2
    filters = [words[-1] for words, _, _ in calls(called) if words[0] == "ps"]
    assert set(filters) == {f"label=com.docker.compose.project={container.group}"}


def test_two_recipes_and_two_checkouts_do_not_touch_each_others_containers(
    called: Path, tmp_path: Path
) -> None:
    groups = {
        containers.prepare(tmp_path / place, chosen, "train", network=False, gpu=False).group
        for place in ("one", "two")
        for chosen in (SMOKE, LARGE)
    }
    assert len(groups) == 4


def test_rootless_docker_writes_the_users_files_as_its_root(
    called: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIONS", "name=seccomp,profile=builtin name=rootless")
    made = containers.prepare(tmp_path, SMOKE, "train", network=False, gpu=False)
    assert engine.require().rootless
    assert made.env["SYNTHIA_USER"] == "0:0"


def test_rootless_docker_has_gpus_by_the_container_device_interface(
    called: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIONS", "name=rootless")
    made = containers.prepare(tmp_path, LARGE, "train", network=False, gpu=True)
    assert str(tmp_path / "compose.cdi.yaml") in made.command
    assert str(tmp_path / "compose.gpu.yaml") not in made.command


def test_the_users_certificates_reach_the_hub_alone(
    called: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/certificates.crt")
    hub = containers.prepare(tmp_path, SMOKE, "train", network=True, gpu=False)
    assert "/certificates.crt:/run/ca.crt:ro" in hub.command
    train = containers.prepare(tmp_path, SMOKE, "train", network=False, gpu=False)
    assert not any("/run/ca.crt" in word for word in train.command)


@pytest.mark.parametrize("network", [True, False])
def test_the_token_reaches_the_hub_as_a_file_and_nothing_else(
    called: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: bool
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret")
    made = containers.prepare(tmp_path, SMOKE, "train", network=network, gpu=False)
    containers.run(made, request(tmp_path), llama_cpp=False)
    words, env, line = next(call for call in calls(called) if "run" in call[0])
    assert env.get("read") == ("hf_s3cret" if network else None)
    assert "HF_TOKEN" not in env
    assert "s3cret" not in " ".join(words) + line
    if network:
        assert not Path(env["SYNTHIA_TOKEN_FILE"]).exists()


def test_a_path_outside_the_project_is_refused(called: Path, tmp_path: Path) -> None:
    made = containers.prepare(tmp_path / "one", SMOKE, "train", network=False, gpu=False)
    with pytest.raises(MissingRequirement, match="no container can see it"):
        containers.inside(made, "/etc/passwd")


def test_a_stage_in_a_container_ends_when_its_input_does(tmp_path: Path) -> None:
    code = (
        "import sys, threading, time\n"
        "from synthia import __main__ as stage\n"
        "threading.Thread(target=stage._end_with_caller, daemon=True).start()\n"
        "print('waiting', flush=True); time.sleep(60)\n"
    )
    source = str(Path(containers.__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    )  # fmt: skip
    assert isinstance(process.stdout, io.BufferedReader)
    assert process.stdin
    assert process.stdout.readline() == b"waiting\n"
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(timeout=10) == 1
    process.stdout.close()
