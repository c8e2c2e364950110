"""One Invoke task per verb; `./invoke --list` is the table of contents.

Tasks are thin: they read words, call `synthia`, and turn its errors into messages and exit codes
(1 a failed gate, 2 wrong use, 3 a missing requirement). The stages' tasks are made from their table.
Imports of all else happen inside the tasks, so that `./invoke --list` stays instant.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from invoke import Context, Exit, task

if TYPE_CHECKING:
    from synthia.recipe import Recipe

PROJECT = Path(__file__).resolve().parent
sys.path.insert(0, str(PROJECT / "src"))

RECIPE = {
    "recipe": "a name in recipes/ (default: synthia-7b)",
    "set": "override a value: --set training.learning_rate=1e-4 (may be repeated)",
}
RUN = {
    **RECIPE,
    "runtime": "host or docker (default: what the recipe names)",
    "force": "run it even when its output is current",
}


@contextmanager
def _boundary() -> Iterator[None]:
    """Turn the project's errors into Invoke's `Exit`: a message and an exit code, no traceback."""
    try:
        from synthia.errors import PipelineError
        from synthia.permissions import REFUSED, no_permission
    except ModuleNotFoundError as error:
        message = f"{error}: this Python lacks the host environment; run ./invoke instead"
        raise Exit(message, 3) from None
    try:
        yield
    except PipelineError as error:
        raise Exit(f"invoke: {error}", error.exit_code) from None
    except OSError as error:
        if error.errno not in REFUSED or not error.filename:
            raise
        raise Exit(f"invoke: {no_permission(error)}", 3) from None
    except KeyboardInterrupt:
        raise Exit("interrupted; complete outputs are untouched", 130) from None


def _recipe(name: str, overrides: list[str]) -> "Recipe":
    from synthia import recipe

    return recipe.load(PROJECT / "recipes", name or recipe.DEFAULT, overrides)


def _runtime(word: str) -> str | None:
    from synthia.errors import UsageError

    if word not in ("", "host", "docker"):
        raise UsageError(f"--runtime {word!r}: it is host or docker")
    return word or None


def _run(last: str, recipe: str, overrides: list[str], runtime: str, force: list[str]) -> None:
    with _boundary():
        from synthia import pipeline

        chosen = _runtime(runtime)
        loaded = _recipe(recipe, overrides)
        pipeline.run(PROJECT, loaded, last=last, runtime=chosen, force=force)


@task(help=RUN, iterable=["set"])
def pipeline(
    c: Context, recipe: str = "", set: list[str] = [], runtime: str = "", force: bool = False
) -> None:
    """Run every stage that is not current, and write the report."""
    from synthia.stage import STAGES

    forced = [stage.name for stage in STAGES] if force else []
    _run("", recipe, set, runtime, forced)


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
    with _boundary():
        from synthia import rehearsal

        loaded = _recipe(recipe, set)
        found = rehearsal.run(
            PROJECT, loaded, runtime=_runtime(runtime), layers=layers, hidden=hidden
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
    with _boundary():
        from synthia import pipeline

        pipeline.require_finished(PROJECT, _recipe(recipe, set), "package")
    _run(last, recipe, set, runtime, [last] if force else [])


@task(
    iterable=["set"],
    help={
        **RECIPE,
        "add": "check this file instead; one in a public schema is converted into data/",
        "drop": "with --add: leave bad rows out instead of stopping",
        "re-execute": "run the tools of all rows again and compare the results",
    },
)
def data(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    add: str = "",
    drop: bool = False,
    re_execute: bool = False,
) -> None:
    """Check all data files of a recipe, and write data.html."""
    with _boundary():
        from synthia.run import preflight
        from synthia.run.launch import run_tool

        loaded = _recipe(recipe, set)
        preflight.require_data(PROJECT, loaded)
        if re_execute and not add:
            probes = loaded.data.probes
            files = [*loaded.data.files, *([probes] if isinstance(probes, str) else [])]
            run_tool(PROJECT, "datagen.again", [], {"files": files})
        else:
            request = {"recipe": loaded.model_dump(mode="json"), "add": add, "drop": drop}
            run_tool(PROJECT, "synthia.data.command", [], request)


@task(help={"out": "target folder (default: data)"})
def generate_data(c: Context, out: str = "") -> None:
    """Write all files of data/ anew, byte for byte, by running the tools of every row."""
    with _boundary():
        from synthia.run.launch import run_tool

        target = str(Path(out).absolute()) if out else str(PROJECT / "data")
        run_tool(PROJECT, "datagen.generate", ["--out", target], {})


@task(help=RECIPE, iterable=["set"])
def status(c: Context, recipe: str = "", set: list[str] = []) -> None:
    """Say for each stage whether it is current, and if not, why."""
    with _boundary():
        from synthia import pipeline
        from synthia.run import preflight

        loaded = _recipe(recipe, set)
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
    with _boundary():
        from synthia import recipe as recipes

        print(recipes.resolved(_recipe(name, set)), end="")


@task(
    iterable=["image"],
    help={
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
        "base": "another base image than the Dockerfiles name",
        "update-lock": "record what was built in images.lock.json",
        "vendor": "a folder that ./invoke vendor filled: build without any network",
    },
)
def build(
    c: Context, image: list[str] = [], base: str = "", update_lock: bool = False, vendor: str = ""
) -> None:
    """Build the images, check every byte, compare with images.lock.json, and load them."""
    with _boundary():
        from synthia.images import build as images, vendor as vendors

        folder = vendors.require(Path(vendor)) if vendor else None
        loaded = images.build(PROJECT, image, base, update_lock=update_lock, vendored=folder)
        print("\n".join(images.summary(PROJECT, loaded)))


@task(
    iterable=["image"],
    help={
        "repository": "REGISTRY/NAME",
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
    },
)
def push(c: Context, repository: str, image: list[str] = []) -> None:
    """Push the images that were built, and that images.lock.json holds, into a registry."""
    with _boundary():
        from synthia.images import registry

        print("\n".join(registry.push(PROJECT, repository, image)))


@task(
    iterable=["image"],
    help={
        "repository": "REGISTRY/NAME",
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
        "base": "which, where images.lock.json holds several and not the one of the Dockerfiles",
    },
)
def pull(c: Context, repository: str, image: list[str] = [], base: str = "") -> None:
    """Pull the images of images.lock.json by digest, in place of building them."""
    with _boundary():
        from synthia.images import build as images, registry

        loaded = registry.pull(PROJECT, repository, image, base)
        print("\n".join(images.summary(PROJECT, loaded)))


@task
def doctor(c: Context) -> None:
    """Say what this machine has and lacks for a run, with the next command for each."""
    with _boundary():
        from synthia.host import doctor as doctors

        findings = doctors.judge(doctors.gather())
        print("\n".join(doctors.lines(findings)))


@task(help={"folder": "a new folder", "base": "another base image than the Dockerfiles name"})
def vendor(c: Context, folder: str = "vendor", base: str = "") -> None:
    """Download all that the images are built from, for a build without a network."""
    with _boundary():
        from synthia.images import vendor as vendors

        vendors.fill(PROJECT, Path(folder), base)
        print(f"{folder}: now ./invoke build --vendor {folder} needs no network")


@task(
    iterable=["image"],
    help={
        "image": "train, convert or convert-cuda (may be repeated; default: the first two)",
        "base": "another base image than the Dockerfiles name",
        "target": "a build stage of the Dockerfile: that one only, which is quicker",
        "builder": "buildah: build once with it, and compare what both builders' images hold",
    },
)
def reproduce(
    c: Context, image: list[str] = [], base: str = "", target: str = "", builder: str = "buildkit"
) -> None:
    """Build twice from nothing, under varied conditions, and compare every file."""
    with _boundary():
        from synthia.errors import UsageError
        from synthia.images import reproduce as twice, second_builder

        ways = {"buildkit": twice.run, "buildah": second_builder.run}
        if builder not in ways:
            raise UsageError(f"--builder {builder!r}: it is {' or '.join(ways)}")
        for line in ways[builder](PROJECT, image, base, target):
            print(line, flush=True)


@task(help=RECIPE, iterable=["set"])
def verify(c: Context, recipe: str = "", set: list[str] = []) -> None:
    """Walk from the images over the manifests to the GGUF files, and check every link, offline."""
    with _boundary():
        from synthia import verify as verifying
        from synthia.run import preflight

        loaded = _recipe(recipe, set)
        preflight.require_data(PROJECT, loaded)
        for line in verifying.lines(PROJECT, loaded):
            print(line, flush=True)


@task(
    iterable=["set"],
    help={
        **RECIPE,
        "type": "which GGUF, e.g. F16 (default: the best quantised one that passed)",
        "port": "where to listen, on this machine alone",
    },
)
def serve(
    c: Context, recipe: str = "", set: list[str] = [], type: str = "", port: int = 8080
) -> None:
    """Serve the product for OpenAI's clients on its own parameters, by llama-server."""
    with _boundary():
        from synthia.run import serve as serving

        loaded = _recipe(recipe, set)
        file = serving.choose(PROJECT, loaded, type)
        llama_cpp = serving.llama_cpp(PROJECT)
        print("\n".join(serving.settings(loaded, file, port)), flush=True)
        ended = serving.run(serving.command(llama_cpp, loaded, file, port))
    raise Exit(code=ended)


