"""Files of llama.cpp's source that tests compare with, where the product itself has no use for them."""

import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
from conftest import PROJECT

from synthia.host import environments
from synthia.llama_cpp import flags as llama_flags

WANTED = re.compile(
    r"/models/(?:templates/[^/]+\.jinja|ggml-vocab-llama-bpe\.gguf(?:\.inp|\.out)?)$"
)


@pytest.fixture(scope="session")
def llama_templates() -> Path:
    """What llama.cpp's locked source carries for its own tests: chat templates, and Llama 3's vocabulary.

    They are kept in the cache, by the source's digest: pip takes a minute or more to hand out the source.
    """
    requirements = PROJECT / "requirements"
    name = f"llama-models-{llama_flags.identity(requirements)['sdist'][:16]}"
    kept = environments.cache_root() / "downloads" / name
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "--quiet",
        "download",
        "--no-deps",
        "--no-binary",
        ":all:",
    ]
    command += [
        "--no-build-isolation",
        "--require-hashes",
        "-r",
        str(requirements / llama_flags.SDIST_LOCK),
    ]
    with tempfile.TemporaryDirectory(dir=kept.parent) as work:
        subprocess.run([*command, "-d", work], check=True)
        (archive,) = Path(work).glob("*.tar.gz")
        found = Path(work) / name
        found.mkdir()
        with tarfile.open(archive) as packed:
            for member in packed:
                if WANTED.search(member.name):
                    member.name = Path(member.name).name
                    packed.extract(member, found, filter="data")
        found.rename(kept)
    return kept
