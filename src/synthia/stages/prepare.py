"""Turn conversations into token ids and labels, and prove that they say what serving will say.

Rendering and labelling are our own: the trainer gets ids and labels, and cannot lose a stop token
on the way. Loss lies on the assistant's turns, each one's terminator included. Also written: the
tokenizer with the recipe's stop contract and template, the rendered probes, and `mask.html`, which
shows what is trained.

Not covered: the collated batch (`train` reads it back), and llama.cpp's rendering and tokenizer
(`convert` compares them with the texts written here).
"""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia import families, gates, hub_data, records, terminal
from synthia.data import (
    accepted,
    conversations,
    gates as data_gates,
    mask_report,
    own_probes,
    reasoning as thoughts,
)
from synthia.data.chat_format import NOT_TRAINED
from synthia.data.conversations import Reading, Row
from synthia.data.rules import DUPLICATES, LEAKAGE, SCHEMA, TEXT, TOOLS, Problem
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.recipe import Recipe
from synthia.recipe_sections import Stop
from synthia.stages.hf import encoding, lora_targets, untrained_rows
from synthia.stages.hf.encoding import Encoded

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt")
DATA_GATES = (SCHEMA, TOOLS, TEXT, DUPLICATES, LEAKAGE)


def run(recipe: Recipe, inputs: Mapping[str, Path], out: Path) -> list[Gate]:
    """Check, render and tokenize all rows and probes. Reads fetch and the recipe's data files."""
    from tqdm import tqdm

    lora_targets.require_described(inputs["fetch"], recipe.lora.target_modules)
    template = (inputs["project"] / recipe.data.chat_template).read_text(encoding="utf-8")
    tokenizer = write_tokenizer(recipe.stop, inputs["fetch"], template, out / "tokenizer")
    added = [token.content for token in tokenizer.added_tokens_decoder.values()]
    rows, probes, judged = read_data(recipe, inputs["project"], added, inputs["fetch"])
    gates.require(judged)

    rendering = encoding.encode(tokenizer, template, recipe.stop, rows)
    encoded = list(tqdm(rendering, "prepare", len(rows), unit=" rows", file=terminal.stream()))
    asked = list(encoding.encode_probes(tokenizer, template, recipe.stop, probes))
    judged += _contract_gates(recipe, tokenizer, inputs["fetch"], encoded)
    judged += _text_gates(recipe, tokenizer, encoded, asked)
    learned = {label for each in encoded for label in each.labels if label != NOT_TRAINED}
    covered = recipe.lora.trainable_token_indices
    judged.append(untrained_rows.gate(inputs["fetch"], learned, covered))
    gates.require(judged)

    limit = recipe.data.max_length
    kept = [each for each in encoded if len(each.input_ids) <= limit]
    dropped = [each.row.id for each in encoded if len(each.input_ids) > limit]
    statistics = summarise(kept, dropped)
    if recipe.data.longest is not None:
        by_length = sorted(kept, key=lambda each: len(each.input_ids))
        kept = by_length[-recipe.data.longest :]
    records.write_lines(out / "rows.jsonl", map(_row_record, kept))
    records.write_lines(out / "texts.jsonl", map(_text_record, kept))
    records.write_lines(out / "probes.jsonl", map(encoding.probe_record, asked))
    records.write(out / "statistics.json", statistics, sort_keys=False)
    (out / "mask.html").write_text(_mask_page(recipe, tokenizer, kept), encoding="utf-8")
    return judged


def write_tokenizer(stop: Stop, fetched: Path, template: str, folder: Path) -> Any:
    """Write the tokenizer with the stop contract and the template, in both places, and load it.

    transformers reads `chat_template.jinja` and llama.cpp's converter `tokenizer_config.json`. The
    files are edited rather than saved anew, so that nothing else changes.
    """
    from transformers import AutoTokenizer

    folder.mkdir()
    for name in TOKENIZER_FILES:
        if (fetched / name).exists():
            shutil.copyfile(fetched / name, folder / name)
    file = folder / "tokenizer_config.json"
    config = records.read(file)
    config |= {"eos_token": stop.eos_token, "pad_token": stop.pad_token, "chat_template": template}
    config |= {"add_bos_token": False, "add_eos_token": False}
    records.write(file, config)
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    return AutoTokenizer.from_pretrained(str(folder))


