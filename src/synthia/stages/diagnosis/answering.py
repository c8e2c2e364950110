"""An artefact's answers: asked, judged, and asked again with one part swapped to find the cause.

A swap changes one part alone (stop ids, sampler, template, tokenizer) and asks all chats again; how many
failing answers become good, and how many good ones fail, is kept for the exact tests. The weights are
swapped by comparing with the answers of the artefact before (`synthia.diagnose.verdict`).

Not covered: computing tokens; a `Speaker` does, for a folder or a GGUF file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from synthia.data import tool_calls
from synthia.errors import UsageError
from synthia.gates import Gate, at_most
from synthia.stages import detectors
from synthia.stages.diagnosis import probes, static, statistics
from synthia.stages.diagnosis.static import Facts

ALLOWED = 0.1
"""Share of the built-in chats that may fail: SmolLM2-135M-Instruct, a healthy small model, does not stop
within 64 tokens in 2 of the 12, which is no proof of more than this share."""
MOST_LOSS = 6.0
"""Nats a token on the known text. Choosing evenly among 49,152 tokens costs 10.8, among the 400 commonest
6.0; a model that has read English at all is below."""
RANKS = 3


class Codec(Protocol):
    """A tokenizer."""

    def encode(self, text: str) -> list[int]:
        """The text's ids, control tokens recognised and none added."""

    def decode(self, ids: Sequence[int]) -> str:
        """The ids' text, control tokens included."""


class Speaker(Protocol):
    """Something that computes tokens."""

    @property
    def codec(self) -> Codec:
        """The artefact's own tokenizer."""

    def answer(
        self, prompts: Sequence[Sequence[int]], limit: int, *, penalties: bool
    ) -> list[list[int]]:
        """Greedy ids after each prompt, a stop id included; with the artefact's own penalties or not."""

    def loss(self, ids: Sequence[int]) -> float:
        """Mean negative log-likelihood of ids, in nats."""

    def ranks(self, rows: Sequence[Sequence[int]], ids: Sequence[int]) -> list[int]:
        """After each row, the place of the best of these ids among all, from 0."""


@dataclass(frozen=True)
class Sample:
    """One answer."""

    id: str
    prompt: str
    ids: tuple[int, ...]
    text: str
    stopped: bool
    faults: tuple[str, ...]
    """"endless", "loops", "garbage", "unparsed"."""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.faults


@dataclass(frozen=True)
class Swap:
    """What became of the answers when one part was another."""

    part: str
    """"stop ids", "sampler", "template", "tokenizer"."""
    to: str
    """What took its place; an artefact by its path."""
    failing: int
    recovered: int
    worsened: int

    @property
    def p(self) -> float:
        """McNemar's exact p."""
        return statistics.mcnemar(self.recovered, self.worsened)


def ask(speaker: Speaker, facts: Facts, template: str, asked: Sequence[Mapping[str, Any]],
        limit: int, *, penalties: bool = True, codec: Codec | None = None) -> list[Sample]:  # fmt: skip
    """Let an artefact answer with this template, and another tokenizer than its own if one is given."""
    codec = codec or speaker.codec
    prompts = []
    for probe in asked:
        try:
            prompts.append(static.render(facts, template, probe["messages"], probe["tools"]))
        except UsageError:
            prompts.append("")
    rows = [codec.encode(prompt) or [0] for prompt in prompts]
    spoken = speaker.answer(rows, limit, penalties=penalties)
    return [
        _sample(codec, facts, probe, prompt, ids)
        for probe, prompt, ids in zip(asked, prompts, spoken, strict=True)
    ]


def _sample(
    codec: Codec, facts: Facts, probe: Mapping[str, Any], prompt: str, ids: Sequence[int]
) -> Sample:
    stopped = bool(ids) and ids[-1] in facts.ends
    text = codec.decode(ids[:-1] if stopped else ids)
    found = [] if stopped else ["endless"]
    said = ids[:-1] if stopped else ids
    wrong = detectors.faults(text, said, None, stopped=stopped, prompt=prompt)
    if not stopped and ("loops" in wrong or "soft loops" in wrong):
        found.append("loops")
    if "garbage" in wrong or "leaked" in wrong or detectors.foreign_words(text, prompt):
        found.append("garbage")
    if tool_calls.parse(text).errors and probe["tools"] and stopped:
        found.append("unparsed")
    return Sample(probe["id"], prompt, tuple(ids), text, stopped, tuple(found))


def judge(facts: Facts, samples: Sequence[Sample], loss: float) -> list[Gate]:
    """Gates B and F on answers; a few failures that prove nothing pass, and `open_questions` names them."""
    gates = [
        at_most("F plain text", loss, MOST_LOSS, arm=facts.name,
                metric="nats a token on a text that every model has read",
                why="the weights do not compute a language model: damaged, swapped or never trained",
                fix="make this file again from the artefact before it; --base PATH names the tensors")
    ]  # fmt: skip
    words = {
        "endless": ("B stop rate", "answers that never stop", "they run into the context limit"),
        "loops": ("B loops", "endless answers with a repeated tail", "users read the same again"),
        "garbage": ("B garbage", "answers with broken characters, leaked control tokens or another "
                    "script", "users see control tokens or nonsense"),
        "unparsed": ("B tools: parse", "calls that do not parse", "clients show them as text"),
    }  # fmt: skip
    for fault, (name, metric, why) in words.items():
        failed = [s for s in samples if fault in s.faults]
        low, high = statistics.interval(len(failed), max(len(samples), 1))
        proven = statistics.fault_rate(len(failed), len(samples), ALLOWED) == "fault"
        gates.append(
            Gate(name=name, arm=facts.name, value=len(failed), passed=not proven,
                 metric=f"of {len(samples)} {metric}; 95 % interval of the share {low:.0%} to {high:.0%}",
                 threshold=f"no proof of more than {ALLOWED:.0%}", why=why,
                 fix="see the cause below",
                 where=tuple(f"{s.id}: {s.text[:80]!r}" for s in failed[:5]))
        )  # fmt: skip
    return gates


