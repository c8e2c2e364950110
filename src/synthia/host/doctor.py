"""What this machine has and lacks for a run, each finding with what it means and the next command.

Facts are gathered first and judged by pure functions, so that every finding is tested with what
another machine printed.

Not covered: whether data and recipe fit (`./invoke prepare`), and the packages, which each stage
compares with its lock itself.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthia.host import disk, engine, environments
from synthia.llama_cpp import flags as llama_flags

DRIVER, DRIVER_GGUF = 570, 580
"""The oldest NVIDIA drivers: for PyTorch's CUDA 12.8, and for llama.cpp's PTX of CUDA 13.0."""
CAPABILITY = (8, 0)
"""The oldest GPUs with bfloat16, in which the 7B recipes train: Ampere."""
ENGINE, BUILDX, COMPOSE = (25, 0), (0, 13), (2, 26)
IMAGES_BYTES = disk.IMAGES["train"] + disk.IMAGES["convert"] - disk.IMAGES_SHARED
"""Disk space with which no build of the two images stops for want of it."""
HOST_BYTES = sum(disk.ENVIRONMENTS[name] for name in ("train", "convert", "tools")) + disk.LLAMA_CPP
"""The same for a run on the host."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What programs and files of a machine say; empty where there is none."""

    docker: str
    """The path of the docker client."""
    info: dict[str, Any]
    """`docker info`, as `engine.info` has it."""
    buildx: str
    compose: str
    gpus: str
    """nvidia-smi: name, driver version, memory in MiB, a line a GPU."""
    capabilities: str
    """nvidia-smi: compute capability, a line a GPU; drivers that nothing here runs on do not know it."""
    nvidia: str
    """The path of nvidia-smi."""
    kernel: str
    flags: str
    """The processor's instruction sets."""
    free: int
    free_in: str
    engine_free: int
    """Bytes free where the engine keeps its images; -1 where it lets nobody look, as Docker Desktop."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing about the machine."""

    name: str
    found: str
    good: bool
    means: str = ""
    do: str = ""


def gather() -> Facts:
    """Ask this machine."""
    docker = shutil.which("docker") or ""
    nvidia = shutil.which("nvidia-smi") or ""
    info = engine.info() if docker else {}
    form = "--format=csv,noheader,nounits"
    query = ("--query-gpu=name,driver_version,memory.total", form)
    root = Path(str(info.get("DockerRootDir") or "/nonexistent"))
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    place = environments.cache_root()
    while not place.exists():
        place = place.parent
    return Facts(
        docker=os.path.realpath(docker) if docker else "",
        info=info,
        buildx=_said(docker, "buildx", "version").stdout if docker else "",
        compose=_said(docker, "compose", "version", "--short").stdout if docker else "",
        gpus=_said(nvidia, *query).stdout if nvidia else "",
        capabilities=_said(nvidia, "--query-gpu=compute_cap", form).stdout if nvidia else "",
        nvidia=nvidia,
        kernel=Path("/proc/version").read_text(),
        flags=flags[1] if flags else "",
        free=shutil.disk_usage(place).free,
        free_in=str(place),
        engine_free=shutil.disk_usage(root).free if root.is_dir() else -1,
    )


