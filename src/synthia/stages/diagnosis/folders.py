"""Diagnose folders in the train environment: a base or merged model, or an adapter with its base.

Run as a module, it reads a request as JSON from stdin and writes what it found to the request's "out".

Not covered: GGUF files (`gguf_files`), and the verdict over several artefacts (`synthia.diagnose`).
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthia import records
from synthia.errors import PipelineError
from synthia.gates import Gate
from synthia.stages.diagnosis import answering, codecs, merges, static, templates, weights
from synthia.stages.diagnosis.static import NEUTRAL, Facts
from synthia.stages.hf import untrained_rows

ALIKE = 1.5
"""Prompts are answered together whose lengths differ by at most this factor."""
ROUND = 16
"""Tokens of the first round; each later one reaches twice as far."""


def main() -> int:
    """Diagnose the request's folders, in their order; each later one may be compared with the base."""
    request = json.loads(sys.stdin.buffer.readline())
    found = run(request)
    records.write(Path(request["out"]), found)
    return 0


def run(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is found of each folder: gates, notes, samples, swaps."""
    base = Path(request["base"]) if request.get("base") else None
    paths = [Path(path) for path in request["paths"]]
    reference = None
    if base is not None:
        tensors, _ = weights.read(base)
        reference = {"name": str(base), "tensors": tensors}
    adapters = [path for path in paths if is_adapter(path)]
    found = []
    for path in paths:
        try:
            one = folder(path, base, reference if path != base else None, adapters, request)
        except (PipelineError, OSError, ValueError, KeyError, RuntimeError) as error:
            one = static.unreadable(path, error)
        found.append(one)
    return found


def is_adapter(path: Path) -> bool:
    """Whether a folder holds PEFT's adapter."""
    return (path / "adapter_config.json").exists()


def folder(path: Path, base: Path | None, reference: Mapping[str, Any] | None,
           adapters: Sequence[Path], request: Mapping[str, Any]) -> dict[str, Any]:  # fmt: skip
    """Diagnose one folder."""
    adapter = is_adapter(path)
    if adapter and base is None:
        raise PipelineError("an adapter is diagnosed on its base: give --base PATH")
    home = base if adapter and base else path
    tokenizer_home = path if (path / "tokenizer.json").exists() or not adapter else home
    tokenizer = _tokenizer(tokenizer_home)
    facts = read_facts(str(path), tokenizer_home, home, tokenizer)
    gates = static.judge(facts)
    if adapter:
        gates += merges.adapter(path, home)
    else:
        # With the adapter each tensor is held against base + delta, which tells more than its distance.
        gates += _weights(path, None if len(adapters) == 1 else reference, facts)
        if base is not None and path != base:
            gates.append(weights.constants_gate(
                str(path), weights.constants(path), weights.constants(base), str(base)))  # fmt: skip
            if base.is_dir():
                gates += merges.merged(path, base, adapters)
    found: dict[str, Any] = {
        "path": str(path),
        "notes": static.notes(facts),
        "samples": [],
        "swaps": [],
    }
    able = all(
        g.passed
        for g in gates
        if g.name in ("M merge: keys", "G static: whole", "G static: vocabulary")
    )
    if request["probes"] and able:
        speaker = FolderSpeaker(home, path if adapter else None, facts, tokenizer)
        asked = answering.examine(
            speaker,
            facts,
            templates.family(request.get("family", ())),
            codecs.of(request.get("family", ()), facts.rows or 0),
            request["probes"],
            request["limit"],
        )
        gates += asked.pop("gates")
        found |= asked
    return {**found, "gates": [asdict(gate) for gate in gates]}


def _weights(path: Path, reference: Mapping[str, Any] | None, facts: Facts) -> list[Gate]:
    tensors, broken = weights.read(path)
    if not tensors:
        raise PipelineError(f"{path} holds no *.safetensors file with weights")
    judged = weights.gates(str(path), tensors, broken, reference)
    marks = {"<|im_start|>", static.terminator(facts)} & facts.vocabulary.keys()
    gate = untrained_rows.gate(path, [facts.vocabulary[mark] for mark in marks], ())
    why = "a base model used as a chat model: it never learned the marks of a turn and cannot stop at them"
    fix = "tune from the Instruct model, or train these rows (lora.trainable_token_indices)"
    return [*judged, Gate(**{**asdict(gate), "arm": str(path), "why": why, "fix": fix})]


def _tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    if (path / "tokenizer.json").exists():
        return Tokenizer.from_file(str(path / "tokenizer.json"))
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(str(path)).backend_tokenizer


def read_facts(name: str, home: Path, weights_home: Path, tokenizer: Any) -> Facts:
    """The facts of a folder's files; `weights_home` holds config and weights."""

    def read(folder: Path, file: str) -> dict[str, Any]:
        return records.read(folder / file) if (folder / file).exists() else {}

    settings, config = read(home, "tokenizer_config.json"), read(weights_home, "config.json")
    generation = read(weights_home, "generation_config.json")
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    added = tokenizer.get_added_tokens_decoder()
    jinja = home / "chat_template.jinja"
    places: dict[str, str | None] = {}
    if jinja.exists():
        places["chat_template.jinja"] = jinja.read_text(encoding="utf-8")
    if settings.get("chat_template"):
        places["tokenizer_config.json"] = templates.default(settings["chat_template"])
    special = {}
    for key in ("eos_token", "bos_token", "pad_token", "unk_token"):
        value = settings.get(key)
        if value:
            special[key] = value["content"] if isinstance(value, dict) else value
    place = (
        "generation_config.json" if generation.get("eos_token_id") is not None else "config.json"
    )
    stops = _ids({**config, **generation}.get("eos_token_id"))
    faults = _tokenizer_faults(tokenizer, special, vocabulary)
    return Facts(
        name=name,
        templates=places or {"chat_template.jinja": None},
        vocabulary=vocabulary,
        control=frozenset(t.content for t in added.values() if t.special),
        stops={place: stops},
        rows=_rows(weights_home),
        penalties={key: generation[key] for key in NEUTRAL if generation.get(key) is not None},
        tokenizer=tuple(faults),
        ends=frozenset(stops),
        extra={"special": special, "eos": _ids(config.get("eos_token_id")),
               "pad": vocabulary.get(special.get("pad_token", ""))},
    )  # fmt: skip


def _ids(value: Any) -> tuple[int, ...]:
    return () if value is None else tuple(value) if isinstance(value, list) else (value,)


def _tokenizer_faults(
    tokenizer: Any, special: Mapping[str, str], vocabulary: Mapping[str, int]
) -> list[str]:
    content = json.loads(tokenizer.to_str())
    faults = []
    if content["model"].get("type") == "BPE":
        if not content["model"].get("merges"):
            faults.append(
                "tokenizer.json: the merges are missing: every letter is a token of its own"
            )
        if content.get("pre_tokenizer") is None and content.get("normalizer") is None:
            faults.append("tokenizer.json: there is no pre-tokenizer")
    for key, token in special.items():
        if token not in vocabulary:
            faults.append(f"tokenizer_config.json: {key} is {token!r}, which the vocabulary lacks")
    if len(vocabulary) > 151643 and "<|endoftext|>" in vocabulary and vocabulary.get("Ġthe") == 279:
        wrong = {t: n for t, n in static.QWEN_IDS.items() if vocabulary.get(t) != n}
        faults += [
            f"{t} has the id {vocabulary.get(t)}, in Qwen2's family {n}" for t, n in wrong.items()
        ]
    return faults


def _rows(path: Path) -> int | None:
    from safetensors import safe_open

    for shard in sorted(path.glob("*.safetensors")):
        with safe_open(shard, framework="pt") as file:
            for name in file.keys():
                if name.endswith("embed_tokens.weight"):
                    return int(file.get_slice(name).get_shape()[0])
    return None


class FolderSpeaker:
    """transformers' own generate, greedy, in float32 on a CPU."""

    def __init__(self, home: Path, adapter: Path | None, facts: Facts, tokenizer: Any) -> None:
        import torch
        from transformers import AutoModelForCausalLM

        from synthia.stages.hf import load_model

        self.torch, self.facts, self.codec = torch, facts, codecs.TokenizerFile(tokenizer)
        dtype = torch.bfloat16 if torch.cuda.is_available() else torch.float32
        model = AutoModelForCausalLM.from_pretrained(
            str(home), dtype=dtype, device_map=load_model.device()
        )
        load_model.keep_unpacked(model)
        if adapter is not None:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        self.model = model.eval()

    def answer(
        self, prompts: Sequence[Sequence[int]], limit: int, *, penalties: bool
    ) -> list[list[int]]:
        """See `answering.Speaker`.

        Prompts of about one length go together, because padding is computed too. Answers that have ended
        leave the batch in rounds: those that go on are read again with what was said.
        """
        found: list[list[int]] = [[] for _ in prompts]
        done, reach = 0, min(ROUND, limit)
        while done < limit:
            going = [n for n, ids in enumerate(found) if not (ids and ids[-1] in self.facts.ends)]
            going.sort(key=lambda n: len(prompts[n]))
            while going:
                most = ALIKE * (len(prompts[going[0]]) + done)
                group = [n for n in going if len(prompts[n]) + done <= most]
                going = going[len(group) :]
                rows = [[*prompts[n], *found[n]] for n in group]
                answers = self._generate(rows, reach - done, penalties=penalties)
                for number, ids in zip(group, answers, strict=True):
                    found[number] += ids
            done, reach = reach, min(2 * reach, limit)
        return found

    def _generate(
        self, rows: Sequence[Sequence[int]], limit: int, *, penalties: bool
    ) -> list[list[int]]:
        width = max(map(len, rows))
        ids = self.torch.tensor([[0] * (width - len(row)) + list(row) for row in rows])
        mask = self.torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        none = {"repetition_penalty": 1.0, "no_repeat_ngram_size": 0}
        ends = sorted(self.facts.ends)
        with self.torch.inference_mode():
            spoken = self.model.generate(
                ids.to(self.model.device), attention_mask=mask.to(self.model.device),
                max_new_tokens=limit, do_sample=False, temperature=None, top_p=None, top_k=None,
                eos_token_id=ends or None, pad_token_id=ends[0] if ends else 0,
                **({} if penalties else none),
            )  # fmt: skip
        return [_until(row, self.facts.ends) for row in spoken[:, width:].tolist()]

    def _logits(self, ids: Sequence[int]) -> Any:
        with self.torch.inference_mode():
            row = self.torch.tensor([list(ids)], device=self.model.device)
            return self.model(row).logits[0].float()

    def loss(self, ids: Sequence[int]) -> float:
        """See `answering.Speaker`."""
        targets = self.torch.tensor(list(ids[1:]), device=self.model.device)
        return float(self.torch.nn.functional.cross_entropy(self._logits(ids)[:-1], targets))

    def ranks(self, rows: Sequence[Sequence[int]], ids: Sequence[int]) -> list[int]:
        """See `answering.Speaker`."""
        found = []
        for row in rows:
            last = self._logits(row)[-1]
            found.append(int((last > last[list(ids)].max()).sum()))
        return found


def _until(ids: Sequence[int], ends: frozenset[int]) -> list[int]:
    for place, token in enumerate(ids):
        if token in ends:
            return list(ids[: place + 1])
    return list(ids)


if __name__ == "__main__":
    sys.exit(main())