def swaps(speaker: Speaker, facts: Facts, template: str, asked: Sequence[Mapping[str, Any]],
          samples: Sequence[Sample], limit: int, others: Mapping[str, str],
          codecs: Mapping[str, Codec]) -> list[Swap]:  # fmt: skip
    """Swap one part at a time, until one makes every failing answer good.

    `others` are templates and `codecs` tokenizers of the family, by where they come from.
    """
    found = [
        _compare("stop ids", said, samples, cut) for said, cut in _cut(speaker, facts, samples)
    ]
    if any(
        value != static.NEUTRAL[key.rpartition(".")[2]] for key, value in facts.penalties.items()
    ):
        again = ask(speaker, facts, template, asked, limit, penalties=False)
        found.append(_compare("sampler", "no penalties", samples, again))
    tried = {template}
    for origin, other in others.items():
        if other not in tried and not _enough(found):
            tried.add(other)
            again = ask(speaker, facts, other, asked, limit)
            found.append(_compare("template", origin, samples, again))
    prompts = [sample.prompt for sample in samples]
    seen = [list(map(speaker.codec.encode, prompts))]
    for origin, codec in codecs.items():
        ids = list(map(codec.encode, prompts))
        if ids not in seen and not _enough(found):
            seen.append(ids)
            again = ask(speaker, facts, template, asked, limit, codec=codec)
            found.append(_compare("tokenizer", origin, samples, again))
    return found


def _enough(found: Sequence[Swap]) -> bool:
    return any(swap.recovered == swap.failing and swap.failing for swap in found)


def _cut(
    speaker: Speaker, facts: Facts, samples: Sequence[Sample]
) -> list[tuple[str, list[Sample]]]:
    """The answers as they would be if each other known end of turn stopped them.

    Nothing is computed anew: a greedy answer is the same up to its stop.
    """
    found = []
    for token in probes.END_TOKENS:
        number = facts.vocabulary.get(token)
        if number is None or number in facts.ends or not any(number in s.ids for s in samples):
            continue
        also = replace(facts, ends=facts.ends | {number})
        cut = [
            _sample(speaker.codec, also, {"id": s.id, "tools": []}, s.prompt,
                    s.ids[: s.ids.index(number) + 1] if number in s.ids else s.ids)
            for s in samples
        ]  # fmt: skip
        found.append((f"{token} ({number}) as well", cut))
    return found


def _compare(part: str, to: str, before: Sequence[Sample], after: Sequence[Sample]) -> Swap:
    pairs = list(zip(before, after, strict=True))
    return Swap(
        part, to,
        failing=sum(not one.good for one, _ in pairs),
        recovered=sum(not one.good and other.good for one, other in pairs),
        worsened=sum(one.good and not other.good for one, other in pairs),
    )  # fmt: skip


def stop_ranks(
    speaker: Speaker, facts: Facts, template: str, asked: Sequence[Mapping[str, Any]]
) -> list[int]:
    """After each gold answer, the rank of the best token that could end it: 0 where it would stop."""
    ids = [n for t in probes.END_TOKENS if (n := facts.vocabulary.get(t)) is not None]
    rows = []
    for probe in asked:
        if probe["gold"]:
            try:
                prompt = static.render(facts, template, probe["messages"], [])
            except UsageError:
                continue
            rows.append(speaker.codec.encode(prompt + probe["gold"]))
    return speaker.ranks(rows, ids) if rows and ids else []


def examine(speaker: Speaker, facts: Facts, others: Mapping[str, str], codecs: Mapping[str, Codec],
            most: int, limit: int) -> dict[str, Any]:  # fmt: skip
    """All that is found by asking: gates, samples, swaps where an answer fails, ranks of the stop."""
    template = facts.template or probes.CHATML
    tools = "tools" in template
    asked = probes.chats(with_tools=tools)
    chats = [p for p in asked if not p["tools"]][:most] + [p for p in asked if p["tools"]][
        : most // 4
    ]
    loss = speaker.loss(speaker.codec.encode(probes.KNOWN_TEXT))
    speaks = loss <= MOST_LOSS
    if not speaks:
        # Nothing that it says means anything, unless another tokenizer makes it a language model.
        able = {origin: codec for origin, codec in codecs.items()
                if speaker.loss(codec.encode(probes.KNOWN_TEXT)) <= MOST_LOSS}  # fmt: skip
        codecs, others = able, {}
        chats = chats if able else chats[: max(3, most // 2)]
    samples = ask(speaker, facts, template, chats, limit)
    gates = judge(facts, samples, loss)
    failing = not all(gate.passed for gate in gates[1:])
    swapped = (
        swaps(speaker, facts, template, chats, samples, limit, others, codecs)
        if failing and (speaks or codecs)
        else []
    )
    ranks = stop_ranks(speaker, facts, template, chats) if failing else []
    return {
        "gates": gates,
        "loss": round(loss, 3),
        "samples": [
            {"id": s.id, "text": s.text, "stopped": s.stopped, "faults": list(s.faults)}
            for s in samples
        ],
        "swaps": [
            {**asdict(s), "p": s.p, "interval": statistics.interval(s.recovered, max(s.failing, 1))}
            for s in swapped
        ],
        "stop_ranks": ranks,
    }
