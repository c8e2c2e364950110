"""llama.cpp is built once from what is locked, whole or not at all, and damage is noticed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from synthia.errors import MissingRequirement, PipelineError
from synthia.host import disk, environments
from synthia.llama_cpp import compile as llama_compile, flags as llama_flags
from synthia.run import llama_build

LOCK = "cmake==4.4.4 \\\n    --hash=sha256:aa\nninja==1.13.2 \\\nziglang==0.17.1 \\\n"
SDIST = f"llama-cpp-python==0.3.36 --hash=sha256:{'1' * 64}\n"


def requirements(folder: Path, *, lock: str = LOCK, sdist: str = SDIST) -> Path:
    folder.mkdir()
    (folder / "tools.txt").write_text(lock, encoding="utf-8")
    (folder / "llama-cpp.txt").write_text(sdist, encoding="utf-8")
    return folder


def test_identity_names_source_flags_and_tools(tmp_path: Path) -> None:
    found = llama_flags.identity(requirements(tmp_path / "one"))
    assert found["sdist"] == "1" * 64
    assert {tool: found[tool] for tool in llama_flags.TOOLS} == {
        "cmake": "4.4.4",
        "ninja": "1.13.2",
        "ziglang": "0.17.1",
    }
    assert len(found["flags"]) == 64


def test_the_projects_own_locks_have_an_identity() -> None:
    assert llama_flags.identity(llama_build.REQUIREMENTS)["sdist"].startswith("832db069")


def test_a_lock_without_a_compiler_is_one_clear_error(tmp_path: Path) -> None:
    folder = requirements(tmp_path / "one", lock=LOCK.replace("ziglang", "other"))
    with pytest.raises(PipelineError, match=r"tools.txt has 0 matches of \^ziglang"):
        llama_flags.identity(folder)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A build whose steps only leave files, and say that they were called."""
    called: list[str] = []

    def collect(work: Path, made: Path) -> None:
        called.append("collect")
        (made / "bin").mkdir()
        (made / "bin" / "llama-server").write_bytes(b"program")

    def nothing(*arguments: object) -> None:
        called.append("step")

    def no_tools(tools_python: Path) -> dict[str, Path]:
        return {}

    def no_environment(project: Path, name: str) -> Path:
        return PYTHON

    monkeypatch.setattr(llama_compile, "find_tools", no_tools)
    monkeypatch.setattr(environments, "ensure", no_environment)
    for name in ("unpack", "compile", "prove"):
        monkeypatch.setattr(llama_compile, name, nothing)
    monkeypatch.setattr(llama_compile, "collect", collect)
    return called


PYTHON = Path("python")


def test_a_build_is_made_once(tmp_path: Path, pretended: list[str]) -> None:
    folder = llama_build.ensure(PYTHON, tmp_path)
    assert (folder / "bin" / "llama-server").read_bytes() == b"program"
    assert llama_build.ensure(PYTHON, tmp_path) == folder
    assert pretended.count("collect") == 1
    assert not list(folder.parent.glob(".*.partial-*"))


def test_a_damaged_build_is_made_anew(
    tmp_path: Path, pretended: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = llama_build.ensure(PYTHON, tmp_path)
    (folder / "bin" / "llama-server").write_bytes(b"damaged")
    assert llama_build.ensure(PYTHON, tmp_path) == folder
    assert (folder / "bin" / "llama-server").read_bytes() == b"program"
    assert "bin/llama-server was changed" in capsys.readouterr().err


def test_a_build_that_stops_halfway_leaves_no_folder(
    tmp_path: Path, pretended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(llama_compile, "prove", stop)
        with pytest.raises(KeyboardInterrupt):
            llama_build.ensure(PYTHON, tmp_path)
    assert not [path for path in (tmp_path / "llama.cpp").iterdir() if path.name[0] != "."]
    assert llama_build.ensure(PYTHON, tmp_path).is_dir()


def test_too_little_disk_space_is_said_before_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "LLAMA_CPP", 10**18)
    with pytest.raises(MissingRequirement, match="SYNTHIA_CACHE to a larger disk"):
        llama_build.require_machine(tmp_path)


def test_a_processor_without_the_instructions_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_flags, "CPU_FEATURES", ("avx2", "avx9000"))
    with pytest.raises(MissingRequirement, match="lacks avx9000"):
        llama_build.require_machine(tmp_path)


def test_the_compiler_gets_its_words_whole_from_a_folder_with_spaces(tmp_path: Path) -> None:
    work = tmp_path / "a work folder"
    work.mkdir()
    zig = work / "zig's"
    zig.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n', encoding="utf-8")
    zig.chmod(0o755)
    build = llama_compile.Build(tools={"ziglang": zig}, work=work, log=work / "log")
    wrappers = llama_compile.wrap_compiler(build, link=True)
    printed = subprocess.run(
        [str(wrappers / "c++"), "-c", "a file.cpp"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.startswith("<c++><-target><x86_64-linux-gnu.2.28><-ffp-contract=off>")
    assert printed.endswith(f"<-ffile-prefix-map={work}=.><-c><a file.cpp>")


@pytest.fixture
def built(smoke: Path) -> Path:
    """The real build, which the smoke pipeline made or found."""
    python = environments.ensure(llama_build.REQUIREMENTS.parent, "convert")
    return llama_build.ensure(python, environments.cache_root())


@pytest.mark.slow
def test_programs_need_nothing_but_libc(built: Path) -> None:
    allowed = ("linux-vdso", "ld-linux", "libc.so", "libm.so", "libpthread", "libdl", "librt")
    for name in (*llama_flags.PROGRAMS, "libllama.so"):
        listed = subprocess.run(
            ["ldd", str(built / "bin" / name)], capture_output=True, text=True, check=True
        ).stdout
        needed = [line.split()[0] for line in listed.splitlines()]
        assert all(Path(word).name.startswith(allowed) for word in needed), listed


@pytest.mark.slow
def test_a_build_names_no_folder_of_this_machine(built: Path) -> None:
    for name in (*llama_flags.PROGRAMS, "libllama.so"):
        content = (built / "bin" / name).read_bytes()
        assert os.fsencode(environments.cache_root()) not in content
        assert b".partial-" not in content


@pytest.mark.slow
def test_one_changed_byte_of_a_build_is_noticed(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / built.name
    shutil.copytree(built, copy)
    assert llama_build.damage(copy) == []
    with (copy / "bin" / "libllama.so").open("r+b") as file:
        file.seek(4096)
        byte = file.read(1)
        file.seek(4096)
        file.write(bytes([byte[0] ^ 1]))
    assert llama_build.damage(copy) == [f"{built.name}/bin/libllama.so was changed"]


def test_flags_of_the_users_shell_do_not_reach_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = ("CC", "CFLAGS", "CXXFLAGS", "LDFLAGS", "SOURCE_DATE_EPOCH", "LD_LIBRARY_PATH")
    for name in theirs:
        monkeypatch.setenv(name, "1")
    build = llama_compile.Build(tools={}, work=tmp_path, log=tmp_path / "log")
    assert not llama_compile.environment(build).keys() & set(theirs)
