"""Faults of base, rows, training and merge, all in one process of the train environment.

Healthy runs come first: each recipe's fetch, prepare, train and merge on a two-layer Qwen2 with the real
vocabulary. Then each fault is put into a copy of what they made, or into one function, and the stage that
is to catch it is run again. Printed is, by fault, which gates are red and what they say.

Arguments: the folder of a little project, and the resolved recipes by name as JSON.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from noting import OUTPUTS, PROJECT, RECIPES, TIED, UNTIED, edit_json, found, note
from safetensors.torch import load_file, save_file

from synthia import recipe as recipes
from synthia.data import chat_format
from synthia.errors import PipelineError
from synthia.recipe import Recipe
from synthia.stages import fetch, merge, prepare, train
from synthia.stages.hf import adapter, packed, sft_trainer, token_rows

WEIGHTS = "model.safetensors"
EMBEDDING = "model.embed_tokens.weight"
UNUSED = slice(151_665, None)


def inputs(run: str) -> dict[str, Path]:
    """The folders that a healthy run's stages read."""
    stages = {name: OUTPUTS / run / name for name in ("fetch", "prepare", "train", "merge")}
    return {**stages, "project": PROJECT, "cache": PROJECT / "cache"}


def into(name: str) -> Path:
    """A new folder for what a stage writes."""
    out = OUTPUTS / "faults" / name / "out"
    out.mkdir(parents=True)
    return out


def changed(loaded: Recipe, **sections: dict[str, Any]) -> Recipe:
    """A recipe with other values."""
    values = loaded.model_dump(mode="json")
    for section, keys in sections.items():
        values[section] |= keys
    return recipes.parse(values, origin="a fault")


def copied(folder: Path, name: str) -> Path:
    """A copy of a folder."""
    target = OUTPUTS / "faults" / name / folder.name
    shutil.copytree(folder, target)
    return target


