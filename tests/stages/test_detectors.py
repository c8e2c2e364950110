"""Each detector finds its fault in an answer and leaves healthy text alone, hundreds of real ones too."""

from collections.abc import Sequence

import pytest

from benchmarks import detectors as benchmark
from synthia.data import call_formats
from synthia.families import Calls
from synthia.stages import detectors

TOKENS = detectors.Tokens(count=100, control=frozenset({0, 1, 2}), pad=0)
LIST = "\n".join(f"{n}. Wash the dishes." for n in range(1, 60))


def found(text: str, ids: Sequence[int] = (), *, stopped: bool = True, gold: str = "") -> list[str]:
    tokens = TOKENS if ids else None
    return list(detectors.faults(text, ids, tokens, stopped=stopped, prompt="", gold=gold))


@pytest.mark.parametrize("period", [1, 2, 3, 7, 31, 100, 200])
def test_a_loop_of_any_period_is_found_by_its_ids(period: int) -> None:
    said = list(range(1000, 1060))
    unit = [5 + n % 90 + (n // 90) * 1000 for n in range(period)]
    assert detectors.loop([*said, *unit * max(3, 96 // period + 1)])
    assert not detectors.loop([*said, *unit, *unit[: period // 2]])


def test_a_short_answer_that_is_mostly_a_loop_is_one() -> None:
    assert detectors.loop([*range(15), *[5, 6] * 10])
    assert not detectors.loop([*range(300), *[5, 6] * 10])


def test_a_loop_with_a_counter_is_found_where_the_answer_never_stopped() -> None:
    assert found(LIST, stopped=False) == ["soft loops"]
    assert found(LIST) == []
    assert found(LIST, stopped=False, gold=LIST) == []


def test_a_table_whose_numbers_do_not_count_is_no_loop() -> None:
    table = "\n".join(f"{n * n % 97}. Wash the dishes." for n in range(60))
    assert found(table, stopped=False) == []


@pytest.mark.parametrize("broken", ["\ufffd", "\ue000", "\u0378", "\U000f0000"])
def test_a_character_that_nobody_can_read_is_garbage_unless_the_gold_answer_has_it(
    broken: str,
) -> None:
    assert found(f"a{broken}b") == ["garbage"]
    assert found(f"a{broken}b", gold=broken) == []


def test_half_a_character_at_the_limit_is_no_garbage() -> None:
    assert found("so \ufffd", stopped=False) == []
    assert found("so \ufffd") == ["garbage"]


def test_ids_without_text_padding_and_control_tokens_are_told_apart() -> None:
    assert found("a", [5, 100]) == ["garbage"]
    assert found("a", [5, 0]) == ["garbage"]
    assert found("a", [5, 1]) == ["leaked"]


def test_a_control_token_that_is_quoted_has_other_ids() -> None:
    assert found("Turns end with <|im_end|>.", [5, 6, 7]) == []
    assert found("Turns end with <|im_end|>.") == ["leaked"]
    assert found("Turns end with <|im_end|>.", gold="Use <|im_end|>.") == []


def test_a_word_in_another_script_is_foreign_and_a_sign_in_a_formula_is_not() -> None:
    assert detectors.foreign_words("The 文件 is файл", "which file?") == ["文件", "файл"]
    assert detectors.foreign_words("カタカナ and 文件", "ひらがな") == []
    assert detectors.foreign_words("5 µm, naïve, Δt, №", "plain") == []


@pytest.mark.parametrize(
    "text",
    ["", " \n", '<tool_call>\n{"name": "a"', "Here:\n```python\nx = 1\n", "Here:\n~~~\nx = 1\n"],
)
def test_an_answer_that_stopped_halfway_is_premature(text: str) -> None:
    assert found(text) == ["premature"]
    assert found(text, stopped=False) == []


@pytest.mark.parametrize(
    "text",
    ["Yes", "```\nx\n```", "~~~ md\n```\n~~~", "a ``` b", "array\n~~~~~\n\nIt holds numbers."],
)
def test_a_whole_answer_is_not(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("kind", benchmark.broken_calls("a.txt"))
def test_the_fault_of_a_call_is_named(kind: str) -> None:
    text = benchmark.broken_calls("a.txt")[kind]
    assert benchmark.call_faults(text, benchmark.STRICT) == [kind]


@pytest.mark.parametrize(
    ("form", "text", "kind"),
    [
        ("qwen3-coder", "<function=f>\n</function>", "mark"),
        ("qwen3-coder", '<tool_call>\n{"name": "f"}\n</tool_call>', "form"),
        ("llama3", '{"name": "f", "arguments": {}}', "form"),
        ("llama3", '{"name": "f", "parameters": {', "json"),
    ],
)
def test_the_fault_of_a_call_in_another_familys_form_is_named(
    form: Calls, text: str, kind: str
) -> None:
    read = call_formats.parse(text, form, [benchmark.STRICT])
    assert detectors.call_faults(read.calls, read.errors, [benchmark.STRICT]) == [kind]


def test_nothing_trips_on_hundreds_of_healthy_texts_and_every_injected_fault_is_found() -> None:
    made, trips, shown = benchmark.false_positives(300, seed=7)
    assert made.total() == 300
    assert len(made) >= 10
    assert shown == []
    assert not any(trips[kind] for kind in benchmark.KINDS)
    results = benchmark.injected(10, seed=7)
    assert {fault: count for fault, count in results.items() if count != (10, 10)} == {}
