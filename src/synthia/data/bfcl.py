"""BFCL as a foreign exam: its single-turn cases as rows to answer, and its own checker as the judge.

Both are read out of the locked wheel `bfcl-eval` (Berkeley Function Calling Leaderboard, Apache-2.0), of
which nothing is ever trained on (`synthia.data.held_out`). Asked are the leaderboard's simple, multiple,
parallel and irrelevance cases in Python. A schema's types are written in JSON Schema's words, as clients
send them; names of tools and arguments stay as they are.

The checker compares names, types and values with the listed answers (`ast_checker.py`). It runs as it
stands in the wheel; only the module that lists the leaderboard's own models, and imports each one's client,
is left out: of it the checker asks whether a model cannot have dots in names, and ours can.

Not covered: Java and JavaScript, several turns, memory, search; the leaderboard's weighted score.
"""

import json
import sys
import types
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import arms
from synthia.data import declared_tools
from synthia.data.conversations import Row

CATEGORIES = ("simple_python", "multiple", "parallel", "irrelevance")
DATA = "bfcl_eval/data"
NO_TOOL = (
    "None of the tools that I have here can do this. If you can tell me of another way to get at it, or "
    "give me the numbers, I will help you with the rest."
)
"""What an irrelevance case might be answered with: only its length counts, for how much may be said."""
Judge = Callable[[Row, Sequence[Mapping[str, Any]]], str]
"""Says what is wrong with the calls that a case was answered with, or ""."""


def cases(wheel: Path, most: int | None = None) -> list[Row]:
    """Cases of the four categories, each as a probe whose `kind` is its category.

    `most` are asked of a category, evenly spaced; without it all. A case's gold turn calls with the first
    of each argument's listed values.
    """
    found = []
    with zipfile.ZipFile(wheel) as archive:
        for category in CATEGORIES:
            name = f"BFCL_v4_{category}.json"
            answers = {}
            if category != "irrelevance":
                read = _records(archive, f"{DATA}/possible_answer/{name}")
                answers = {each["id"]: each["ground_truth"] for each in read}
            listed = list(_records(archive, f"{DATA}/{name}"))
            for case in arms.asked(listed, most):
                found.append(_row(case, category, answers.get(case["id"], [])))
    return found


def _records(archive: zipfile.ZipFile, name: str) -> Iterator[dict[str, Any]]:
    return map(json.loads, archive.read(name).decode("utf-8").splitlines())


def _row(case: Mapping[str, Any], category: str, answers: Sequence[Mapping[str, Any]]) -> Row:
    calls = [
        {"type": "function", "function": {"name": name, "arguments": _first(arguments)}}
        for answer in answers
        for name, arguments in answer.items()
    ]
    gold: dict[str, Any] = {"role": "assistant", "content": "" if calls else NO_TOOL}
    if calls:
        gold["tool_calls"] = calls
    (messages,) = case["question"]
    tools, _ = declared_tools.convert(case["function"], case["id"])
    return Row(case["id"], messages, tools, gold, category)


def _first(arguments: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The first value listed for each argument that cannot be left out."""
    return {name: _value(values[0]) for name, values in arguments.items() if "" not in values}


def _value(listed: Any) -> Any:
    """Objects list the values of their own keys."""
    if isinstance(listed, Mapping):
        return _first(listed)
    return [_value(each) for each in listed] if isinstance(listed, list) else listed


def judge(wheel: Path) -> Judge:
    """The wheel's own checker."""
    path = str(wheel)
    modules = types.ModuleType("bfcl_eval.constants.model_config")
    ours = types.SimpleNamespace(underscore_to_dot=False)
    modules.MODEL_CONFIG_MAPPING = defaultdict(lambda: ours)  # type: ignore[attr-defined]
    sys.modules[modules.__name__] = modules
    sys.path.insert(0, path)
    try:
        from bfcl_eval.constants.enums import Language  # type: ignore[import-not-found]
        from bfcl_eval.eval_checker.ast_eval.ast_checker import (  # type: ignore[import-not-found]
            ast_checker,
        )
    finally:
        sys.path.remove(path)
    listed: dict[str, tuple[Any, Any]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for category in CATEGORIES[:-1]:
            name = f"BFCL_v4_{category}.json"
            answers = _records(archive, f"{DATA}/possible_answer/{name}")
            for case, answer in zip(_records(archive, f"{DATA}/{name}"), answers, strict=True):
                listed[case["id"]] = case["function"], answer["ground_truth"]

    def wrong(case: Row, calls: Sequence[Mapping[str, Any]]) -> str:
        if case.kind == "irrelevance":
            return f"calls {calls[0]['name']} where no tool fits" if calls else ""
        if not calls:
            return "calls no tool"
        functions, answers = listed[case.id]
        said = [{call["name"]: call["arguments"]} for call in calls]
        try:
            found = ast_checker(functions, said, answers, Language.PYTHON, case.kind, "ours")
        except (
            AttributeError,
            KeyError,
            TypeError,
        ) as error:  # on a value of a kind that it never met
            return f"its checker ends with {type(error).__name__}: {error}"
        return "" if found["valid"] else f"{found['error_type']}: {found['error'][0]}"

    return wrong
