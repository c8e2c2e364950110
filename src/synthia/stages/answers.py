"""Measure answers to the probes: stopping, repeated tails, garbage, foreign scripts, tool calls.

Pure functions over samples and text. They are the measures behind the gates B; the thresholds are
in the recipe and in `synthia.stages.evaluate`.

Not covered: what one answer is judged by, see `synthia.stages.detectors`; parsing and validating a tool
call, see `synthia.data.call_formats` and `tool_calls`; what else a probe takes for right, see
`synthia.data.probe_answers`.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synthia.data import any_form, call_formats, probe_answers, tool_calls
from synthia.families import Calls
from synthia.stages import detectors


def scripts(text: str) -> Counter[str]:
    """Letters by script: the first word of the character's Unicode name (LATIN, CJK, CYRILLIC)."""
    return Counter(
        unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]
        for character in text
        if character.isalpha()
    )


def foreign_letters(text: str, *expected: str) -> int:
    """Count the letters of an answer whose script occurs in none of the expected texts.

    Scripts that are written together, as Japan's are, count as one.
    """
    known = {script for other in expected for script in scripts(other)}
    if known & set(detectors.ALIKE):
        known |= set(detectors.ALIKE)
    return sum(count for script, count in scripts(text).items() if script not in known)


@dataclass(frozen=True)
class Answer:
    """An answer with its tool calls, however they were parsed."""

    text: str
    calls: Sequence[Mapping[str, Any]]
    errors: Sequence[str]
    """Why a call could not be parsed strictly."""
    hidden: bool
    """The server left a call in the text instead of handing it over as a call."""

    @property
    def attempted(self) -> bool:
        """Whether the model tried to call a tool, well or badly."""
        return bool(self.calls or self.errors or self.hidden)


def measure(
    samples: Sequence[Mapping[str, Any]], probes: Mapping[str, Mapping[str, Any]],
    pad_token: str, tokens: detectors.Tokens | None = None, calls: Calls = "hermes",
) -> dict[str, Any]:  # fmt: skip
    """Measure one arm, whose calls are written in the form `calls`.

    Rates are shares of 1; lists hold the ids of the probes at fault. `tokens` say what the ids of answers
    by ids mean. `kinds` has, for each kind of probe, how many `answers` there are and, by the names of the
    rates below, how many of them are right. `answers_rightly` is left out where no probe demands words.
    """
    missing = probes.keys() - {sample["id"] for sample in samples}
    if missing:
        raise ValueError(f"no answer to the probes {sorted(missing)[:5]}")
    found: dict[str, list[str]] = {
        key: [] for key in ("endless", "loops", "garbage", "premature", "unparsed", "invalid",
                            "hidden")
    }  # fmt: skip
    rates = Rates()
    named: Counter[str] = Counter()
    due = attempts = foreign = letters = 0
    for sample in samples:
        probe = probes[sample["id"]]
        answer = read_answer(sample, calls, probe["tools"])
        identifier = str(sample["id"])
        stopped = sample["stop_reason"] == "stop"
        if not stopped:
            found["endless"].append(identifier)
        # What a server handed over as a call is no longer in the text.
        handed_over = not answer.text and bool(answer.calls)
        wrong = {} if handed_over else faults(answer, sample, probe, tokens)
        named.update(wrong.keys())
        if "loops" in wrong or "soft loops" in wrong:
            found["loops"].append(identifier)
        quoted = (
            tokens is not None and "output_ids" in sample
        )  # then ids tell a token from its name
        if "garbage" in wrong or "leaked" in wrong or (not quoted and pad_token in answer.text):
            found["garbage"].append(identifier)
        if "premature" in wrong:
            found["premature"].append(identifier)
        foreign += foreign_letters(answer.text, probe["prompt"], probe["gold_text"])
        letters += sum(character.isalpha() for character in answer.text)
        attempted = answer.attempted
        if attempted:
            named.update(f"call: {kind}" for kind in detectors.call_faults(
                answer.calls, answer.errors, probe["tools"]
            ))  # fmt: skip
            attempts += 1
            if answer.errors:
                found["unparsed"].append(identifier)
            elif tool_calls.problems(answer.calls, probe["tools"]):
                found["invalid"].append(identifier)
            if answer.hidden:
                found["hidden"].append(identifier)
        due += bool(probe["gold"]["tool_calls"])
        rates.count(judged(answer, probe), probe.get("kind", ""), identifier)
    # A model that never calls a tool although calls are due has not shown that it can.
    silent = 0.0 if due else 1.0
    return {
        "answers": len(samples),
        "attempted_calls": attempts,
        "stop_rate": share(len(samples) - len(found["endless"]), len(samples)),
        "foreign_letters": share(foreign, letters, empty=0.0),
        "tool_parse": share(attempts - len(found["unparsed"]), attempts, empty=silent),
        "tool_schema": share(
            attempts - len(found["unparsed"]) - len(found["invalid"]), attempts, empty=silent
        ),
        **rates.shares(),
        "kinds": {kind: dict(counted) for kind, counted in sorted(rates.kinds.items())},
        "faults": dict(sorted(named.items())),
        "at_fault": found | rates.wrong,
    }


