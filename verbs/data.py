"""Verbs of the data: judge the files of a recipe, add one, write the shipped ones anew.

Not covered: the rules (`synthia.data`), and the programs that act (`datagen`).
"""

from pathlib import Path

from invoke import Context, task

from verbs.common import PROJECT, RECIPE, boundary, load


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
    with boundary():
        from synthia.run import preflight
        from synthia.run.launch import run_tool

        loaded = load(recipe, set)
        preflight.require_data(PROJECT, loaded)
        if re_execute and not add:
            probes = loaded.data.probes
            files = [path for path in loaded.data.files if path not in loaded.data.hub]
            files += [probes] if isinstance(probes, str) else []
            run_tool(PROJECT, "datagen.again", [], {"files": files})
        else:
            request = {"recipe": loaded.model_dump(mode="json"), "add": add, "drop": drop}
            run_tool(PROJECT, "synthia.data.command", [], request)


@task(help={"out": "target folder (default: data)"})
def generate_data(c: Context, out: str = "") -> None:
    """Write all files of data/ anew, byte for byte, by running the tools of every row."""
    with boundary():
        from synthia.run.launch import run_tool

        target = str(Path(out).absolute()) if out else str(PROJECT / "data")
        run_tool(PROJECT, "datagen.generate", ["--out", target], {})
