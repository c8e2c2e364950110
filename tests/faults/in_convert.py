"""Faults of GGUF files, all in one process of the convert environment.

The merged model that `in_train` left is converted first, as a healthy run. Then each fault is put into a
copy of the F16 file, or into what it is compared with, and convert's gates judge it again. Printed is, by
fault, which gates are red and what they say.

Arguments: the little project's folder, the resolved recipes by name as JSON, llama.cpp's folder.
"""

import json
import mmap
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from noting import PROJECT, RECIPES, TIED, edit_json, found, note
from safetensors.torch import load_file, save_file

from synthia.stages import convert
from synthia.stages.gguf import gates as gguf_gates, tensors

LLAMA_CPP = Path(sys.argv[3])
sys.path.insert(0, str(LLAMA_CPP / "gguf-py"))


def inputs(run: str) -> dict[str, Path]:
    """The folders that convert reads."""
    stages = {name: PROJECT / "outputs" / run / name for name in ("prepare", "merge")}
    return {**stages, "project": PROJECT, "llama_cpp": LLAMA_CPP}


def made(run: str) -> dict[str, Path]:
    """The files of a healthy run by type."""
    folder = PROJECT / "outputs" / run / "convert"
    return {kind: next(folder.glob(f"*-{kind}.gguf")) for kind in ("F16", "Q8_0")}


def healthy() -> None:
    """Convert and quantise the tied model; the smoke run's files are the other healthy ones."""
    out = PROJECT / "outputs" / TIED / "convert"
    out.mkdir()
    note(
        f"healthy {TIED}: convert", "convert", lambda: convert.run(RECIPES[TIED], inputs(TIED), out)
    )


def judged(
    name: str, file: Path, others: dict[str, Path] | None = None, /, **changed: Path
) -> None:
    """Judge a changed F16 file, beside others, against a healthy run or what was changed of it."""
    files = {"F16": file, **(others or {})}
    note(
        name, "convert", lambda: gguf_gates.judge(RECIPES[TIED], {**inputs(TIED), **changed}, files)
    )


@contextmanager
def copied(name: str, file: Path | None = None) -> Iterator[Path]:
    """A copy of the F16 file, or of another, for as long as it is looked at."""
    target = PROJECT / "outputs" / f"{name}.gguf"
    shutil.copyfile(file or made(TIED)["F16"], target)
    yield target
    target.unlink()


def named(key: str) -> bytes:
    """A key as it stands in a file, its length before it."""
    return struct.pack("<Q", len(key)) + key.encode()


def replaced(name: str, old: bytes, new: bytes, file: Path | None = None) -> Path:
    """A copy with other bytes in the place of as many, once."""
    assert len(old) == len(new)
    target = PROJECT / "outputs" / f"{name}.gguf"
    shutil.copyfile(file or made(TIED)["F16"], target)
    with target.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as data:
        at = data.find(old)
        assert at > 0, old
        data[at : at + len(new)] = new
    return target


def patched(name: str, old: bytes, new: bytes) -> None:
    """Judge a file with other bytes among its metadata."""
    file = replaced(name, old, new)
    judged(name, file)
    file.unlink()


def without(key: str) -> tuple[bytes, bytes]:
    """A key, and what hides it: a name of the same length that nobody reads."""
    return named(key), named(key[:-1] + "_")


def number(key: str, before: int, after: int) -> tuple[bytes, bytes]:
    """A key of type UINT32 with its value, and with another."""
    return tuple(named(key) + struct.pack("<II", 4, n) for n in (before, after))  # type: ignore[return-value]


def rewrite(file: Path, *words: str) -> None:
    script = LLAMA_CPP / "gguf-py/gguf/scripts/gguf_new_metadata.py"
    command = [sys.executable, str(script), str(made(TIED)["F16"]), str(file), "--force", *words]
    subprocess.run(command, check=True, capture_output=True)


def set_value(file: Path, key: str, value: float) -> None:
    """Overwrite one number among the metadata: after its key stand its type, which is FLOAT32, and it."""
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as data:
        at = data.find(key.encode()) + len(key)
        assert struct.unpack_from("<I", data, at) == (6,), key
        struct.pack_into("<f", data, at + 4, value)


def written(name: str, key: str, value: float) -> None:
    """A file with one number of its metadata changed."""
    with copied(name) as file:
        set_value(file, key, value)
        judged(name, file)


def tensor(name: str, change: Callable[[dict[str, np.ndarray]], Any]) -> None:
    """A file with changed tensors."""
    with copied(name) as file:
        data = {each.name: each.data for each in tensors.read(file, "r+")}
        change(data)
        for array in data.values():
            array.flush()  # type: ignore[attr-defined]
        del data
        judged(name, file)


def swap(data: dict[str, np.ndarray], one: str, other: str) -> None:
    kept = data[one].copy()
    data[one][:] = data[other]
    data[other][:] = kept


