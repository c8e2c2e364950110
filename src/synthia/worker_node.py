"""What the command does on a node other than node 0: it trains along, and no stage of its own is written.

It makes fetch and prepare where they are not current: they are the same bytes everywhere. Where node 0
makes them in the same folder, it waits for it, and then only reads.

Not covered: node 0, which is the pipeline (`synthia.pipeline`), and how the nodes meet
(`synthia.stages.hf.rendezvous`).
"""

import time
from pathlib import Path

from synthia import pipeline
from synthia.host import environments
from synthia.nodes import Nodes
from synthia.recipe import Recipe
from synthia.run import launch, preflight
from synthia.stage import BY_NAME

POLL = 5.0
"""Seconds between looks at what another process makes."""
TRAIN = BY_NAME["train"]


def run(
    project: Path, recipe: Recipe, nodes: Nodes, *, runtime: str | None, force: bool = False
) -> str:
    """Train along with node 0, unless this folder's training is current; return what was done."""
    preflight.require(project, recipe, runtime or recipe.runtime.default, nodes)
    said = f"node {nodes.rank} waits for {' and '.join(TRAIN.reads)}, which another run makes"
    while any(pipeline.stale(project, recipe, BY_NAME[name]) for name in TRAIN.reads):
        try:
            pipeline.run(project, recipe, last=TRAIN.reads[-1], runtime=runtime)
        except environments.Busy:
            print(said, end="\n" if said else "", flush=True)
            said = ""
            time.sleep(POLL)
    if not force and not pipeline.stale(project, recipe, TRAIN):
        return f"node {nodes.rank} has nothing to do: the training is current"
    made_from = pipeline.identity(project, recipe, TRAIN)
    launch.along(project, recipe, TRAIN, identity=made_from, nodes=nodes)
    return f"node {nodes.rank} trained along to the end; node 0 has the adapter"
