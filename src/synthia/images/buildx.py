"""Build one image with buildx into an OCI layout, and check it: every byte, every rule.

Times are rewritten to one epoch and layers left uncompressed, so that equal files give equal digests.
The user's package index and certificate reach the build as secrets, and no layer: that is checked too.

Not covered: whether it is the image that is locked, and loading it (`synthia.images.build`).
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from synthia import bound_process
from synthia.errors import PipelineError
from synthia.host import engine
from synthia.images import inputs as image_inputs, oci, rules as image_rules
from synthia.images.inputs import Inputs

EPOCH = 315619200
"""1980-01-02: after what a zip file can say at the least, before anything was built."""
ATTEMPTS, PAUSE = 6, 5.0
"""How often, and after how many seconds, a build is tried again that met one of a killed client."""
HASHES = "{}-hashes"
"""The stage of an image's Dockerfile that lists what was downloaded, as sha256sum does."""
OUTPUT = "type=oci,tar=false,rewrite-timestamp=true,compression=uncompressed,force-compression=true"


def build(
    project: Path,
    name: str,
    *,
    target: str,
    base: str,
    beneath: Sequence[str],
    layout: Path,
    vendored: Path | None = None,
    options: Sequence[str] = (),
    jobs: int = 0,
    env: Mapping[str, str] | None = None,
) -> oci.Image:
    """Build a stage of an image's Dockerfile into the folder `layout`; `beneath` are the base's diffIDs.

    With a folder that `synthia.images.vendor` filled, no step has a network. `jobs` is how many compilers
    run at once, 0 for one a core. Raises PipelineError when the build fails or the image breaks a rule.
    """
    settings = pip_settings()
    command = ["--target", target, "--build-arg", f"BASE={base}", *options]
    command += ["--output", f"{OUTPUT},dest={layout}"]
    run(project, name, command, settings, vendored=vendored, jobs=jobs, env=env)
    print(f"{name}: checking every byte", file=sys.stderr)
    image = oci.read(layout, _secrets_to_find(settings))
    found = image_rules.problems(image, base=beneath, epoch=EPOCH)
    if found:
        raise PipelineError(
            f"the {name} image breaks {len(found)} rules and is not used: {'; '.join(found[:8])}"
        )
    return image


def run(
    project: Path,
    name: str,
    words: Sequence[str],
    settings: Mapping[str, str],
    *,
    vendored: Path | None = None,
    jobs: int = 0,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run buildx on an image's Dockerfile, with what the fetch steps need as secrets."""
    command = ["buildx", "build", "--file", str(project / image_inputs.dockerfile(name)), *words]
    command += ["--provenance=false", "--sbom=false"]
    if vendored:
        settings = {"no-index": "true", "find-links": "/mnt/vendor/wheels"}
        command += ["--network", "none", "--build-context", f"vendor={vendored}"]
    else:
        command += ["--network", "host"]
    with secrets(settings, jobs) as given:
        variables = {**(env or {}), "SOURCE_DATE_EPOCH": str(EPOCH)}
        if not _built([*command, *given, str(project)], variables):
            raise PipelineError(
                f"building the {name} image failed (see above); what was built is kept in BuildKit's "
                "cache: the same command goes on from there"
            )


def downloaded(inputs: Inputs, vendored: Path | None = None) -> dict[str, str]:
    """SHA-256 by name of the files that the build of an image downloaded. Raises PipelineError."""
    name = inputs.name
    with tempfile.TemporaryDirectory() as folder:
        words = ["--target", HASHES.format(name), "--output", f"type=local,dest={folder}"]
        words += ["--build-arg", f"BASE={inputs.base}"]
        run(inputs.project, name, words, pip_settings(), vendored=vendored)
        lines = (Path(folder) / f"{name}.sha256").read_text(encoding="utf-8").splitlines()
    return {
        file.lstrip(" *"): digest for digest, _, file in (line.partition(" ") for line in lines)
    }


def _built(command: Sequence[str], variables: Mapping[str, str]) -> bool:
    """Run buildx, whose lines the user sees; again while a killed client's build is still in the way.

    BuildKit lets equal steps of two builds be one. For some seconds after a client was killed, its step
    is not yet cancelled; who joins it fails with it, for want of the secrets of that client.
    """
    words = bound_process.command([engine.client(), *command, "--progress", "plain"])
    for _ in range(ATTEMPTS):
        env = {**os.environ, **variables}
        with subprocess.Popen(words, env=env, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            joined = False
            for line in process.stderr:
                sys.stderr.write(line.decode(errors="replace"))
                joined |= b"no active sessions" in line
        if process.returncode == 0 or not joined:
            break
        print("the build of a killed client is still ending: trying again", file=sys.stderr)
        time.sleep(PAUSE)
    return process.returncode == 0


@contextmanager
def secrets(settings: Mapping[str, str], jobs: int = 0) -> Iterator[list[str]]:
    """Words that give pip's settings, the proxy's certificate and `jobs` to a build, and to no layer."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--secret", f"id=pip.conf,src={folder}/pip.conf"]
        if jobs:
            words += ["--secret", f"id=jobs,src={folder}/jobs"]
            (Path(folder) / "jobs").write_text(str(jobs), encoding="utf-8")
        certificate = os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE", "")
        if certificate:
            settings = {**settings, "cert": "/run/secrets/ca"}
            words += ["--secret", f"id=ca,src={certificate}"]
        lines = [f"{key} = {value}\n" for key, value in settings.items()]
        (Path(folder) / "pip.conf").write_text("[global]\n" + "".join(lines), encoding="utf-8")
        yield words


def pip_settings() -> dict[str, str]:
    """The package index that the user's pip is set to use, and how to reach it."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    wanted = ("index-url", "extra-index-url", "proxy", "timeout", "retries", "trusted-host")
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():  # global.index-url='...', then :env:.index-url='...'
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2]
        plain = value.strip("'\"")
        if name in wanted and "file:" not in plain:
            found[name] = plain
    return found


def _secrets_to_find(settings: Mapping[str, str]) -> list[bytes]:
    """The secrets of this machine that a build could have put into an image."""
    texts = [os.environ.get("HF_TOKEN", ""), os.environ.get("HUGGING_FACE_HUB_TOKEN", "")]
    for value in settings.values():
        texts += [urllib.parse.urlsplit(word).password or "" for word in value.split()]
    return [text.encode() for text in texts if len(text) >= 6]
