"""Machines that train together end in the bytes of one, or all end with a sentence."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import two_nodes

pytestmark = pytest.mark.slow


class Machines:
    """Projects that share no folder, and the recipe that all have."""

    def __init__(self, root: Path) -> None:
        self.root, self.calls = root, list[subprocess.Popen[str]]()
        self.name = two_nodes.make(root / "made")

    def project(self, name: str) -> Path:
        shutil.copytree(self.root / "made", self.root / name)
        return self.root / name

    def call(self, project: Path, *words: Any, **env: str) -> subprocess.Popen[str]:
        """Start a training there."""
        self.calls.append(two_nodes.call(project, *words, **env))
        return self.calls[-1]

    def outputs(self, project: Path) -> Path:
        return project / "outputs" / self.name

    def trained(self, project: Path) -> dict[str, str]:
        """Every file of the trained folder, by digest."""
        found = json.loads((self.outputs(project) / "train/manifest.json").read_text())
        outputs: dict[str, str] = found["outputs"]
        return outputs


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    made = Machines(tmp_path_factory.mktemp("machines"))
    yield made
    for call in made.calls:
        if call.poll() is None:  # of a test that failed
            os.killpg(call.pid, signal.SIGKILL)
            call.communicate()


@pytest.fixture(scope="module")
def alone(machines: Machines) -> dict[str, str]:
    """What one machine with two cards trains."""
    project = machines.project("two cards")
    said = machines.call(project, GPUS="0 1").communicate(timeout=300)[1]
    assert "processes 2: " in said
    return machines.trained(project)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def test_killed_with_one_node_and_called_again_all_end_in_the_bytes_of_one_machine(
    machines: Machines, alone: dict[str, str]
) -> None:
    """The second machine never sees the first one's checkpoint."""
    first, second, at = machines.project("node 0"), machines.project("node 1"), two_nodes.address()
    node = machines.call(first, 2, 0, at, GPUS="0")
    other = machines.call(second, 2, 1, at, GPUS="0")
    partial = machines.outputs(first) / ".train.partial/checkpoints"
    until((partial / "checkpoint-2/checkpoint.json").exists)
    os.killpg(other.pid, signal.SIGKILL)
    said = node.communicate(timeout=60)[1]
    other.communicate()
    assert node.returncode == 1
    assert "processes 2 on 2 nodes: " in said
    assert "train: node 1 is gone: it was killed, or cannot be reached any more." in said
    assert "Traceback" not in said
    assert not (machines.outputs(first) / "train").exists()

    node = machines.call(first, 2, 0, at, GPUS="0")
    other = machines.call(second, 2, 1, at, GPUS="0")
    for call, done in (
        (node, ""),
        (other, "node 1 trained along to the end; node 0 has the adapter\n"),
    ):
        printed, said = call.communicate(timeout=300)
        assert "continuing from checkpoint-" in said
        assert printed.endswith(done)
        assert call.returncode == 0
    assert machines.trained(first) == alone
    assert json.loads((machines.outputs(first) / "train/run.json").read_text())["nodes"] == 2
    assert sorted(path.name for path in machines.outputs(second).iterdir() if path.is_dir()) == [
        "fetch", "logs", "prepare",
    ]  # fmt: skip
    assert not (machines.outputs(second) / "logs/train.txt").exists()


