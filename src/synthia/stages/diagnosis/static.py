"""What the files of an artefact say, in one form for folders and GGUF files, and the gates on it.

Nothing is computed with the model here; each red gate is a fact of the files.

Not covered: reading the files (`folders`, `gguf_files`), and tensors (`weights`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from synthia.data import chat_format
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.stages.diagnosis import probes

ANSWER = "synthia-probe"
NEUTRAL = {"repetition_penalty": 1.0, "penalty_repeat": 1.0, "penalty_freq": 0.0,
           "penalty_present": 0.0, "frequency_penalty": 0.0, "presence_penalty": 0.0,
           "no_repeat_ngram_size": 0, "encoder_repetition_penalty": 1.0}  # fmt: skip
"""Penalties by their names in generation_config.json and under `general.sampling.` in a GGUF, with the
value that does nothing. transformers and llama.cpp apply them to each request that sets none itself."""
QWEN_IDS = {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645}
HAND_OVER = "give --base PATH with the model that it comes from, and --fix copies it from there"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the files of one artefact say."""

    name: str
    templates: Mapping[str, str | None]
    """The chat template by each place that is to hold one; None where the place has none."""
    vocabulary: Mapping[str, int]
    """Ids of all tokens, added ones included."""
    control: frozenset[str]
    """Tokens that a text's tokenizing knows as control tokens, and decoding leaves out."""
    stops: Mapping[str, tuple[int, ...]]
    """The ids that end an answer, by each place that names some."""
    rows: int | None
    """Rows of the embedding."""
    penalties: Mapping[str, float]
    tokenizer: tuple[str, ...] = ()
    """Faults of the tokenizer that the reader of the files found."""
    ends: frozenset[int] = frozenset()
    """Where it stops as it is: of a GGUF llama.cpp's own set, else the union of what stops generation."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str | None:
        """The template that is used: the first place that has one."""
        return next((text for text in self.templates.values() if text), None)

    def token(self, number: int) -> str:
        """A token's text, for people."""
        return next(
            (text for text, found in self.vocabulary.items() if found == number), "no token"
        )


def judge(facts: Facts) -> list[Gate]:
    """All static gates of an artefact."""
    return [
        none_found(
            "G static: template", list(_templates(facts)), arm=facts.name,
            metric="places without a chat template, or with one that is of no use",
            why="without the template it was trained with, a model gets prompts that it never saw: "
            "transformers refuses, llama.cpp silently takes ChatML, llama-cpp-python Llama 2's",
            fix=f"write the training's template there; {HAND_OVER}",
        ),
        none_found(
            "G static: token ids", list(_stop_ids(facts)), arm=facts.name,
            metric="places whose stop ids are not the token that ends a turn in the template",
            why="the program that reads this place does not stop where the model ends its turn",
            fix="--fix writes the end of turn there",
        ),
        none_found(
            "G static: token types", list(_token_types(facts)), arm=facts.name,
            metric="tokens of the template's turns that are no control tokens",
            why="the mark of a turn would be cut into pieces of text, or shown to users",
            fix="--fix marks them as special",
        ),
        none_found(
            "G static: vocabulary", list(_vocabulary(facts)), arm=facts.name,
            metric="tokens without a row in the embedding",
            why="reading such a token crashes, or reads another tensor's bytes",
            fix="the tokenizer is another model's: take the one of the base model",
        ),
        none_found(
            "G static: tokenizer", list(facts.tokenizer), arm=facts.name,
            metric="parts of the tokenizer that are missing or only guessed",
            why="text is cut into other tokens than in training, and the model reads nonsense",
            fix=f"take the base model's tokenizer files; {HAND_OVER}",
        ),
        none_found(
            "G static: sampling", list(_penalties(facts)), arm=facts.name,
            metric="penalties baked into the file",
            why="they are applied to each answer: a repeat penalty corrupts repeated JSON keys, "
            "and in the end keeps the model from writing what it must repeat",
            fix="--fix removes them",
        ),
    ]  # fmt: skip