def read_data(
    recipe: Recipe, project: Path, control_tokens: Sequence[str], fetched: Path | None = None
) -> tuple[list[Row], list[Row], list[Gate]]:
    """Read all data files and the probes, and judge the gates D over everything that is wrong.

    Probes that the recipe wants out of the files themselves are no rows any more.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    template = (project / recipe.data.chat_template).read_text(encoding="utf-8")
    thoughts.require_place(recipe.data, template)
    seen = accepted.load(project)
    parallel = families.FAMILIES[recipe.family].parallel
    reading = Reading(control_tokens, recipe.data.reasoning, seen, parallel)
    files = hub_data.files(project, fetched, recipe.data.files, recipe=recipe.name)
    for name, path in files.items():
        read, wrong = conversations.read(path, name, reading)
        rows += read
        problems += wrong
    problems += conversations.duplicates(rows)
    wanted = recipe.data.probes
    if isinstance(wanted, str):
        probes, wrong = conversations.read_probes(project / wanted, wanted, reading)
        problems += wrong
    else:
        gates.require(data_gates.judge(DATA_GATES, problems, {}))
        rows, probes = own_probes.split(rows, wanted.share, wanted.seed)
    problems += conversations.overlap(rows, probes, seen)
    return rows, probes, data_gates.judge(DATA_GATES, problems, {})


def _contract_gates(
    recipe: Recipe, tokenizer: Any, fetched: Path, encoded: Sequence[Encoded]
) -> list[Gate]:
    """Whether tokenizer and labels keep the stop contract."""
    stop = recipe.stop
    ids = {token: _single_id(tokenizer, token) for token in
           (stop.terminator, stop.eos_token, stop.pad_token, stop.row_end) if token}  # fmt: skip
    stops = [f"{token} (id {ids[token]}) is not among stop.stop_token_ids {stop.stop_token_ids}"
             for token in sorted({stop.terminator, stop.eos_token, stop.row_end} - {""})
             if ids[token] not in stop.stop_token_ids]  # fmt: skip
    if tokenizer.eos_token_id != ids[stop.eos_token]:
        stops.append(f"the tokenizer's eos is {tokenizer.eos_token!r}")
    rows = encoding.stop_problems(encoded, ids[stop.terminator], ids.get(stop.row_end))
    stops += rows
    at_fault = len({row.partition(": ")[0] for row in rows})
    said = f"{at_fault} of {len(encoded)} rows do not train {stop.terminator} once a turn: " * bool(
        rows
    )

    pad = ids[stop.pad_token]
    pads = [f"{stop.pad_token} (id {pad}) is a stop token"] if pad in stop.stop_token_ids else []
    if tokenizer.pad_token_id != pad:
        pads.append(f"the tokenizer's pad is {tokenizer.pad_token!r}")
    pads += [f"{each.row.id}: pad is among the labels" for each in encoded if pad in each.labels]
    pads += _growth(tokenizer, fetched)
    return [
        none_found(
            "T stop",
            stops,
            metric="places where a stop token is not as declared or does not carry loss just once",
            why=f"{said}a stop token that is not learned is not produced, and the model never stops",
            fix="make the recipe's [stop] section, the chat template and the tokenizer agree",
        ),
        none_found(
            "T pad",
            pads,
            metric="ways in which padding can be taken for something else",
            why="collators mask labels by the pad id: a stop token that is also pad loses its loss",
            fix="choose a stop.pad_token that the vocabulary has and that stops nothing",
        ),
    ]


def _single_id(tokenizer: Any, token: str) -> int:
    ids: list[int] = tokenizer(token, add_special_tokens=False)["input_ids"]
    if len(ids) != 1:
        raise UsageError(
            f"recipe.stop: {token!r} is no single token of this model's tokenizer (its ids: "
            f"{ids}); name one that is in its vocabulary"
        )
    return ids[0]


def _growth(tokenizer: Any, fetched: Path) -> list[str]:
    from tokenizers import Tokenizer

    base = Tokenizer.from_file(str(fetched / "tokenizer.json")).get_vocab(with_added_tokens=True)
    new = sorted(tokenizer.get_vocab().items() - base.items(), key=lambda pair: pair[1])
    rows = records.read(fetched / "config.json")["vocab_size"]
    return [f"{token!r} (id {index}) is not in the base's vocabulary" for token, index in new] + [
        f"{token!r} has id {index}, but the model has {rows} embedding rows"
        for token, index in tokenizer.get_vocab().items()
        if index >= rows
    ]


def _text_gates(
    recipe: Recipe, tokenizer: Any, encoded: Sequence[Encoded], asked: Sequence[Encoded]
) -> list[Gate]:
    """Whether ids and labels say what the chats say, in training and in serving."""
    limit = recipe.data.max_length
    long = [f"{each.row.id}: {len(each.input_ids)} tokens" for each in encoded
            if len(each.input_ids) > limit]  # fmt: skip
    if recipe.data.too_long == "drop" and len(long) < len(encoded):
        long = []  # dropped by the recipe's choice, and listed in statistics.json
    return [
        none_found(
            "T mask",
            encoding.mask_problems(tokenizer, encoded, recipe.stop.row_end),
            metric="rows whose trained tokens are not just their assistant turns, or are none",
            why="the model would learn to write the user's turns, or the row would teach nothing",
            fix="give an assistant turn of the row the weight 1, or remove the row; if the trained "
            "tokens read wrong, the tokenizer melts the template's marks with the text",
        ),
        none_found(
            "T render",
            encoding.render_problems(tokenizer, [*encoded, *asked]),
            metric="rows whose training text or ids differ from what serving gives",
            why="the model would be asked in another format than it learned",
            fix="correct the chat template: it must continue its own prompt, token by token",
        ),
        none_found(
            "T calls",
            encoding.call_problems([*encoded, *asked], families.FAMILIES[recipe.family].calls),
            metric=f"rows whose calls the family {recipe.family} does not read as they were meant",
            why="what is trained would be no call to the programs that serve the model",
            fix="name the base model's family and its chat template; a row whose argument ends a call "
            "in this form cannot be written in it",
        ),
        none_found(
            "D length",
            long,
            metric=f"rows of more than {limit} tokens",
            why="to cut a row is to cut its stop token",
            fix="shorten the rows, raise data.max_length, or --set data.too_long=drop",
        ),
    ]


def summarise(kept: Sequence[Encoded], dropped: Sequence[str]) -> dict[str, Any]:
    """Counts of rows, tokens, turns and calls."""
    lengths = sorted(len(each.input_ids) for each in kept)
    files = Counter(each.row.id.rpartition(":")[0] for each in kept)
    near = conversations.near_duplicates(each.row for each in kept)
    calls = Counter(
        call["function"]["name"]
        for each in kept
        for message in each.row.messages
        for call in message.get("tool_calls", [])
    )
    return {
        "rows": len(kept),
        "rows_by_file": dict(sorted(files.items())),
        "dropped_as_too_long": list(dropped),
        "near_duplicates": {"rows": len(near), "first": near[: gates.SHOWN_PLACES]},
        "tokens": sum(lengths),
        "trained_tokens": sum(each.trained for each in kept),
        "trained_turns": sum(span.trained for each in kept for span in each.rendered.spans),
        "shortest": lengths[0],
        "median": lengths[len(lengths) // 2],
        "mean": round(sum(lengths) / len(lengths), 1),
        "longest": lengths[-1],
        "calls": dict(sorted(calls.items())),
    }


def _row_record(each: Encoded) -> dict[str, Any]:
    return {"id": each.row.id, "input_ids": each.input_ids, "labels": each.labels}


def _text_record(each: Encoded) -> dict[str, Any]:
    row = each.row
    return {"id": row.id, "messages": row.messages, "tools": row.tools, "text": each.rendered.text}


def _mask_page(recipe: Recipe, tokenizer: Any, kept: Sequence[Encoded]) -> str:
    rows = [
        mask_report.MaskedRow(
            each.row.id, each.rendered.text + recipe.stop.row_end,
            each.input_ids, each.labels, each.offsets,
        )
        for each in kept[: mask_report.SHOWN_ROWS]
    ]  # fmt: skip
    tokens = sum(len(each.input_ids) for each in kept)
    summary = (
        f"The first {len(rows)} of {len(kept)} rows. Loss lies on {sum(e.trained for e in kept):,} "
        f"of {tokens:,} tokens: what the assistant says, and the token that ends its turn."
    )
    stops = recipe.stop.stop_token_ids
    return mask_report.page(recipe.name, summary, rows, stops)
