"""Diagnose rows that a model was trained on: does each turn of the assistant end with a token that stops?

Read are JSON lines with `input_ids` and `labels` as a trainer gets them, with `text`, or with `messages`,
which are rendered by the template of the tokenizer's folder.

Not covered: everything else about rows, see `./invoke data`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthia import records
from synthia.data.chat_format import NOT_TRAINED
from synthia.errors import UsageError
from synthia.gates import Gate, none_found
from synthia.stages.diagnosis import folders, probes, static
from synthia.stages.diagnosis.static import Facts

NAME = "D rows: stop"


def main() -> int:
    """Diagnose the request's file with the tokenizer of its folder."""
    request = json.loads(sys.stdin.buffer.readline())
    home = Path(request["tokenizer"])
    facts = folders.read_facts(str(home), home, home, folders._tokenizer(home))
    rows = records.read_lines(Path(request["file"]))
    gate = judge(facts, rows, request["file"])
    found = {
        "path": request["file"],
        "notes": [],
        "samples": [],
        "swaps": [],
        "gates": [asdict(gate)],
    }
    records.write(Path(request["out"]), [found])
    return 0


def judge(facts: Facts, rows: list[dict[str, Any]], name: str) -> Gate:
    """Gate D rows: stop."""
    ends = [static.terminator(facts)] if static.terminator(facts) else list(probes.END_TOKENS)
    ids = {facts.vocabulary[end] for end in ends if end in facts.vocabulary}
    wrong = [
        f"{name}:{n}: {said}"
        for n, row in enumerate(rows, 1)
        for said in _faults(facts, row, ends, ids)
    ]
    pad = facts.extra.get("pad")
    twin = (
        f"; pad is {pad}, the stop token itself: a collator that masks padding masks it"
        if pad in ids
        else ""
    )
    return none_found(
        NAME, wrong, arm=name,
        metric=f"of {len(rows)} rows, those that never train {' or '.join(ends)}",
        why=f"{len(wrong)} of {len(rows)} rows never train {' or '.join(ends)}: from it alone a model "
        f"learns to stop{twin}",
        fix="end each assistant turn with the template's end of turn, with loss; set another pad token",
    )  # fmt: skip


def _faults(facts: Facts, row: Mapping[str, Any], ends: list[str], ids: set[int]) -> Iterator[str]:
    if "input_ids" in row:
        labels = row.get("labels", row["input_ids"])
        if not ids & set(row["input_ids"]):
            yield "the stop token is not among its ids"
        elif not ids & {label for label in labels if label != NOT_TRAINED}:
            yield "the stop token is masked: all its labels are -100"
    elif "text" in row:
        if not row["text"].rstrip().endswith(tuple(ends)):
            yield f"its text ends with {row['text'][-30:]!r}"
    elif "messages" in row:
        template = facts.template
        if not template:
            yield "the tokenizer has no template to render it with"
            return
        try:
            text = static.render(facts, template, row["messages"], row.get("tools") or [])
        except UsageError as error:
            yield str(error)
            return
        answered = [
            m["content"] for m in row["messages"] if m["role"] == "assistant" and m.get("content")
        ]
        for content in answered:
            if not text.partition(content)[2].lstrip().startswith(tuple(ends)):
                yield f"no end of turn follows {content[-30:]!r}"
    else:
        yield f"it has none of input_ids, text, messages; its keys are {sorted(row)}"


if __name__ == "__main__":
    sys.exit(main())
