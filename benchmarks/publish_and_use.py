"""Publish the smoke product and use it as others would: python benchmarks/publish_and_use.py [KILLS]

In a copy of the project and its finished run, against the stand-in for the Hub of tests/: publish; publish
again (no new commit); in a fresh folder, download the GGUF repository by the real client, start
llama-server on the Q4_K_M with `--jinja` and no other option but its port, and ask it one question with a
tool by /v1/chat/completions; publish after a token was planted in a file (refused, the file named); kill
the uploading client (`kill -9`) at KILLS random moments (default 20), then before and after the commit is
made, and call again each time. Needs the dev environment's Python (./invoke test makes it).

Not covered: the real Hub, which this cannot reach.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / "src"), str(PROJECT / "tests")]

import hub_clients  # noqa: E402
import hub_stand_in  # noqa: E402
import served_product  # noqa: E402
from hub_stand_in import TOKEN, Fault, Hub  # noqa: E402

from synthia import manifest  # noqa: E402
from synthia.host import environments  # noqa: E402
from synthia.run import serve  # noqa: E402
from synthia.stages.hub import repository  # noqa: E402

LARGE = 10**7
"""Bytes: the GGUF files."""
FULL, GGUF = "me/Synthia-Smoke", "me/Synthia-Smoke-GGUF"
WORDS = ["--recipe", "smoke", "--set", f'hub.repo_id="{FULL}"']
QUESTION = {
    "messages": [{"role": "user", "content": "Count the lines of app/main.py."}],
    "tools": [{"type": "function", "function": {
        "name": "count_lines", "description": "Count lines",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}},
                       "required": ["path"]}}}],
}  # fmt: skip


def say(*lines: str) -> None:
    """Print at once."""
    print("\n".join(lines), flush=True)


def publish(project: Path, env: dict[str, str], *more: str) -> tuple[int, str, float]:
    """`./invoke publish`; its exit code, what it said, and its seconds."""
    words = [str(project / "invoke"), "publish", *WORDS, *more]
    begun = time.monotonic()
    done = subprocess.run(
        words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout, time.monotonic() - begun


def commits(hub: Hub) -> dict[str, int]:
    """Commits of ours by repository."""
    return {repo_id: sum(commit.title == repository.TITLE for commit in repo.commits)
            for repo_id, repo in hub.repos.items()}  # fmt: skip


def without_gates(said: str) -> list[str]:
    """The lines but those of green gates, which are many, and but the many states of one that counts."""
    lines = [line.rpartition("\r")[2] for line in said.splitlines()]
    return [line for line in lines if not line.startswith("ok  ") and "%|" not in line]


def end(said: str) -> str:
    """The last line with something on it."""
    return next((line for line in reversed(said.splitlines()) if line.strip()), "")


def plant(project: Path, env: dict[str, str]) -> None:
    """A token in a file of the outputs: in a tokenizer's file before packaging, in weights after it."""
    package = project / "outputs/smoke/package"
    for name, place in (("a text file", "16bit/config.json"), ("weights", "gguf/*-Q4_K_M.gguf")):
        (file,) = package.glob(place)
        held = file.read_bytes()
        file.unlink()
        file.write_bytes(held + f"\n{TOKEN}".encode())
        listed = package / manifest.NAME
        before = listed.read_bytes()
        found = json.loads(before)
        found["outputs"][file.relative_to(package).as_posix()] = manifest.sha256(file)
        listed.write_bytes(manifest.encode(found))  # so that no other check is faster
        code, said, _ = publish(project, env, "--force")
        refused = [line for line in said.splitlines() if TOKEN in line]
        say(
            f"exit code {code}, token shown {len(refused)} times, of {name}:",
            *said.splitlines()[-8:],
        )
        file.write_bytes(held)
        listed.write_bytes(before)