@task(
    iterable=["set"],
    help={
        **RECIPE,
        "type": "which GGUF, e.g. F16 (default: the best quantised one that passed)",
        "folder": "the tools read, write and run code in it alone (default: a new, empty one)",
        "yes": "do not ask before a tool writes or runs code",
    },
)
def chat(
    c: Context,
    recipe: str = "",
    set: list[str] = [],
    type: str = "",
    folder: str = "",
    yes: bool = False,
) -> None:
    """Talk with the product in the terminal; its tools really run, held inside one folder."""
    import json
    import tempfile

    with _boundary():
        from synthia.errors import UsageError
        from synthia.run import serve as serving
        from synthia.run.launch import run_tool

        loaded = _recipe(recipe, set)
        file = serving.choose(PROJECT, loaded, type)
        place = Path(folder or tempfile.mkdtemp(prefix="chat-")).absolute()
        if not place.is_dir():
            raise UsageError(f"--folder {folder}: there is no such folder")
        request = {
            "project": str(PROJECT),
            "files": loaded.data.files,
            "model": str(file),
            "llama_cpp": str(serving.llama_cpp(PROJECT)),
            "num_ctx": loaded.serve.num_ctx,
            "folder": str(place),
            "yes": yes,
        }
        run_tool(PROJECT, "datagen.chat", [json.dumps(request)], None)


