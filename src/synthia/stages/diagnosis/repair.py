"""Write repaired copies of artefacts whose weights are fine: template, stop ids, tokenizer, penalties.

The weights' bytes are copied as they are. Template and tokenizer files come from another artefact of
the family, the donor: the one whose part made the answers good, if a swap found one. A copy lies beside the
original, named `<name>-fixed`.

Not covered: weights. An artefact with a red gate on them is left alone.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import records
from synthia.errors import PipelineError
from synthia.stages.diagnosis import probes, static, templates
from synthia.stages.diagnosis.static import NEUTRAL, Facts
from synthia.stages.gguf import gates as gguf_gates, metadata

WEIGHTS = (
    "M merge",
    "T trainable",
    "G static: whole",
    "G static: vocabulary",
    "G static: constants",
)
"""Gates whose fault no copy of the files can mend."""
NOTHING: Mapping[str, str] = {}
TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "merges.txt")


def main() -> int:
    """Repair what the request names; writes what was done as lines of text."""
    request = json.loads(sys.stdin.buffer.readline())
    said = []
    for word in request["paths"]:
        path, red = Path(word), request["red"][word]
        hopeless = [name for name in red if name.startswith(WEIGHTS)]
        if hopeless:
            said.append(f"{path}: not repaired, the weights are at fault ({', '.join(hopeless)})")
            continue
        donors = [Path(d) for d in request["donors"] if d != word and not request["red"].get(d)]
        mend = request["mend"].get(word, {})
        try:
            if path.is_file():
                said.append(gguf_file(path, red, donors, Path(request["llama_cpp"]), mend))
            else:
                said.append(folder(path, red, donors, mend))
        except PipelineError as error:
            said.append(f"{path}: not repaired: {error}")
    records.write(Path(request["out"]), said)
    return 0


def _fresh(path: Path) -> Path:
    target = path.with_name(
        f"{path.stem}-fixed{path.suffix}" if path.is_file() else f"{path.name}-fixed"
    )
    if target.exists():
        raise PipelineError(f"{target} exists already: remove it first")
    return target


def template_of(donors: Sequence[Path]) -> str:
    """The first donor's template. Raises PipelineError where none has one."""
    for donor in donors:
        if found := templates.read(donor):
            return found
    raise PipelineError(f"no other artefact here has a chat template to copy: {static.HAND_OVER}")


def _swapped_in(mend: Mapping[str, str]) -> str:
    """The template that made the answers good."""
    other = mend["to"]
    return probes.CHATML if other == templates.FALLBACK else template_of([Path(other)])


def folder(
    path: Path, red: Sequence[str], donors: Sequence[Path], mend: Mapping[str, str] = NOTHING
) -> str:
    """Copy a folder with its small files repaired; returns what was done.

    `mend` is the swap that made its answers good: its part and what took its place.
    """
    from synthia.stages.diagnosis import folders  # with PyTorch, which a GGUF file does not need

    target, done = _fresh(path), []
    template, part = None, mend.get("part")
    if part == "template":
        template = _swapped_in(mend)
    elif "G static: template" in red:
        # A stale copy beside a chat_template.jinja is repaired from that one when there is no donor.
        itself = [path] if (path / "chat_template.jinja").exists() else []
        template = template_of([*donors, *itself])
    if part == "tokenizer":
        donors = [Path(mend["to"])]
    shutil.copytree(path, target)
    if part == "tokenizer" or "G static: tokenizer" in red or "G static: token types" in red:
        donor = next((d for d in donors if (d / "tokenizer.json").exists()), None)
        if donor is None:
            shutil.rmtree(target)
            raise PipelineError(
                f"no other folder here has the tokenizer's files to copy: {static.HAND_OVER}"
            )
        for name in TOKENIZER_FILES:
            if (donor / name).exists():
                shutil.copyfile(donor / name, target / name)
        done.append(f"tokenizer files of {donor}")
    settings = _json(target / "tokenizer_config.json")
    if template:
        (target / "chat_template.jinja").write_text(template, encoding="utf-8")
        settings["chat_template"] = template
        done.append("chat template")
    records.write(target / "tokenizer_config.json", settings)
    generation = _json(target / "generation_config.json")
    for key in [key for key in NEUTRAL if key in generation]:
        if generation.pop(key) != NEUTRAL[key]:
            done.append(f"{key} removed")
    facts = folders.read_facts(str(target), target, target, folders._tokenizer(target))
    number = facts.vocabulary.get(static.terminator(facts))
    wanted = [n for n in (number, _stop(mend, facts.vocabulary)) if n not in {None, *facts.ends}]
    if wanted:
        generation["eos_token_id"] = [*wanted, *sorted(facts.ends)]
        done += [f"stop id {number}" for number in wanted]
    records.write(target / "generation_config.json", generation)
    if not done:
        shutil.rmtree(target)
        raise PipelineError("nothing of its small files is known to be at fault")
    return f"{target}: {', '.join(done)}"


def _stop(mend: Mapping[str, str], vocabulary: Mapping[str, int]) -> int | None:
    """The id at which the answers would have ended."""
    return vocabulary.get(mend["to"].partition(" (")[0]) if mend.get("part") == "stop ids" else None


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = records.read(path) if path.exists() else {}
    return found


def gguf_file(path: Path, red: Sequence[str], donors: Sequence[Path], llama_cpp: Path,
              mend: Mapping[str, str] = NOTHING) -> str:  # fmt: skip
    """Copy a GGUF with its keys repaired, by llama.cpp's own gguf_new_metadata; returns what was done.

    `mend` as in `folder`.
    """
    said = metadata.read(path)
    words, done = [], []
    template = said.get(gguf_gates.TEMPLATE)
    if mend.get("part") == "template" or "G static: template" in red:
        template = _swapped_in(mend) if mend.get("part") == "template" else template_of(donors)
        words += ["--chat-template", template]
        done.append("chat template")
    for key, value in said.items():
        if (
            key.startswith(gguf_gates.SAMPLING)
            and NEUTRAL.get(key.rpartition(".")[2], value) != value
        ):
            words += ["--remove-metadata", key]
            done.append(f"{key} removed")
    if "G static: token ids" in red:
        end = _end(said, template)
        for key in ("eos", "eot"):
            words += ["--special-token-by-id", key, str(end)]
        done.append(f"eos and eot {end}")
    if not words:
        raise PipelineError(
            "none of its keys is known to be at fault; where its tokenizer is, convert it again with the "
            "base model's"
        )
    target = _fresh(path)
    script = llama_cpp / "gguf-py/gguf/scripts/gguf_new_metadata.py"
    command = [sys.executable, str(script), str(path), str(target), "--force", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        target.unlink(missing_ok=True)
        raise PipelineError(f"gguf_new_metadata failed: {ran.stderr[-500:]}")
    return f"{target}: {', '.join(done)}"


def _end(said: Mapping[str, Any], template: str | None) -> int:
    tokens = said["tokenizer.ggml.tokens"]
    vocabulary = {text: number for number, text in enumerate(tokens)}
    control = frozenset(
        t for t, kind in zip(tokens, said["tokenizer.ggml.token_type"], strict=True) if kind == 3
    )
    facts = Facts(name="", templates={"": template}, vocabulary=vocabulary, control=control, stops={},
                  rows=None, penalties={})  # fmt: skip
    end = static.terminator(facts)
    if end not in vocabulary:
        raise PipelineError("the template ends a turn with no token of this vocabulary")
    return vocabulary[end]


if __name__ == "__main__":
    sys.exit(main())