AT_FAULT = {
    "strict_calls": "not_called", "exact_calls": "inexact", "right_calls": "wrong_calls",
    "abstention": "uncalled_for",
    # On content, whatever the form: only to compare arms with each other, above all with the base.
    "right_tool": "wrong_tool", "right_arguments": "wrong_arguments", "right_results": "wrong_results",
    "no_call_in_any_form": "hinted", "answers_rightly": "wrong_words",
}  # fmt: skip
"""The rates of what an answer calls and says, and the name of the list of those that do not."""


def judged(answer: Answer, probe: Mapping[str, Any]) -> dict[str, bool]:
    """Whether an answer is right by each rate that its probe counts for.

    Where a call is due: any that parses strictly; the gold calls exactly; those or others that do the same;
    and, in any form, the tools, tools and arguments, and calls that do the same. Where none is due: no
    call, none in any form, and none together with what the answer must say.
    """
    gold, meant = probe["gold"]["tool_calls"], in_any_form(answer, probe["tools"])
    if gold:
        return {
            "strict_calls": bool(answer.calls) and not answer.errors,
            "exact_calls": not answer.errors and tool_calls.same_calls(answer.calls, gold),
            "right_calls": not answer.errors and probe_answers.right(answer.calls, probe),
            "right_tool": [call["name"] for call in meant] == [call["name"] for call in gold],
            "right_arguments": tool_calls.same_calls(meant, gold),
            "right_results": probe_answers.right(meant, probe),
        }
    silent = not answer.attempted
    found = {"abstention": silent, "no_call_in_any_form": silent and not meant}
    if "answer_must" in probe:
        said = probe_answers.meets(answer.text, probe["answer_must"])
        found["answers_rightly"] = found["no_call_in_any_form"] and said
    return found


class Rates:
    """How many answers are right by each rate, in all and by kind of probe, and which are not."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = {name: [] for name in AT_FAULT.values()}
        self.kinds: dict[str, Counter[str]] = {}
        self._counts: Counter[str] = Counter()

    def count(self, found: Mapping[str, bool], kind: str, identifier: str) -> None:
        """Count one answer in; `kind` is "" where its probe has none."""
        for name, right in found.items():
            self._counts[name] += 1
            if not right:
                self.wrong[AT_FAULT[name]].append(identifier)
        if kind:
            counted = self.kinds.setdefault(kind, Counter())
            counted.update({"answers": 1, **{name: int(right) for name, right in found.items()}})

    def shares(self) -> dict[str, float]:
        """The shares; 1 where nothing counts, but for words that no probe demands."""
        return {
            name: share(self._counts[name] - len(self.wrong[key]), self._counts[name])
            for name, key in AT_FAULT.items()
            if self._counts[name] or name != "answers_rightly"
        }


def faults(
    answer: Answer, sample: Mapping[str, Any], probe: Mapping[str, Any],
    tokens: detectors.Tokens | None,
) -> dict[str, str]:  # fmt: skip
    """What the detectors find in one answer: evidence by kind."""
    ids = list(sample.get("output_ids", []))
    stopped = sample["stop_reason"] == "stop"
    if ids and stopped and sample.get("stop_id") is not None:
        ids.pop()
    return detectors.faults(
        answer.text, ids, tokens if ids else None,
        stopped=stopped, prompt=probe["prompt"], gold=probe["gold_text"],
    )  # fmt: skip


def share(part: int, whole: int, *, empty: float = 1.0) -> float:
    """The share `part` / `whole`, or `empty` where there is nothing to be wrong."""
    return part / whole if whole else empty


def in_any_form(answer: Answer, tools: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The calls that an answer means, however it writes them."""
    if answer.calls and not answer.errors:
        return answer.calls
    return any_form.calls(answer.text, {tool["function"]["name"] for tool in tools})


def read_answer(
    sample: Mapping[str, Any], calls: Calls = "hermes", tools: Sequence[Mapping[str, Any]] = ()
) -> Answer:
    """Read an answer by ids (its calls are in its text) or the server's (it parsed them itself)."""
    if "content" in sample:
        content = sample["content"] or ""
        unparsable = [
            f"arguments of {call['name']} are no JSON object"
            for call in sample["tool_calls"]
            if not isinstance(call["arguments"], dict)
        ]
        hidden = call_formats.MARKS[calls].search(content) is not None
        return Answer(content, sample["tool_calls"], unparsable, hidden)
    parsed = call_formats.parse(sample["text"], calls, tools)
    return Answer(sample["text"], parsed.calls, parsed.errors, hidden=False)