SENTENCES = """
import json, os, signal, subprocess, sys, threading, time
from datetime import timedelta
from synthia import terminal
from synthia.errors import PipelineError
from synthia.nodes import Nodes
from synthia.stages.hf import rendezvous

port, another, third, taken = map(int, sys.argv[1:])
rendezvous.BEAT, rendezvous.LIMIT = 0.1, timedelta(seconds=1)
found = {}

def tried(name, work):
    try:
        work()
    except PipelineError as error:
        found[name] = [str(error), error.exit_code]

tried("silent", lambda: rendezvous.Rendezvous(Nodes(2, 1, "127.0.0.1", port)))
tried("taken", lambda: rendezvous.Rendezvous(Nodes(2, 0, "127.0.0.1", taken)))

def alone():
    with rendezvous.Rendezvous(Nodes(3, 0, "127.0.0.1", port)) as bond:
        one = rendezvous.Rendezvous(Nodes(3, 1, "127.0.0.1", port))
        one.store.set("made from 1", json.dumps([1, {"--nnodes": "3"}]))
        tried("again", lambda: rendezvous.Rendezvous(Nodes(3, 1, "127.0.0.1", port)))
        one.part()  # else it ends this process, which is the other node's too
        bond.meet(1, {})

tried("absent", alone)

other = []

def failing():
    with rendezvous.Rendezvous(Nodes(2, 0, "127.0.0.1", another)):
        other.append(rendezvous.Rendezvous(Nodes(2, 1, "127.0.0.1", another)))
        raise ValueError("the card fell off the bus")

rendezvous.LIMIT = timedelta(seconds=60)
shares = {}

def meeting(rank, made_from, processes=1):
    with rendezvous.Rendezvous(Nodes(2, rank, "127.0.0.1", third)) as bond:
        share = bond.meet(processes, made_from)
        shares[rank] = [share.rank, share.count]

more = threading.Thread(target=meeting, args=(1, {}, 3))
more.start()
meeting(0, {}, 2)
more.join()
found["shares"] = [shares[0], shares[1]]

gone, looks = rendezvous.Rendezvous._gone, threading.Event()

def slowly(self, silence):
    looks.set()
    time.sleep(0.5)
    return gone(self, silence)

rendezvous.Rendezvous._gone = slowly
with rendezvous.Rendezvous(Nodes(1, 0, "127.0.0.1", third)):
    looks.wait(30)
found["threads"] = threading.active_count()
rendezvous.Rendezvous._gone = gone

theirs = {"GPU": "NVIDIA A100", "code a": "0" * 64}
ours = {"GPU": "NVIDIA H100", "code a": "1" * 64}
with_theirs = threading.Thread(target=tried, args=("other", lambda: meeting(1, theirs)))
with_theirs.start()
tried("unlike", lambda: meeting(0, ours))
with_theirs.join()

# Stopped, node 0 answers nothing and closes nothing, as a machine without power or network.
rendezvous.SILENCE = 2.0
STOPPED = "import time; from synthia.nodes import Nodes; from synthia.stages.hf import rendezvous as r; "
STOPPED += f"r.BEAT = 0.1; bond = r.Rendezvous(Nodes(2, 0, '127.0.0.1', {third})); "
STOPPED += "print('up', flush=True); time.sleep(60)"
node = subprocess.Popen([sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, text=True)
for line in node.stdout:
    if "up" in line:
        break
ended, said, out = terminal.say, [], threading.Event()
terminal.say = said.append
leave, os._exit = os._exit, lambda code: (said.append(code), out.set())
heard = rendezvous.Rendezvous(Nodes(2, 1, "127.0.0.1", third))
time.sleep(2 * rendezvous.SILENCE)
found["missed too soon"] = out.is_set()
node.send_signal(signal.SIGSTOP)
out.wait(30)
heard.over.set()
node.kill()
found["stopped"] = said
terminal.say, os._exit = ended, leave

found["failed"] = []
terminal.say = os._exit = found["failed"].append
try:
    failing()
except ValueError as error:
    found["failing"] = str(error)
other[0].part()
found["differ"] = rendezvous._differences(theirs, ours)
found["many"] = rendezvous._differences({}, {f"code {n}": "0" * 64 for n in range(6)})
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def said(run_in: Callable[..., str]) -> dict[str, Any]:
    """The sentences of nodes that do not meet."""
    with two_nodes.taken() as taken:
        with two_nodes.taken() as one, two_nodes.taken() as another, two_nodes.taken() as third:
            free = (str(one), str(another), str(third))
        printed = run_in("train", SENTENCES, *free, str(taken))
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def test_a_node_that_does_not_come_is_named_after_a_time(said: dict[str, Any]) -> None:
    words, code = said["absent"]
    assert words.startswith(
        "node 2 of 3 did not come within 0:00:01: call it with the same words and"
    )
    assert "--node-rank 2" in words
    assert code == 3


def test_without_node_0_the_others_end_after_a_time(said: dict[str, Any]) -> None:
    words, code = said["silent"]
    assert words.startswith("node 0 did not answer at 127.0.0.1:")
    assert "within 0:00:01: start it" in words
    assert code == 3


def test_a_port_that_is_taken_is_named(said: dict[str, Any]) -> None:
    words, code = said["taken"]
    assert words.startswith("node 0 cannot listen on port ")
    assert "name another one by --master-addr HOST:PORT, on all nodes" in words
    assert code == 3


def test_two_nodes_of_one_rank_are_refused(said: dict[str, Any]) -> None:
    words, code = said["again"]
    assert words.startswith("another node came with --node-rank 1: each needs its own, 0 to 2")
    assert code == 2


def test_ranks_go_on_where_those_of_the_nodes_before_end(said: dict[str, Any]) -> None:
    assert said["shares"] == [[0, 5], [2, 5]]


def test_a_bond_that_ended_has_left_no_thread_which_holds_its_port(said: dict[str, Any]) -> None:
    assert said["threads"] == 1


def test_a_node_that_would_train_otherwise_is_refused_by_all(said: dict[str, Any]) -> None:
    for name in ("unlike", "other"):
        words, code = said[name]
        assert words.startswith(
            "node 1 differs from node 0 in GPU (NVIDIA A100, not NVIDIA H100), code a: give all nodes"
        )
        assert code == 2


def test_where_node_0_falls_silent_the_others_end_and_say_so(said: dict[str, Any]) -> None:
    assert said["missed too soon"] is False
    *_, words, code = said["stopped"]
    assert words.startswith(
        "\ntrain: node 0 is gone: it was killed, or cannot be reached any more. See"
    )
    assert code == 1


def test_a_node_that_fails_says_why_to_the_others_which_end(said: dict[str, Any]) -> None:
    words, code = said["failed"][-2:]
    assert words.startswith(
        "\ntrain: node 0 ended (the card fell off the bus). See there, and call"
    )
    assert code == 1
    assert said["failing"] == "the card fell off the bus"  # and itself by its own error


def test_what_differs_is_named_and_short_values_are_said(said: dict[str, Any]) -> None:
    assert said["differ"] == "GPU (NVIDIA A100, not NVIDIA H100), code a"
    assert said["many"] == "code 0, code 1, code 2, code 3 and 2 more"
