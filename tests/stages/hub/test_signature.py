"""A package is signed with the user's key, anyone can check it, and no key gets anywhere else."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import finished_run
import pytest
from conftest import PROJECT

from synthia import manifest, pipeline, recipe, verify
from synthia.errors import MissingRequirement, StageStopped, UsageError
from synthia.host import environments, signing_key
from synthia.recipe import Recipe
from synthia.run import launch
from synthia.stage import BY_NAME
from synthia.stages import package

PASSWORD = "a word that nobody may see"


def make_key(folder: Path, name: str) -> tuple[Path, str]:
    """A private key's file, encrypted with PASSWORD, and the public key as PEM."""
    key = folder / name
    made = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    env = {**os.environ, "PASSWORD": PASSWORD}
    cipher = ["-aes-256-cbc", "-pass", "env:PASSWORD", "-out", str(key)]
    subprocess.run([*made, *cipher], check=True, env=env, capture_output=True)
    key.chmod(0o600)
    shown = ["openssl", "pkey", "-in", str(key), "-passin", "env:PASSWORD", "-pubout"]
    done = subprocess.run(shown, check=True, env=env, capture_output=True, text=True)
    return key, done.stdout


def loaded(public_key: str) -> Recipe:
    words = ['hub.repo_id="me/Synthia-Smoke"', f"hub.public_key={public_key}"]
    return recipe.load(PROJECT / "recipes", "smoke", words)


def test_a_recipe_takes_a_public_key_and_never_shows_a_private_one() -> None:
    with pytest.raises(UsageError, match="must be one public key as PEM") as error:
        loaded("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n")
    assert "MHcCAQEE" not in str(error.value)


def test_a_key_that_is_not_named_or_that_others_may_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(signing_key.FILE_VARIABLE, raising=False)
    with pytest.raises(
        MissingRequirement, match="name the file of the private key by SYNTHIA_SIGNING_KEY"
    ):
        signing_key.find()
    key = tmp_path / "my.key"
    monkeypatch.setenv(signing_key.FILE_VARIABLE, str(key))
    with pytest.raises(MissingRequirement, match="there is no such file"):
        signing_key.find()
    key.touch(0o644)
    with pytest.raises(UsageError, match=f"chmod 600 {key}"):
        signing_key.find()


def test_no_stage_gets_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(signing_key.FILE_VARIABLE, "/home/me/my.key")
    monkeypatch.setenv(signing_key.PASSWORD_VARIABLE, PASSWORD)
    for network in (False, True):
        assert not launch.stage_env(PROJECT, network=network).keys() & {
            signing_key.FILE_VARIABLE, signing_key.PASSWORD_VARIABLE}  # fmt: skip


@pytest.mark.slow
def test_a_signed_package_is_verified_with_the_public_key_and_a_changed_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    key, public = make_key(tmp_path, "my.key")
    project, signed = tmp_path / "project", loaded(public)
    project.mkdir()
    for name in ("src", "requirements", "data", "chat_templates", "LICENSE"):
        (project / name).symlink_to(PROJECT / name)
    inputs = finished_run.write(project, signed)
    stage, out = BY_NAME["package"], project / "outputs/smoke/package"

    def pack(request: Any) -> int:  # in this process: the train environment is not filled for it
        work = manifest.work_folder(out)
        (work / "run.json").write_text('{"runtime": "host"}\n')
        (work / "gates.json").write_text("[]\n")
        return 0 if package.run(signed, inputs, work)[0].passed else 1

    monkeypatch.setattr(launch, "_ready", lambda *words: lambda: pack(words))
    monkeypatch.setenv(signing_key.FILE_VARIABLE, str(key))
    monkeypatch.setenv(signing_key.PASSWORD_VARIABLE, PASSWORD)
    identity = pipeline.identity(project, signed, stage)
    assert "signing" in identity["environment"]

    def make() -> None:
        launch.launch(project, signed, stage, runtime="host", identity=identity)

    make()
    line, *_ = verify.stage_lines(project, signed, stage, {})
    assert "on the host with requirements/train.txt" in line
    for folder in ("16bit", "gguf"):
        bundle = json.loads((out / folder / "model.sig").read_text())
        assert bundle["dsseEnvelope"]["signatures"]
        assert public.strip() in (out / folder / "README.md").read_text()

    # The card's own command, in a folder as the Hub's client makes it.
    (tmp_path / "key.pub").write_text(public)
    cache = out / "gguf" / ".cache"
    cache.mkdir()
    (cache / "times").touch()
    (card,) = (line for line in (out / "gguf" / "README.md").read_text().splitlines()
               if line.startswith("model_signing verify"))  # fmt: skip
    program = environments.ensure(PROJECT, launch.SIGNING).with_name("model_signing")
    words = card.replace("folder", str(out / "gguf")).replace("key.pub", str(tmp_path / "key.pub"))
    done = subprocess.run(
        [str(program), *words.split()[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (cache / "times").unlink()
    cache.rmdir()

    def check(recipe_: Recipe) -> None:
        request = launch.signed(recipe_, out)
        launch.run_tool(project, launch.SIGNATURE, [], request, launch.SIGNING)

    check(signed)
    other_key, other = make_key(tmp_path, "other.key")
    with pytest.raises(StageStopped):
        check(loaded(other))
    assert "gguf" in (said := capfd.readouterr().err) or "16bit" in said
    (out / "gguf" / "params.txt").write_text("temperature 1\n")
    with pytest.raises(StageStopped):
        check(signed)
    assert (
        "gguf/model.sig is no signature of these files by hub.public_key" in capfd.readouterr().err
    )
    # A private key that is not the public one's other half signs nothing that is kept.
    before = manifest.digest(out)
    monkeypatch.setenv(signing_key.FILE_VARIABLE, str(other_key))
    with pytest.raises(StageStopped):
        make()
    assert manifest.digest(out) == before
    # A wrong password is said, and not repeated.
    monkeypatch.setenv(signing_key.PASSWORD_VARIABLE, "another word")
    with pytest.raises(StageStopped):
        make()
    said = capfd.readouterr().err
    assert "is no key to sign with" in said
    assert "another word" not in said
    written = b"".join(
        path.read_bytes() for path in project.joinpath("outputs").rglob("*") if path.is_file()
    )
    assert PASSWORD.encode() not in written
    assert str(key).encode() not in written