def edit(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the tensors of a folder."""
    tensors = load_file(folder / WEIGHTS)
    change(tensors)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def healthy() -> None:
    """Run both recipes' stages; the second in one pass of packed rows."""
    for name, loaded in RECIPES.items():
        for stage in (fetch, prepare, train, merge):
            word = stage.__name__.rpartition(".")[2]
            out = inputs(name)[word]
            out.mkdir(parents=True)
            note(f"healthy {name}: {word}", word, lambda: stage.run(loaded, inputs(name), out))  # noqa: B023


# -- fetch: a base model from a folder ------------------------------------------------------------


def base(name: str, change: Callable[[Path], Any]) -> None:
    """Fetch a changed copy of the base model from a folder of the project."""
    folder = PROJECT / "models" / name
    shutil.copytree(inputs(TIED)["fetch"], folder)
    change(folder)
    values = RECIPES[TIED].model_dump(mode="json")
    kept = {key: values["model"][key] for key in ("repo_id", "load_in_4bit", "dtype")}
    values["model"] = {"source": "folder", "path": f"models/{name}", **kept}
    loaded = recipes.parse(values, origin=name)
    note(name, "fetch", lambda: fetch.run(loaded, inputs(TIED), into(name)))
    shutil.rmtree(folder)


def untaught(*ids: int) -> Callable[[Path], None]:
    """Make rows those of tokens that were never trained: as Qwen's unused rows, all alike."""

    def change(tensors: dict[str, Any]) -> None:
        table = tensors[EMBEDDING]
        table[UNUSED] = table[151_700].clone()
        table[list(ids)] = table[151_700].clone()

    return lambda folder: edit(folder, change)


def tokenizer_json(change: Callable[[Any], Any]) -> Callable[[Path], None]:
    return lambda folder: edit_json(folder / "tokenizer.json", change)


def swap_ids(content: Any) -> None:
    by_text = {token["content"]: token for token in content["added_tokens"]}
    one, other = by_text["<|endoftext|>"], by_text["<|im_end|>"]
    one["content"], other["content"] = other["content"], one["content"]


def grow(content: Any) -> None:
    last = content["added_tokens"][-1]
    content["added_tokens"].append({**last, "id": 151_936, "content": "<|mine|>"})


def fetch_faults() -> None:
    base("base healthy", lambda folder: None)
    base("stop token never trained by the base", untaught(151_644, 151_645))
    base("ids of end of text and end of turn swapped", tokenizer_json(swap_ids))
    base("merges dropped", tokenizer_json(lambda c: c["model"].update(merges=[])))
    base("pre-tokenizer lost", tokenizer_json(lambda c: c.update(pre_tokenizer=None)))
    base("vocabulary grown beyond the embedding", tokenizer_json(grow))
    wide: Callable[[dict[str, Any]], Any] = lambda t: t.update({k: v.float() for k, v in t.items()})  # noqa: E731
    base("base model in 32 bit", lambda folder: edit(folder, wide))


# -- prepare: recipe, template, labels ------------------------------------------------------------


def rows(name: str, *, of: str = TIED, **sections: dict[str, Any]) -> None:
    """Prepare with other values in the recipe."""
    try:
        loaded = changed(RECIPES[of], **sections)
    except PipelineError as error:
        found[name] = {"stage": "recipe", "red": {}, "said": str(error), "judged": 0}
        return
    note(name, "prepare", lambda: prepare.run(loaded, inputs(of), into(name)))


def template(name: str, old: str, new: str) -> None:
    """Prepare with a changed chat template."""
    text = (PROJECT / RECIPES[TIED].data.chat_template).read_text(encoding="utf-8")
    assert old in text, old
    file = f"chat_templates/{name}.jinja"
    (PROJECT / file).write_text(text.replace(old, new), encoding="utf-8")
    rows(name, data={"chat_template": file})


def short_labels(ids: Any, offsets: Any, spans: Any) -> list[int]:
    """Labels that end with what the assistant says, one token before its terminator."""
    cut = [chat_format.Span(s.start, s.text_end, s.text_end, s.trained) for s in spans]
    return LABELS(ids, offsets, cut)


LABELS = chat_format.labels
WRITE_TOKENIZER = prepare.write_tokenizer


def with_a_space(*words: Any) -> Any:
    """The tokenizer as another template left it."""
    tokenizer = WRITE_TOKENIZER(*words)
    text = tokenizer.chat_template
    end = "\\n</tool_call>' }}\n        {%- endfor"
    tokenizer.chat_template = text.replace(end, f" {end}")
    assert tokenizer.chat_template != text
    return tokenizer


def prepare_faults() -> None:
    rows("pad token is the stop token", stop={"pad_token": "<|im_end|>"})
    rows("end of turn missing from stop_token_ids", stop={"stop_token_ids": [151_643]})
    rows("extra pad token", stop={"pad_token": "<|PAD_TOKEN|>"})
    rows("eos string without an id", stop={"eos_token": "<|end|>"})
    rows("row end of several tokens", stop={"row_end": "the end"})
    rows("misspelled LoRA target", lora={"target_modules": ["q_proj", "v_prj"]})
    rows("context too short", serve={"num_ctx": 512})
    end = "{{- '<|im_end|>\\n' }}\n    {%- elif message.role != 'system'"
    assert_once = "}\\n</tool_call>' }}\n        {%- endfor %}\n        {{- '<|im_end|>"
    template("end of turn written twice", assert_once, f"{assert_once}\\n<|im_end|>")
    template("end of turn missing from the template", end, end.partition("\n")[2])
    calling = "message.role == 'assistant' and message.tool_calls"
    template("template leaves calls out", calling, "message.role == 'nobody'")
    template("generation prompt of another form", "{{- '<|im_start|>assistant\\n' }}",
             "{{- '<|im_start|>assistant\\n\\n' }}")  # fmt: skip
    with patch.object(chat_format, "labels", short_labels):
        rows("end of turn outside the mask")
    with patch.object(prepare, "write_tokenizer", with_a_space):
        rows("training and serving template differ by a space")
    folder = copied(inputs(TIED)["fetch"], "tool call marks never trained by the base")
    untaught(151_657, 151_658)(folder)
    loaded = changed(RECIPES[TIED], lora={"trainable_token_indices": []})
    fetched, out = {**inputs(TIED), "fetch": folder}, into(folder.parent.name)
    note(folder.parent.name, "prepare", lambda: prepare.run(loaded, fetched, out))


# -- train ----------------------------------------------------------------------------------------


def training(name: str, loaded: Recipe, of: str = TIED, **others: Path) -> None:
    """Train with a changed recipe, or with other inputs."""
    note(name, "train", lambda: train.run(loaded, {**inputs(of), **others}, into(name)))


@contextmanager
def collating(with_: Callable[[Any, Any], Any]) -> Iterator[None]:
    """Let the trainer collate rows by a function of its own collator and tokenizer."""
    make = sft_trainer.make_trainer

    def made(*words: Any, **named: Any) -> Any:
        trainer = make(*words, **named)
        trainer.data_collator = with_(trainer.data_collator, trainer.processing_class)
        return trainer

    with patch.object(sft_trainer, "make_trainer", made):
        yield


def cut(collator: Any, tokenizer: Any) -> Any:
    return lambda rows: {key: value[:, :16] for key, value in collator(rows).items()}


def pad_labels(collator: Any, tokenizer: Any) -> Any:
    """Labels that are the ids wherever a batch is padded."""

    def collate(rows: Any) -> Any:
        batch = collator(rows)
        padded = batch["attention_mask"] == 0
        batch["labels"][padded] = batch["input_ids"][padded]
        return batch

    return collate


def one_row(rows: Any, **named: Any) -> dict[str, Any]:
    """A packed batch whose rows have no bounds."""
    batch = COLLATE(rows, **named)
    ends = batch["cu_seq_lens_q"][[0, -1]]
    return {**batch, "cu_seq_lens_q": ends, "max_length_q": int(ends[-1])}


COLLATE = packed.collate


def frozen(*words: Any) -> Any:
    """The model as a library leaves it that freezes LoRA's own A and B."""
    model = LOAD(*words)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(".lora_" not in name and parameter.requires_grad)
    return model


LOAD = adapter.load_with_peft


def freeze_rows(model: Any) -> None:
    """What Unsloth does to all that is not LoRA's own."""
    for name, parameter in model.named_parameters():
        if token_rows.DELTA in name:
            parameter.requires_grad_(False)


def train_faults() -> None:
    from transformers import DataCollatorForLanguageModeling

    tied, untied = RECIPES[TIED], RECIPES[UNTIED]
    name = "masking collator with pad = eos"
    folder = copied(inputs(TIED)["prepare"], name)
    config = folder / "tokenizer" / "tokenizer_config.json"
    edit_json(config, lambda c: c.update(pad_token="<|im_end|>"))
    with collating(lambda _, tokenizer: DataCollatorForLanguageModeling(tokenizer, mlm=False)):
        training(name, tied, prepare=folder)
    with collating(cut):
        training("rows cut by the collator", tied)
    with collating(pad_labels):
        training("padding is trained", changed(tied, training={"per_device_train_batch_size": 2}))
    with patch.object(packed, "collate", one_row):
        training("packed rows that see each other", untied, of=UNTIED)
    with patch.object(adapter, "load_with_peft", frozen):
        training("frozen adapter", tied)
    with patch.object(token_rows, "free", freeze_rows):
        training("frozen token rows", untied, of=UNTIED)
    training("GPU that PyTorch does not see", changed(tied, runtime={"gpu": True}))
    training(
        "diverging learning rate", changed(tied, training={"learning_rate": 1e30, "max_steps": 3})
    )
    nothing = changed(tied, training={"learning_rate": 1e-60}, lora={"trainable_token_indices": []})
    training("adapter that never moved", nothing)
    values = {**tied.model_dump(mode="json"), "rehearsal": False}
    training("two steps of training", recipes.parse(values, origin="short"))
    name = "NaN in the base's weights"
    folder = copied(inputs(TIED)["fetch"], name)
    edit(folder, lambda t: t["model.layers.0.input_layernorm.weight"].fill_(float("nan")))
    training(name, tied, fetch=folder)
    falling = [2.7 * 0.8**step for step in range(20)]
    note("loss healthy", "train", lambda: train.judge_loss(falling, 2.0))
    note("loss flat above 2.0", "train", lambda: train.judge_loss([2.7, *[2.4] * 19], 2.0))
    note("loss that rises", "train", lambda: train.judge_loss([*[1.2] * 10, *[1.5] * 10], 2.0))


# -- merge ----------------------------------------------------------------------------------------

ADAPTED = "model.layers.{}.self_attn.o_proj.weight"
NORM = "model.layers.0.input_layernorm.weight"


def merged(name: str, change: Callable[[dict[str, Any]], Any], base: Path | None = None) -> None:
    """Audit a changed copy of the merged model against base and adapter."""
    changes = merge.read_adapter(inputs(TIED)["train"])
    folder = copied(inputs(TIED)["merge"], name)
    edit(folder, change)
    fetched = base or inputs(TIED)["fetch"]
    note(name, "merge", lambda: merge.judge(merge.audit(fetched, changes, folder)))
    shutil.rmtree(folder)


def changed_adapter(name: str, change: Callable[[dict[str, Any]], Any]) -> None:
    """Merge a changed adapter."""
    folder = copied(inputs(TIED)["train"], name)
    weights = load_file(folder / "adapter_model.safetensors")
    change(weights)
    save_file(weights, folder / "adapter_model.safetensors")
    note(name, "merge",
         lambda: merge.run(RECIPES[TIED], {**inputs(TIED), "train": folder}, into(name)))  # fmt: skip


def another_base() -> Path:
    folder = copied(inputs(TIED)["fetch"], "another base")
    edit(folder, lambda t: [v.copy_(v.roll(1, 0)) for k, v in sorted(t.items())])
    return folder


def swap(tensors: dict[str, Any], one: str, other: str) -> None:
    tensors[one], tensors[other] = tensors[other].clone(), tensors[one].clone()


def elsewhere(weights: dict[str, Any]) -> None:
    for name in [name for name in weights if ".layers.1." in name]:
        weights[name.replace(".layers.1.", ".layers.7.")] = weights.pop(name)


def merge_faults() -> None:
    before = load_file(inputs(TIED)["fetch"] / WEIGHTS)
    merged("merged healthy", lambda t: None)
    merged(
        "merge that changed nothing", lambda t: t.update({k: v.clone() for k, v in before.items()})
    )
    twice: Callable[[dict[str, Any]], Any] = lambda t: t.update(  # noqa: E731
        {k: (2 * v.double() - before[k].double()).to(v.dtype) for k, v in t.items()})  # fmt: skip
    merged("adapter added twice", twice)
    merged("tensors of two layers swapped by the merge",
           lambda t: swap(t, ADAPTED.format(0), ADAPTED.format(1)))  # fmt: skip
    merged("tensor transposed by the merge",
           lambda t: t.update({ADAPTED.format(0): t[ADAPTED.format(0)].T.contiguous()}))  # fmt: skip
    merged("norm altered by the merge", lambda t: t[NORM].mul_(1.5))
    merged("tied weights split", lambda t: t.update({"lm_head.weight": t[EMBEDDING].clone()}))
    merged(
        "NaN in the merged weights", lambda t: t[ADAPTED.format(0)].view(-1)[0].fill_(float("nan"))
    )
    merged("merged in float16", lambda t: t.update({k: v.half() for k, v in t.items()}))
    merged("merged onto another base of the same shape", lambda t: None, another_base())
    changed_adapter("empty adapter", lambda w: w.clear())
    changed_adapter("adapter of another base", elsewhere)
    magnitude = {"base_model.model.model.norm.lora_magnitude_vector": torch.ones(1)}
    changed_adapter("adapter that is no plain LoRA", lambda w: w.update(magnitude))


if __name__ == "__main__":
    healthy()
    fetch_faults()
    prepare_faults()
    train_faults()
    merge_faults()
    print(json.dumps(found))