@task(
    positional=[],
    iterable=["path"],
    help={
        "path": "a folder with a model or an adapter, or a GGUF file (the first words are paths too)",
        "base": "the model that they come from: a folder or a GGUF file",
        "data": "rows that it was trained on, as JSON lines",
        "fix": "write repaired copies of those whose weights are fine",
        "out": "where the findings go (default: outputs/diagnosis)",
        "limit": "tokens after which an answer counts as endless",
        "probes": "how many questions to ask; 0 looks at the files alone",
    },
)
def diagnose(
    c: Context,
    path: list[str] = [],
    base: str = "",
    data: str = "",
    fix: bool = False,
    out: str = "",
    limit: int = 64,
    probes: int = 12,
) -> None:
    """Say what is wrong with a model's files, whoever made them, and why."""
    with _boundary():
        from synthia.diagnose import command

        where = Path(out).absolute() if out else None
        result = command.run(
            PROJECT, path, base=base, data=data, fix=fix, out=where, probes=probes, limit=limit
        )
        print("\n".join(command.lines(result)))
    if result["verdict"]["first_bad"]:
        raise Exit(code=1)


@task
def lock(c: Context) -> None:
    """Rewrite requirements/*.txt from requirements/*.in, and the recipes' JSON Schema."""
    with _boundary():
        from synthia import recipe as recipes
        from synthia.host import environments

        for name in environments.LOCKS:
            environments.compile_lock(PROJECT, name, environments.lock_file(PROJECT, name))
            print(f"requirements/{name}.txt")
        (PROJECT / "recipes" / "schema.json").write_text(recipes.json_schema(), encoding="utf-8")
        print("recipes/schema.json")


@task(help={"select": "a pytest expression (-k), to run fewer tests",
            "fast": "leave the slow tests out"})  # fmt: skip
def test(c: Context, select: str = "", fast: bool = False) -> None:
    """Run all tests, ruff and mypy among them; sets up what they need."""
    import os
    import subprocess

    with _boundary():
        from synthia.host import environments

        python = environments.ensure(PROJECT, "dev")
        processes = ["--numprocesses", "auto", "--maxprocesses", "4", "--dist", "loadgroup"]
        words = ["-m", "pytest", *processes, *(["-k", select] if select else [])]
        words += ["-m", "not slow"] if fast else []
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([str(python), *words], cwd=PROJECT, env=env, check=False)
    raise Exit(code=done.returncode)
