"""What needs a Docker Engine with both images; without them, tests say why they do not run."""

import os
import subprocess
from collections.abc import Callable

import pytest
from conftest import PROJECT

from synthia import engine, images
from synthia.errors import MissingRequirement


@pytest.fixture(scope="session")
def built() -> dict[str, images.Loaded]:
    """Both images as the engine holds them."""
    try:
        engine.require()
    except MissingRequirement as error:
        pytest.skip(str(error))
    found = {name: images.current(PROJECT, name) for name in images.NAMES}
    missing = [name for name, loaded in found.items() if loaded is None]
    if missing:
        pytest.skip(f"the engine holds no current image {', '.join(missing)}: run ./invoke build")
    return {name: loaded for name, loaded in found.items() if loaded is not None}


@pytest.fixture(scope="session")
def run_inside(built: dict[str, images.Loaded]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python in a service of compose.yaml, as any user."""

    def run(
        service: str, code: str, *words: str, user: str = "1000:1000"
    ) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "SYNTHIA_TRAIN_IMAGE": built["train"].reference,
            "SYNTHIA_CONVERT_IMAGE": built["convert"].reference,
            "SYNTHIA_USER": user,
        }
        command = ["docker", "compose", "--project-name", "synthia-test", "--project-directory"]
        command += [str(PROJECT), "run", "--rm", "--no-TTY", *words, service, "python", "-c", code]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )

    return run
