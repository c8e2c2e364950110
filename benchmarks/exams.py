"""Let one base model and several adapters of it answer exams, and compare them probe by probe.

    python benchmarks/exams.py ask --run outputs/qwen-0.5b --out FOLDER --exam data/probes.jsonl
        --exam dialects.jsonl --adapter A=FOLDER --adapter B=FOLDER

in an environment with torch writes each exam's probes and the answers of each model into a folder of its
own, sampled as sample_hf does; --base asks the base model too, --bfcl takes 50 of BFCL's cases of each
category. Answers that lie there are not asked for again, so a call can go on where another was ended.

    python benchmarks/exams.py table FOLDER [--pair A,B] [--bfcl]

there prints a table of each exam, by kind where its probes have kinds, and how many answers of A become
right or wrong in B, with McNemar's exact p; with --bfcl, there too, what BFCL's own checker says. Exams are
made by `dialect_probes.py` and `padded_probes.py`; data/probes.jsonl is the pipeline's own.

Not covered: gates, and GGUF files.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "src"))

from synthia import arms, families, recipe as recipes, records  # noqa: E402
from synthia.data import bfcl, conversations, held_out  # noqa: E402
from synthia.data.conversations import Row  # noqa: E402
from synthia.diagnose import foreign_exam  # noqa: E402
from synthia.host import downloads, environments  # noqa: E402
from synthia.recipe import Recipe  # noqa: E402
from synthia.stages import answers  # noqa: E402
from synthia.stages.diagnosis import statistics  # noqa: E402

CASES = 50
RATES = {
    "exact_calls": "exact", "right_tool": "tool", "right_arguments": "arguments",
    "no_call_in_any_form": "no call", "answers_rightly": "words",
}  # fmt: skip
"""What the table shows of each model, and its heading; all but the first in any form."""
PROBES = "probes.jsonl"
BFCL = "bfcl"


def main() -> None:
    """Ask, or print the table of what was answered."""
    parser = argparse.ArgumentParser(description="Let several adapters answer the same exams.")
    verbs = parser.add_subparsers(required=True)
    ask = verbs.add_parser("ask")
    ask.add_argument("--recipe", default="qwen-0.5b")
    ask.add_argument("--run", type=Path, required=True, help="where fetch/ and prepare/ lie")
    ask.add_argument("--exam", type=Path, action="append", default=[], help="a file of probes")
    ask.add_argument("--bfcl", action="store_true")
    ask.add_argument(
        "--adapter", action="append", default=[], help="NAME=FOLDER, as train wrote it"
    )
    ask.add_argument("--base", action="store_true", help="ask the base model too")
    ask.add_argument("--most", type=int, help="so many probes of each exam")
    ask.add_argument("--out", type=Path, required=True)
    ask.set_defaults(work=asked)
    table = verbs.add_parser("table")
    table.add_argument("out", type=Path)
    table.add_argument("--recipe", default="qwen-0.5b")
    table.add_argument("--bfcl", action="store_true")
    table.add_argument("--pair", action="append", default=[], help="A,B: what becomes of A as B")
    table.set_defaults(work=shown)
    words = parser.parse_args()
    words.work(words)


def asked(words: argparse.Namespace) -> None:
    """Answer every exam that a model has not answered yet."""
    from peft import PeftModel
    from transformers import AutoTokenizer

    from synthia.stages import sample_hf
    from synthia.stages.hf import load_model

    loaded = recipes.load(PROJECT / "recipes", words.recipe)
    tokenizer = AutoTokenizer.from_pretrained(str(words.run / "prepare" / "tokenizer"))
    exams = dict(exams_of(loaded, tokenizer, words))
    models = {arms.BASE: ""} if words.base else {}
    models |= dict(each.split("=", 1) for each in words.adapter)
    model: Any = None
    for name, folder in models.items():
        due = [exam for exam in exams if not (words.out / exam / f"{name}.jsonl").exists()]
        if due and model is None:
            model = load_model.as_trained(loaded, words.run / "fetch").eval()
        if due and folder and not isinstance(model, PeftModel):
            model = PeftModel.from_pretrained(model, folder, adapter_name=name).eval()
        elif due and folder:
            before = model.active_adapter
            model.load_adapter(folder, adapter_name=name)
            model.set_adapter(name)
            model.delete_adapter(before)  # not before: without any, PEFT loads none with token rows
        for exam in due:
            path = words.out / exam / f"{name}.jsonl"
            factor = loaded.evaluate.max_new_tokens_factor
            if not folder:
                factor = loaded.evaluate.base_max_new_tokens_factor
            partial = path.with_suffix(".partial")
            facts = sample_hf.sample(loaded, model, tokenizer, exams[exam], partial, factor=factor)
            partial.rename(path)
            print(json.dumps({"exam": exam, "model": name, **facts}), flush=True)


def wheel() -> Path:
    """BFCL's, which the data checks read too."""
    lock = PROJECT / "requirements" / held_out.LOCK
    return downloads.locked(lock, environments.cache_root() / "downloads")


