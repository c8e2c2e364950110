"""Talk with the product in a terminal; the tools that it calls really run, held inside one folder.

A request as JSON in the first argument names the project, the recipe's data files, the GGUF, llama.cpp
and the folder. The model is offered the tools that it was trained with, by the schemas of its training
rows: the workbench's, and the smoke recipe's. Nothing is sent but the conversation, so that the file's
own sampling parameters count. What writes or runs code is asked about first, unless the request says
not to.

Not covered: hostile code. `datagen.confinement` holds what goes wrong, not what sets out to get around
it: read what you allow. Git's tools are left out, which would commit by the generator's author and
clock.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from datagen import confinement, smoke
from datagen.tool_schemas import TOOLS
from datagen.workbench import Workbench
from synthia import records
from synthia.errors import PipelineError
from synthia.stages.gguf import llama_server

Tool = dict[str, Any]
MOST_CALLS = 8
"""Rounds of calls in one turn; a model that repeats itself must not run for ever."""
ASKED_FIRST = ("write_file", "apply_patch", "run_python", "run_tests", "http_request")
LEFT_OUT = ("git_status", "git_diff", "git_commit")
SECONDS = 10
"""Of one of smoke's tools; the workbench has limits of its own."""
LONGEST = 4000
"""Characters of a result."""


def main() -> int:
    """Talk until the input ends; returns an exit code of the error family."""
    request = json.loads(sys.argv[1])
    folder = Path(request["folder"]).resolve()
    tools = offered([Path(request["project"]) / name for name in request["files"]])
    print(f"{Path(request['model']).stem}; its tools run in {folder}; an empty line ends the chat")
    print(f"tools: {', '.join(tool['function']['name'] for tool in tools)}", flush=True)
    try:
        with llama_server.running(
            Path(request["llama_cpp"]), Path(request["model"]), context=request["num_ctx"]
        ) as ask:
            talk(ask, tools, Bench(folder), _allow_all if request["yes"] else _allow)
    except PipelineError as error:
        print(f"chat: {error}", file=sys.stderr)
        return error.exit_code
    except (EOFError, KeyboardInterrupt):
        print()
    return 0


def offered(files: Iterable[Path]) -> list[Tool]:
    """The tools that the training rows declare and that can run here, each by its first schema.

    A tool of the same name that takes other arguments is another client's, and cannot.
    """
    found: dict[str, Tool] = {}
    for path in files:
        for row in records.read_lines(path):
            for tool in row.get("tools") or []:
                if _runs_here(tool["function"]):
                    found.setdefault(tool["function"]["name"], tool)
    return [found[name] for name in sorted(found)]


def _runs_here(function: Mapping[str, Any]) -> bool:
    name = function["name"]
    if name in LEFT_OUT:
        return False
    if name not in Workbench.known():
        return name in smoke.TOOLS
    known = TOOLS[name]["function"]["parameters"]["properties"]
    return set(function["parameters"].get("properties", {})) <= set(known)


class Bench:
    """A folder, and the tools that run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workbench = Workbench(folder)

    def run(self, name: str, arguments: Any) -> str:
        """A tool's result, or its error, as the text that a model is given."""
        if not isinstance(arguments, dict):
            return "Error: the arguments are no JSON object"
        if name in self.workbench.tools or name not in smoke.TOOLS:
            text = self.workbench.result(name, arguments)
        else:
            text = self._held(smoke.TOOLS[name][0], arguments)
        return text[:LONGEST] or "(no output)"

    def _held(self, tool: Callable[..., str], arguments: Mapping[str, Any]) -> str:
        def work() -> int:
            try:
                print(tool(**arguments), end="")
            except (OSError, TypeError) as error:
                print(f"Error: {error}", end="")
            return 0

        try:
            return confinement.run(self.folder, work, seconds=SECONDS)[1]
        except confinement.TimedOut:
            return f"Error: stopped after {SECONDS} seconds"


def talk(
    ask: llama_server.Ask, tools: list[Tool], bench: Bench, allow: Callable[[str, Any], bool]
) -> None:
    """One turn of the user after the other, until an empty line or the end of the input."""
    messages: list[dict[str, Any]] = []
    while said := input("you> "):
        begun = len(messages)
        messages.append({"role": "user", "content": said})
        try:
            _answer(ask, tools, bench, allow, messages)
        except llama_server.Refused as error:
            print(f"(this turn is left out: {error})")
            del messages[begun:]


def _answer(
    ask: llama_server.Ask,
    tools: list[Tool],
    bench: Bench,
    allow: Callable[[str, Any], bool],
    messages: list[dict[str, Any]],
) -> None:
    """Let the model call tools until it answers; `messages` grows by all of it."""
    for _ in range(MOST_CALLS):
        (choice,) = ask("/v1/chat/completions", {"messages": messages, "tools": tools})["choices"]
        message = choice["message"]
        messages.append({key: message.get(key) for key in ("role", "content", "tool_calls")})
        if message.get("content"):
            print(f"model> {message['content']}", flush=True)
        calls = message.get("tool_calls") or []
        for call in calls:
            name, text = call["function"]["name"], call["function"]["arguments"]
            print(f"tool> {name} {text}", flush=True)
            arguments = _parsed(text)
            may = name not in ASKED_FIRST or allow(name, arguments)
            result = bench.run(name, arguments) if may else "Error: the user refused this call"
            print(f"  {result}".replace("\n", "\n  "), flush=True)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        if not calls:
            return
    print(f"(stopped after {MOST_CALLS} rounds of calls)")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _allow(name: str, arguments: Any) -> bool:
    return input(f"run {name}? [y/N] ").strip().lower() in ("y", "yes")


def _allow_all(name: str, arguments: Any) -> bool:
    return True


if __name__ == "__main__":
    sys.exit(main())
