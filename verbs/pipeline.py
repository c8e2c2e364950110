"""Verbs of a run: the pipeline, its stages one by one, and what is said of a run.

The stages' verbs are made from their table.

Not covered: what a stage does (`synthia.stages`).
"""

from invoke import Context, task

from verbs.common import NODES, PROJECT, RECIPE, RUN, boundary, load, runtime_of


def _run(
    last: str, recipe: str, overrides: list[str], runtime: str, force: list[str],
    nodes: tuple[int, int, str] = (1, 0, ""),
) -> None:  # fmt: skip
    with boundary():
        from synthia import nodes as machines, pipeline, worker_node

        chosen, here = runtime_of(runtime), machines.read(*nodes)
        loaded = load(recipe, overrides)
        if here.rank:
            forced = "train" in force
            print(worker_node.run(PROJECT, loaded, here, runtime=chosen, force=forced))
            return
        pipeline.run(PROJECT, loaded, last=last, runtime=chosen, force=force, nodes=here)


@task(help={**RUN, **NODES}, iterable=["set"])
def pipeline(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    runtime: str = "",
    force: bool = False,
    nnodes: int = 1,
    node_rank: int = 0,
    master_addr: str = "",
) -> None:
    """Run every stage that is not current, and write the report."""
    from synthia.stage import STAGES

    forced = [stage.name for stage in STAGES] if force else []
    _run("", recipe, set, runtime, forced, (nnodes, node_rank, master_addr))


@task(
    help={
        **{name: said for name, said in RUN.items() if name != "force"},
        "layers": "shrink the random model to so many layers",
        "hidden": "shrink it to this hidden size; with either, no GPU is needed",
    },
    iterable=["set"],
)
def rehearse(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    runtime: str = "",
    layers: int = 0,
    hidden: int = 0,
) -> None:
    """Run the whole pipeline on random weights in minutes: what does the real run need?"""
    with boundary():
        from synthia import rehearsal

        loaded = load(recipe, set)
        found = rehearsal.run(
            PROJECT, loaded, runtime=runtime_of(runtime), layers=layers, hidden=hidden
        )
        print("\n".join(found))


def _stage_tasks() -> dict[str, object]:
    """A task for each stage, which runs the pipeline up to it."""
    from synthia.stage import STAGES, Stage

    def made(stage: Stage) -> object:
        def run(
            c: Context,
            recipe: str = "",
            set: list[str] = [],
            runtime: str = "",
            force: bool = False,
        ) -> None:
            _run(stage.name, recipe, set, runtime, [stage.name] if force else [])

        run.__doc__ = stage.does
        return task(run, name=stage.name, help=RUN, iterable=["set"])

    return {stage.name: made(stage) for stage in STAGES}


globals().update(_stage_tasks())


@task(help={**RUN, **NODES}, iterable=["set"])
def train(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    runtime: str = "",
    force: bool = False,
    nnodes: int = 1,
    node_rank: int = 0,
    master_addr: str = "",
) -> None:
    """Train the LoRA adapter."""
    forced = ["train"] if force else []
    _run("train", recipe, set, runtime, forced, (nnodes, node_rank, master_addr))


@task(help={**RUN, "bfcl": "let base, adapter and merged model answer BFCL's cases, which decide nothing",
            "cases": "so many of each category, evenly spaced (default: all)"},
      iterable=["set"])  # fmt: skip
def evaluate(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    runtime: str = "",
    force: bool = False,
    bfcl: bool = False,
    cases: int = 0,
) -> None:
    """Judge the answers: stopping, loops, garbage, tool calls, fidelity."""
    if not bfcl:
        _run("evaluate", recipe, set, runtime, ["evaluate"] if force else [])
        return
    with boundary():
        from synthia import pipeline
        from synthia.diagnose import foreign_exam

        loaded = load(recipe, set)
        pipeline.require_current(PROJECT, loaded, "sample_hf")
        print("\n".join(foreign_exam.run(PROJECT, loaded, cases or None)))


@task(help={**RUN, "dry-run": "write the files into outputs/, list them, and send nothing"},
      iterable=["set"])  # fmt: skip
def publish(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    runtime: str = "",
    force: bool = False,
    dry_run: bool = False,
) -> None:
    """Upload a finished run to the Hub, one verified commit a repository."""
    last = "package" if dry_run else "publish"
    with boundary():
        from synthia import pipeline

        pipeline.require_finished(PROJECT, load(recipe, set), "package")
    _run(last, recipe, set, runtime, [last] if force else [])


@task(help=RECIPE, iterable=["set"])
def status(c: Context, recipe: str = "", set: list[str] = []) -> None:
    """Say for each stage whether it is current, and if not, why."""
    with boundary():
        from synthia import pipeline
        from synthia.run import preflight

        loaded = load(recipe, set)
        preflight.require_data(PROJECT, loaded)
        for stage, reasons in pipeline.status(PROJECT, loaded):
            print(f"{stage.name:12} {'; '.join(reasons) or 'current'}")


@task(
    positional=["name"],
    iterable=["set"],
    help={"name": "a name in recipes/", "set": RECIPE["set"]},
)
def recipe(c: Context, name: str, set: list[str] = []) -> None:
    """Print a recipe with every value resolved."""
    with boundary():
        from synthia import recipe as recipes

        print(recipes.resolved(load(name, set)), end="")


@task
def doctor(c: Context) -> None:
    """Say what this machine has and lacks for a run, with the next command for each."""
    with boundary():
        from synthia.host import doctor as doctors

        findings = [doctors.scripts(PROJECT), *doctors.judge(doctors.gather())]
        print("\n".join(doctors.lines(findings)))


@task(help=RECIPE, iterable=["set"])
def verify(c: Context, recipe: str = "", set: list[str] = []) -> None:
    """Walk from the images over the manifests to the GGUF files, and check every link, offline."""
    with boundary():
        from synthia import verify as verifying
        from synthia.run import preflight

        loaded = load(recipe, set)
        preflight.require_data(PROJECT, loaded)
        for line in verifying.lines(PROJECT, loaded):
            print(line, flush=True)