def terminator(facts: Facts, template: str | None = None) -> str:
    """The token that the template ends an assistant's turn with; "" where it has none."""
    template = template or facts.template
    if not template:
        return ""
    chat = [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": ANSWER}]
    try:
        # Templates of other families name these two; none that ends a turn by them is used without.
        text = chat_format.render(_named(facts, template), chat, [])
    except UsageError:
        return ""
    tail = text.rpartition(ANSWER)[2].lstrip()
    fitting = [t for t in {*facts.control, *probes.END_TOKENS} if t and tail.startswith(t)]
    return max(fitting, key=len, default="")


def _named(facts: Facts, template: str) -> str:
    """The template with its variables for special tokens set, as transformers gives them to it."""
    named = facts.extra.get("special", {})
    return "".join(f"{{% set {k} = {v!r} %}}" for k, v in named.items() if k in template) + template


def render(facts: Facts, template: str, messages: Any, tools: Any) -> str:
    """A prompt that ends where the answer begins. Raises UsageError where the template cannot."""
    return chat_format.render(_named(facts, template), messages, tools, add_generation_prompt=True)


def _templates(facts: Facts) -> Iterator[str]:
    chat = [{"role": "user", "content": "Hi."}]
    first = facts.template
    for place, template in facts.templates.items():
        if not template:
            yield f"{place}: there is none"
            continue
        if template != first:
            yield f"{place}: it is not the one of {next(p for p, t in facts.templates.items() if t)}"
        try:
            prompt = render(facts, template, chat, [])
        except UsageError as error:
            yield f"{place}: {error}"
            continue
        if "Hi." not in prompt:
            yield f"{place}: it leaves out what the user says"
        elif not terminator(facts, template):
            yield f"{place}: it ends the assistant's turn with no token of this vocabulary that can stop"


def _stop_ids(facts: Facts) -> Iterator[str]:
    end = terminator(facts)
    if not end:
        return
    wanted = facts.vocabulary.get(end)
    if wanted is None:
        yield f"the vocabulary has no {end}, with which the template ends a turn"
        return
    for place, ids in facts.stops.items():
        if wanted not in ids:
            said = ", ".join(f"{number} ({facts.token(number)})" for number in ids) or "nothing"
            yield f"{place}: {said}; the template ends a turn with {end}, {wanted}"


def _token_types(facts: Facts) -> Iterator[str]:
    for token in dict.fromkeys((terminator(facts), "<|im_start|>")):
        used = token and token in (facts.template or "")
        if used and token in facts.vocabulary and token not in facts.control:
            yield f"{token} ({facts.vocabulary[token]}) is ordinary text to the tokenizer"


def _vocabulary(facts: Facts) -> Iterator[str]:
    if facts.rows is not None:
        over = [text for text, number in facts.vocabulary.items() if number >= facts.rows]
        for text in over[:5]:
            yield f"{text!r} has the id {facts.vocabulary[text]}, the embedding {facts.rows} rows"


def _penalties(facts: Facts) -> Iterator[str]:
    for name, value in facts.penalties.items():
        if value != NEUTRAL[name.rpartition(".")[2]]:
            yield f"{name} = {value:g}"


def notes(facts: Facts) -> list[str]:
    """What is no fault of this artefact and yet worth knowing."""
    end = terminator(facts)
    number = facts.vocabulary.get(end)
    found = []
    if number is not None and facts.extra.get("pad") == number:
        found.append(
            f"pad is {end}, which also ends a turn: a collator that masks padding would hide it in training"
        )
    if number is not None and facts.extra.get("eos") and number not in facts.extra["eos"]:
        found.append(f"config.json's eos is {list(facts.extra['eos'])}; programs that read no "
                     f"generation_config.json, such as llama.cpp's converter, stop there")  # fmt: skip
    if "tools" not in (facts.template or ""):
        found.append("the template knows no tools: clients cannot offer any")
    return found


def unreadable(path: Path, error: Exception) -> dict[str, Any]:
    """The finding for an artefact that cannot be read at all."""
    gate = none_found(
        "G static: whole", [f"{type(error).__name__}: {str(error)[:300]}"], arm=str(path),
        metric="files that cannot be read", why="the file is incomplete, damaged or of another kind",
        fix="copy or download it again, and compare its size and SHA-256 with the original's",
    )  # fmt: skip
    return {"path": str(path), "gates": [asdict(gate)], "notes": [], "samples": [], "swaps": []}
