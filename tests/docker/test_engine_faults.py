"""An engine of the test's own: its disk is full while an image is loaded or pulled, or it is killed.

It has its own folders, socket and containerd, so that no other test sees it stop.
"""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import registry
import travelling
from registry import Line

from synthia.errors import MissingRequirement, PipelineError
from synthia.host import engine
from synthia.images import registry as images_registry
from synthia.images.notes import Note

pytestmark = [pytest.mark.docker, pytest.mark.slow]
DISK = 24 * 2**20


class Own:
    """The engine; its disk is a file system in memory."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.disk = place / "disk"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.place / "daemon.json").write_text('{"features": {"containerd-snapshotter": true}}')
        # It has the default bridge with other engines: one without a bridge takes theirs away.
        words = ["dockerd", "--config-file", f"{self.place}/daemon.json"]
        words += ["--iptables=false", "--ip6tables=false"]
        words += ["--data-root", str(self.disk), "--exec-root", f"{self.place}/exec"]
        words += ["--pidfile", f"{self.place}/pid", "--host", f"unix://{self.place}/sock"]
        with (self.place / "log").open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        for _ in range(240):
            if not engine.silence(engine.info()):
                return
            time.sleep(0.25)
        raise AssertionError((self.place / "log").read_text()[-2000:])

    def kill(self) -> None:
        """As a crash does: neither dockerd nor its containerd may say goodbye."""
        assert self.process
        containerd = self.place / "exec/containerd/containerd.pid"
        self.process.kill()
        self.process.wait()
        if containerd.exists():
            subprocess.run(["kill", "-9", containerd.read_text().strip()], check=False)
        (self.place / "pid").unlink(missing_ok=True)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    if not (os.getuid() == 0 and shutil.which("dockerd") and shutil.which("docker-registry")):
        pytest.skip(
            "root, dockerd and Debian's docker-registry are needed for an engine of the test's own"
        )
    if Path("/run/containerd/containerd.sock").exists():
        pytest.skip("a second engine would share the containerd of this machine")
    made = Own(Path(tempfile.mkdtemp()))  # a socket's path must be short
    made.disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0700", "small", str(made.disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system may be mounted here")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{made.place}/sock")
    try:
        made.start()
        yield made
    finally:
        made.kill()
        subprocess.run(["umount", "--lazy", str(made.disk)], check=False)
        shutil.rmtree(made.place, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path, own: Own, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    travelling.arrange(tmp_path / "home")
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / "home/cache"))
    monkeypatch.setenv("SYNTHIA_FREE_BYTES", "1")
    monkeypatch.setattr(images_registry, "PAUSE", 0.5)
    return tmp_path / "home"


def noise(size: int) -> str:
    return os.urandom(size // 2).hex()


def held() -> list[str]:
    return engine.ask("image", "ls", "--quiet").stdout.split()


def test_a_disk_that_is_full_while_an_image_is_loaded_leaves_none_and_with_room_the_next_is_loaded(
    home: Path, own: Own
) -> None:
    with pytest.raises(PipelineError, match="did not load synthia-train:"):
        travelling.hold(home, {f"{travelling.SITE}/torch/a.py": noise(DISK)})
    assert held() == []
    assert travelling.current(home) is None
    shutil.rmtree(home / "layout")
    # containerd keeps for a while what had arrived of the image
    grown = ["mount", "-o", f"remount,size={4 * DISK}", str(own.disk)]
    subprocess.run(grown, check=True)
    small = travelling.hold(home, {f"{travelling.SITE}/torch/a.py": noise(2**20)})
    assert travelling.current(home) == small


@pytest.fixture
def pushed(home: Path, own: Own) -> Iterator[tuple[Line, Note]]:
    with registry.serve(home) as line:
        note = travelling.hold(home, {f"{travelling.SITE}/torch/a.py": noise(6 * 2**20)})
        images_registry.push(home, travelling.repository(line), ["train"])
        travelling.forget(home)
        line.asked.clear()
        yield line, note


def test_a_disk_that_is_full_while_an_image_is_pulled_leaves_none_and_the_next_call_goes_on(
    home: Path, own: Own, pushed: tuple[Line, Note]
) -> None:
    line, note = pushed
    ballast = own.disk / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(shutil.disk_usage(own.disk).free - 4 * 2**20))
    with pytest.raises(MissingRequirement, match=r"no space left.*Nothing of it is used"):
        travelling.pull(home, line)
    assert engine.inspect(note.reference) is None
    assert travelling.current(home) is None
    ballast.unlink()
    assert travelling.pull(home, line) == note


def test_an_engine_killed_in_the_middle_of_a_pull_and_started_again_is_asked_again(
    home: Path, own: Own, pushed: tuple[Line, Note]
) -> None:
    line, note = pushed
    layer = note.diff_ids[-1]
    line.fault = lambda method, path: "slow" if method == "GET" and path.endswith(layer) else ""
    restarted = threading.Event()

    def restart() -> None:
        while not any(path.endswith(layer) for method, path, _ in line.asked if method == "GET"):
            time.sleep(0.05)
        own.kill()
        line.fault = lambda method, path: ""
        own.start()
        restarted.set()

    thread = threading.Thread(target=restart)
    thread.start()
    try:
        found = travelling.pull(home, line)
    except MissingRequirement:  # it was away for longer than a transfer is tried
        thread.join()
        assert travelling.current(home) is None
        found = travelling.pull(home, line)
    thread.join()
    assert restarted.is_set()
    assert found == note == travelling.current(home)