def _said(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def judge(facts: Facts) -> list[Finding]:
    """Every finding, good ones too, in the order in which one would set a machine up."""
    return [*_machine(facts), *_docker(facts), *_gpu(facts)]


def _version(text: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _machine(facts: Facts) -> Iterator[Finding]:
    wanted = llama_flags.CPU_FEATURES
    missing = [name for name in wanted if name not in facts.flags.split()]
    yield Finding(
        name="processor",
        found=f"lacks {', '.join(missing)}" if missing else f"has {', '.join(wanted)}",
        good=not missing,
        means="llama.cpp is built for processors of 2015 or later",
        do="convert and evaluate on another machine",
    )
    yield Finding(
        name="disk",
        found=f"{facts.free / 1e9:.0f} GB free in {facts.free_in}",
        good=facts.free >= IMAGES_BYTES,
        means=f"building both images asks for {IMAGES_BYTES / 1e9:.0f} GB, a run on the host without "
        f"them for {HOST_BYTES / 1e9:.0f} GB",
        do="free some, or: export SYNTHIA_CACHE=/path/on/a/larger/disk",
    )


def _docker(facts: Facts) -> Iterator[Finding]:
    host = "the runtime host needs no Docker: ./invoke pipeline --recipe smoke --runtime host"
    if not facts.docker:
        yield Finding(
            name="Docker",
            found="not installed",
            good=False,
            means=host,
            do="install Docker Engine with the buildx and compose plugins",
        )
        return
    if facts.docker.startswith("/snap/") or facts.docker == "/usr/bin/snap":
        yield Finding(
            name="Docker",
            found="from snap",
            good=False,
            means="it sees only files in home folders, and no GPU",
            do="sudo snap remove docker, then install Docker Engine from Docker's packages",
        )
    if silence := engine.silence(facts.info):
        denied = "permission denied" in silence
        yield Finding(
            name="Docker Engine",
            found="this user may not use it" if denied else "does not answer",
            good=False,
            means=host,
            do="sudo usermod -aG docker $USER, then log in again"
            if denied
            else "sudo systemctl start docker",
        )
        return
    described = engine.described(facts.info)
    yield Finding(
        name="Docker Engine",
        found=described.version,
        good=_version(described.version) >= ENGINE,
        means=f"layouts are loaded by {ENGINE[0]} and newer",
        do="update Docker Engine",
    )
    if facts.engine_free >= 0:
        yield Finding(
            name="disk for images",
            found=f"{facts.engine_free / 1e9:.0f} GB free in {described.folder}",
            good=facts.engine_free >= IMAGES_BYTES,
            means=f"building both images from nothing asks for {IMAGES_BYTES / 1e9:.0f} GB there",
            do="docker builder prune, or docker image prune; for another disk put "
            '{"data-root": "/path"} into /etc/docker/daemon.json',
        )
    yield Finding(
        name="image store",
        found="containerd's" if described.containerd else "the old one",
        good=described.containerd,
        means="only containerd's store can write reproducible layouts",
        do='put {"features": {"containerd-snapshotter": true}} into /etc/docker/daemon.json, then: '
        "sudo systemctl restart docker",
    )
    for name, said, least in (
        ("buildx", facts.buildx, BUILDX),
        ("compose", facts.compose, COMPOSE),
    ):
        yield Finding(
            name=name,
            found=".".join(map(str, _version(said))) if said else "not installed",
            good=_version(said) >= least,
            means=f"{name} {least[0]}.{least[1]} or newer is needed",
            do=f"install Docker's {name} plugin",
        )


def _gpu(facts: Facts) -> Iterator[Finding]:
    wsl = "microsoft" in facts.kernel.lower()
    lines = [line for line in facts.gpus.splitlines() if line.count(",") == 2]
    if not lines:
        yield Finding(
            name="GPU",
            found="nvidia-smi shows none" if facts.nvidia else "no NVIDIA driver",
            good=False,
            means="the recipe smoke runs without one; the 7B recipes do not",
            do="install the NVIDIA driver in Windows, never inside WSL"
            if wsl
            else f"install NVIDIA driver {DRIVER_GGUF} or newer"
            if not facts.nvidia
            else "reboot after a driver update; dmesg | grep -i nvidia says what is wrong",
        )
        return
    for line in lines:
        name, driver, memory = (part.strip() for part in line.split(","))
        gigabytes = float(memory) / 1024 if memory.isdigit() else 0.0
        yield Finding(
            name="GPU",
            found=f"{name}, {gigabytes:.0f} GiB",
            good=gigabytes >= 11.5,
            means="QLoRA of a 7B model on the shipped rows takes about 10 GB",
            do="use a GPU with 12 GB or more, or the recipe qwen-0.5b or smoke",
        )
    for said in dict.fromkeys(facts.capabilities.split()):
        if re.fullmatch(r"\d+\.\d+", said):
            yield Finding(
                name="compute capability",
                found=said,
                good=_version(said) >= CAPABILITY,
                means="the 7B recipes train in bfloat16, which GPUs before Ampere (8.0) have not",
                do="use an Ampere GPU or newer (A-series, RTX 30 and later), or the recipe smoke",
            )
    driver = lines[0].split(",")[1].strip()
    major = _version(driver)[0]
    yield Finding(
        name="NVIDIA driver",
        found=driver,
        good=major >= DRIVER_GGUF,
        means=f"PyTorch needs {DRIVER}, evaluating GGUF files on the GPU {DRIVER_GGUF}"
        + ("" if major >= DRIVER else ": nothing runs on this GPU"),
        do=f"install NVIDIA driver {DRIVER_GGUF} or newer{' in Windows' if wsl else ''}",
    )
    runtimes = facts.info.get("Runtimes") or {}
    devices = json.dumps(facts.info.get("DiscoveredDevices") or [])
    if facts.info and not engine.silence(facts.info):
        there = "nvidia" in runtimes or "nvidia.com/gpu" in devices
        yield Finding(
            name="NVIDIA container toolkit",
            found="set up" if there else "missing, or Docker does not know it",
            good=there,
            means='without it, containers end with "could not select device driver"',
            do="install nvidia-container-toolkit, then: sudo nvidia-ctk runtime configure "
            "--runtime=docker && sudo systemctl restart docker",
        )


def scripts(project: Path) -> Finding:
    """Whether shell scripts and Dockerfiles have the line endings that Linux runs."""
    files = [project / "invoke", *project.glob("Dockerfile.*"), *(project / "docker").rglob("*")]
    wrong = [path for path in sorted(files) if path.is_file() and b"\r\n" in path.read_bytes()]
    names = ", ".join(path.relative_to(project).as_posix() for path in wrong)
    return Finding(
        name="scripts",
        found=f"Windows line endings in {names}" if wrong else "have Linux's line endings",
        good=not wrong,
        means='a script with them ends with "required file not found", or builds another image',
        do="git add --renormalize . && git checkout -- . ; in an editor: save with LF",
    )


def lines(findings: list[Finding]) -> Iterator[str]:
    """The findings for people: what is good in one line, the rest with meaning and command."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        yield f"{'ok' if finding.good else '!!'}  {finding.name:{width}}  {finding.found}"
        if not finding.good:
            yield f"    {'':{width}}  {finding.means}"
            yield f"    {'':{width}}  next: {finding.do}"
