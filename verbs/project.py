"""Verbs for whoever changes the project: known faults, locks, tests.

Not covered: what tests run in which order (`tests/conftest.py`).
"""

from invoke import Context, Exit, task

from verbs.common import PROJECT, boundary


@task(help={"run": "put each fault into a healthy run, and look (some minutes)",
            "write": "write docs/troubleshooting.md anew"})  # fmt: skip
def faults(c: Context, run: bool = False, write: bool = False) -> None:
    """Print every known fault: where it is caught, by which gate, and in which words."""
    with boundary():
        from synthia import faults as known, records

        found, symptoms = known.read()
        if write:
            records.write_text(PROJECT / known.GUIDE, known.guide(found, symptoms))
        print("\n".join(known.table(found)), flush=True)
    if run:
        _pytest(["tests/faults"])


@task
def lock(c: Context) -> None:
    """Rewrite requirements/*.txt from requirements/*.in, and the recipes' JSON Schema."""
    with boundary():
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

    # One more than cores: the tests of the engine wait a good part of their time.
    count = min(len(os.sched_getaffinity(0)) + 1, 4)
    processes = ["--numprocesses", str(count), "--dist", "loadgroup"]
    processes.append("--no-loadscope-reorder")  # tests/conftest.py says what comes first
    words = [*processes, *(["-k", select] if select else [])]
    _pytest([*words, *(["-m", "not slow"] if fast else [])])


def _pytest(words: list[str]) -> None:
    """Run pytest in the dev environment, and end with its exit code."""
    import os
    import subprocess

    with boundary():
        from synthia.host import environments

        python = environments.ensure(PROJECT, "dev")
        # Compiled modules go to the cache, not beside their source, in whatever the tests start as well.
        env = {**os.environ, "PYTHONPYCACHEPREFIX": str(environments.cache_root() / "pycache")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [str(python), "-m", "pytest", *words]
        done = subprocess.run(command, cwd=PROJECT, env=env, check=False)
    raise Exit(code=done.returncode)
