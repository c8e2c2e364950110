"""The words that name the machines of a training: read, handed to the stage, and kept out of manifests."""

import json
import re

import pytest
from conftest import PROJECT

from synthia import nodes, pipeline, recipe
from synthia.errors import UsageError
from synthia.host import engine
from synthia.nodes import ALONE, Nodes
from synthia.run import preflight
from synthia.stage import BY_NAME


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ((1, 0, ""), ALONE),
        ((1, 0, "host:1"), ALONE),
        ((2, 1, "host"), Nodes(2, 1, "host", 29500)),
        ((2, 0, "10.0.0.7:31000"), Nodes(2, 0, "10.0.0.7", 31000)),
        ((3, 2, "[fd00::7]:31000"), Nodes(3, 2, "fd00::7", 31000)),
    ],
)
def test_torchruns_words_are_read(words: tuple[int, int, str], read: Nodes) -> None:
    assert nodes.read(*words) == read


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((2, 2, "host"), "--nnodes 2 --node-rank 2 --master-addr host: of N nodes the ranks are 0 to N-1"),
        ((1, 1, "host"), "of N nodes the ranks are 0 to N-1"),
        ((0, 0, ""), "of N nodes the ranks are 0 to N-1"),
        ((2, -1, "host"), "of N nodes the ranks are 0 to N-1"),
        ((2, 1, ""), "--master-addr (left out): --master-addr names node 0"),
        ((2, 1, "host:port"), "HOST or HOST:PORT"),
        ((2, 1, "host:99999"), "HOST or HOST:PORT"),
        ((2, 1, ":29500"), "HOST or HOST:PORT"),
        ((2, 1, "tcp://host:1"), "HOST or HOST:PORT"),
        ((2, 1, "fd00::7"), "HOST or HOST:PORT"),
    ],
)  # fmt: skip
def test_wrong_ones_are_refused_in_one_sentence(words: tuple[int, int, str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        nodes.read(*words)


def test_the_stage_gets_them_beside_a_digest_of_each_part_that_it_is_made_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = Nodes(2, 1, "host", 31000)
    identity = {"stage": "train", "recipe": {"lora": {"r": 8}}, "inputs": {"fetch": "0" * 64}}
    for name, value in here.env(identity).items():
        monkeypatch.setenv(name, value)
    read, made_from = nodes.here()
    assert read == here
    assert made_from.keys() == {"recipe lora", "inputs fetch"}
    other = here.env({**identity, "recipe": {"lora": {"r": 16}}})[nodes.VARIABLE]
    changed = json.loads(other)["made_from"]
    assert {name for name in made_from if made_from[name] != changed[name]} == {"recipe lora"}


def test_a_stage_without_them_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(nodes.VARIABLE, raising=False)
    assert nodes.here() == (ALONE, {})


def test_neither_a_recipe_nor_a_manifest_knows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    smoke = recipe.load(PROJECT / "recipes", "smoke")
    fetch = BY_NAME["fetch"]
    before = pipeline.identity(PROJECT, smoke, fetch)
    for name, value in Nodes(2, 1, "host").env(before).items():
        monkeypatch.setenv(name, value)
    assert pipeline.identity(PROJECT, smoke, fetch) == before
    assert "nnodes" not in json.dumps(smoke.model_dump(mode="json"))


def test_containers_which_have_no_network_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "require", lambda: None)
    smoke = recipe.load(PROJECT / "recipes", "smoke")
    preflight.require(PROJECT, smoke, "docker")
    with pytest.raises(UsageError, match=r"--nnodes 2 with the runtime docker: .*--runtime host"):
        preflight.require(PROJECT, smoke, "docker", Nodes(2, 0, "host"))