def kill(hub: Hub, folder: Path, home: Path, count: int) -> None:
    """Kill clients at random moments of an upload, each in a repository of its own, and call again."""
    files = {path.name: manifest.sha256(path) for path in folder.iterdir()}
    large = [digest for name, digest in files.items() if (folder / name).stat().st_size > LARGE]
    moments = random.Random(12)

    def forget_large() -> None:
        for digest in large:  # so that they are uploaded anew
            hub.blob(digest).unlink(missing_ok=True)

    with hub_clients.of(hub, folder, home) as run:
        forget_large()
        begun = time.monotonic()
        run("me/whole", None)
        length = time.monotonic() - begun
        say("| kill -9 | last request | commits then | second call | commits | hashes |",
            "|---|---|---|---|---|---|")  # fmt: skip
        at_random = [moments.uniform(0, length) for _ in range(count)]
        kills: list[tuple[str, Fault | float]] = [
            *((f"after {after:.2f} of {length:.2f} s", after) for after in at_random),
            *((f"{when} the commit is made", Fault(match="POST .*/commit/", kind=f"silent {when}"))
              for when in ("before", "after")),
        ]  # fmt: skip
        for number, (moment, kill_at) in enumerate(kills):
            repo_id = f"me/killed-{number}"
            forget_large()
            run(repo_id, kill_at)
            last, then = (hub.log or ["none"])[-1][:40], commits(hub).get(repo_id, 0)
            code = run(repo_id, None)
            held = {path: file[1] for path, file in hub.repos[repo_id].commits[0].files.items()}
            right = all(held[name] == digest == manifest.sha256(hub.blob(digest))
                        for name, digest in files.items())  # fmt: skip
            say(f"| {moment} | {last} | {then} | exit code {code} | {commits(hub)[repo_id]} "
                f"| {'right' if right else 'WRONG'} |")  # fmt: skip


def use(project: Path, scratch: Path, env: dict[str, str]) -> None:
    """Download into a fresh folder, serve, and ask."""
    fresh = scratch / "fresh"
    client = environments.ensure(project, "train").with_name("hf")
    words = [str(client), "download", GGUF, "--include", "*Q4_K_M.gguf", "--local-dir", str(fresh)]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    (file,) = fresh.glob("*.gguf")
    say(f"hf download {GGUF}: {end(done.stdout)}", f"{manifest.sha256(file)}  {file.name}")
    program = serve.llama_cpp(project) / "bin" / "llama-server"
    port = 18080
    words = [str(program), "-m", str(file), "--jinja", "--port", str(port)]
    say(f"llama-server -m {file.name} --jinja --port {port}")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            served_product._wait_for(f"http://127.0.0.1:{port}/health")
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(QUESTION).encode(),
                {"Content-Type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(request, timeout=600) as answer:
                found: Any = json.load(answer)
        finally:
            server.terminate()
    (choice,) = found["choices"]
    say(f"POST /v1/chat/completions {json.dumps(QUESTION)}", json.dumps(choice, indent=1))


def main() -> None:
    """Do all of it, and print what comes of each."""
    count = int(sys.argv[1]) if sys.argv[1:] else 20
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        project = scratch / "a project"
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=False
        )
        names = [name for name in listed.stdout.decode().split("\0") if name]
        for name in names or [p.name for p in PROJECT.iterdir() if p.name != "outputs"]:
            target = project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / name).is_dir():
                shutil.copytree(PROJECT / name, target, symlinks=True)
            else:
                shutil.copy2(PROJECT / name, target)
        subprocess.run(
            ["cp", "-r", "--reflink=auto", str(PROJECT / "outputs"), str(project)], check=True
        )
        with hub_stand_in.serving(scratch / "hub") as hub:
            env = {**os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN,
                   "HF_HUB_DISABLE_XET": "1", "HF_HOME": str(scratch / "home")}  # fmt: skip
            code, said, _ = publish(project, env)
            say("## Publish", *without_gates(said), f"exit code {code}, commits {commits(hub)}")
            if code:
                sys.exit("what follows needs a published product")
            code, said, length = publish(project, env, "--force")
            say("\n## Publish again", *without_gates(said),
                f"exit code {code}, commits {commits(hub)}, {length:.0f} s")  # fmt: skip
            say("\n## A fresh folder")
            use(project, scratch, env)
            say("\n## A planted token")
            plant(project, env)
            say(f"\n## Killed {count} times")
            kill(hub, project / "outputs/smoke/package/gguf", scratch / "home", count)


if __name__ == "__main__":
    main()
