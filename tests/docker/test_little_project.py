"""Building, checking, loading and running on a real engine, with images of few packages."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import containers, invoke
from little_project import Little, Run, references

from synthia.host import engine
from synthia.images import oci

pytestmark = [pytest.mark.docker, pytest.mark.slow]
TOKEN = "hf_" + "x1Y2" * 8
STAGES = ("fetch", "prepare")
REACH_OUT = """
import os, socket
assert os.listdir("/sys/class/net") == ["lo"], os.listdir("/sys/class/net")
for name in ("example.com", "192.0.2.1"):
    try:
        socket.create_connection((name, 443), timeout=3)
    except OSError as error:
        print(name, type(error).__name__)
    else:
        raise SystemExit(f"reached {name}")
"""


def processes(words: str) -> list[str]:
    """Command lines of this machine's processes that hold `words`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if words in line:
            found.append(line)
    return found


def until(true: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def start(little: Little, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(little.folder / "invoke"), *words],
        env={**os.environ, **little.env},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(call: subprocess.Popen[bytes]) -> None:
    os.killpg(call.pid, signal.SIGKILL)
    call.wait()


def test_a_client_killed_during_a_build_leaves_nothing_running_and_the_next_call_builds(
    unbuilt: Little,
) -> None:
    at = str(unbuilt.folder / "Dockerfile.train")
    call = start(unbuilt, "build", *(["--base", unbuilt.base] if unbuilt.base else []))
    until(lambda: processes(f"--file {at}"))
    time.sleep(3)  # well into it
    assert call.poll() is None, "it ended before it could be killed"
    kill(call)
    until(lambda: not processes(f"--file {at}"), 20)
    lines = unbuilt.build().splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == ["train", "convert"]
    left = [path.name for path in (Path(unbuilt.env["SYNTHIA_CACHE"]) / "images").iterdir()]
    assert not [name for name in left if "partial" in name], left


def test_a_second_build_asks_the_engine_only(little: Little) -> None:
    notes = Path(little.env["SYNTHIA_CACHE"]) / "images"
    before = {path.name: path.stat().st_mtime_ns for path in notes.glob("*.json")}
    done = invoke(little.folder, "build", *(["--base", little.base] if little.base else []),
                  **little.env)  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""
    assert {path.name: path.stat().st_mtime_ns for path in notes.glob("*.json")} == before


def test_a_build_from_a_vendored_folder_without_network_gives_the_same_image(
    little: Little, tmp_path: Path
) -> None:
    before = little.build("--image", "train")
    folder = tmp_path / "vendored"
    base = ["--base", little.base] if little.base else []
    little.invoke("vendor", "--folder", str(folder), *base)
    assert (folder / "base.tar").stat().st_size > 10**8
    # Another cache, so that nothing says that the images are there; the engine holds them still.
    env = {**little.env, "SYNTHIA_CACHE": str(tmp_path / "cache")}
    again = Little(little.folder, little.base, env)
    assert again.build("--image", "train", "--vendor", str(folder)) == before


def test_the_images_share_the_layers_of_the_environment(little: Little) -> None:
    layers = {}
    for reference, name in references(little).items():
        found = engine.inspect(reference)
        assert found is not None
        layers[name] = list(found.diff_ids)
    assert layers["convert"][:-1] == layers["train"][: len(layers["convert"]) - 1]


def test_what_the_engine_holds_is_the_checked_layout_byte_for_byte(
    little: Little, tmp_path: Path
) -> None:
    """Saved again by the engine, every blob passes the project's own reader."""
    notes = (Path(little.env["SYNTHIA_CACHE"]) / "images").glob("convert-*.json")
    said = next(
        note for note in map(json.loads, map(Path.read_bytes, notes)) if "reference" in note
    )
    saved = subprocess.run(
        ["docker", "save", said["reference"]], capture_output=True, check=True
    ).stdout
    (tmp_path / "saved.tar").write_bytes(saved)
    shutil.unpack_archive(tmp_path / "saved.tar", tmp_path / "layout", filter="data")
    (tmp_path / "layout/manifest.json").unlink(missing_ok=True)
    assert oci.read(tmp_path / "layout").config_digest == said["described"]["config"]


@pytest.mark.parametrize("service", ["train", "convert"])
def test_the_network_is_off(run_little: Run, service: str) -> None:
    done = run_little(service, REACH_OUT)
    assert done.returncode == 0, done.stderr
    assert "192.0.2.1 OSError" in done.stdout


def test_the_hub_has_a_network(run_little: Run) -> None:
    done = run_little("hub", "import os; print(len(os.listdir('/sys/class/net')))")
    assert int(done.stdout) > 1


@pytest.mark.parametrize("user", ["1000:1000", "54321:65432", "0:0"])
def test_any_user_has_a_name_a_home_and_a_cache(run_little: Run, user: str) -> None:
    code = (
        "import getpass, os, pathlib; print(getpass.getuser(), os.getuid());"
        "home = pathlib.Path.home(); home.mkdir(exist_ok=True);"
        "[(p / 'x').write_text('') or (p / 'x').unlink() for p in (home, pathlib.Path('/tmp'))]"
    )
    done = run_little("train", code, "--volume", "/cache", user=user)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["synthia", user.partition(":")[0]]


def test_nothing_but_outputs_and_cache_can_be_written(run_little: Run) -> None:
    code = (
        "import pathlib\n"
        "for place in ('/', '/opt/environment', '/synthia', '/synthia/src', '/synthia/data', '/etc'):\n"
        "    try:\n"
        "        (pathlib.Path(place) / 'x').write_text('x')\n"
        "    except OSError as error:\n"
        "        print(place, error.strerror)\n"
    )
    done = run_little("train", code, user="0:0")
    assert done.stdout.count("Read-only file system") == 6, done.stdout


@pytest.mark.usefixtures("fresh_outputs")
def test_stages_run_in_the_checked_images_and_leave_no_container(little: Little) -> None:
    for stage in STAGES:
        little.invoke(stage, "--recipe", "smoke", "--runtime", "docker")
    for stage in STAGES:
        out = little.folder / "outputs/smoke" / stage
        assert (out / f"{stage}.txt").read_text() == "smoke"
        facts = json.loads((out / "run.json").read_text())
        assert facts["runtime"] == "docker"
        assert facts["image"].startswith("sha256:")
    owners = {path.lstat().st_uid for path in (little.folder / "outputs").rglob("*")}
    assert owners == {os.getuid()}
    assert containers(little.folder) == []


@pytest.mark.usefixtures("fresh_outputs")
def test_a_client_killed_during_a_stage_leaves_no_container_and_the_next_run_is_clean(
    little: Little, waiting: Path
) -> None:
    call = start(little, "fetch", "--recipe", "smoke", "--runtime", "docker")
    begun = little.folder / "outputs/smoke"
    until(lambda: list(begun.glob("*/begun.txt")))
    assert len(containers(little.folder)) == 1
    kill(call)
    until(lambda: not containers(little.folder), 30)
    assert not (begun / "fetch").exists()
    waiting.unlink()
    little.invoke("fetch", "--recipe", "smoke", "--runtime", "docker")
    assert (begun / "fetch/fetch.txt").read_text() == "smoke"
    left = sorted(path.name for path in begun.iterdir() if "fetch" in path.name)
    assert left == [".fetch.seen.json", "fetch"]


@pytest.mark.usefixtures("fresh_outputs")
def test_a_container_whose_engine_client_died_is_removed_by_the_next_run(
    little: Little, waiting: Path
) -> None:
    """The compose client alone is killed: the stage must not go on unseen."""
    call = start(little, "fetch", "--recipe", "smoke", "--runtime", "docker")
    until(lambda: list((little.folder / "outputs/smoke").glob("*/begun.txt")))
    mine = f"--project-directory {little.folder} "
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mine in line and " run " in line:
            os.kill(int(path.parent.name), signal.SIGKILL)
    assert call.wait(30) != 0
    until(lambda: not containers(little.folder), 30)
    waiting.unlink()


@pytest.mark.usefixtures("fresh_outputs")
def test_a_token_reaches_the_hub_stage_as_a_file_and_stays_nowhere(
    little: Little, waiting: Path
) -> None:
    env = {**little.env, "HF_TOKEN": TOKEN}
    call = start(Little(little.folder, little.base, env), "fetch", "--recipe", "smoke", "--runtime",
                 "docker")  # fmt: skip
    begun = little.folder / "outputs/smoke"
    until(lambda: list(begun.glob("*/begun.txt")))
    (name,) = containers(little.folder)
    assert engine.ask("exec", name, "cat", "/run/secrets/hf_token").stdout == TOKEN
    assert TOKEN not in engine.ask("inspect", name).stdout
    assert TOKEN not in engine.ask("exec", name, "cat", "/proc/1/environ", "/proc/1/cmdline").stdout
    assert not processes(TOKEN)
    waiting.unlink()
    assert call.wait(60) == 0
    for reference in references(little):
        assert TOKEN not in engine.ask("history", "--no-trunc", reference).stdout
        saved = subprocess.run(["docker", "save", reference], capture_output=True, check=True)
        assert TOKEN.encode() not in saved.stdout
    files = [path for path in little.folder.rglob("*") if path.is_file()]
    holding = [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert holding == []


@pytest.mark.usefixtures("fresh_outputs")
def test_a_lock_refuses_another_image_and_names_what_differs(little: Little) -> None:
    lock = little.folder / "images.lock.json"
    before = lock.read_bytes() if lock.exists() else None
    try:
        little.build("--update-lock")
        text = lock.read_text()
        (entry,) = json.loads(text)["images"]["train"]["bases"].values()
        lock.write_text(text.replace(entry["config"], f"sha256:{'0' * 64}"))
        done = invoke(little.folder, "build", *(["--base", little.base] if little.base else []),
                      **little.env)  # fmt: skip
        assert done.returncode == 1
        assert "the train image is not the one in images.lock.json" in done.stderr
    finally:
        lock.unlink()
        if before:
            lock.write_bytes(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_caller_who_is_not_root_owns_what_comes_out(little: Little) -> None:
    shared = Path("/var/tmp") / f"synthia-{os.getpid()}"
    project = shared / "a project"
    try:
        shutil.copytree(little.folder, project, ignore=shutil.ignore_patterns("outputs", ".invoke"))
        shutil.copytree(Path(little.env["SYNTHIA_CACHE"]) / "images", shared / "cache" / "images")
        for path in (shared, *shared.rglob("*")):
            os.lchown(path, 12345, 12345)
        group = str(Path("/var/run/docker.sock").stat().st_gid)
        env = {"HOME": str(shared), "SYNTHIA_CACHE": str(shared / "cache"),
               "SYNTHIA_PYTHON": "/usr/bin/python3"}  # fmt: skip
        words = ["setpriv", "--reuid=12345", "--regid=12345", f"--groups={group}", "--no-new-privs"]
        command = [str(project / "invoke"), "fetch", "--recipe", "smoke", "--runtime", "docker"]
        done = subprocess.run(
            [*words, *command], env={**os.environ, **env}, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        owners = {path.lstat().st_uid for path in (project / "outputs").rglob("*")}
        assert owners == {12345}
    finally:
        shutil.rmtree(shared)
