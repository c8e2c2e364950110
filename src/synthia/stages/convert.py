"""Convert the merged model to GGUF and quantise it, with llama.cpp's own programs.

`convert_hf_to_gguf.py`, `gguf_new_metadata.py` and `llama-quantize` are run as pinned programs. The
converter guesses metadata from its input's folder name and reads the model card, so it is given a
folder of a fixed name that links to the model's files and holds a card made from the recipe. It is
not given generation_config.json: what it takes from there would be applied by llama.cpp to each
request, and a repeat penalty corrupts repeated JSON keys. Equal models give equal bytes.

Not covered: an importance matrix, and whether the files answer well (sample_gguf, evaluate).
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from synthia.errors import PipelineError
from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stages import gguf_gates, gguf_metadata

BLOCK = 256
NARROW = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up")
"""Tensors whose rows are as long as the embedding."""
LEFT_OUT = ("generation_config.json", "README.md")


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write `model-<type>.gguf` for each type, and judge them by the gates G and T render."""
    llama_cpp = inputs["llama_cpp"]
    terminator = token_id(inputs["merge"], recipe.stop.terminator)
    files: dict[str, Path] = {
        kind: out / f"model-{kind.lower()}.gguf" for kind in recipe.convert.types
    }
    with (
        tqdm(total=len(files) + 1, desc="convert", unit="file") as bar,
        tempfile.TemporaryDirectory(dir=out, prefix=".") as scratch,
        staged(recipe, inputs["merge"], Path(scratch)) as model,
    ):
        plain = Path(scratch) / "plain.gguf"
        _python(llama_cpp, "convert_hf_to_gguf.py", str(model), "--outfile", str(plain),
                "--outtype", "f16", "--model-name", recipe.convert.name)  # fmt: skip
        bar.update()
        # Without it llama.cpp looks for the end of a turn by the spelling of tokens.
        _python(llama_cpp, "gguf-py/gguf/scripts/gguf_new_metadata.py", str(plain),
                str(files["F16"]), "--special-token-by-id", "eot", str(terminator))  # fmt: skip
        bar.update()
        for kind in recipe.convert.types[1:]:
            words = [*narrow_rows(files["F16"]), str(files["F16"]), str(files[kind]), kind]
            _run([str(llama_cpp / "bin" / "llama-quantize"), *words])
            bar.update()
    return gguf_gates.judge(recipe, inputs, files)


def token_id(folder: Path, token: str) -> int:
    """The id of a special token, from tokenizer.json."""
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    found = [added["id"] for added in content["added_tokens"] if added["content"] == token]
    if len(found) != 1:
        raise PipelineError(
            f"the merged model's tokenizer.json has {len(found)} special tokens {token!r}: correct "
            "the recipe's section stop"
        )
    return int(found[0])


def narrow_rows(file: Path) -> list[str]:
    """Options of llama-quantize for a model whose rows are no multiple of K-quants' 256 weights.

    llama.cpp would silently take Q5_1 and Q5_0 for them, in which Q5_K_M comes out ten times
    further from F16 than Q4_K_M; these tensors are named Q8_0. The 7B models have none.
    """
    metadata = gguf_metadata.read(file)
    if metadata[f"{metadata['general.architecture']}.embedding_length"] % BLOCK == 0:
        return []
    return [word for name in NARROW for word in ("--tensor-type", f"{name}=q8_0")]


@contextmanager
def staged(recipe: Recipe, merged: Path, scratch: Path) -> Iterator[Path]:
    """A folder named "model" that links to the merged model's files, with a card of our own."""
    folder = scratch / "model"
    folder.mkdir()
    for path in sorted(merged.iterdir()):
        if path.is_file() and path.name not in LEFT_OUT:
            (folder / path.name).symlink_to(path.absolute())
    card = {"license": recipe.convert.license, "base_model": recipe.model.repo_id}
    # JSON is YAML, and quotes itself.
    (folder / "README.md").write_text(f"---\n{json.dumps(card, indent=1)}\n---\n", encoding="utf-8")
    yield folder


def _python(llama_cpp: Path, script: str, *words: str) -> None:
    _run([sys.executable, str(llama_cpp / script), *words])


def _run(command: Sequence[str]) -> None:
    env = {key: value for key, value in os.environ.items() if key != "NO_LOCAL_GGUF"}
    # The project's own folder is not to be on these programs' path.
    env.pop("PYTHONPATH", None)
    done = subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        end = "\n".join(done.stdout.splitlines()[-15:])
        name = Path(command[1] if command[0] == sys.executable else command[0]).name
        raise PipelineError(
            f"{name} failed with exit code {done.returncode}; its last lines:\n{end}"
        )
