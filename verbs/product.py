"""Verbs of a finished model: serve it, talk with it, find out what is wrong with one.

Not covered: publishing (`verbs.pipeline`).
"""

from pathlib import Path

from invoke import Context, Exit, task

from verbs.common import PROJECT, RECIPE, boundary, load, say_if_old


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
    with boundary():
        from synthia.run import serve as serving

        loaded = load(recipe, set)
        file = serving.choose(PROJECT, loaded, type)
        say_if_old(loaded)
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

    with boundary():
        from synthia.errors import UsageError
        from synthia.run import serve as serving
        from synthia.run.launch import run_tool

        loaded = load(recipe, set)
        file = serving.choose(PROJECT, loaded, type)
        say_if_old(loaded)
        place = Path(folder or tempfile.mkdtemp(prefix="chat-")).absolute()
        if not place.is_dir():
            raise UsageError(f"--folder {folder}: there is no such folder")
        request = {
            "project": str(PROJECT),
            "files": [path for path in loaded.data.files if path not in loaded.data.hub],
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
    with boundary():
        from synthia.diagnose import command

        where = Path(out).absolute() if out else None
        result = command.run(
            PROJECT, path, base=base, data=data, fix=fix, out=where, probes=probes, limit=limit
        )
        print("\n".join(command.lines(result)))
    if result["verdict"]["first_bad"]:
        raise Exit(code=1)
