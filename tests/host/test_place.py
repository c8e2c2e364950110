"""Users without a home, folders of somebody else, noexec mounts, a Python that is gone: real ones."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia.errors import MissingRequirement
from synthia.host import disk, environments

STRANGER = 12345
"""A uid without an entry in passwd, as containers run with."""
needs_root = pytest.mark.skipif(
    os.getuid() != 0, reason="only root can become another user, or mount"
)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A copy of the sources that every user can read, in a folder of this one's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    shutil.copytree(PROJECT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT / "requirements", folder / "requirements")
    yield folder
    shutil.rmtree(folder)


def as_stranger(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python as a user without a home; skips where there is none that such a user can start."""
    become = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        command = [*become, python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            env = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **env}
            return subprocess.run(
                [*become, python, *words], env=env, capture_output=True, text=True, check=False
            )
    pytest.skip("no Python that another user can start")


ENSURE = """
import sys
from pathlib import Path
from synthia.errors import PipelineError
from synthia.host import environments
try:
    environments.ensure(Path(sys.argv[1]), "dev")
except PipelineError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@needs_root
@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "this user has no home folder for the cache: set HOME, or SYNTHIA_CACHE"),
        (
            {"HOME": "/"},
            "the cache cannot be made in /.cache/synthia/environments: set HOME, or SYN",
        ),
    ],
)
def test_a_user_without_a_home_is_told_what_to_set(
    shared: Path, env: dict[str, str], said: str
) -> None:
    done = as_stranger("-c", ENSURE, str(shared), PYTHONPATH=str(shared / "src"), **env)
    assert done.returncode == 3, done.stderr
    assert said in done.stdout
    assert done.stderr == ""


@needs_root
def test_a_cache_of_somebody_else_is_named(shared: Path) -> None:
    (shared / "cache" / "environments").mkdir(parents=True)
    cache = {"SYNTHIA_CACHE": str(shared / "cache"), "HOME": str(shared)}
    done = as_stranger("-c", ENSURE, str(shared), PYTHONPATH=str(shared / "src"), **cache)
    assert done.returncode == 3
    assert (
        f"environments cannot be written by uid {STRANGER}: set HOME, or SYNTHIA_CACHE"
        in done.stdout
    )


@pytest.mark.parametrize("place", ["file", "file/deeper"])
def test_a_cache_where_a_file_lies_is_named(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / place))
    with pytest.raises(MissingRequirement, match=f"cannot be made in .*{place}/environments: set"):
        environments.ensure(PROJECT, "dev")


@needs_root
@pytest.mark.parametrize("made", [True, False])
def test_a_project_that_somebody_else_set_up_is_named_with_its_owner(
    shared: Path, made: bool
) -> None:
    if made:
        (shared / ".invoke" / "host").mkdir(parents=True)
        (shared / ".invoke" / "host").chmod(0o700)
    done = as_stranger(str(shared / "src/synthia/bootstrap.py"), str(shared), HOME="/")
    assert done.returncode == 3
    assert f"cannot be used by uid {STRANGER}" in done.stderr
    assert "belongs to uid 0. Run this as its owner, or copy the project" in done.stderr
    assert "Traceback" not in done.stderr


@needs_root
def test_a_noexec_mount_is_noticed_before_anything_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["mount", "-t", "tmpfs", "-o", "noexec,size=1m", "none", str(tmp_path)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path))
        with pytest.raises(MissingRequirement, match=r"mounted noexec.*set SYNTHIA_CACHE"):
            environments.ensure(PROJECT, "dev")
        assert [path.name for path in tmp_path.rglob("*")] == ["environments"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_an_environment_whose_python_is_gone_is_made_anew_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(disk.ENVIRONMENTS, "dev", 1)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("")  # an environment of no packages
    python = environments.ensure(tmp_path, "dev")
    python.unlink()
    python.symlink_to("/gone/bin/python3")
    assert not python.exists()
    assert environments.ensure(tmp_path, "dev") == python
    assert subprocess.run([str(python), "-c", "pass"], check=False).returncode == 0
    before = python.lstat().st_ino
    assert environments.ensure(tmp_path, "dev") == python
    assert python.lstat().st_ino == before
    kept = [path for path in (tmp_path / "cache" / "environments").iterdir() if path.is_dir()]
    assert kept == [python.parents[1]]


def test_the_index_of_pips_install_section_is_uvs_and_the_failure_names_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text(
        "[global]\nindex-url = http://127.0.0.1:9/other\n[install]\nindex-url = http://127.0.0.1:9/mine\n"
    )
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    lock = tmp_path / "lock.txt"
    lock.write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    words = ["pip", "install", "--no-config", "--target", str(tmp_path / "none"), "-r", str(lock)]
    with pytest.raises(MissingRequirement, match="The index of pip's setting index-url was asked"):
        environments._uv(words)
    assert "127.0.0.1:9/mine" in capfd.readouterr().err