def exams_of(
    loaded: Recipe, tokenizer: Any, words: argparse.Namespace
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Name and probes of each exam, which are also written beside the answers to come."""
    from synthia.stages.hf import encoding

    template = (PROJECT / loaded.data.chat_template).read_text(encoding="utf-8")
    rows: dict[str, Sequence[Row]] = {}
    for path in words.exam:
        rows[path.stem], wrong = conversations.read_probes(path, path.name)
        if wrong:
            sys.exit(f"{path}: {wrong[0].message}")
    if words.bfcl:
        rows[BFCL] = bfcl.cases(wheel(), CASES)
    for name, every in rows.items():
        encoded = encoding.encode_probes(
            tokenizer, template, loaded.stop, arms.asked(every, words.most)
        )
        probes = [encoding.probe_record(each) for each in encoded]
        path = words.out / name / PROBES
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            records.write_lines(path, probes)
        elif records.read_lines(path) != probes:
            sys.exit(f"{path.parent}: answers to other probes lie there; name another folder")
        yield name, probes


def shown(words: argparse.Namespace) -> None:
    """Print what was answered, exam by exam."""
    loaded = recipes.load(PROJECT / "recipes", words.recipe)
    calls = families.FAMILIES[loaded.family].calls
    for folder in sorted(path.parent for path in words.out.glob(f"*/{PROBES}")):
        probes = {probe["id"]: probe for probe in records.read_lines(folder / PROBES)}
        said = {
            path.stem: records.read_lines(path)
            for path in sorted(folder.glob("*.jsonl"))
            if path.name != PROBES
        }
        found = {
            name: answers.measure(each, probes, loaded.stop.pad_token, calls=calls)
            for name, each in said.items()
        }
        print(f"\n{folder.name}, {len(probes)} probes, in per cent")
        print("\n".join(rows_of(found)))
        if words.bfcl and folder.name == BFCL:
            print("\n".join(by_its_checker(loaded, probes, said)))
        for pair in words.pair:
            one, other = pair.split(",")
            if one in found and other in found:
                print("\n".join(compared(one, other, found, probes)))


def by_its_checker(
    loaded: Recipe, probes: Mapping[str, Any], said: Mapping[str, Any]
) -> Iterator[str]:
    """The table of `./invoke evaluate --bfcl`."""
    from synthia.stages import bfcl_exam

    cases = [case for case in bfcl.cases(wheel(), CASES) if case.id in probes]
    judge = bfcl.judge(wheel())
    return foreign_exam.table(
        {name: bfcl_exam.measure(loaded, cases, each, judge) for name, each in said.items()}
    )


def rows_of(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line for each model and kind of probe; a rate that no probe of the kind counts for is left open."""
    yield f"{'':16}{'':24}{'answers':>8}{'stop':>6}" + "".join(f"{n:>10}" for n in RATES.values())
    for name, each in found.items():
        rates = [each.get(rate) for rate in RATES]
        yield line(name, "all", each["answers"], rates, each["stop_rate"])
        for kind, counted in each["kinds"].items():
            rates = [
                counted[rate] / counted["answers"] if rate in counted else None for rate in RATES
            ]
            yield line(name, kind, counted["answers"], rates)


def line(
    name: str, kind: str, count: int, rates: Sequence[float | None], stops: float | None = None
) -> str:
    """One line of the table."""
    cells = [f"{'' if rate is None else f'{rate:.1%}':>10}" for rate in rates]
    stop = "" if stops is None else f"{stops:.0%}"
    return f"{name:16}{kind:24}{count:8}{stop:>6}{''.join(cells)}"


def compared(
    one: str, other: str, found: Mapping[str, Mapping[str, Any]], probes: Mapping[str, Any]
) -> Iterator[str]:
    """By rate, how many answers of one model become right and wrong in the other."""
    for rate, heading in RATES.items():
        if rate not in found[one]:
            continue
        at_fault = answers.AT_FAULT[rate]
        wrong = [set(found[name]["at_fault"][at_fault]) for name in (one, other)]
        right = [{probe: probe not in each for probe in probes} for each in wrong]
        pairs = statistics.paired(*right)
        yield (
            f"  {one} -> {other}, {heading}: {pairs['recovered']} gained, {pairs['worsened']} lost, "
            f"p = {pairs['p']:.2g}"
        )


if __name__ == "__main__":
    main()
