"""Let base, adapter and merged model of a run answer BFCL's cases: `./invoke evaluate --bfcl`.

Sampled as in `synthia.stages.sample_hf`: greedily, by token ids, up to a multiple of the length of a right
answer. Judged by BFCL's own checker (`synthia.data.bfcl`) twice: on calls that parse strictly, as a
client finds them, and on those that are meant in whatever form, which alone compares a tuned model with a
base that never saw the form.

Not a gate: what a model was not trained for does not stop a run. Not covered: GGUF files, and containers;
the train environment of this machine is used.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoTokenizer

from synthia import arms, families, recipe as recipes, records
from synthia.data import bfcl
from synthia.data.conversations import Row
from synthia.recipe import Recipe
from synthia.stages import answers, sample_hf
from synthia.stages.hf import encoding, load_model

FACTOR = 3.0
"""Times the length of a right answer, after which an answer is cut."""


def main() -> int:
    """Ask and judge as the request says, and write `bfcl.json` and each arm's answers into its folder."""
    request = json.loads(sys.stdin.buffer.readline())
    loaded = recipes.parse(request["recipe"], origin="the resolved recipe")
    outputs, out, wheel = (Path(request[key]) for key in ("outputs", "out", "wheel"))
    asked = bfcl.cases(wheel, request["cases"])
    tokenizer = AutoTokenizer.from_pretrained(str(outputs / "prepare" / "tokenizer"))
    template = (Path(request["project"]) / loaded.data.chat_template).read_text(encoding="utf-8")
    encoded = encoding.encode_probes(tokenizer, template, loaded.stop, asked)
    probes = [encoding.probe_record(each) for each in encoded]
    sample(loaded, outputs, tokenizer, probes, out)
    found = {
        name: measure(loaded, asked, records.read_lines(out / f"{name}.jsonl"), bfcl.judge(wheel))
        for name in (arms.BASE, arms.ADAPTER, arms.MERGED)
    }
    records.write(out / "bfcl.json", found)
    return 0


def sample(
    recipe: Recipe, outputs: Path, tokenizer: Any, probes: Sequence[Mapping[str, Any]], out: Path
) -> None:
    """Write the answers of the three arms, a file each."""

    def answer(model: Any, name: str) -> None:
        sample_hf.sample(recipe, model, tokenizer, probes, out / f"{name}.jsonl", factor=FACTOR)

    model = load_model.as_trained(recipe, outputs / "fetch").eval()
    answer(model, arms.BASE)
    model = PeftModel.from_pretrained(model, str(outputs / "train")).eval()
    answer(model, arms.ADAPTER)
    del model
    answer(load_model.plain(outputs / "16bit", torch.float32), arms.MERGED)


def measure(
    recipe: Recipe, cases: Sequence[Row], said: Sequence[Mapping[str, Any]], wrong: bfcl.Judge
) -> dict[str, Any]:
    """Of each category, how many cases are right by calls that parse strictly, and in any form.

    `at_fault` says of each case that is wrong, strictly read, what its checker says.
    """
    calls = families.FAMILIES[recipe.family].calls
    counted: dict[str, Counter[str]] = {name: Counter() for name in bfcl.CATEGORIES}
    at_fault = {}
    for case, each in zip(cases, said, strict=True):
        answer = answers.read_answer(each, calls, case.tools)
        strict = "its calls do not parse" if answer.errors else wrong(case, answer.calls)
        meant = answers.in_any_form(answer, case.tools)
        counted[case.kind].update(
            {"cases": 1, "strict": not strict, "any_form": not wrong(case, meant),
             "stops": each["stop_reason"] == "stop"}
        )  # fmt: skip
        if strict:
            at_fault[case.id] = strict
    return {"categories": counted, "at_fault": at_fault}


if __name__ == "__main__":
    sys.exit(main())
