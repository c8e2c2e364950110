"""Swapping one part names it: stop ids, penalties, template. A written-out speaker stands in for models."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from synthia.stages.diagnosis import answering, probes, static
from synthia.stages.diagnosis.static import Facts

VOCABULARY = {"<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2, "yes": 3, " and": 4}
GOOD, LOOP = [3, 2], [3, 4] * 8
CHATML = probes.CHATML
FACTS = Facts(
    name="a", templates={"chat_template.jinja": CHATML}, vocabulary=VOCABULARY,
    control=frozenset(("<|endoftext|>", "<|im_start|>", "<|im_end|>")), stops={"a": (2,)}, rows=5,
    penalties={}, ends=frozenset((2,)),
)  # fmt: skip


class Words:
    """A tokenizer that knows of a prompt whether it begins a turn of ChatML, by one id for that."""

    def __init__(self, begin: int = 1) -> None:
        self.begin = begin

    def encode(self, text: str) -> list[int]:
        return [self.begin if "<|im_start|>" in text else 4]

    def decode(self, ids: Sequence[int]) -> str:
        names = {number: text for text, number in VOCABULARY.items()}
        return "".join(names[number] for number in ids)


class WrittenOut:
    """Answers well to ChatML without penalties, and goes round in circles otherwise."""

    def __init__(self, ends: frozenset[int], *, spoilt: bool = False, stops: bool = True) -> None:
        self.ends, self.spoilt, self.stops = ends, spoilt, stops
        self.codec = Words()

    def answer(
        self, prompts: Sequence[Sequence[int]], limit: int, *, penalties: bool
    ) -> list[list[int]]:
        good = self.stops and not (penalties and self.spoilt)
        found = []
        for prompt in prompts:
            ids = (GOOD + [0] * limit if good and 1 in prompt else LOOP * limit)[:limit]
            cut = next((n + 1 for n, token in enumerate(ids) if token in self.ends), limit)
            found.append(ids[:cut])
        return found

    def loss(self, ids: Sequence[int]) -> float:
        return 1.0

    def ranks(self, rows: Sequence[Sequence[int]], ids: Sequence[int]) -> list[int]:
        return [0 if self.stops else 40 for _ in rows]


def examine(facts: Facts, speaker: Any, codecs: Any = None, **others: str) -> dict[str, Any]:
    return answering.examine(speaker, facts, others, codecs or {}, 12, 32)


def test_a_healthy_artefact_is_green_and_nothing_is_swapped() -> None:
    found = examine(FACTS, WrittenOut(FACTS.ends))
    assert all(gate.passed for gate in found["gates"])
    assert found["swaps"] == []


def test_a_missing_stop_id_is_found_in_the_answers_themselves() -> None:
    facts = replace(FACTS, ends=frozenset(), stops={"a": ()})
    found = examine(facts, WrittenOut(facts.ends))
    best = max(found["swaps"], key=lambda swap: swap["recovered"])
    assert (best["part"], best["to"]) == ("stop ids", "<|im_end|> (2) as well")
    assert (best["failing"], best["recovered"], best["worsened"]) == (12, 12, 0)
    assert best["p"] < 0.001
    assert "G static: token ids" in {g.name for g in static.judge(facts) if not g.passed}


def test_baked_penalties_are_found_by_leaving_them_out() -> None:
    facts = replace(FACTS, penalties={"repetition_penalty": 1.5})
    found = examine(facts, WrittenOut(facts.ends, spoilt=True))
    assert [(s["part"], s["recovered"]) for s in found["swaps"]] == [("sampler", 12)]


def test_a_wrong_template_is_found_by_the_familys() -> None:
    wrong = "{% for message in messages %}{{ message.content }}<|im_end|>{% endfor %}"
    facts = replace(FACTS, templates={"chat_template.jinja": wrong})
    found = examine(facts, WrittenOut(facts.ends), base=CHATML)
    assert [(s["part"], s["to"], s["recovered"]) for s in found["swaps"]] == [
        ("template", "base", 12)
    ]


def test_a_wrong_tokenizer_is_found_by_the_familys() -> None:
    speaker = WrittenOut(FACTS.ends)
    speaker.codec = Words(begin=3)
    found = examine(FACTS, speaker, {"same": Words(begin=3), "base": Words()})
    assert [(s["part"], s["to"], s["recovered"]) for s in found["swaps"]] == [
        ("tokenizer", "base", 12)
    ]


def test_weights_that_never_stop_recover_by_no_swap_and_rank_the_stop_low() -> None:
    found = examine(FACTS, WrittenOut(FACTS.ends, stops=False), base=CHATML + " ")
    red = {gate.name for gate in found["gates"] if not gate.passed}
    assert {"B stop rate", "B loops"} <= red
    assert all(swap["recovered"] == 0 for swap in found["swaps"])
    assert found["stop_ranks"] == [40] * 12


def test_the_end_of_turn_is_read_from_the_template() -> None:
    assert static.terminator(FACTS) == "<|im_end|>"
    llama = "{% for m in messages %}{{ m.content }}<|eot_id|>{% endfor %}"
    assert static.terminator(FACTS, llama) == "<|eot_id|>"
    assert static.terminator(FACTS, "{% for m in messages %}{{ m.content }}{% endfor %}") == ""
