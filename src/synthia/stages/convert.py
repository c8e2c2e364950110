"""Convert the merged model to GGUF and quantise it, with llama.cpp's own programs.

`convert_hf_to_gguf.py`, `gguf_new_metadata.py` and `llama-quantize` are run as pinned programs. The
converter guesses metadata from its input's folder name and reads the model card, so it is given a
folder of a fixed name that links to the model's files and holds a card made from the recipe. It is not
given generation_config.json: what it takes from there would be applied by llama.cpp to each request,
and a repeat penalty corrupts repeated JSON keys. The temperature that is shipped is named to it instead
(`synthia.product`), and beside the files lie Ollama's: `template`, `params`, `Modelfile`. With
`convert.imatrix`, llama-imatrix reads training rows as the model is served them, and every quantised
file is made with what it finds. Equal models give equal bytes.

Not covered: whether the files answer well (sample_gguf, evaluate).
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from synthia import gguf_types, hub_data, manifest, product, recipe_values, records, terminal
from synthia.errors import PipelineError
from synthia.gates import Gate
from synthia.recipe import Recipe
from synthia.stages.gguf import gates as gguf_gates, metadata as gguf_metadata

BLOCK = 256
NARROW = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up")
"""Tensors whose rows are as long as the embedding."""
IMATRIX, IMATRIX_ROWS_FILE = "imatrix.gguf", "training-rows.txt"
IMATRIX_ROWS = 128
"""About 110,000 tokens of the shipped rows. llama.cpp's tools/perplexity/README.md finds nothing gained
between 10,000 tokens and 10 million: mean KLD of Q2_K 0.331 to 0.335."""
IMATRIX_CONTEXT = 512
"""Tokens a chunk; llama-imatrix's own default."""
LEFT_OUT = ("generation_config.json", "README.md")


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Write `<name>-<TYPE>.gguf` for each type and Ollama's files; judge by gates G and T render."""
    llama_cpp = inputs["llama_cpp"]
    terminator = token_id(inputs["merge"], recipe.stop.terminator)
    name = recipe.convert.name
    files = {kind: out / gguf_types.file_name(name, kind) for kind in recipe.convert.types}
    steps = len(files) + 1 + recipe.convert.imatrix
    with (
        tqdm(total=steps, desc="convert", unit="file", file=terminal.stream()) as bar,
        tempfile.TemporaryDirectory(dir=out, prefix=".") as scratch,
        staged(recipe, inputs["merge"], Path(scratch)) as model,
    ):
        plain = Path(scratch) / "plain.gguf"
        metadata = write_metadata(recipe, inputs["prepare"], Path(scratch))
        _python(llama_cpp, "convert_hf_to_gguf.py", str(model), "--outfile", str(plain),
                "--outtype", "f16", "--model-name", name, "--metadata", str(metadata))  # fmt: skip
        bar.update()
        # Without it llama.cpp looks for the end of a turn by the spelling of tokens.
        _python(llama_cpp, "gguf-py/gguf/scripts/gguf_new_metadata.py", str(plain),
                str(files["F16"]), "--special-token-by-id", "eot", str(terminator))  # fmt: skip
        plain.unlink()  # as large as the F16 file: the disk need not hold both any longer
        bar.update()
        if recipe.convert.imatrix:
            make_imatrix(llama_cpp, files["F16"], inputs["prepare"] / "texts.jsonl", out)
            bar.update()
        for kind in recipe.convert.types[1:]:
            quantise(llama_cpp, files["F16"], files[kind], kind, imatrix=recipe.convert.imatrix)
            bar.update()
    template = ""
    if recipe.data.ollama_template:
        template = (inputs["project"] / recipe.data.ollama_template).read_text(encoding="utf-8")
        records.write_text(out / "template", template)
    records.write_text(out / "params", product.ollama_params(recipe))
    records.write_text(out / "Modelfile", product.modelfile(recipe, template))
    return gguf_gates.judge(recipe, inputs, files)


def write_metadata(recipe: Recipe, prepared: Path, folder: Path) -> Path:
    """The converter's metadata file: what the recipe says, and which data the model was trained on."""
    found = manifest.read(prepared) or {"data": {}}
    digests = found["data"]
    data = {path: f"sha256:{digests[path]}" for path in recipe.data.files if path in digests}
    named = [path for path in recipe.data.files if path.startswith(recipe_values.HUB)]
    data |= {f"{each.repo_id}#{each.split}": each.revision for each in map(hub_data.parse, named)}
    records.write(folder / "metadata.json", product.metadata(recipe, data))
    return folder / "metadata.json"


def token_id(folder: Path, token: str) -> int:
    """The id of a special token, from tokenizer.json."""
    content = records.read(folder / "tokenizer.json")
    found = [added["id"] for added in content["added_tokens"] if added["content"] == token]
    if len(found) != 1:
        raise PipelineError(
            f"the merged model's tokenizer.json has {len(found)} special tokens {token!r}: correct "
            "the recipe's section stop"
        )
    return int(found[0])


def make_imatrix(llama_cpp: Path, model: Path, texts: Path, out: Path) -> Path:
    """Write `imatrix.gguf`: how much each weight's input matters, seen on rendered training rows.

    `texts` holds a row's whole text under "text", control tokens included. Rows are taken evenly from
    all data files, `IMATRIX_ROWS` of them or all, and read in chunks of `IMATRIX_CONTEXT` tokens.
    """
    rows = [row["text"] for row in records.read_lines(texts)]
    rows = rows[:: math.ceil(len(rows) / IMATRIX_ROWS)]
    with tempfile.TemporaryDirectory(dir=out, prefix=".") as scratch:
        # llama.cpp notes the names as they are given it, in the GGUF files too: no folder in them.
        (Path(scratch) / IMATRIX_ROWS_FILE).write_text("".join(rows), encoding="utf-8")
        words = ["-m", str(model), "-f", IMATRIX_ROWS_FILE, "-o", IMATRIX, "--parse-special"]
        words += ["--no-ppl", "-c", str(IMATRIX_CONTEXT), "-b", str(IMATRIX_CONTEXT)]
        words += ["--threads", str(len(os.sched_getaffinity(0)))]
        _run([str(llama_cpp / "bin" / "llama-imatrix"), *words], folder=Path(scratch))
        return (Path(scratch) / IMATRIX).rename(out / IMATRIX)


def quantise(llama_cpp: Path, plain: Path, file: Path, kind: str, *, imatrix: bool) -> None:
    """Quantise the F16 file `plain` into `file`; the importance matrix lies beside both."""
    words = ["--imatrix", IMATRIX] if imatrix else []
    words += narrow_rows(plain) if gguf_types.in_blocks_of_256(kind) else []
    words += [str(plain), str(file), kind]
    _run([str(llama_cpp / "bin" / "llama-quantize"), *words], folder=file.parent)


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


def _run(command: Sequence[str], folder: Path | None = None) -> None:
    env = {key: value for key, value in os.environ.items() if key != "NO_LOCAL_GGUF"}
    # The project's own folder is not to be on these programs' path.
    env.pop("PYTHONPATH", None)
    done = subprocess.run(
        command,
        env=env,
        cwd=folder,
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
