"""Each finding of ./invoke doctor, from what another machine printed, with the next command."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synthia.errors import MissingRequirement
from synthia.host import disk, doctor, engine
from synthia.images import build as images
from synthia.llama_cpp import flags as llama_flags

INFO: dict[str, Any] = {
    "ServerVersion": "28.3.0",
    "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]],
    "DockerRootDir": "/var/lib/docker",
    "Runtimes": {"runc": {}, "nvidia": {"path": "nvidia-container-runtime"}},
}
GOOD = doctor.Facts(
    docker="/usr/bin/docker",
    info=INFO,
    buildx="github.com/docker/buildx v0.25.0 faaea65",
    compose="2.38.1",
    gpus="NVIDIA GeForce RTX 4090, 580.65.06, 24564\n",
    capabilities="8.9\n",
    nvidia="/usr/bin/nvidia-smi",
    kernel="Linux version 6.8.0-60-generic (buildd@lcy02) (x86_64-linux-gnu-gcc-13)",
    flags="fpu sse4_2 avx avx2 fma f16c bmi2",
    free=200 * 10**9,
    free_in="/home/me/.cache/synthia",
    engine_free=200 * 10**9,
)
WSL2 = "Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c826d3017f) (gcc (GCC) 11.2.0)"
DENIED = (
    "permission denied while trying to connect to the Docker daemon socket at "
    "unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied"
)
SILENT = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
FAILED_SMI = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the "
    "latest NVIDIA driver is installed and running.\n"
)


def test_a_machine_with_everything_has_nothing_to_do() -> None:
    assert all(finding.good for finding in doctor.judge(GOOD))
    assert not any("next:" in line for line in doctor.lines(doctor.judge(GOOD)))


@pytest.mark.parametrize(
    ("change", "name", "do"),
    [
        ({"docker": "", "info": {}}, "Docker", "install Docker Engine"),
        ({"docker": "/snap/docker/2963/bin/docker"}, "Docker", "sudo snap remove docker"),
        ({"info": {"error": SILENT}}, "Docker Engine", "sudo systemctl start docker"),
        ({"info": {"ServerErrors": [DENIED]}}, "Docker Engine", "sudo usermod -aG docker $USER"),
        ({"info": {**INFO, "ServerVersion": "20.10.24"}}, "Docker Engine", "update Docker Engine"),
        ({"info": {**INFO, "DriverStatus": [["Backing Filesystem", "extfs"]]}}, "image store",
         "containerd-snapshotter"),
        ({"buildx": "github.com/docker/buildx v0.12.1 30feaa1"}, "buildx", "install Docker's buildx"),
        ({"buildx": ""}, "buildx", "install Docker's buildx plugin"),
        ({"compose": "2.20.2"}, "compose", "install Docker's compose plugin"),
        ({"compose": ""}, "compose", "install Docker's compose plugin"),
        ({"free": 12 * 10**9}, "disk", "export SYNTHIA_CACHE="),
        ({"engine_free": 12 * 10**9}, "disk for images", "docker builder prune"),
        ({"gpus": "Tesla T4, 580.65.06, 15360\n", "capabilities": "7.5\n"}, "compute capability",
         "Ampere GPU or newer"),
        ({"flags": "fpu sse4_2 avx"}, "processor", "another machine"),
        ({"gpus": "", "nvidia": ""}, "GPU", "install NVIDIA driver 580 or newer"),
        ({"gpus": FAILED_SMI}, "GPU", "reboot after a driver update"),
        ({"gpus": "", "kernel": WSL2}, "GPU", "in Windows, never inside WSL"),
        ({"gpus": "NVIDIA GeForce GTX 1650, 580.65.06, 4096\n"}, "GPU", "12 GB or more"),
        ({"gpus": "NVIDIA A100-SXM4-40GB, 550.144.03, 40960\n"}, "NVIDIA driver", "580 or newer"),
        ({"gpus": "NVIDIA H100 80GB HBM3, 570.172.08, 81559\n"}, "NVIDIA driver", "580 or newer"),
        ({"gpus": "NVIDIA GeForce RTX 3090, 566.36, 24576\n", "kernel": WSL2}, "NVIDIA driver",
         "580 or newer in Windows"),
        ({"info": {**INFO, "Runtimes": {"runc": {}}}}, "NVIDIA container toolkit",
         "sudo nvidia-ctk runtime configure --runtime=docker"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_the_next_command(
    change: dict[str, Any], name: str, do: str
) -> None:
    findings = [finding for finding in doctor.judge(replace(GOOD, **change)) if not finding.good]
    assert name in [finding.name for finding in findings]
    assert any(do in finding.do and finding.means for finding in findings if finding.name == name)


@pytest.mark.parametrize("flag", llama_flags.CPU_FEATURES)
def test_a_processor_that_the_build_refuses_is_not_called_good(flag: str) -> None:
    flags = " ".join(name for name in GOOD.flags.split() if name != flag)
    (found,) = [each for each in doctor.judge(replace(GOOD, flags=flags)) if not each.good]
    assert (found.name, found.found) == ("processor", f"lacks {flag}")


@pytest.mark.parametrize("where", ["free", "engine_free"])
def test_a_disk_on_which_a_build_stops_is_not_called_good(where: str) -> None:
    first, second = (disk.IMAGES[name] for name in images.DEFAULT)
    asked = first + second - disk.IMAGES_SHARED  # of one disk, with nothing on it
    for free, good in ((asked, True), (asked - 1, False)):
        change: dict[str, Any] = {where: free}
        found = doctor.judge(replace(GOOD, **change))
        assert all(each.good for each in found) == good


def test_an_engine_that_fails_to_answer_is_described_by_the_clients_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "$WORDS" >&2\nexit 1\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for words, said in ((SILENT, "does not answer"), (DENIED, "this user may not use it")):
        monkeypatch.setenv("WORDS", words)
        assert engine.silence(engine.info()) == words
        with pytest.raises(MissingRequirement, match=re.escape(words)):
            engine.require()
        found = {each.name: each.found for each in doctor.judge(replace(GOOD, info=engine.info()))}
        assert found["Docker Engine"] == said


def test_devices_by_cdi_do_without_nvidias_runtime() -> None:
    devices = [{"Source": "cdi", "ID": "nvidia.com/gpu=all"}]
    info = {**INFO, "Runtimes": {"runc": {}}, "DiscoveredDevices": devices}
    assert all(finding.good for finding in doctor.judge(replace(GOOD, info=info)))


def test_a_driver_for_pytorch_alone_says_what_does_not_run() -> None:
    older = replace(GOOD, gpus="NVIDIA L4, 535.183.01, 23034\n")
    (driver,) = [finding for finding in doctor.judge(older) if finding.name == "NVIDIA driver"]
    assert "nothing runs on this GPU" in driver.means


def test_a_driver_that_knows_no_compute_capability_is_named_all_the_same() -> None:
    said = 'Field "compute_cap" is not a valid field to query.\n'
    old = replace(GOOD, gpus="Tesla V100-SXM2-16GB, 450.80.02, 16160\n", capabilities=said)
    bad = [finding.name for finding in doctor.judge(old) if not finding.good]
    assert bad == ["NVIDIA driver"]


def test_an_engine_that_hides_its_disk_is_not_judged_by_it() -> None:
    names = [finding.name for finding in doctor.judge(replace(GOOD, engine_free=-1))]
    assert "disk for images" not in names


def test_every_gpu_is_listed() -> None:
    two = replace(GOOD, gpus="NVIDIA H200, 580.82.07, 143771\nNVIDIA H200, 580.82.07, 143771\n")
    names = [finding.found for finding in doctor.judge(two) if finding.name == "GPU"]
    assert names == ["NVIDIA H200, 140 GiB"] * 2


def test_this_machine_can_be_asked() -> None:
    findings = doctor.judge(doctor.gather())
    assert {"processor", "disk"} <= {finding.name for finding in findings}
    assert list(doctor.lines(findings))
