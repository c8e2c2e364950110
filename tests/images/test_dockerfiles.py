"""What the Dockerfiles and compose files may not say, each rule with a seeded breach that it catches."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia import code
from synthia.images import build as images, inputs as image_inputs, lock as image_lock

FILES = ("Dockerfile.train", "Dockerfile.convert")
TARGETS = ("train", "convert", "convert-cuda", "small")
"""Stages that become images."""
ARGUMENTS = {"BASE"}
"""Before the first FROM only: there it reaches no RUN, and so neither history nor digest."""
FORBIDDEN = re.compile(
    r"\b(apt-get|apt|curl|wget|git|npm|date|ADD|HEALTHCHECK|VOLUME|LABEL|MAINTAINER)\b"
)
RULE = "# " + "-" * 100


def instructions(text: str) -> list[str]:
    """The instructions of a Dockerfile, each on one line, comments left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [line for line in joined.splitlines() if line.strip()]


def read(name: str) -> str:
    """A Dockerfile, the text of each script where it is run."""

    def script(found: re.Match[str]) -> str:
        text = (PROJECT / "docker" / found[1]).read_text()
        return f"{'; '.join(instructions(text))}; {found[1]}"

    return re.sub(r"\bsh /mnt/(\S+\.sh)", script, (PROJECT / name).read_text())


def breaches(text: str) -> list[str]:
    """Every rule that a Dockerfile breaks."""
    found = []
    stages: dict[str, str] = {}  # each with its user
    name = ""
    steps = instructions(text)
    for step in steps:
        word, _, rest = step.partition(" ")
        if word == "FROM":
            source, _, name = rest.partition(" AS ")
            pinned = source in ("scratch", "${BASE}") or source in stages or "@sha256:" in source
            if not pinned:
                found.append(f"unpinned source: {source}")
            stages[name] = stages.get(source, "0:0")
        elif word == "ARG":
            argument, _, value = rest.partition("=")
            if argument not in ARGUMENTS or stages:
                found.append(f"argument: {argument}")
            if not re.fullmatch(r"\S+@sha256:[0-9a-f]{64}", value):
                found.append(f"unpinned source: {value}")
        elif word == "COPY":
            if "--from=" not in rest and not rest.startswith("--chmod="):
                found.append(f"COPY without --chmod: {rest}")
            if match := re.search(r"--from=(\S+)", rest):
                found += [f"unpinned source: {match[1]}"] if match[1] not in stages else []
        elif word == "RUN":
            fetches = "pip download" in rest or "download" in rest
            if fetches and "--require-hashes" not in rest:
                found.append(f"download without hashes: {rest}")
            if not fetches and not rest.startswith("--network=none"):
                found.append(f"RUN with a network: {rest}")
        elif word == "USER":
            stages[name] = rest
        elif word not in ("ENV", "WORKDIR"):
            found.append(f"instruction: {word}")
        if re.search(r"--compile\b|--compile-bytecode|compileall|py_compile", step):
            found.append(f"forbidden: compiled Python: {step}")
        found += [f"forbidden: {said}" for said in FORBIDDEN.findall(re.sub(r"--\S+", "", step))]
    for target in TARGETS:
        if stages.get(target, "1000:1000") != "1000:1000":
            found.append(f"the user of {target} is {stages[target]}")
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_dockerfile_breaks_no_rule(name: str) -> None:
    assert breaches(read(name)) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("@sha256:82c4", "", "unpinned source: python:3.13-trixie"),
        ("@sha256:82c4", "@sha256:82c4", "unpinned source: python:3.13-trixie@sha256:82c4"),
        ("FROM ${BASE} AS base", "FROM python:3.13 AS base", "unpinned source: python:3.13"),
        ("FROM base AS fetch", "ARG INDEX=x\nFROM base AS fetch", "argument: INDEX"),
        ("FROM base AS fetch", "FROM base AS fetch\nARG BASE=x", "argument: BASE"),
        ("USER 0:0", "USER 0:0\nRUN --network=none apt-get update", "forbidden: apt-get"),
        ("FROM base AS fetch", "FROM base AS fetch\nRUN --network=none date > /built", "forbidden: date"),
        ("FROM base AS fetch", "FROM base AS fetch\nCOPY a /a", "COPY without --chmod: a /a"),
        ("FROM base AS fetch", "FROM base AS fetch\nCOPY --from=busybox /a /a", "unpinned source: busybox"),
        ("FROM base AS fetch", "FROM base AS fetch\nRUN python3 x.py", "RUN with a network: python3 x.py"),
        ("FROM base AS fetch", "FROM base AS fetch\nADD a /a", "forbidden: ADD"),
        ("--require-hashes ", "", "download without hashes"),
        ("USER 1000:1000", "USER synthia", " is synthia"),
        ("USER 1000:1000", "USER 0:0", " is 0:0"),
        ("-r /mnt/host.txt", "-r /mnt/host.txt && date >/wheels/built-on", "forbidden: date"),
        ("/mnt/host.txt /wheels", "/mnt/host.txt /wheels && date >/wheels/on", "forbidden: date"),
        ("exec /fetch/bin/python", "curl x | sh; exec /fetch/bin/python", "forbidden: curl"),
        ("pip install ", "pip install --compile-bytecode ", "forbidden: compiled Python"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", FILES)
def test_a_seeded_breach_is_caught(name: str, before: str, after: str, said: str) -> None:
    text = read(name)
    if before == "@sha256:82c4":
        changed = re.sub(r"@sha256:[0-9a-f]{64}", after, text)
    else:
        changed = text.replace(before, after)
    assert changed != text
    assert breaches(text) == []
    assert any(said in breach for breach in breaches(changed)), breaches(changed)


def test_both_images_begin_with_the_same_instructions() -> None:
    starts = []
    for name in FILES:
        text = (PROJECT / name).read_text()
        starts.append(instructions(text[: text.index(RULE)]))
    assert starts[0] == starts[1]
    assert starts[0][-1] == "USER 1000:1000"


@pytest.mark.parametrize("name", images.DEFAULT)
def test_every_script_that_a_build_runs_is_in_the_lock(name: str) -> None:
    text = (PROJECT / f"Dockerfile.{name}").read_text()
    run = {f"docker/{script}" for script in re.findall(r"\bsh /mnt/(\S+\.sh)", text)}
    assert run
    assert run == {
        path for path in image_inputs.gather(PROJECT, name).sources if path.startswith("docker/")
    }


def test_both_images_name_the_same_base() -> None:
    train, convert = (image_inputs.gather(PROJECT, name).base for name in images.DEFAULT)
    assert train == convert
    assert re.fullmatch(r"python:3\.13-trixie@sha256:[0-9a-f]{64}", train)


def test_the_build_context_holds_what_the_build_depends_on_and_nothing_else() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    allowed = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert allowed == ["requirements/*.txt", "docker/*.sh", *image_inputs.context(PROJECT)]


@pytest.mark.parametrize(
    ("module", "stages"),
    [("compile", ["builder"]), ("cuda", ["builder", "cuda-builder"])],
)
def test_a_build_stage_gets_the_modules_that_it_runs_and_no_others(
    module: str, stages: list[str], tmp_path: Path
) -> None:
    copied = []
    for stage in stages:
        text = (PROJECT / "Dockerfile.convert").read_text().split(f" AS {stage}\n")[1]
        copied += re.findall(r"src/(synthia/[\w/]+\.py)", text.split("\nFROM ")[0])
    assert sorted(copied) == list(code.digests(PROJECT / "src", f"synthia.llama_cpp.{module}"))
    for path in copied:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / "src" / path, tmp_path / path)
    program = f"import sys; sys.path.insert(0, sys.argv[1]); import synthia.llama_cpp.{module}"
    subprocess.run([sys.executable, "-I", "-S", "-c", program, str(tmp_path)], check=True)


