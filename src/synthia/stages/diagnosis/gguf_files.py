"""Diagnose GGUF files in the convert environment, whoever made them: by their bytes, and by asking.

Run as a module, it reads a request as JSON from stdin and writes what it found to the request's "out".

Not covered: folders (`folders`), and files in several parts.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from synthia import records
from synthia.data.gguf_tokenizer import CONTROL, UNUSED
from synthia.errors import PipelineError, UsageError
from synthia.gates import Gate, none_found
from synthia.stages.diagnosis import answering, codecs, probes, static, templates, weights
from synthia.stages.diagnosis.static import NEUTRAL, Facts
from synthia.stages.gguf import (
    gates as gguf_gates,
    libllama,
    llama_server,
    metadata,
    together,
    tokenizer_parity,
)

KEYS = ("eos", "eot", "bos", "padding", "unknown", "seperator")
RANDOM_STRINGS = 200
CONTEXT = 2048
"""Tokens in the memory, those of all answers together."""


def main() -> int:
    """Diagnose the request's files."""
    request = json.loads(sys.stdin.buffer.readline())
    records.write(Path(request["out"]), run(request))
    return 0


def run(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is found of each file; `reference` is the artefact of the family that its weights come from."""
    llama_cpp = Path(request["llama_cpp"])
    sys.path.insert(0, str(llama_cpp / "gguf-py"))  # the converter's own gguf, for `weights`
    reference: dict[str, Any] | None = None
    origin = Path(request["reference"]) if request.get("reference") else None
    if origin is not None:
        reference = {"name": str(origin), "tensors": weights.read(origin)[0], "path": origin}
    lib = libllama.load(llama_cpp)
    found = []
    for path in map(Path, request["paths"]):
        try:
            found.append(
                _file(path, reference if path != origin else None, lib, llama_cpp, request)
            )
        except (PipelineError, OSError, ValueError, KeyError, IndexError) as error:
            found.append(static.unreadable(path, error))
    return found


def _file(path: Path, reference: Mapping[str, Any] | None, lib: Any, llama_cpp: Path,
          request: Mapping[str, Any]) -> dict[str, Any]:  # fmt: skip
    said = metadata.read(path)
    tensors, broken = weights.read(path)
    with libllama.model(lib, path, vocab_only=True) as vocabulary:
        ends = libllama.end_of_generation(lib, vocabulary)
        tokenize = libllama.tokenizer(lib, vocabulary)
        facts = read_facts(str(path), said, ends, _parity(reference, tokenize))
        gates = [*static.judge(facts), *weights.gates(str(path), tensors, broken, reference)]
        if reference is not None:
            theirs = weights.constants(reference["path"])
            gates.append(
                weights.constants_gate(
                    str(path), weights.constants(path), theirs, reference["name"]
                )
            )
        found: dict[str, Any] = {
            "path": str(path),
            "notes": static.notes(facts),
            "samples": [],
            "swaps": [],
        }
        if request["probes"]:
            gates.append(_rendering(facts, llama_cpp, path))
            several = together.SEQUENCES
            with libllama.reader(lib, path, context=CONTEXT, sequences=several) as reader:
                speaker = GgufSpeaker(reader, tokenize, facts, llama_cpp, path)
                asked = answering.examine(
                    speaker,
                    facts,
                    templates.family(request.get("family", ())),
                    codecs.of(request.get("family", ()), reader.vocabulary),
                    request["probes"],
                    request["limit"],
                )
            gates += asked.pop("gates")
            found |= asked
    return {**found, "gates": [asdict(gate) for gate in gates]}


def read_facts(
    name: str, said: Mapping[str, Any], ends: set[int], parity: Sequence[str] = ()
) -> Facts:
    """The facts of a file's metadata."""
    tokens, types = said["tokenizer.ggml.tokens"], said["tokenizer.ggml.token_type"]
    vocabulary = {text: number for number, text in enumerate(tokens) if types[number] != UNUSED}
    faults = [*gguf_gates._guessed_pre_tokenizers({Path(name).name: said}), *parity]
    if said.get("tokenizer.ggml.model") == "llama":  # SentencePiece has no pre-tokenizer to guess
        faults = list(parity)
    if (
        len(said.get("tokenizer.ggml.merges", ())) == 0
        and said.get("tokenizer.ggml.model") == "gpt2"
    ):
        faults.append("tokenizer.ggml.merges is missing: every letter is a token of its own")
    if said.get("tokenizer.ggml.pre") == "qwen2":
        faults += [f"{t} has the id {vocabulary.get(t)}, in Qwen2's family {n}"
                   for t, n in static.QWEN_IDS.items() if vocabulary.get(t) != n]  # fmt: skip
    ids = {key: said.get(f"tokenizer.ggml.{key}_token_id") for key in KEYS}
    special = {f"{key}_token": tokens[number] for key, number in ids.items()
               if number is not None and number < len(tokens) and key in ("eos", "bos")}  # fmt: skip
    facts = Facts(
        name=name,
        templates={gguf_gates.TEMPLATE: said.get(gguf_gates.TEMPLATE)},
        vocabulary=vocabulary,
        control=frozenset(t for t, n in vocabulary.items() if types[n] == CONTROL),
        stops={"llama.cpp's end of generation": tuple(sorted(ends))},
        rows=None,
        penalties={key: value for key, value in said.items()
                   if key.startswith(gguf_gates.SAMPLING) and key.rpartition(".")[2] in NEUTRAL},
        tokenizer=tuple(faults),
        ends=frozenset(ends),
        extra={"special": special, "pad": ids["padding"]},
    )  # fmt: skip
    return _with_keys(facts, ids, tokens, types)


def _with_keys(facts: Facts, ids: Mapping[str, int | None], tokens: Sequence[str],
               types: Sequence[int]) -> Facts:  # fmt: skip
    """Count eos and eot keys as places that name stop ids, where what they name is no end of anything."""
    stops = dict(facts.stops)
    for key in ("eos", "eot"):
        number = ids[key]
        place = f"tokenizer.ggml.{key}_token_id"
        if number is None:
            if key == "eos":
                stops[place] = ()
        elif (
            number >= len(tokens)
            or types[number] != CONTROL
            or tokens[number] not in probes.END_TOKENS
        ):
            stops[place] = (number,)
    return Facts(**{**vars(facts), "stops": stops})


def _parity(reference: Mapping[str, Any] | None, tokenize: Any) -> list[str]:
    """Texts that llama.cpp cuts into other tokens than the family's tokenizer.json."""
    if reference is None or not (reference["path"] / "tokenizer.json").exists():
        return []
    from tokenizers import Tokenizer

    other = Tokenizer.from_file(str(reference["path"] / "tokenizer.json"))
    special = sorted(token.content for token in other.get_added_tokens_decoder().values())
    texts = [probes.KNOWN_TEXT, *tokenizer_parity.random_strings(RANDOM_STRINGS, special)]
    if other.normalizer:
        texts = [other.normalizer.normalize_str(text) for text in texts]

    def encode(strings: Sequence[str]) -> list[list[int]]:
        return [e.ids for e in other.encode_batch(list(strings), add_special_tokens=False)]

    named = {f"text {n}": text for n, text in enumerate(texts)}
    return tokenizer_parity.differences(named, encode, tokenize)


def _rendering(facts: Facts, llama_cpp: Path, path: Path) -> Gate:
    """Gate T render: llama.cpp renders each probe as Jinja does."""
    differing = []
    if facts.template:
        with llama_server.running(llama_cpp, path, context=512) as ask:
            for probe in probes.chats(with_tools="tools" in facts.template)[::5]:
                body = {"messages": probe["messages"], "add_generation_prompt": True}
                body |= {"tools": probe["tools"]} if probe["tools"] else {}
                try:
                    wanted = static.render(facts, facts.template, probe["messages"], probe["tools"])
                    rendered = ask("/apply-template", body)["prompt"]
                except (UsageError, llama_server.Refused) as error:
                    differing.append(f"{probe['id']}: {error}")
                    continue
                if rendered != wanted:
                    differing.append(
                        f"{probe['id']}: llama-server has {rendered[-60:]!r}, Jinja {wanted[-60:]!r}"
                    )
    return none_found(
        "T render: llama.cpp", differing, arm=facts.name,
        metric="chats that llama-server renders otherwise than Jinja",
        why="what is served is not what was trained", fix="use only what both engines know in the template",
    )  # fmt: skip


class GgufCodec:
    """llama.cpp's tokenizer of a file, as an `answering.Codec`."""

    def __init__(self, tokenize: Any, facts: Facts) -> None:
        from tokenizers import decoders

        self.encode = tokenize
        self.texts = {number: text for text, number in facts.vocabulary.items()}
        self.level = decoders.ByteLevel()

    def decode(self, ids: Sequence[int]) -> str:
        """See `answering.Codec`. An id without a token shows as the padding that llama.cpp names it."""
        return str(self.level.decode([self.texts.get(number, f"[PAD{number}]") for number in ids]))


class GgufSpeaker:
    """libllama for ids and logits; llama-server where the file's own penalties are to be applied."""

    def __init__(self, reader: libllama.Reader, tokenize: Any, facts: Facts, llama_cpp: Path,
                 path: Path) -> None:  # fmt: skip
        self.reader, self.facts, self.codec = reader, facts, GgufCodec(tokenize, facts)
        self.llama_cpp, self.path = llama_cpp, path

    def answer(
        self, prompts: Sequence[Sequence[int]], limit: int, *, penalties: bool
    ) -> list[list[int]]:
        """See `answering.Speaker`."""
        baked = any(
            value != NEUTRAL[key.rpartition(".")[2]] for key, value in self.facts.penalties.items()
        )
        if penalties and baked:
            return self._serve(prompts, limit)
        return together.answer(self.reader, prompts, limit, self.facts.ends)

    def _serve(self, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
        found = []
        with llama_server.running(self.llama_cpp, self.path, context=CONTEXT) as ask:
            for prompt in prompts:
                body = {"prompt": list(prompt), "n_predict": limit, "temperature": 0,
                        "return_tokens": True, "cache_prompt": False}  # fmt: skip
                found.append(list(ask("/completion", body)["tokens"]))
        return found

    def loss(self, ids: Sequence[int]) -> float:
        """See `answering.Speaker`."""
        logits = self.reader.logits(ids, range(len(ids) - 1)).astype(np.float64)
        shifted = logits - logits.max(axis=1, keepdims=True)
        likely = shifted[np.arange(len(ids) - 1), ids[1:]] - np.log(np.exp(shifted).sum(axis=1))
        return float(-likely.mean())

    def ranks(self, rows: Sequence[Sequence[int]], ids: Sequence[int]) -> list[int]:
        """See `answering.Speaker`."""
        found = []
        for row in rows:
            last = self.reader.logits(row, [len(row) - 1])[0]
            found.append(int((last > last[list(ids)].max()).sum()))
        return found


if __name__ == "__main__":
    sys.exit(main())