def transpose(data: dict[str, np.ndarray], name: str) -> None:
    data[name][:] = data[name].T.copy()


def merged(name: str, change: Callable[[Path], Any]) -> None:
    """The healthy file beside a changed copy of the merged model's folder."""
    folder = PROJECT / "outputs" / name
    shutil.copytree(inputs(TIED)["merge"], folder)
    change(folder)
    judged(name, made(TIED)["F16"], merge=folder)
    shutil.rmtree(folder)


def overflow() -> None:
    """A value that bfloat16 holds and float16 does not, as the converter writes it: infinity."""
    name = "value too large for F16"
    folder = PROJECT / "outputs" / name
    shutil.copytree(inputs(TIED)["merge"], folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.down_proj.weight"][0, 0] = 1e5
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with copied(name) as file:
        data = {each.name: each.data for each in tensors.read(file, "r+")}
        data["blk.0.ffn_down.weight"][0, 0] = np.inf
        data["blk.0.ffn_down.weight"].flush()  # type: ignore[attr-defined]
        judged(name, file, merge=folder)
    shutil.rmtree(folder)


def unknown_to_llama_cpp() -> None:
    """A template that transformers renders as the healthy one, with a filter that llama.cpp lacks."""
    name = "template with what llama.cpp lacks"
    text = (inputs(TIED)["prepare"] / "tokenizer" / "chat_template.jinja").read_text("utf-8")
    text = "{%- set sizes = 'a b' | wordcount %}" + text
    folders = {}
    for stage in ("prepare", "merge"):
        folders[stage] = PROJECT / "outputs" / f"{name} {stage}"
        shutil.copytree(inputs(TIED)[stage], folders[stage])
        home = folders[stage] / "tokenizer" if stage == "prepare" else folders[stage]
        (home / "chat_template.jinja").write_text(text, encoding="utf-8")
        edit_json(home / "tokenizer_config.json", lambda c: c.update(chat_template=text))
    with copied(name) as file:
        rewrite(file, "--chat-template", text)
        judged(name, file, **folders)


def faults() -> None:
    """All faults of files."""
    patched("GGUF without a template", *without("tokenizer.chat_template"))
    patched("GGUF whose template differs by a space", b"# Tools\\n\\nYou", b"# Tools\\n  You")
    patched("GGUF without the eot key", *without("tokenizer.ggml.eot_token_id"))
    patched("GGUF that stops at a comma", *number("tokenizer.ggml.eos_token_id", 151_645, 11))
    patched("pre-tokenizer only guessed", *without("tokenizer.ggml.pre"))
    pre = named("tokenizer.ggml.pre") + struct.pack("<I", 8)
    patched("pre-tokenizer of another family", pre + named("qwen2"), pre + named("gpt-2"))
    patched("GGUF without a licence", *without("general.license"))
    written("rotary base altered", "qwen2.rope.freq_base", 10_000.0)
    written("norm constant altered", "qwen2.attention.layer_norm_rms_epsilon", 1e-3)
    written("temperature that was not measured", "general.sampling.temp", 0.8)
    tensor("tensors of two layers swapped in the GGUF",
           lambda d: swap(d, "blk.0.ffn_down.weight", "blk.1.ffn_down.weight"))  # fmt: skip
    tensor("tensor transposed in the GGUF", lambda d: transpose(d, "blk.0.attn_output.weight"))
    tensor("norm altered in the GGUF", lambda d: np.multiply(
        d["blk.0.attn_norm.weight"], 1.5, out=d["blk.0.attn_norm.weight"]))  # fmt: skip
    overflow()
    with copied("half-written GGUF") as file:
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size // 2)
        judged("half-written GGUF", file)
    kind = named("general.architecture") + struct.pack("<I", 8)
    patched("GGUF of another architecture", kind + named("qwen2"), kind + named("llama"))
    name = "merges dropped by the quantiser"
    file = replaced(name, *without("tokenizer.ggml.merges"), file=made(TIED)["Q8_0"])
    judged(name, made(TIED)["F16"], {"Q8_0": file})
    file.unlink()
    temperature = named("general.sampling.temp")
    patched("repeat penalty baked in", temperature, temperature[:-4] + b"rept")
    stale = {"chat_template": "{{ messages[0].content }}"}
    merged("stale template in tokenizer_config.json",
           lambda f: edit_json(f / "tokenizer_config.json", lambda c: c.update(stale)))  # fmt: skip
    merged("rotary base in one form only",
           lambda f: edit_json(f / "config.json", lambda c: c.pop("rope_theta")))  # fmt: skip
    unknown_to_llama_cpp()
    out = PROJECT / "outputs" / "again.gguf"
    note(
        "quantised twice",
        "convert",
        lambda: convert.quantise(LLAMA_CPP, made(TIED)["Q8_0"], out, "Q4_0", imatrix=False),
    )


if __name__ == "__main__":
    healthy()
    faults()
    print(json.dumps(found))