def test_the_lock_holds_every_image_made_of_these_very_files() -> None:
    images_locked = image_lock.read(PROJECT)["images"]
    assert set(images.DEFAULT) <= images_locked.keys() <= set(images.NAMES)
    for name, entry in images_locked.items():
        assert entry["files"] == image_inputs.gather(PROJECT, name).sources, (
            "run ./invoke build --update-lock"
        )
        assert entry["bases"], name


def left_out() -> list[str]:
    lines = (PROJECT / "requirements/left-out.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_what_images_leave_out_stays_inside_site_packages() -> None:
    assert left_out()
    for pattern in left_out():
        assert re.fullmatch(r"[A-Za-z0-9_./*\[\]-]+", pattern), pattern
        assert not pattern.startswith(("/", "*")), pattern
        assert ".." not in pattern, pattern


def compose(*files: str) -> dict[str, dict[str, dict[str, object]]]:
    """The resolved compose file, by compose itself."""
    if not shutil.which("docker"):
        pytest.skip("no docker client here to resolve compose files")
    words = [word for file in files for word in ("--file", str(PROJECT / file))]
    done = subprocess.run(
        ["docker", "compose", *words, "config", "--format", "json"],
        capture_output=True, text=True, check=False, cwd=PROJECT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    parsed: dict[str, dict[str, dict[str, object]]] = json.loads(done.stdout)
    return parsed


@pytest.mark.docker
def test_only_the_hub_has_a_network_and_the_token() -> None:
    services = compose("compose.yaml")["services"]
    assert set(services) == {"train", "convert", "hub"}
    for name, service in services.items():
        assert (service["network_mode"] == "none") == (name != "hub")
        assert ("secrets" in service) == (name == "hub")


@pytest.mark.docker
def test_a_container_may_write_to_outputs_and_cache_only() -> None:
    for service in compose("compose.yaml")["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["pull_policy"] == "never"
        volumes = service["volumes"]
        assert isinstance(volumes, list)
        writable = {mount["target"] for mount in volumes if not mount.get("read_only")}
        assert writable == {"/synthia/outputs", "/cache", "/cache/downloads"}


@pytest.mark.docker
@pytest.mark.parametrize(
    ("overlay", "driver"), [("compose.gpu.yaml", "nvidia"), ("compose.cdi.yaml", "cdi")]
)
def test_a_gpu_is_asked_for_by_an_overlay_only(overlay: str, driver: str) -> None:
    assert all("deploy" not in service for service in compose("compose.yaml")["services"].values())
    services = compose("compose.yaml", overlay)["services"]
    assert "deploy" not in services["hub"]
    for name in ("train", "convert"):
        assert f'"driver": "{driver}"' in json.dumps(services[name]["deploy"])


def test_stages_get_the_same_settings_in_a_container_as_on_a_host(tmp_path: Path) -> None:
    from synthia.run import launch

    text = (PROJECT / "compose.yaml").read_text()
    env = launch.stage_env(PROJECT, network=False)
    for name in ("PYTHONHASHSEED", "PYTHONNOUSERSITE", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY",
                 "UNSLOTH_DISABLE_STATISTICS", "OMP_WAIT_POLICY", "MALLOC_MMAP_THRESHOLD_",
                 "MALLOC_TRIM_THRESHOLD_"):  # fmt: skip
        assert re.search(rf'^    {name}: "?{env[name]}"?$', text, re.MULTILINE), name
