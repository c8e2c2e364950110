"""The ids that prepare writes are those that serving gives the model; bad data is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synthia.data import chat_format

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = "chat_templates/qwen2.5-tools.jinja"

pytestmark = pytest.mark.slow

SCRIPT = """
import json, sys
from pathlib import Path
from synthia import gates, recipe
from synthia.errors import PipelineError
from synthia.stages import prepare

fetch, project, folder = map(Path, sys.argv[1:4])
outcomes = {}
for name, sets in json.loads(sys.argv[4]).items():
    out = folder / name
    out.mkdir()
    try:
        resolved = recipe.load(project / "recipes", "smoke", sets)
        judged = prepare.run(resolved, {"fetch": fetch, "project": project}, out)
        gates.require(judged)
        outcomes[name] = {"exit_code": 0, "message": ""}
    except PipelineError as error:
        outcomes[name] = {"exit_code": error.exit_code, "message": str(error)}
print(json.dumps(outcomes))
"""

ROW: dict[str, list[dict[str, Any]]] = {
    "messages": [
        {"role": "user", "content": "Greet naïve \U0001f468 ones."},
        {"role": "assistant", "content": "Hé \U0001f600\n\n  12345 <|x \u4f60\u597d  "},
        {"role": "user", "content": "Again."},
        {"role": "assistant", "content": "Hello."},
    ],
    "tools": [],
}
TWO_PARTS = [ROW["messages"][0], {**ROW["messages"][1], "weight": 0}, *ROW["messages"][2:]]
SILENT = [*TWO_PARTS[:3], {**TWO_PARTS[3], "weight": 0}]
TYPED = [{"role": "user", "content": "Open <filename>."}, ROW["messages"][3]]


def lines(*records: object) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


DATA = {
    "row": lines(ROW),
    "weighted": lines({"messages": TWO_PARTS}),
    "silent": lines(ROW, {"messages": SILENT}),
    "typed": lines({"messages": TYPED}),
    "windows": lines(ROW).replace("\n", "\r\n"),
    "empty": "",
    "twice": lines(ROW, ROW),
}
TEMPLATES = {
    "other_prompt": ("assistant\\n' }}", "assistant\\n\\n' }}"),
    "clock": ("{%- set system_first", "{{ strftime_now('%Y') }}{%- set system_first"),
}
ROW_END = ['stop.row_end="<|endoftext|>"', 'stop.pad_token="<empty_output>"',
           "stop.stop_token_ids=[2,0]"]  # fmt: skip


def only(name: str) -> str:
    return f'data.files=["data/{name}.jsonl"]'


CASES: dict[str, list[str]] = {
    "good": [],
    "again": [],
    "row": [only("row")],
    "weighted": [only("weighted")],
    "row_end": ROW_END,
    "dropped": ["data.max_length=230", "data.too_long=drop"],
    "silent": [only("silent")],
    "typed": [only("typed")],
    "windows": [only("windows")],
    "empty": [only("empty")],
    "twice": [only("twice")],
    "too_long": ["data.max_length=230"],
    "all_too_long": ["data.max_length=9", "data.too_long=drop"],
    "pad_is_eos": ['stop.pad_token="<|im_end|>"'],
    "stop_id": ["stop.stop_token_ids=[0]"],
    "terminator": ['stop.terminator="<|endoftext|>"', "stop.stop_token_ids=[2,0]"],
    "new_token": ['stop.pad_token="<|nothing|>"'],
    "two_tokens": ['stop.row_end="the end"'],
    "other_prompt": ['data.chat_template="chat_templates/other_prompt.jinja"'],
    "clock": ['data.chat_template="chat_templates/clock.jinja"'],
}


@pytest.fixture(scope="module")
def prepared(
    smoke: Path, run_in: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, dict[str, Any]]]:
    """All cases run in one process: a folder each, and how each ended."""
    folder = tmp_path_factory.mktemp("prepare")
    project = folder / "project"
    for part in ("data", "chat_templates", "recipes"):
        (project / part).mkdir(parents=True)
        for path in (PROJECT / part).iterdir():
            if path.is_file():
                (project / part / path.name).write_bytes(path.read_bytes())
    for name, text in DATA.items():
        (project / "data" / f"{name}.jsonl").write_bytes(text.encode())
    template = (PROJECT / TEMPLATE).read_text(encoding="utf-8")
    for name, (old, new) in TEMPLATES.items():
        assert old in template
        (project / "chat_templates" / f"{name}.jinja").write_text(template.replace(old, new))
    arguments = [str(smoke / "fetch"), str(project), str(folder), json.dumps(CASES)]
    return folder, json.loads(run_in("train", SCRIPT, *arguments).splitlines()[-1])


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


Prepared = tuple[Path, dict[str, dict[str, Any]]]


@pytest.mark.parametrize("name", ["good", "row", "weighted", "row_end", "dropped"])
def test_good_data_passes_every_gate(prepared: Prepared, name: str) -> None:
    assert prepared[1][name] == {"exit_code": 0, "message": ""}


@pytest.mark.parametrize(
    ("name", "exit_code", "messages"),
    [
        (
            "silent",
            1,
            ["gate D schema", "data/silent.jsonl:2: messages: no assistant turn carries"],
        ),
        ("typed", 1, ["gate D text", "data/typed.jsonl:1: messages[0].content: has '<filename>'"]),
        ("windows", 1, ["gate D text", "data/windows.jsonl", "Windows line endings"]),
        ("empty", 1, ["gate D schema", "data/empty.jsonl: the file is empty"]),
        ("twice", 1, ["gate D duplicates", "data/twice.jsonl:2: equals data/twice.jsonl:1"]),
        ("too_long", 1, ["gate D length", "data/smoke.jsonl:", "tokens", "too_long=drop"]),
        ("all_too_long", 1, ["gate D length"]),
        ("pad_is_eos", 1, ["gate T pad", "<|im_end|> (id 2) is a stop token"]),
        ("stop_id", 1, ["gate T stop", "<|im_end|> (id 2) is not among stop.stop_token_ids [0]"]),
        ("terminator", 2, ["data/smoke.jsonl:1", "does not end that turn with '<|endoftext|>'"]),
        (
            "new_token",
            1,
            ["gate T pad", "'<|nothing|>' (id 49152) is not in the base's vocabulary"],
        ),
        ("two_tokens", 2, ["'the end' is no single token of this model's tokenizer"]),
        ("other_prompt", 2, ["does not continue its own prompt at messages[1]"]),
        ("clock", 2, ["it writes the day's date (strftime_now)"]),
    ],
)
def test_bad_data_and_contracts_fail_their_gate(
    prepared: Prepared, name: str, exit_code: int, messages: list[str]
) -> None:
    outcome = prepared[1][name]
    assert outcome["exit_code"] == exit_code, outcome
    for message in messages:
        assert message in outcome["message"]


def test_no_rows_are_written_when_a_gate_fails(prepared: Prepared) -> None:
    assert not (prepared[0] / "silent" / "rows.jsonl").exists()


def test_two_runs_write_the_same_bytes(prepared: Prepared) -> None:
    one, other = prepared[0] / "good", prepared[0] / "again"
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert len(files) >= 8
    for file in files:
        assert (one / file).read_bytes() == (other / file).read_bytes(), file


def test_labels_are_the_ids_or_nothing(prepared: Prepared) -> None:
    for row in read(prepared[0] / "good" / "rows.jsonl"):
        assert len(row["labels"]) == len(row["input_ids"])
        pairs = zip(row["input_ids"], row["labels"], strict=True)
        assert all(label in (token, -100) for token, label in pairs)
        assert row["labels"][0] == -100
        # The row ends with the terminator, trained, and the newline after it, not trained.
        assert row["labels"][-2:] == [2, -100]


def test_texts_are_what_the_template_renders(prepared: Prepared) -> None:
    template = (PROJECT / TEMPLATE).read_text(encoding="utf-8")
    texts = read(prepared[0] / "good" / "texts.jsonl")
    assert len(texts) == 240
    for row in texts:
        assert row["text"] == chat_format.render(template, row["messages"], row["tools"])


def test_a_turn_of_weight_0_carries_no_loss(prepared: Prepared) -> None:
    (all_turns,) = read(prepared[0] / "row" / "rows.jsonl")
    (one_turn,) = read(prepared[0] / "weighted" / "rows.jsonl")
    assert all_turns["input_ids"] == one_turn["input_ids"]
    assert all_turns["labels"].count(2) == 2
    assert one_turn["labels"].count(2) == 1
    first = all_turns["labels"].index(2)
    assert set(one_turn["labels"][: first + 1]) == {-100}


def test_the_row_end_is_appended_once_with_loss(prepared: Prepared) -> None:
    for row in read(prepared[0] / "row_end" / "rows.jsonl"):
        assert row["input_ids"].count(0) == 1
        assert row["labels"][-3:] == [2, -100, 0]


def test_long_rows_are_dropped_by_choice_and_listed(prepared: Prepared) -> None:
    rows = read(prepared[0] / "dropped" / "rows.jsonl")
    statistics = json.loads((prepared[0] / "dropped" / "statistics.json").read_text())
    assert max(len(row["input_ids"]) for row in rows) <= 230
    assert statistics["rows"] == len(rows)
    assert len(rows) + len(statistics["dropped_as_too_long"]) == 240
    texts = read(prepared[0] / "dropped" / "texts.jsonl")
    assert [row["id"] for row in rows] == [text["id"] for text in texts]


def test_statistics_count_what_was_written(prepared: Prepared) -> None:
    rows = read(prepared[0] / "good" / "rows.jsonl")
    statistics = json.loads((prepared[0] / "good" / "statistics.json").read_text())
    assert statistics["rows"] == len(rows) == 240
    assert statistics["tokens"] == sum(len(row["input_ids"]) for row in rows)
    assert statistics["trained_tokens"] == sum(
        label != -100 for row in rows for label in row["labels"]
    )


def test_probes_have_a_prompt_and_a_gold_answer_that_ends(prepared: Prepared) -> None:
    probes = read(prepared[0] / "good" / "probes.jsonl")
    assert len(probes) == 72
    for probe in probes:
        assert probe["prompt"].endswith("<|im_start|>assistant\n")
        assert probe["gold_ids"][-1] == 2
        assert 2 not in probe["gold_ids"][:-1]
        assert len(probe["prompt_ids"]) > len(probe["gold_ids"])
        assert "<|im_end|>" not in probe["gold_text"]
        for call in probe["gold"]["tool_calls"]:
            assert set(call) == {"name", "arguments"}
            assert f'"name": "{call["name"]}"' in probe["gold_text"]


def test_the_tokenizer_carries_contract_and_template_in_both_places(prepared: Prepared) -> None:
    folder = prepared[0] / "good" / "tokenizer"
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    template = (PROJECT / TEMPLATE).read_text(encoding="utf-8")
    assert config["chat_template"] == template
    assert (folder / "chat_template.jinja").read_text(encoding="utf-8") == template
    assert (config["eos_token"], config["pad_token"]) == ("<|im_end|>", "<|endoftext|>")


def test_the_mask_page_shows_twenty_rows(prepared: Prepared) -> None:
    page = (prepared[0] / "good" / "mask.html").read_text(encoding="utf-8")
    assert page.count("<section>") == 20
    assert "The first 20 of 240 rows." in page
    assert '<span class="stop"' in page
